// Package templates owns the text of what is rendered: the session engine,
// which is ordinary Go in client/, and a template for each file that depends
// on the spec.
package templates

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed client/*.go *.go.tmpl
var files embed.FS

// Feature is a part of the engine that some clients need and others do not.
type Feature int

// The features.
const (
	Always    Feature = iota // needed by every client
	Endpoints                // the spec declares endpoints
	Dates                    // the spec uses dates
	Nullables                // a field may be absent and null
)

// features are the engine's files that not every client needs.
var features = map[string]Feature{
	"apierrors.go":       Endpoints,
	"bearerchallenge.go": Endpoints,
	"call.go":            Endpoints,
	"date.go":            Dates,
	"endpoint.go":        Endpoints,
	"nullable.go":        Nullables,
	"retry.go":           Endpoints,
}

// ClientFile is one file of the engine.
type ClientFile struct {
	Name    string
	Feature Feature // what a client must have to need the file
	Text    []byte
}

// Client returns the engine's files in the order of their names, without its
// tests and what stands in for a spec.
func Client() ([]ClientFile, error) {
	entries, err := fs.ReadDir(files, "client")
	if err != nil {
		return nil, err
	}
	var list []ClientFile
	for _, entry := range entries {
		name := entry.Name()
		if name == "standin.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := files.ReadFile("client/" + name)
		if err != nil {
			return nil, err
		}
		list = append(list, ClientFile{Name: name, Feature: features[name], Text: text})
	}
	return list, nil
}

// Texts returns the templates, each named as the file that it makes and .tmpl.
func Texts() fs.FS { return files }
