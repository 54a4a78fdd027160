package spec_test

import (
	"bytes"
	"os"
	"testing"

	"example.com/scaffold/spec"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

const schemaFile = "scaffold.schema.json"

func TestSchemaFileIsTheSchema(t *testing.T) {
	if *update {
		if err := os.WriteFile(schemaFile, spec.Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(readFile(t, schemaFile), spec.Schema()) {
		t.Errorf("%s is not what Schema returns; run go test ./spec -update", schemaFile)
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(spec.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, src []byte) error {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal(src, &node); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(jsonValue(t, &node))
}

// jsonValue reads YAML as editors do: keys are text, and dates are too.
func jsonValue(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.DocumentNode:
		return jsonValue(t, n.Content[0])
	case yaml.MappingNode:
		object := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			object[n.Content[i].Value] = jsonValue(t, n.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := []any{}
		for _, each := range n.Content {
			list = append(list, jsonValue(t, each))
		}
		return list
	}
	if n.Tag == "!!timestamp" {
		return n.Value
	}
	var v any
	if err := n.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaAcceptsGoodSpecs(t *testing.T) {
	schema := compileSchema(t)
	for _, name := range []string{"../examples/timesheets.yaml", "testdata/everything.yaml"} {
		if err := validate(t, schema, readFile(t, name)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

const (
	head   = "version: 1\npackage: a\n"
	tenant = "tenant: {domain: a.example.com, client_id: a, callbacks: [http://127.0.0.1:1/a]}\n"
)

var wrongForms = []struct{ name, src string }{
	{"an unknown key at the top", head + tenant + "endpoint: {}"},
	{"another version", "version: 2\npackage: a\n" + tenant},
	{"no tenant", head},
	{"an unknown key in the tenant", head + "tenant: {domain: a.b, client_id: a, callbacks: [http://127.0.0.1:1/a], secret: a}"},
	{"no client_id", head + "tenant: {domain: a.b, callbacks: [http://127.0.0.1:1/a]}"},
	{"no callbacks", head + "tenant: {domain: a.b, client_id: a, callbacks: []}"},
	{"a number as client_id", head + "tenant: {domain: a.b, client_id: 5, callbacks: [http://127.0.0.1:1/a]}"},
	{"a list of scopes", head + tenant + "scopes: [openid]"},
	{"an unknown key in a scope", head + tenant + "scopes: {a: {desc: b}}"},
	{"an unknown request", head + tenant + "scopes: {a: {request: never}}"},
	{"a scope that is a list", head + tenant + "scopes: {a: [b]}"},
	{"an api that is text", head + tenant + "api: https://a.example.com"},
	{"a type that is text", head + tenant + "types: {A: string}"},
	{"a type that is an alias", head + tenant + "types: {A: {type: string}}"},
	{"a type that is an alias of an optional", head + tenant + "types: {A: {type: string, optional: true}}"},
	{"a description of a type in the short form", head + tenant + "types: {A: {id: string, description: One entry}}"},
	{"a question mark behind a name", head + tenant + "types: {A: {'note?': string}}"},
	{"a client_secret", head + "tenant: {domain: a.b, client_id: a, client_secret: b, callbacks: [http://127.0.0.1:1/a]}"},
	{"any_of beside the method", head + tenant + "endpoints: {A: {get: /a, any_of: [[a]]}}"},
	{"scopes that are a mapping", head + tenant + "endpoints: {A: {get: /a, scopes: {a: }}}"},
	{"a scope with a space after its colon", head + tenant + "endpoints: {A: {get: /a, scopes: [a: b]}}"},
	{"a type that is nothing", head + tenant + "types: {A: }"},
	{"an unknown key beside an enum", head + tenant + "types: {A: {enum: [a], field: b}}"},
	{"an unknown key beside fields", head + tenant + "types: {A: {fields: {a: string}, name: b}}"},
	{"a number in an enum", head + tenant + "types: {A: {enum: [1]}}"},
	{"an empty enum", head + tenant + "types: {A: {enum: []}}"},
	{"two names for a value of an enum", head + tenant + "types: {A: {enum: [{a: A, b: B}]}}"},
	{"a field that is a number", head + tenant + "types: {A: {a: 1}}"},
	{"a field that is nothing", head + tenant + "types: {A: {a: }}"},
	{"a field without a type", head + tenant + "types: {A: {a: {optional: true}}}"},
	{"a field with an unknown key", head + tenant + "types: {A: {a: {type: string, required: true}}}"},
	{"optional that is text", head + tenant + "types: {A: {a: {type: string, optional: maybe}}}"},
	{"a list of two types", head + tenant + "types: {A: {a: [string, string]}}"},
	{"a list of nothing", head + tenant + "types: {A: {a: []}}"},
	{"a map from integer", head + tenant + "types: {A: {a: [{integer: string}]}}"},
	{"an optional element", head + tenant + "types: {A: {a: [optional string]}}"},
	{"an optional list as text", head + tenant + "types: {A: {a: 'optional [string]'}}"},
	{"an endpoint without a method", head + tenant + "endpoints: {A: {}}"},
	{"an endpoint with two methods", head + tenant + "endpoints: {A: {get: /a, put: /a}}"},
	{"an unknown key in an endpoint", head + tenant + "endpoints: {A: {get: /a, response: string}}"},
	{"scopes that are text", head + tenant + "endpoints: {A: {get: /a, scopes: a}}"},
	{"an empty list of scopes", head + tenant + "endpoints: {A: {get: /a, scopes: []}}"},
	{"any_of without inner lists", head + tenant + "endpoints: {A: {get: /a, scopes: {any_of: [a]}}}"},
	{"another auth", head + tenant + "endpoints: {A: {get: /a, auth: basic}}"},
	{"an optional response", head + tenant + "endpoints: {A: {get: /a, returns: optional string}}"},
	{"path parameters that are a list", head + tenant + "endpoints: {A: {get: /a, path: [id]}}"},
	{"a parameter that is a list", head + "tenant: {domain: a.b, client_id: a, callbacks: [http://127.0.0.1:1/a], parameters: {a: [b]}}"},
	{"dev without users", head + tenant + "dev: {roles: {a: [b]}}"},
	{"no user", head + tenant + "dev: {users: {}}"},
	{"an unknown key in dev", head + tenant + "dev: {users: {a: }, people: {}}"},
	{"a user that is a list", head + tenant + "dev: {users: {a: [b]}}"},
	{"an unknown key in a user", head + tenant + "dev: {users: {a: {role: b}}}"},
	{"a role of a user that is a number", head + tenant + "dev: {users: {a: {roles: [1]}}}"},
	{"a role that is text", head + tenant + "dev: {users: {a: }, roles: {b: c}}"},
	{"an unknown key in generate", head + tenant + "generate: {server: true}"},
	{"test that is text", head + tenant + "generate: {test: maybe}"},
	{"deprecated as a number", head + tenant + "endpoints: {A: {get: /a, deprecated: 5}}"},
}

// Load and the schema agree on the form of a spec.
func TestSchemaRefusesWrongForms(t *testing.T) {
	schema := compileSchema(t)
	for _, c := range wrongForms {
		t.Run(c.name, func(t *testing.T) {
			if validate(t, schema, []byte(c.src)) == nil {
				t.Error("the schema accepts it")
			}
			if _, problems := spec.Load("a.yaml", []byte(c.src)); len(problems) == 0 {
				t.Error("Load accepts it")
			}
		})
	}
	if err := validate(t, schema, []byte(head+tenant)); err != nil {
		t.Errorf("what the cases are made of is wrong: %v", err)
	}
}
