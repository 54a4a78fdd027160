package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// operation is what an endpoint is, in either description.
type operation struct{ method, path, scopes, body, returns string }

func described(t *testing.T, description string, endpoints int, into any) {
	t.Helper()
	var text bytes.Buffer
	if err := describe(&text, description, endpoints); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func ourOperations(t *testing.T, endpoints int) map[string]operation {
	var file struct {
		Endpoints map[string]map[string]any
	}
	described(t, "scaffold.yaml", endpoints, &file)
	found := map[string]operation{}
	for name, endpoint := range file.Endpoints {
		var o operation
		for _, method := range []string{"get", "post", "put", "delete"} {
			if path, ok := endpoint[method].(string); ok {
				o.method, o.path = method, path
			}
		}
		o.body, _ = endpoint["body"].(string)
		switch returns := endpoint["returns"].(type) {
		case string:
			o.returns = returns
		case []any:
			o.returns = "list of " + returns[0].(string)
		}
		for _, scope := range endpoint["scopes"].([]any) {
			o.scopes += scope.(string) + " "
		}
		found[name] = o
	}
	return found
}

// schema is the part of a schema that names a type.
type schema struct {
	Ref   string `yaml:"$ref"`
	Items *schema
}

func (s schema) String() string {
	if s.Items != nil {
		return "list of " + s.Items.String()
	}
	return strings.TrimPrefix(s.Ref, "#/components/schemas/")
}

type content struct {
	Content map[string]struct{ Schema schema }
}

func (c content) String() string { return c.Content["application/json"].Schema.String() }

func openAPIOperations(t *testing.T, endpoints int) map[string]operation {
	var file struct {
		Paths map[string]map[string]struct {
			OperationID string `yaml:"operationId"`
			Security    []map[string][]string
			RequestBody content `yaml:"requestBody"`
			Responses   map[string]content
		}
	}
	described(t, "openapi.yaml", endpoints, &file)
	found := map[string]operation{}
	for path, methods := range file.Paths {
		for method, o := range methods {
			found[o.OperationID] = operation{
				method: method, path: path, body: o.RequestBody.String(), returns: o.Responses["200"].String(),
				scopes: strings.Join(o.Security[0]["tenant"], " ") + " ",
			}
		}
	}
	return found
}

func TestDescriptionsAreOfTheSameAPI(t *testing.T) {
	for _, n := range []int{5, 50, 500} {
		ours, theirs := ourOperations(t, n), openAPIOperations(t, n)
		if len(ours) != n || !maps.Equal(ours, theirs) {
			t.Errorf("of %d endpoints, one describes %d and the other %d, or they differ:\n%v\n%v", n, len(ours), len(theirs), ours, theirs)
		}
	}
}

func TestDescriptionsHaveTheSameTypes(t *testing.T) {
	var ours struct{ Types map[string]map[string]any }
	var theirs struct {
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	described(t, "scaffold.yaml", 50, &ours)
	described(t, "openapi.yaml", 50, &theirs)
	for name, fields := range ours.Types {
		if fields["enum"] != nil {
			fields = nil
		}
		got := theirs.Components.Schemas[name].Properties
		if !slices.Equal(slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(fields))) {
			t.Errorf("%s has the fields %v and %v", name, fields, got)
		}
	}
	if len(ours.Types) != len(theirs.Components.Schemas) || len(ours.Types) == 0 {
		t.Errorf("%d types and %d", len(ours.Types), len(theirs.Components.Schemas))
	}
}

// The whole command, for scaffold alone and with nothing to build.
func TestMeasuresScaffold(t *testing.T) {
	dir := t.TempDir()
	samples, page := filepath.Join(dir, "samples.txt"), filepath.Join(dir, "page.md")
	if err := os.WriteFile(page, []byte("before\n"+tablesStart+"old\n"+tablesEnd+"after\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var tables, talk bytes.Buffer
	err := run([]string{"-sizes", "5 10", "-rounds", "1", "-build", "0", "-only", "-calls=false", "-gobench", samples, "-update", page}, &tables, &talk)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"### Generating", "### Nothing to do", "| 10 endpoints |"} {
		if !strings.Contains(tables.String(), want) {
			t.Errorf("no %q in\n%s", want, tables.String())
		}
	}
	text, err := os.ReadFile(samples)
	if err != nil || strings.Count(string(text), "BenchmarkGenerate/tool=scaffold/n=5 1 ") != 10 {
		t.Errorf("%v in\n%s", err, text)
	}
	text, err = os.ReadFile(page)
	if want := "before\n" + tablesStart + "\n" + tables.String() + "\n" + tablesEnd + "after\n"; err != nil || string(text) != want {
		t.Errorf("%v, and the page is\n%s", err, text)
	}
}

func TestRefusesSizes(t *testing.T) {
	for _, sizes := range []string{"", "7", "-5", "many"} {
		var tables, talk bytes.Buffer
		if run([]string{"-sizes", sizes}, &tables, &talk) == nil {
			t.Errorf("-sizes %q is taken", sizes)
		}
	}
}

func TestMedians(t *testing.T) {
	r := results{}
	for _, ns := range []float64{9, 1, 3, 5} {
		r.put("Generate", ours, 5, "ns/op", ns)
	}
	if got, ok := r.median("Generate", ours, 5, "ns/op"); got != 4 || !ok {
		t.Errorf("the median of 1, 3, 5 and 9 is %v", got)
	}
	if _, ok := r.median("Generate", ogen, 5, "ns/op"); ok {
		t.Error("nothing has a median")
	}
}

func TestGoBenchmarksAreRead(t *testing.T) {
	b := &bench{found: results{}}
	b.found.parse("goos: linux\nBenchmarkCall/hand-written-2   \t 200\t 4.0 ns/op\t 16 B/op\t 2 allocs/op\n" +
		"BenchmarkCall/scaffold-2 100 2.0 ns/op 8 B/op 1 allocs/op\nBenchmarkCan-2 9 13.5 ns/op\nPASS\n")
	table := b.goTable()
	for _, want := range []string{"| Call: scaffold | 2 | 0.50× | 8 | 1 | 0.50× |", "| Can | 14 |"} {
		if !strings.Contains(table, want) {
			t.Errorf("no %q in\n%s", want, table)
		}
	}
}
