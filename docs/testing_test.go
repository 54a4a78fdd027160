package docs

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// What test packages have is told of on their page.
func TestSurfaceOfTestPackages(t *testing.T) {
	paths, err := filepath.Glob("../templates/clienttest/*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(set, files, "clienttest")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, typ := range pkg.Types {
		for _, f := range append(typ.Funcs, typ.Methods...) {
			names = append(names, f.Name)
		}
	}
	text := read(t, "testing.md")
	for _, name := range names {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("testing.md does not tell of %s", name)
		}
	}
	if len(names) < 15 {
		t.Errorf("only %q", names)
	}
}
