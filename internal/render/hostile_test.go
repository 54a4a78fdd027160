package render_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/format"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// hostile are texts that try to become code, directives or build constraints.
var hostile = []string{
	"*/ func init() { panic(1) } /*",
	"\nfunc init() { os.Exit(1) }",
	"\r\nimport \"os/exec\"\r\n",
	"\"); os.Exit(1); //",
	"` + os.Getenv(`HOME`) + `",
	"\\\"\n}\nvar _ = 1 //",
	"\n//go:generate rm -rf .\n",
	"//go:build ignore\n\npackage main",
	"\n+build ignore\n",
	"// +build ignore",
	"\u2028func init() {}\u2029//go:embed secret\u0085//line x.go:1",
	"\x00\x1b[31m\u202e\ufeff",
	"\xff\xfe\xc0\xaf",
	"\n\nDeprecated: not so\n\nOutput:\nx",
	"{{.}} {{template \"x\"}} {{env \"HOME\"}}",
	"\n- a\n- b\n\n# Title\n\n[x]: https://example.com\n\n\tcode\n",
	"%s %d %!x",
	"://",
	strings.Repeat("long ", 400),
	"🙂 日本 größe",
	"``quoted'' 'text'\n\n# Title\n\nTitle\n\n 1. one\n\n    code\n 2. two\n",
}

func TestNoSpecTextBecomesCode(t *testing.T) {
	want := shape(t, slots(func(text string) string { return text }))
	for _, text := range hostile {
		for name, fill := range map[string]func(string) string{
			"behind": func(plain string) string { return plain + text },
			"before": func(plain string) string { return text + plain },
		} {
			t.Run(fmt.Sprintf("%s %.40q", name, text), func(t *testing.T) {
				if got := shape(t, slots(fill)); got != want {
					t.Errorf("the code is another than that of a harmless spec:\n%s", difference(got, want))
				}
			})
		}
	}
}

func FuzzNoSpecTextBecomesCode(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	want := shape(f, slots(func(text string) string { return text }))
	f.Fuzz(func(t *testing.T, text string) {
		file := slots(func(plain string) string { return plain + text })
		if _, problems := model.Build(file, render.Reserved()); len(problems) > 0 {
			return // nothing is rendered
		}
		if got := shape(t, file); got != want {
			t.Errorf("the code is another than that of a harmless spec:\n%s", difference(got, want))
		}
	})
}

// directive is how the go command, the compiler and linters know a comment
// that is meant for them.
var directive = regexp.MustCompile(`^//([a-z0-9]+:[a-z0-9]|line |export |extern |nolint)`)

// shape renders a spec and returns the syntax of its files: everything but
// names, the text of literals and prose.
func shape(t testing.TB, f *spec.File) string {
	t.Helper()
	names := render.Reserved()
	var text strings.Builder
	for _, file := range renderBoth(t, modelOf(t, f), render.Options{Version: "v1.2.3"}) {
		if names.Files[file.Name] || !strings.HasSuffix(file.Name, ".go") {
			continue
		}
		fmt.Fprintln(&text, file.Name)
		if formatted, err := format.Source(file.Data); err != nil || !bytes.Equal(formatted, file.Data) {
			t.Fatalf("%s is not as gofmt formats it: %v\n%s", file.Name, err, difference(string(file.Data), string(formatted)))
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file.Name, file.Data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range parsed.Comments {
			for _, c := range group.List {
				comment(&text, c.Text)
			}
		}
		ast.Inspect(parsed, func(n ast.Node) bool { return node(&text, n) })
	}
	return text.String()
}

// comment notes the comments that mean something to tools.
func comment(text *strings.Builder, line string) {
	meant := directive.MatchString(line) || constraint.IsGoBuild(line) || constraint.IsPlusBuild(line) ||
		strings.HasPrefix(line, "// Deprecated:") || !strings.HasPrefix(line, "//")
	if meant || strings.ContainsAny(line, "\x00\r\u2028\u2029\u202e\ufeff") {
		word, _, _ := strings.Cut(strings.TrimPrefix(line, "// "), " ")
		fmt.Fprintln(text, "comment", word)
	}
}

func node(text *strings.Builder, n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CommentGroup, *ast.Comment:
		return false
	case *ast.ImportSpec:
		fmt.Fprintln(text, "import", n.Path.Value)
	case *ast.FuncDecl:
		if n.Name.Name == "init" || n.Name.Name == "main" {
			fmt.Fprintln(text, "func", n.Name.Name)
		}
	}
	fmt.Fprintf(text, "%T\n", n)
	return true
}

// difference shows the first lines that differ.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d: got %q, want %q, after %q", i, a[i], b[i], a[max(0, i-5):i])
		}
	}
	return fmt.Sprintf("got %d lines, want %d", len(a), len(b))
}
