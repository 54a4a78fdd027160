package render_test

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/templates"
)

var update = flag.Bool("update", false, "rewrite reserved.txt")

func TestReserved(t *testing.T) {
	const path = "reserved.txt"
	want := "# The names that the session engine takes. Written by: make generate\n"
	there := parsed(t)
	for _, kind := range []struct {
		name  string
		names map[string]bool
	}{{"App", there.App}, {"Session", there.Session}, {"file", there.Files}, {"name", there.Names}} {
		for _, name := range slices.Sorted(maps.Keys(kind.names)) {
			want += kind.name + " " + name + "\n"
		}
	}
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return // what is embedded is that of before
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != want {
		t.Fatalf("%s is out of date (%v): make generate", path, err)
	}
	reserved := render.Reserved()
	if !reflect.DeepEqual(reserved, there) {
		t.Errorf("%s is not read as it is written", path)
	}
	for _, name := range []string{"App", "Session", "Config", "New", "ErrLoginRequired", "Date", "Nullable", "request", "call", "ProviderAuth0"} {
		if !reserved.Names[name] {
			t.Errorf("%s is free", name)
		}
	}
	for _, name := range []string{"DefaultConfig", "ScopeOpenID", "declaredScopes"} {
		if reserved.Names[name] {
			t.Errorf("%s, which only stands in for a spec, is reserved", name)
		}
	}
	if !reserved.Session["Refresh"] || !reserved.App["Login"] || reserved.Session["Login"] {
		t.Error("methods are not told apart by their type")
	}
}

// parsed is what go/parser finds in the engine.
func parsed(t *testing.T) model.Reserved {
	t.Helper()
	found := model.Reserved{Names: map[string]bool{}, Session: map[string]bool{}, App: map[string]bool{}, Files: map[string]bool{}}
	sources, err := templates.Client()
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range sources {
		found.Files[source.Name] = true
		file, err := parser.ParseFile(token.NewFileSet(), source.Name, source.Text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			addDeclared(found, d)
		}
	}
	return found
}

func addDeclared(found model.Reserved, declared ast.Decl) {
	switch d := declared.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			found.Names[d.Name.Name] = true
			return
		}
		switch receiver(d.Recv.List[0].Type) {
		case "Session":
			found.Session[d.Name.Name] = true
		case "App":
			found.App[d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				found.Names[s.Name.Name] = true
			case *ast.ValueSpec:
				for _, name := range s.Names {
					found.Names[name.Name] = true
				}
			}
		}
	}
}

// receiver returns the name of a method's type.
func receiver(expr ast.Expr) string {
	if star, ok := expr.(*ast.StarExpr); ok {
		expr = star.X
	}
	if name, ok := expr.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}
