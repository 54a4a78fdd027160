package change_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/change"
	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// side reads a spec with which nothing is wrong.
func side(t testing.TB, name, text string) change.Side {
	t.Helper()
	file, problems := spec.Load(name, []byte(text))
	problems = append(problems, spec.Validate(file)...)
	pkg, more := model.Build(file, render.Reserved())
	problems = append(problems, more...)
	problems = slices.DeleteFunc(problems, func(p spec.Problem) bool { return p.Warning })
	if len(problems) > 0 {
		t.Fatalf("the spec is wrong:\n%s", spec.Format(name, []byte(text), problems))
	}
	return change.Side{Name: name, File: file, Package: pkg}
}

func between(t testing.TB, old, now string) change.Report {
	t.Helper()
	return change.Between(side(t, "old.yaml", old), side(t, "new.yaml", now))
}

// big is a spec with something of everything.
func big(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/big.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// edited replaces pairs of text, each of which has to be there.
func edited(t testing.TB, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q is not in the spec", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}
