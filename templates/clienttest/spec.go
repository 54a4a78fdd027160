package clienttest

import _ "embed"

// spec is what package client was generated from. It says who can sign in, and
// what the API takes and gives.
//
//go:embed spec.yaml
var spec []byte
