package golden

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/scaffold/internal/render"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/composite"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/directive"
	"golang.org/x/tools/go/analysis/passes/errorsas"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/printf"
	"golang.org/x/tools/go/analysis/passes/stdmethods"
	"golang.org/x/tools/go/analysis/passes/stringintconv"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/tests"
	"golang.org/x/tools/go/analysis/passes/unmarshal"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/packages"
)

// vetters are those of go vet that generated code can offend.
var vetters = []*analysis.Analyzer{
	assign.Analyzer, bools.Analyzer, composite.Analyzer, copylock.Analyzer, directive.Analyzer, errorsas.Analyzer,
	httpresponse.Analyzer, lostcancel.Analyzer, nilfunc.Analyzer, printf.Analyzer, stdmethods.Analyzer,
	stringintconv.Analyzer, structtag.Analyzer, tests.Analyzer, unmarshal.Analyzer, unreachable.Analyzer,
	unusedresult.Analyzer,
}

// vet type-checks and vets whole packages, with their examples. What they
// import is loaded once for all; they themselves never touch the disk.
func vet(t *testing.T, rendered map[string][]render.File) {
	t.Helper()
	set := token.NewFileSet()
	var list []*packages.Package
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		list = append(list, parse(t, set, name, rendered[name])...)
	}
	imports := load(t, list)
	for _, pkg := range list {
		config := types.Config{Importer: imports, Sizes: pkg.TypesSizes, Error: func(err error) { t.Error(err) }}
		pkg.Types, _ = config.Check(pkg.PkgPath, set, pkg.Syntax, pkg.TypesInfo) // Error has told of errors
		imports[pkg.PkgPath] = pkg.Types                                         // for the test package, which comes after it
	}
	if t.Failed() {
		return
	}
	graph, err := checker.Analyze(vetters, list, nil)
	if err != nil {
		t.Fatal(err)
	}
	for action := range graph.All() {
		if action.Err != nil {
			t.Errorf("%v: %v", action, action.Err)
		}
		for _, d := range action.Diagnostics {
			if action.IsRoot {
				t.Errorf("%s: %s", set.Position(d.Pos), d.Message)
			}
		}
	}
}

// parse parses the Go files of a folder, and returns its package, and behind it
// that of its external tests if there is one.
func parse(t *testing.T, set *token.FileSet, path string, files []render.File) (list []*packages.Package) {
	t.Helper()
	syntax := map[string][]*ast.File{}
	for _, f := range files {
		if !strings.HasSuffix(f.Name, ".go") || !forThisSystem(t, f) {
			continue
		}
		file, err := parser.ParseFile(set, path+"/"+f.Name, f.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		syntax[file.Name.Name] = append(syntax[file.Name.Name], file)
	}
	for _, name := range slices.Sorted(maps.Keys(syntax)) {
		id := path
		if strings.HasSuffix(name, "_test") {
			id += "_test"
		}
		list = append(list, &packages.Package{
			ID: id, PkgPath: home + id, Fset: set, TypesSizes: types.SizesFor("gc", runtime.GOARCH), Name: name, Syntax: syntax[name],
			TypesInfo: &types.Info{
				Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{},
				Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
				Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
				Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
			},
		})
	}
	return list
}

// forThisSystem reports whether the build constraints of a file are met here.
func forThisSystem(t *testing.T, f render.File) bool {
	t.Helper()
	here := build.Default
	here.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.Data)), nil }
	met, err := here.MatchFile("", f.Name)
	if err != nil {
		t.Fatal(err)
	}
	return met || strings.HasSuffix(f.Name, "_test.go")
}

type importer map[string]*types.Package

func (i importer) Import(path string) (*types.Package, error) {
	if pkg := i[path]; pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("%s was not loaded", path)
}

// load loads what the packages import, as this module sees it.
func load(t *testing.T, list []*packages.Package) importer {
	t.Helper()
	var paths []string
	for _, pkg := range list {
		for _, file := range pkg.Syntax {
			for _, spec := range file.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(path, home) {
					paths = append(paths, path)
				}
			}
		}
	}
	slices.Sort(paths)
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports},
		slices.Compact(paths)...)
	if err != nil {
		t.Fatal(err)
	}
	imports := importer{}
	for _, pkg := range loaded {
		imports[pkg.PkgPath] = pkg.Types
	}
	return imports
}
