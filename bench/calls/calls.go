// Package calls measures one call of a client that scaffold has generated, beside
// one that is written by hand and those that other generators make.
package calls

//go:generate go tool oapi-codegen -generate types,client -package oapi -o oapi/oapi.go timesheets.openapi.yaml
//go:generate go tool ogen --config ogen.yml --package ogen --clean --target ogen timesheets.openapi.yaml
