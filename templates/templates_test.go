package templates

import (
	"bytes"
	"go/format"
	"io/fs"
	"strings"
	"testing"
)

func TestClient(t *testing.T) {
	list, err := Client()
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for name := range features {
		missing[name] = true
	}
	for _, file := range list {
		delete(missing, file.Name)
		if file.Feature != features[file.Name] {
			t.Errorf("%s has another feature than the table says", file.Name)
		}
		if bytes.Contains(file.Text, []byte("\"testing\"")) || bytes.Contains(file.Text, []byte("stands in for")) {
			t.Errorf("%s is shipped", file.Name)
		}
		constraint, _, found := strings.Cut(string(file.Text), "package client\n")
		if line := strings.TrimSpace(constraint); !found || line != "" && (!strings.HasPrefix(line, "//go:build ") || strings.Contains(line, "\n")) {
			t.Errorf("%s begins with more than a build constraint and the package clause: %q", file.Name, constraint)
		}
		formatted, err := format.Source(file.Text)
		if err != nil || !bytes.Equal(formatted, file.Text) {
			t.Errorf("%s is not formatted: %v", file.Name, err)
		}
	}
	for name := range missing {
		t.Errorf("the table has %s, which the folder does not have", name)
	}
}

func TestListIsComplete(t *testing.T) {
	names, err := fs.Glob(files, "*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	list := List()
	if len(list) != len(names) {
		t.Fatalf("%d templates are listed, and there are %d", len(list), len(names))
	}
	for i, template := range list {
		if template.Name != names[i] || template.Makes == "" || template.Data == "" {
			t.Errorf("the list has %+v where the folder has %s", template, names[i])
		}
		if text, err := Text(template.Name); err != nil || len(text) == 0 {
			t.Errorf("%s: %d bytes, %v", template.Name, len(text), err)
		}
	}
}

func TestFind(t *testing.T) {
	if found, err := Find("scopes.go.tmpl"); err != nil || found.Data != "Scopes" {
		t.Errorf("%+v %v", found, err)
	}
	for name, want := range map[string]string{
		"scopes":            `did you mean "scopes.go.tmpl"?`,
		"scope.go.tmpl":     `did you mean "scopes.go.tmpl"?`,
		"Scopes.go":         `did you mean "scopes.go.tmpl"?`,
		"enpdoints.go.tmpl": `did you mean "endpoints.go.tmpl"?`,
		"tyes.tmpl":         `did you mean "types.go.tmpl"?`,
		"apis.go.tmpl":      `did you mean "api.go.tmpl"?`,
		"models.go.tmpl":    "there are api.go.tmpl, defaults.go.tmpl, ",
		"":                  "there are api.go.tmpl, ",
		"é":                 "there are api.go.tmpl, ",
		"README.md":         "there are api.go.tmpl, ",
		"session.go":        "a file of the session engine",
		"../templates.go":   "there are api.go.tmpl, ",
	} {
		if _, err := Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
