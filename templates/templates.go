// Package templates owns the text of what is rendered: the session engine,
// which is ordinary Go in client/, that of the test package in clienttest/, and
// a template for each file that depends on the spec.
package templates

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

//go:embed client/*.go clienttest/*.go *.go.tmpl
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
	"apierrors.go": Endpoints,
	"call.go":      Endpoints,
	"date.go":      Dates,
	"nullable.go":  Nullables,
	"retry.go":     Endpoints,
}

// ClientFile is one file of the engine.
type ClientFile struct {
	Name    string
	Feature Feature // what a client must have to need the file
	Text    []byte
}

// Client returns the engine's files in the order of their names, without its
// tests and what stands in for a spec. Nobody must change them: they are read once.
func Client() ([]ClientFile, error) { return client() }

var client = sync.OnceValues(func() ([]ClientFile, error) { return sources("client") })

// ClientTest returns the files of the test package that are the same for every
// client, but for the client's name. None has a feature.
func ClientTest() ([]ClientFile, error) { return sources("clienttest") }

func sources(folder string) ([]ClientFile, error) {
	entries, err := fs.ReadDir(files, folder)
	if err != nil {
		return nil, err
	}
	var list []ClientFile
	for _, entry := range entries {
		name := entry.Name()
		if name == "standin.go" || strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := files.ReadFile(folder + "/" + name)
		if err != nil {
			return nil, err
		}
		list = append(list, ClientFile{Name: name, Feature: features[name], Text: text})
	}
	return list, nil
}

// Template is a template, for one of the files that depend on the spec.
type Template struct {
	Name  string
	Makes string // the file that is made, and what it holds
	Data  string // what it is given: a type of the view-model, or of a part of it
}

// List returns the templates in the order of their names.
func List() []Template {
	return []Template{
		{"api.go.tmpl", "api.go: the interface with every endpoint, for tests", "API"},
		{"defaults.go.tmpl", "defaults.go: the configuration that the spec declares", "Defaults"},
		{"doc.go.tmpl", "doc.go: the comment on the package", "Doc"},
		{"endpoints.go.tmpl", "endpoints.go and a file a group: gates and calls", "Group"},
		{"example_test.go.tmpl", "example_test.go: the examples that go doc shows", "Example"},
		{"parts.go.tmpl", "no file: the parts that the others share", "Imports, Struct, Enum"},
		{"scopes.go.tmpl", "scopes.go: a constant for each scope", "Scopes"},
		{"testexample_test.go.tmpl", "example_test.go of the test package", "TestExample"},
		{"types.go.tmpl", "types.go: the declared types", "Types"},
	}
}

// Text returns the text of a template that List has.
func Text(name string) ([]byte, error) { return files.ReadFile(name) }

// Find returns the template with this name, or an error that says which one
// was likely meant.
func Find(name string) (Template, error) {
	var names []string
	meant := ""
	for _, t := range List() {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
		if likely(stem(name), stem(t.Name)) {
			meant = t.Name
		}
	}
	if _, err := files.ReadFile("client/" + name); err == nil && strings.HasSuffix(name, ".go") {
		return Template{}, fmt.Errorf("%q is a file of the session engine, which cannot be overridden: it is the same in every client, and safe as it was tested", name)
	}
	if meant != "" {
		return Template{}, fmt.Errorf("no template is called %q; did you mean %q?", name, meant)
	}
	return Template{}, fmt.Errorf("no template is called %q; there are %s", name, strings.Join(names, ", "))
}

func stem(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(name), ".")
	return name
}

// likely reports whether a word is another but for one slip: two neighbours
// swapped, or a letter that is wrong, missing or too many. Then what the words
// begin and end with in common is all the rest.
func likely(word, meant string) bool {
	short := min(len(word), len(meant))
	front, back := 0, 0
	for front < short && word[front] == meant[front] {
		front++
	}
	for back < short-front && word[len(word)-1-back] == meant[len(meant)-1-back] {
		back++
	}
	return max(len(word), len(meant))-front-back <= 2 && front+back >= 2
}
