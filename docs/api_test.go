package docs

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const client = "../generated/timesheets"

// chapters say where on the page the exported names of a file are listed.
var chapters = map[string][]string{
	"app":     {"app.go", "config.go", "user.go"},
	"login":   {"login.go", "device.go", "redirector.go"},
	"session": {"session.go", "refresh.go", "logout.go"},
	"calls":   {"call.go", "retry.go", "transport.go", "date.go", "nullable.go"},
	"errors":  {"errors.go", "apierrors.go"},
	"stores":  {"store.go", "filestore.go"},
	"spec":    {"api.go", "defaults.go", "endpoints.go", "scopes.go", "types.go"},
}

// export is an exported name with the first sentence of its comment.
type export struct{ file, name, text string }

// plainText takes the brackets from links.
var brackets = regexp.MustCompile(`\[(\*?[\w.]+)\]`)

// exports lists the exported names of the generated package, in go doc's order.
func exports(t *testing.T) (list []export) {
	t.Helper()
	set := token.NewFileSet()
	paths, err := filepath.Glob(client + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(set, files, "example.org/timesheets")
	if err != nil {
		t.Fatal(err)
	}
	add := func(pos token.Pos, name, text string) {
		text = brackets.ReplaceAllString(pkg.Synopsis(text), "$1")
		list = append(list, export{filepath.Base(set.Position(pos).Filename), name, text})
	}
	values := func(group []*doc.Value) {
		for _, value := range group {
			for _, spec := range value.Decl.Specs {
				spec := spec.(*ast.ValueSpec)
				for i, name := range spec.Names {
					if name.IsExported() {
						add(spec.Pos(), name.Name, cmp.Or(spec.Doc.Text(), spec.Comment.Text(), literal(spec.Values, i), value.Doc))
					}
				}
			}
		}
	}
	functions := func(owner string, list []*doc.Func) {
		for _, f := range list {
			add(f.Decl.Pos(), owner+f.Name, f.Doc)
		}
	}
	for _, typ := range pkg.Types {
		add(typ.Decl.Pos(), typ.Name, typ.Doc)
		functions("", typ.Funcs)
		functions(typ.Name+".", typ.Methods)
		values(typ.Consts)
		values(typ.Vars)
	}
	functions("", pkg.Funcs)
	values(pkg.Vars)
	values(pkg.Consts)
	return list
}

// literal is the value of a constant that says enough by itself.
func literal(values []ast.Expr, i int) string {
	if i < len(values) {
		if text, ok := values[i].(*ast.BasicLit); ok {
			return text.Value
		}
	}
	return ""
}

func TestExportedNames(t *testing.T) {
	all := exports(t)
	for chapter, files := range chapters {
		var out strings.Builder
		out.WriteString("| name | |\n| --- | --- |\n")
		for _, e := range all {
			if slices.Contains(files, e.file) {
				fmt.Fprintf(&out, "| `%s` | %s |\n", e.name, cell(e.text))
			}
		}
		generated(t, "api.md", chapter, out.String())
	}
	for _, e := range all {
		if !slices.Contains(slices.Concat(slices.Collect(maps.Values(chapters))...), e.file) {
			t.Errorf("%s of %s has no chapter", e.name, e.file)
		}
		if e.text == "" {
			t.Errorf("%s has no comment", e.name)
		}
	}
}

// Every piece of Go on the page compiles, as the body of a function.
func TestGoOfThePageCompiles(t *testing.T) {
	var source strings.Builder
	source.WriteString(`package docs
import (
	"context"; "errors"; "fmt"; "log/slog"; "net/http"; "os"; "time"
	"example.com/scaffold/generated/timesheets"
)
var _ = []any{errors.Is, fmt.Println, slog.Info, http.Get, os.Stdin, time.Now}
`)
	for _, piece := range blocks(t, "api.md", "go") {
		fmt.Fprintf(&source, "func _(ctx context.Context, app *timesheets.App, session *timesheets.Session) (err error) {\n"+
			"//line api.md:%d\n%sreturn err }\n", piece.line+1, piece.text)
	}
	path, err := filepath.Abs("pieces.go")
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := packages.Load(&packages.Config{
		Mode:    packages.NeedTypes | packages.NeedImports | packages.NeedName | packages.NeedSyntax,
		Overlay: map[string][]byte{path: []byte(source.String())},
	}, "file="+path)
	if err != nil || len(loaded) != 1 || len(loaded[0].Syntax) != 1 {
		t.Fatalf("%d packages, %v", len(loaded), err)
	}
	for _, problem := range loaded[0].Errors {
		t.Error(problem)
	}
}
