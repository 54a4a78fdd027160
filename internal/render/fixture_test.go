package render_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// slots makes a spec in which every text that a person writes comes from fill,
// which is given a text that is different in every place.
func slots(fill func(string) string) *spec.File {
	n := 0
	next := func() spec.Text {
		n++
		return spec.Text{Value: fill(fmt.Sprintf("x%c%c", 'a'+n/26, 'a'+n%26)), Pos: spec.Pos{Line: n, Col: 1}}
	}
	given := func() spec.Text {
		n++
		return spec.Text{Value: fmt.Sprintf("X%d", n)}
	}
	path := func() spec.Text {
		return spec.Text{Value: "/" + strings.NewReplacer("{", "", "}", "").Replace(next().Value) + "/{p}"}
	}
	reason := func() *spec.Text { text := next(); return &text }
	enum := func() []spec.EnumValue {
		return []spec.EnumValue{{Value: next(), GoName: given()}, {Value: next(), GoName: given()}}
	}
	field := func(kind spec.Kind) spec.Field {
		return spec.Field{Name: next(), GoName: given(), Type: &spec.TypeRef{Kind: kind}, Description: next(), Deprecated: reason()}
	}
	list := field(spec.List)
	list.Type.Elem = &spec.TypeRef{Kind: spec.String}
	inline := field(spec.String)
	inline.Enum, inline.Optional = enum(), true
	param := spec.Field{Name: spec.Text{Value: "p"}, Type: &spec.TypeRef{Kind: spec.Integer}, Description: next()}

	f := &spec.File{
		Name: next().Value, Package: spec.Text{Value: "hostile"}, TestPackage: true,
		Tenant: spec.Tenant{
			Provider: spec.Text{Value: "oidc"}, IssuerURL: next(), ClientID: next(), Callbacks: []spec.Text{next(), next()},
			Parameters: []spec.Parameter{{Name: next(), Value: next()}},
		},
		Audience: next(), BaseURL: next(),
		Scopes: []spec.Scope{
			{Name: spec.Text{Value: "openid"}},
			{Name: next(), GoName: given(), Description: next()},
			{Name: next(), GoName: given(), OnDemand: true},
		},
	}
	f.Types = []spec.Type{
		{Name: next(), Description: next(), Deprecated: reason(), Fields: []spec.Field{field(spec.String), list, field(spec.DateTime)}},
		{Name: next(), Description: next(), Enum: enum()},
	}
	named := &spec.TypeRef{Kind: spec.Named, Name: f.Types[0].Name.Value}
	f.Endpoints = []spec.Endpoint{
		{
			Name: next(), Method: "POST", Path: path(), Description: next(), PathParams: []spec.Field{param},
			Query: []spec.Field{inline}, Header: []spec.Field{field(spec.UUID)}, Body: named, Returns: named,
			Scopes: spec.AnyOf{{f.Scopes[1].Name}, {f.Scopes[2].Name}},
		},
		{Name: next(), Method: "GET", Path: path(), Description: next(), PathParams: []spec.Field{param}, Public: true, Deprecated: reason()},
	}
	return f
}

// many makes a spec of n endpoints, each with a type of its own.
func many(n int) *spec.File {
	f := slots(func(text string) string { return text })
	for i := range n {
		name := fmt.Sprintf("Note%d", i)
		named := &spec.TypeRef{Kind: spec.Named, Name: name}
		id := spec.Field{Name: spec.Text{Value: "id"}, Type: &spec.TypeRef{Kind: spec.Integer}}
		when := spec.Field{Name: spec.Text{Value: "created_at"}, Type: &spec.TypeRef{Kind: spec.DateTime}, Optional: true}
		f.Types = append(f.Types, spec.Type{Name: spec.Text{Value: name}, Fields: []spec.Field{id, when}})
		f.Endpoints = append(f.Endpoints, spec.Endpoint{
			Name: spec.Text{Value: "Get" + name}, Method: "GET", Path: spec.Text{Value: "/notes/{id}/" + name},
			Description: spec.Text{Value: "Returns a note."}, Group: spec.Text{Value: fmt.Sprintf("group%d", i%10)},
			PathParams: []spec.Field{id}, Query: []spec.Field{when}, Returns: named, Scopes: spec.AnyOf{{f.Scopes[1].Name}},
		})
	}
	return f
}

// modelOf builds the model of a spec that has no problem.
func modelOf(t testing.TB, f *spec.File) *model.Package {
	t.Helper()
	p, problems := model.Build(f, render.Reserved())
	if len(problems) > 0 {
		t.Fatalf("unexpected problems: %v", problems)
	}
	return p
}

// renderAll renders a spec that has no problem.
func renderAll(t testing.TB, f *spec.File) []render.File {
	t.Helper()
	files, err := render.New(render.Options{Version: "v1.2.3"}).Files(modelOf(t, f))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// renderBoth renders a package, and its test package if there is one.
func renderBoth(t testing.TB, p *model.Package, options render.Options) []render.File {
	t.Helper()
	files, err := render.New(options).Files(p)
	if err != nil {
		t.Fatal(err)
	}
	if p.TestExample == nil {
		return files
	}
	test, err := render.New(options).TestFiles(p, "example.org/app/"+p.Name, []byte("version: 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range test {
		files = append(files, render.File{Name: p.TestExample.Package + "/" + file.Name, Data: file.Data})
	}
	return files
}
