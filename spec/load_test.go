package spec_test

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"example.com/scaffold/spec"
)

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// load reads a spec of which nothing is to be said.
func load(t *testing.T, name string) *spec.File {
	t.Helper()
	src := readFile(t, name)
	file, problems := spec.Load(name, src)
	problems = append(problems, spec.Validate(file)...)
	if len(problems) > 0 {
		t.Fatalf("want no problem:\n%s", spec.Format(name, src, problems))
	}
	return file
}

func TestExampleHasNoProblem(t *testing.T) {
	file := load(t, "../examples/timesheets.yaml")
	if file.Name != "timesheets.yaml" {
		t.Errorf("Name = %q, want the base name", file.Name)
	}
	if got, want := file.Package, (spec.Text{Value: "timesheets", Pos: spec.Pos{Line: 3, Col: 10}}); got != want {
		t.Errorf("Package = %v, want %v", got, want)
	}
	if got, want := file.Tenant.Issuer(), "https://exampleco.eu.auth0.com/"; got != want {
		t.Errorf("Issuer = %q, want %q", got, want)
	}
	if len(file.Scopes) != 8 || !file.Scopes[7].OnDemand || file.Scopes[4].Description.Value != "Read your own timesheets" {
		t.Errorf("Scopes = %+v", file.Scopes)
	}
	if len(file.Types) != 3 || len(file.Types[0].Fields) != 7 || len(file.Types[2].Enum) != 3 {
		t.Errorf("Types = %+v", file.Types)
	}
	e := file.Endpoints[2]
	if e.Name.Value != "DeleteTimesheet" || e.Method != "DELETE" || e.Path.Value != "/timesheets/{id}" || e.Returns != nil {
		t.Errorf("Endpoints[2] = %+v", e)
	}
}

// describeType writes a type for comparisons.
func describeType(t *spec.TypeRef) string {
	switch {
	case t == nil:
		return "nil"
	case t.Elem != nil:
		return fmt.Sprintf("%d(%s)", t.Kind, describeType(t.Elem))
	}
	return fmt.Sprintf("%d%s", t.Kind, t.Name)
}

func describeText(t *spec.Text) string {
	if t == nil {
		return ""
	}
	return fmt.Sprintf(" deprecated=%q", t.Value)
}

func describeField(f spec.Field) string {
	s := fmt.Sprintf("%s %s", f.Name.Value, describeType(f.Type))
	if f.Optional {
		s += " optional"
	}
	if f.Nullable {
		s += " nullable"
	}
	if f.GoName.Value != "" {
		s += " name=" + f.GoName.Value
	}
	if f.Enum != nil {
		s += " " + describeEnum(f.Enum)
	}
	return s + describeText(f.Deprecated)
}

func describeEnum(values []spec.EnumValue) string {
	var parts []string
	for _, v := range values {
		parts = append(parts, v.Value.Value+":"+v.GoName.Value)
	}
	return strings.Join(parts, ",")
}

func TestEveryConstructIsRead(t *testing.T) {
	file := load(t, "testdata/everything.yaml")
	var fields []string
	for _, f := range file.Types[1].Fields {
		fields = append(fields, describeField(f))
	}
	list, dict, named := int(spec.List), int(spec.Map), int(spec.Named)
	want := []string{
		"id 7", "at 6 optional", "day 5", "amount 3", "count 2", "on 4", "data 8", "extra 9",
		fmt.Sprintf("next %dThing optional", named),
		fmt.Sprintf("children %d(%dThing)", list, named),
		fmt.Sprintf("labels %d(1)", dict),
		fmt.Sprintf("matrix %d(%d(3))", list, list),
		fmt.Sprintf("index %d(%d(%dColor))", dict, list, named),
		"state 1 on:,off:,:None",
		`size 1 optional nullable name=Extent s:,m: deprecated="Use count"`,
		fmt.Sprintf("tags %d(1) optional", list),
		fmt.Sprintf(`lookup %d(%dThing) deprecated=""`, dict, named),
		"ID 1 name=UpperID",
		"enum 1",
	}
	if !reflect.DeepEqual(fields, want) {
		t.Errorf("fields of Thing:\n%s\nwant\n%s", strings.Join(fields, "\n"), strings.Join(want, "\n"))
	}
	color, long := file.Types[2], file.Types[3]
	if got := describeEnum(color.Enum) + describeText(color.Deprecated); got != `red:,dark-blue:Navy,2024-01-01:NewYear deprecated="Colours are gone"` {
		t.Errorf("Color = %s", got)
	}
	if len(long.Fields) != 2 || long.Description.Value != "In the long form" || long.Deprecated == nil {
		t.Errorf("Long = %+v", long)
	}
	if event, visit, only := file.Types[4], file.Types[5], file.Types[6]; len(event.Fields) != 4 || len(visit.Fields) != 2 || len(only.Fields) != 1 {
		t.Errorf("structs with a field called type = %+v, %+v, %+v", event, visit, only)
	}
	get := file.Endpoints[0]
	if len(get.PathParams) != 2 || len(get.Query) != 4 || len(get.Header) != 1 || get.Group.Value != "things" || get.Method != "GET" {
		t.Errorf("Get = %+v", get)
	}
	if got := fmt.Sprint(values(get.Scopes), values(file.Endpoints[1].Scopes)); got != "[[read] [write admin]] [[write admin]]" {
		t.Errorf("scopes of Get and Post = %s", got)
	}
	if !file.Endpoints[5].Public || file.Endpoints[4].Deprecated == nil || describeType(file.Endpoints[3].Body) != fmt.Sprintf("%dThing", named) {
		t.Errorf("Endpoints = %+v", file.Endpoints)
	}
	if got := fmt.Sprint(file.Tenant.Parameters); !strings.Contains(got, "{max_age") || !strings.Contains(got, "{3600") {
		t.Errorf("Parameters = %s", got)
	}
	if s := file.Scopes[3]; !s.OnDemand || s.GoName.Value != "Edit" {
		t.Errorf("Scopes[3] = %+v", s)
	}
}

func values(sets spec.AnyOf) [][]string {
	var out [][]string
	for _, set := range sets {
		var words []string
		for _, scope := range set {
			words = append(words, scope.Value)
		}
		out = append(out, words)
	}
	return out
}

func TestTenantProvider(t *testing.T) {
	for _, c := range []struct{ tenant, provider, issuer string }{
		{"{domain: a.example.com}", "auth0", "https://a.example.com/"},
		{"{issuer: https://id.example.com}", "oidc", "https://id.example.com"},
		{"{provider: oidc, domain: a.example.com, issuer: https://id.example.com}", "oidc", "https://id.example.com"},
		{"{client_id: a}", "", ""},
	} {
		file, _ := spec.Load("a.yaml", []byte("tenant: "+c.tenant))
		if file.Tenant.Provider.Value != c.provider || file.Tenant.Issuer() != c.issuer {
			t.Errorf("%s: provider %q, issuer %q", c.tenant, file.Tenant.Provider.Value, file.Tenant.Issuer())
		}
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	const src = `version: 3
package: Time
tenant: {domain: "https://a.example.com", clientid: 5, callbacks: [http://localhost:1/a, 7]}
audience: a b
scopes: {open id: , read: [x]}
types:
  lower: {a: strng, b: [c, d]}
endpoints:
  List: {get: things, path: {id: any}, body: Thing, scopes: [raed], returns: optional lower}
`
	file, problems := spec.Load("a.yaml", []byte(src))
	problems = append(problems, spec.Validate(file)...)
	var got []string
	for _, line := range strings.Split(spec.Format("", []byte(src), problems), "\n") {
		if strings.HasPrefix(line, ":") {
			got = append(got, line)
		}
	}
	want := readFile(t, "testdata/many.txt")
	if *update {
		if err := os.WriteFile("testdata/many.txt", []byte(strings.Join(got, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if strings.Join(got, "\n")+"\n" != string(want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), want)
	}
}

func TestLargeFileIsRefused(t *testing.T) {
	file, problems := spec.Load("a.yaml", bytes.Repeat([]byte("#"), 4<<20+1))
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "4 MiB") || len(spec.Validate(file)) != 0 {
		t.Errorf("problems = %v", problems)
	}
	_, problems = spec.Load("a.yaml", append([]byte("version: 1\n"), bytes.Repeat([]byte("#"), 4<<20-11)...))
	if len(problems) != 2 { // package and tenant are missing
		t.Errorf("4 MiB is not too large: %v", problems)
	}
}

func TestByteOrderMarkAndWindowsLineEnds(t *testing.T) {
	src := "\ufeffversion: 1\r\npackage: Bad\r\n"
	file, problems := spec.Load("a.yaml", []byte(src))
	got := spec.Format("a.yaml", []byte(src), append(problems, spec.Validate(file)...))
	if want := "a.yaml:2:10: \"Bad\" is not a package name; did you mean \"bad\"?\n    2 | package: Bad\n      |          ^\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got:\n%s\nwant at its end:\n%s", got, want)
	}
}
