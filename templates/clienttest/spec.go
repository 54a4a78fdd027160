package clienttest

import _ "embed"

// spec is what client was generated from. Whoever signs in, and what the API
// takes and gives, is read from it.
//
//go:embed spec.yaml
var spec []byte
