package model_test

import (
	"slices"
	"testing"

	"example.com/scaffold/spec"
)

func TestTestExample(t *testing.T) {
	read := spec.AnyOf{{text("read")}}
	both := spec.AnyOf{{text("read"), text("write")}}
	for _, test := range []struct {
		name   string
		pkg    string
		needs  spec.AnyOf // of the second endpoint
		client string
		gate   string
	}{
		{"an endpoint that needs more is the gate", "notes", both, "notes", "notes.Write"},
		{"one that needs the same is none", "notes", read, "notes", ""},
		{"nor one that needs the same or more", "notes", spec.AnyOf{{text("write")}, {text("read")}}, "notes", ""},
		{"nor one that anybody may call", "notes", nil, "notes", ""},
		{"a name that the example uses gets another", "session", both, "client", "client.Write"},
		{"and so does a name of Go's own", "nil", both, "client", "client.Write"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := file()
			f.Package, f.TestPackage = text(test.pkg), true
			f.Scopes = []spec.Scope{{Name: text("openid")}, {Name: text("read")}, {Name: text("write")}}
			f.Endpoints = []spec.Endpoint{
				{Name: text("Read"), Method: "GET", Path: text("/notes"), Scopes: read},
				{Name: text("Write"), Method: "POST", Path: text("/notes"), Scopes: test.needs},
			}
			got := build(t, f).TestExample
			if got.Package != test.pkg+"test" || got.Client != test.client || got.Gate != test.gate || got.Call.Name != "Read" ||
				!slices.Equal(got.Scopes, []string{test.client + ".ScopeRead"}) {
				t.Errorf("%+v", got)
			}
		})
	}
	if got := build(t, file()).TestExample; got != nil {
		t.Errorf("of a spec that wants no test package: %+v", got)
	}
}
