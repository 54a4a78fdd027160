package change_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"path"
	"strings"
	"testing"

	"example.com/scaffold/internal/change"
	"example.com/scaffold/internal/render"
	"golang.org/x/tools/go/packages"
)

// TestBreakingIsWhatDoesNotCompile holds what the report says of Go code
// against the compiler: a program that uses everything of the old package
// compiles with the new one, unless the report says that something stops it.
func TestBreakingIsWhatDoesNotCompile(t *testing.T) {
	c := newCompiler(t)
	before := big(t)
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			after := edited(t, before, e.pairs...)
			c.holdAgainst(t, before, after)
			c.holdAgainst(t, after, before)
		})
	}
	t.Run("from one edit to another", func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		for range 60 {
			a, b := edits[random.IntN(len(edits))], edits[random.IntN(len(edits))]
			t.Run(a.name+", "+b.name, func(t *testing.T) {
				c.holdAgainst(t, edited(t, before, a.pairs...), edited(t, before, b.pairs...))
			})
		}
	})
}

// compiler type-checks whole packages, with what they import loaded once.
type compiler struct {
	set     *token.FileSet
	parsed  map[string]*ast.File      // by text: the engine is the same in most
	checked map[string]*types.Package // by spec
	imports map[string]*types.Package
}

func newCompiler(t *testing.T) *compiler {
	t.Helper()
	c := &compiler{
		set: token.NewFileSet(), parsed: map[string]*ast.File{}, checked: map[string]*types.Package{}, imports: map[string]*types.Package{},
	}
	paths := []string{"github.com/google/uuid"}
	for _, file := range c.files(t, side(t, "big.yaml", big(t))) {
		for _, imported := range file.Imports {
			paths = append(paths, strings.Trim(imported.Path.Value, `"`))
		}
	}
	loaded, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range loaded {
		c.imports[pkg.PkgPath] = pkg.Types
	}
	return c
}

// files renders a package and parses it, without its tests and what is for
// other systems.
func (c *compiler) files(t *testing.T, s change.Side) []*ast.File {
	t.Helper()
	rendered, err := render.New(render.Options{Version: "v0.0.0"}).Files(s.Package)
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, f := range rendered {
		if strings.HasSuffix(f.Name, "_test.go") || strings.HasSuffix(f.Name, "_other.go") {
			continue
		}
		file := c.parsed[string(f.Data)]
		if file == nil {
			if file, err = parser.ParseFile(c.set, f.Name, f.Data, parser.SkipObjectResolution); err != nil {
				t.Fatal(err)
			}
			c.parsed[string(f.Data)] = file
		}
		files = append(files, file)
	}
	return files
}

// check type-checks a package's declarations; its bodies are for the goldens.
func (c *compiler) check(t *testing.T, text string) *types.Package {
	t.Helper()
	if pkg := c.checked[text]; pkg != nil {
		return pkg
	}
	s := side(t, "spec.yaml", text)
	config := types.Config{IgnoreFuncBodies: true, Importer: c}
	folder := s.File.Output.Value
	if folder == "" {
		folder = s.File.Package.Value
	}
	pkg, err := config.Check(path.Join("user.test/app", folder), c.set, c.files(t, s), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.checked[text] = pkg
	return pkg
}

func (c *compiler) Import(path string) (*types.Package, error) {
	if pkg := c.imports[path]; pkg != nil {
		return pkg, nil
	}
	return nil, fmt.Errorf("there is no package %s", path)
}

// holdAgainst compares the report's verdict with the compiler's.
func (c *compiler) holdAgainst(t *testing.T, before, after string) {
	t.Helper()
	report := between(t, before, after)
	old, now := c.check(t, before), c.check(t, after)
	program := programOf(old)
	if errs := c.compile(t, program, old); errs != nil {
		t.Fatalf("the program does not compile with the old package: %v\n%s", errs, program)
	}
	errs := c.compile(t, program, now)
	breaks := false
	for _, change := range report.Changes {
		breaks = breaks || change.Code.Breaks == "build"
	}
	if breaks != (errs != nil) {
		t.Errorf("the report says that it breaks: %v; the compiler says %v, of\n%s", breaks, errs, report.Text(false))
	}
}

// compile compiles a program with a package.
func (c *compiler) compile(t *testing.T, program string, pkg *types.Package) (errs []error) {
	t.Helper()
	file, err := parser.ParseFile(c.set, "main.go", program, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v in\n%s", err, program)
	}
	c.imports[pkg.Path()] = pkg
	defer delete(c.imports, pkg.Path())
	config := types.Config{Importer: c, Error: func(err error) { errs = append(errs, err) }}
	_, _ = config.Check("user.test/app", c.set, []*ast.File{file}, nil) // Error has been told
	return errs
}

// user writes a program that uses everything which a package exports.
type user struct {
	pkg     *types.Package
	imports map[string]string // name by path
	code    strings.Builder
}

func programOf(pkg *types.Package) string {
	u := &user{pkg: pkg, imports: map[string]string{}}
	for _, name := range pkg.Scope().Names() {
		if object := pkg.Scope().Lookup(name); object.Exported() {
			u.use(object)
		}
	}
	var program strings.Builder
	fmt.Fprintf(&program, "package main\n\nimport %q\n", pkg.Path())
	for path, name := range u.imports {
		fmt.Fprintf(&program, "import %s %q\n", name, path)
	}
	return program.String() + u.code.String()
}

func (u *user) typeText(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg == u.pkg {
			return pkg.Name()
		}
		u.imports[pkg.Path()] = strings.NewReplacer("/", "_", ".", "_", "-", "_").Replace(pkg.Path())
		return u.imports[pkg.Path()]
	})
}

func (u *user) use(object types.Object) {
	full := u.pkg.Name() + "." + object.Name()
	switch object := object.(type) {
	case *types.Const:
		fmt.Fprintf(&u.code, "const _ %s = %s\n", u.typeText(types.Default(object.Type())), full)
	case *types.Var:
		fmt.Fprintf(&u.code, "var _ %s = %s\n", u.typeText(object.Type()), full)
	case *types.Func:
		if object.Signature().TypeParams() != nil {
			fmt.Fprintf(&u.code, "var _ = %s[int]\n", full)
			return
		}
		fmt.Fprintf(&u.code, "var _ %s = %s\n", u.typeText(object.Type()), full)
	case *types.TypeName:
		if named, ok := object.Type().(*types.Named); ok && named.TypeParams() != nil {
			fmt.Fprintf(&u.code, "var _ %s[int]\n", full)
			return
		}
		u.useType(object, full)
	}
}

func (u *user) useType(object *types.TypeName, full string) {
	fmt.Fprintf(&u.code, "var _ %s\n", full)
	if types.Comparable(object.Type()) {
		fmt.Fprintf(&u.code, "var _ map[%s]int\n", full)
	}
	methods, receiver := types.NewMethodSet(types.NewPointer(object.Type())), "(*"+full+")"
	switch underlying := object.Type().Underlying().(type) {
	case *types.Interface:
		fmt.Fprintf(&u.code, "var _ %s = struct{%s}{}\n", full, full) // a fake that embeds it
		methods, receiver = types.NewMethodSet(object.Type()), full
	case *types.Struct:
		for field := range underlying.Fields() {
			if field.Exported() {
				kind := u.typeText(field.Type())
				fmt.Fprintf(&u.code, "var _ = %s{%s: *new(%s)}\n", full, field.Name(), kind)
				fmt.Fprintf(&u.code, "func _(v %s) { var _ %s = v.%s }\n", full, kind, field.Name())
			}
		}
	case *types.Basic:
		fmt.Fprintf(&u.code, "var _ = %s(\"\")\n", full)
	}
	for selection := range methods.Methods() {
		if method := selection.Obj(); method.Exported() {
			fmt.Fprintf(&u.code, "var _ = %s.%s\n", receiver, method.Name())
			signature := method.Type().(*types.Signature)
			kind := u.typeText(types.NewSignatureType(nil, nil, nil, signature.Params(), signature.Results(), signature.Variadic()))
			fmt.Fprintf(&u.code, "func _(v %s) { var _ %s = v.%s }\n", strings.Trim(receiver, "()"), kind, method.Name())
		}
	}
}

// TestNewMethodBreaksFakes: an endpoint that is new is compatible, but for
// other implementations of API, and the report says so.
func TestNewMethodBreaksFakes(t *testing.T) {
	c := newCompiler(t)
	before := big(t)
	after := edited(t, before, "  Pay:", "  Refund: {delete: /pay}\n  Pay:")
	old, now := c.check(t, before), c.check(t, after)
	u := &user{pkg: old, imports: map[string]string{}}
	api := types.NewMethodSet(old.Scope().Lookup("API").Type())
	for selection := range api.Methods() {
		signature := strings.TrimPrefix(u.typeText(selection.Obj().Type()), "func")
		fmt.Fprintf(&u.code, "func (fake) %s%s { panic(0) }\n", selection.Obj().Name(), signature)
	}
	program := "package main\n\nimport \"" + old.Path() + "\"\n"
	for path, name := range u.imports {
		program += fmt.Sprintf("import %s %q\n", name, path)
	}
	program += "type fake struct{}\nvar _ sheets.API = fake{}\n" + u.code.String()
	if errs := c.compile(t, program, old); errs != nil {
		t.Fatalf("%v in\n%s", errs, program)
	}
	if errs := c.compile(t, program, now); len(errs) != 1 || !strings.Contains(errs[0].Error(), "missing method Refund") {
		t.Errorf("the compiler says %v", errs)
	}
	report := between(t, before, after)
	text := strings.Join(strings.Fields(report.Text(false)), " ")
	if report.Changes[0].Code.Breaking || !strings.Contains(text, "implementations of API other than Session need the method Refund(ctx context.Context) error") {
		t.Errorf("%s", text)
	}
}
