package spec_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"example.com/scaffold/spec"
	"golang.org/x/tools/txtar"
)

func FuzzLoad(f *testing.F) {
	f.Add(readFile(f, "../examples/timesheets.yaml"))
	f.Add(readFile(f, "testdata/everything.yaml"))
	archive, err := txtar.ParseFile(mistakesFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files[1:] {
		f.Add([]byte(strings.Split(string(file.Data), arrow)[1]))
	}
	for _, seed := range []string{"", "a: &a [*a]", "? [a]: b", "{<<: {a: b}}", "\xff", "\ufeffa", "a\rb", "- - -", "types: {A: {a: A}}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, problems := spec.Load("a.yaml", src)
		if file == nil {
			t.Fatal("no file")
		}
		problems = append(problems, spec.Validate(file)...)
		lines := strings.Split(strings.TrimPrefix(string(src), "\ufeff"), "\n")
		for _, p := range problems {
			checkProblem(t, p, lines)
		}
		for _, r := range spec.Format("a.yaml", src, problems) {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Fatalf("%U is printed", r)
			}
		}
	})
}

func checkProblem(t *testing.T, p spec.Problem, lines []string) {
	t.Helper()
	if p.Pos == (spec.Pos{}) && len(lines) == 1 && strings.TrimSuffix(lines[0], "\r") == "" {
		return
	}
	if p.Pos.Line < 1 || p.Pos.Line > len(lines) {
		t.Fatalf("%v is not in a text of %d lines: %s", p.Pos, len(lines), p.Message)
	}
	if width := utf8.RuneCountInString(lines[p.Pos.Line-1]); p.Pos.Col < 1 || p.Pos.Col > width+1 {
		t.Fatalf("%v is not in a line of %d characters: %s", p.Pos, width, p.Message)
	}
	if strings.ContainsFunc(p.Message, func(r rune) bool { return !unicode.IsPrint(r) }) || p.Message == "" {
		t.Fatalf("message %q", p.Message)
	}
	if len(p.Message) > 2000 {
		t.Fatalf("a message of %d bytes", len(p.Message))
	}
}
