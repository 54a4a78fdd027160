package spec_test

import (
	"slices"
	"testing"

	"example.com/scaffold/spec"
)

func TestRoute(t *testing.T) {
	for path, want := range map[string]struct {
		route string
		names []string
	}{
		"/notes":                    {"GET /notes", nil},
		"/notes/":                   {"GET /notes/", nil},
		"/notes/{id}":               {"GET /notes/{}", []string{"id"}},
		"/{owner}/notes/{id}.json":  {"GET /{}/notes/{}.json", []string{"owner", "id"}},
		"/{owner}-{id}":             {"GET /{}-{}", []string{"owner", "id"}},
		"/notes/{}":                 {"GET /notes/{}", []string{""}},
		"/no}tes/{a{b}/{c":          {"GET /no}tes/{a{}/{c", []string{"b"}},
		"/notes/{id}}/{also}{twice": {"GET /notes/{}}/{}{twice", []string{"id", "also"}},
	} {
		e := spec.Endpoint{Method: "GET", Path: spec.Text{Value: path}}
		if got := e.Route(); got != want.route {
			t.Errorf("the route of %s is %s, want %s", path, got, want.route)
		}
		if got := e.Placeholders(); !slices.Equal(got, want.names) {
			t.Errorf("the placeholders of %s are %q, want %q", path, got, want.names)
		}
	}
}
