package render_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/templates"
)

func TestReserved(t *testing.T) {
	reserved, err := reserved()
	if err != nil {
		t.Fatal(err)
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

func TestReservedIsWhatTheParserFinds(t *testing.T) {
	got, err := reserved()
	if err != nil {
		t.Fatal(err)
	}
	want := parsed(t)
	for kind, pair := range map[string][2]map[string]bool{
		"names":              {got.Names, want.Names},
		"methods of Session": {got.Session, want.Session},
		"methods of App":     {got.App, want.App},
		"files":              {got.Files, want.Files},
	} {
		if found, there := slices.Sorted(maps.Keys(pair[0])), slices.Sorted(maps.Keys(pair[1])); !slices.Equal(found, there) {
			t.Errorf("%s: found\n%q, and there are\n%q", kind, found, there)
		}
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
