package docs

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/templates"
)

// notSeen are the types of the view-model of which templates only see parts.
var notSeen = map[string]bool{"Package": true, "Uses": true}

// viewModel prints the types that templates see, from the source.
func viewModel(t *testing.T) string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "../internal/model/model.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "The view-model's version is **%d**.\n", model.Version)
	for _, decl := range file.Decls {
		general, ok := decl.(*ast.GenDecl)
		if !ok || general.Tok != token.TYPE {
			continue
		}
		spec := general.Specs[0].(*ast.TypeSpec)
		fields, ok := spec.Type.(*ast.StructType)
		if !ok || notSeen[spec.Name.Name] {
			continue
		}
		fmt.Fprintf(&out, "\n#### %s\n\n%s\n\n| field | type | |\n| --- | --- | --- |\n", spec.Name.Name, strings.TrimSpace(general.Doc.Text()))
		for _, field := range fields.Fields.List {
			writeField(t, &out, set, spec.Name.Name, field)
		}
	}
	return out.String()
}

func writeField(t *testing.T, out *strings.Builder, set *token.FileSet, owner string, field *ast.Field) {
	t.Helper()
	var typ bytes.Buffer
	if err := printer.Fprint(&typ, set, field.Type); err != nil {
		t.Fatal(err)
	}
	if len(field.Names) == 0 {
		fmt.Fprintf(out, "| the fields of [%s](#%s) | | |\n", typ.String(), strings.ToLower(typ.String()))
		return
	}
	for _, name := range field.Names {
		if !name.IsExported() {
			continue
		}
		text := strings.TrimSpace(field.Comment.Text())
		if text == "" {
			t.Errorf("%s.%s of the view-model has no comment", owner, name)
		}
		fmt.Fprintf(out, "| `.%s` | `%s` | %s |\n", name, typ.String(), cell(text))
	}
}

var (
	typeHeading = regexp.MustCompile(`^#### (\w+)$`)
	fieldRow    = regexp.MustCompile("^(\\| `\\.\\w+` \\| `[^`]*` \\||\\| the fields of \\[\\w+\\])")
	versionText = regexp.MustCompile(`version is \*\*(\d+)\*\*`)
)

// lost returns the fields that the text before has and the text after has not.
func lost(before, after string) (list []string) {
	fields := func(text string) map[string]bool {
		found, owner := map[string]bool{}, ""
		for line := range strings.Lines(text) {
			line = strings.TrimSpace(line)
			if match := typeHeading.FindStringSubmatch(line); match != nil {
				owner = match[1]
			}
			if match := fieldRow.FindString(line); match != "" {
				found[owner+" "+match] = true
			}
		}
		return found
	}
	now := fields(after)
	for field := range fields(before) {
		if !now[field] {
			list = append(list, field)
		}
	}
	return list
}

// raised reports whether a change of the view-model has a version of its own.
func raised(before, after string) bool {
	return versionText.FindString(before) != versionText.FindString(after)
}

func TestViewModelIsDocumented(t *testing.T) {
	want := viewModel(t)
	// The version is compared with what was committed: -update must not hide it.
	committed := want
	if out, err := exec.Command("git", "show", "HEAD:docs/templates.md").Output(); err == nil {
		committed = string(out)
	}
	for _, before := range []string{read(t, "templates.md"), committed} {
		if gone := lost(before, want); len(gone) > 0 && !raised(before, want) {
			t.Fatalf("the view-model no longer has %q: raise model.Version, then run go test ./docs -update", gone)
		}
	}
	generated(t, "templates.md", "view-model", want)
}

func TestVersionMustBeRaised(t *testing.T) {
	const before = "version is **1**\n#### Enum\n| `.Name` | `string` | its Go name |\n| `.Value` | `string` | not quoted |\n"
	for name, test := range map[string]struct {
		old, new string
		gone     int
	}{
		"a field that is removed":        {"| `.Value` | `string` | not quoted |\n", "", 1},
		"another type":                   {"`.Value` | `string`", "`.Value` | `int`", 1},
		"a type with another name":       {"#### Enum", "#### Values", 2},
		"another comment is no reason":   {"not quoted", "a text", 0},
		"nor is a field that is new":     {"version", "| `.New` | `string` | new |\nversion", 0},
		"nor is nothing, of no interest": {"x", "x", 0},
	} {
		if got := lost(before, strings.Replace(before, test.old, test.new, 1)); len(got) != test.gone {
			t.Errorf("%s: %q", name, got)
		}
	}
	if raised(before, before) || !raised(before, strings.Replace(before, "**1**", "**2**", 1)) {
		t.Error("a raised version is not told apart")
	}
}

func TestTemplatesAreListed(t *testing.T) {
	var out strings.Builder
	out.WriteString("| template | makes | is given |\n| --- | --- | --- |\n")
	for _, each := range templates.List() {
		var given []string
		for name := range strings.SplitSeq(each.Data, ", ") {
			given = append(given, fmt.Sprintf("[%s](#%s)", name, strings.ToLower(name)))
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s |\n", each.Name, cell(each.Makes), strings.Join(given, ", "))
	}
	generated(t, "templates.md", "list", out.String())
}

// The rule that raises the version stands in one place, beside the version.
func TestRuleOfTheVersion(t *testing.T) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "../internal/model/model.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := doc.NewFromFiles(set, []*ast.File{file}, "model")
	if err != nil {
		t.Fatal(err)
	}
	for _, constant := range pkg.Consts {
		if constant.Names[0] == "Version" {
			generated(t, "templates.md", "rule", strings.Join(strings.Fields(constant.Doc), " "))
			return
		}
	}
	t.Error("model.Version has no comment")
}
