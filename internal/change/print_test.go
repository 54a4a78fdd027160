package change_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"example.com/scaffold/internal/change"
	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
	"golang.org/x/tools/txtar"
)

func TestColorsAreAllThatATerminalGetsMore(t *testing.T) {
	before := big(t)
	report := between(t, before, edited(t, before, "read:sheets", "view:sheets", "age: integer", "age: integer, size: integer"))
	const red, green, bold, normal = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
	colored := report.Text(true)
	for _, want := range []string{
		red + "breaking" + normal + "    " + bold + "the scope read:sheets is now view:sheets" + normal,
		"\n  code      " + green + "compatible" + normal + "  ",
	} {
		if !strings.Contains(colored, want) {
			t.Errorf("%q is not in\n%q", want, colored)
		}
	}
	bare := strings.NewReplacer(red, "", green, "", bold, "", normal, "").Replace(colored)
	if text := report.Text(false); text != bare || strings.Contains(text, "\x1b") {
		t.Errorf("without colors:\n%s", text)
	}
}

// valid reads a spec, if nothing is wrong with it.
func valid(t *testing.T, text string) (change.Side, bool) {
	file, problems := spec.Load("spec.yaml", []byte(text))
	problems = append(problems, spec.Validate(file)...)
	pkg, more := model.Build(file, render.Reserved())
	wrong := slices.ContainsFunc(append(problems, more...), func(p spec.Problem) bool { return !p.Warning })
	return change.Side{Name: "spec.yaml", File: file, Package: pkg}, !wrong
}

func FuzzBetween(f *testing.F) {
	before := big(f)
	f.Add(before, before)
	for _, e := range edits {
		f.Add(before, edited(f, before, e.pairs...))
	}
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data), string(archive.Files[1].Data))
	}
	f.Fuzz(func(t *testing.T, oldText, newText string) {
		old, oldValid := valid(t, oldText)
		now, newValid := valid(t, newText)
		if !oldValid || !newValid {
			return
		}
		if report := change.Between(old, old); len(report.Changes) > 0 {
			t.Errorf("a spec differs from itself:\n%s", report.Text(false))
		}
		there, back := change.Between(old, now), change.Between(now, old)
		if (len(there.Changes) == 0) != (len(back.Changes) == 0) {
			t.Errorf("there is a change in one direction only:\n%s%s", there.Text(false), back.Text(false))
		}
		for _, text := range []string{there.Text(false), there.Markdown()} {
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("%q is in\n%q", text[i:min(len(text), i+4)], text)
			}
		}
		if strings.Count(there.Markdown(), "`")%2 != 0 {
			t.Errorf("a code span is not closed in\n%s", there.Markdown())
		}
		data, err := there.JSON()
		if err != nil || !json.Valid(data) {
			t.Errorf("%v in %s", err, data)
		}
	})
}
