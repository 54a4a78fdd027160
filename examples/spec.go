// Package examples holds the spec that the examples are about.
package examples

import _ "embed"

// Timesheets is the text of timesheets.yaml.
//
//go:embed timesheets.yaml
var Timesheets []byte
