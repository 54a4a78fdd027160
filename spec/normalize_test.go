package spec_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/spec"
)

var position = regexp.MustCompile(`"Pos":\{"Line":\d+,"Col":\d+\}`)

// meaning is what was read, wherever in the text it stood. It is false of a spec
// that is wrong.
func meaning(t *testing.T, src []byte) (string, bool) {
	t.Helper()
	file, problems := spec.Load("a.yaml", src)
	if slices.ContainsFunc(problems, func(p spec.Problem) bool { return !p.Warning }) {
		return "", false
	}
	text, err := json.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	return position.ReplaceAllString(string(text), ""), true
}

func checkNormalized(t *testing.T, src []byte) []byte {
	t.Helper()
	want, _ := meaning(t, src)
	normalized, err := spec.Normalize(src)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := meaning(t, normalized); !ok || got != want {
		t.Fatalf("another meaning: %s\nwant %s\nof\n%s", got, want, normalized)
	}
	again, err := spec.Normalize(normalized)
	if err != nil || !bytes.Equal(again, normalized) {
		t.Fatalf("normalized again, it is another: %v\n%s\nwas\n%s", err, again, normalized)
	}
	return normalized
}

func TestNormalizeKeepsTheMeaning(t *testing.T) {
	for _, name := range []string{"../examples/timesheets.yaml", "testdata/everything.yaml"} {
		checkNormalized(t, readFile(t, name))
	}
}

// yaml.v3 writes an empty value in braces as an empty text.
func TestNormalizeKeepsNothingInBraces(t *testing.T) {
	got := checkNormalized(t, []byte(head+tenant+"scopes: {openid: , read: ~}\n"))
	if want := "scopes: {openid: null, read: ~}\n"; !strings.HasSuffix(string(got), want) {
		t.Errorf("it ends in\n%s\nnot in\n%s", got, want)
	}
}

func TestNormalizeLeavesOutWhatHasNoMeaning(t *testing.T) {
	plain := head + tenant + "scopes:\n  openid:\n  read: \"Read # it\"\n"
	commented := "# A comment\n\n" + head + "# Another\n" + tenant + "\nscopes: # of the API\n      openid:   # always\n\n      read: \"Read # it\"\n# The end\n"
	one, other := checkNormalized(t, []byte(plain)), checkNormalized(t, []byte(commented))
	if !bytes.Equal(one, other) || !strings.Contains(string(one), `"Read # it"`) || bytes.Count(one, []byte("#")) != 1 {
		t.Errorf("of the plain one:\n%s\nof the commented one:\n%s", one, other)
	}
}

func TestNormalizeOfWhatIsNoYAML(t *testing.T) {
	if got, err := spec.Normalize([]byte("a: [")); err == nil || !strings.HasPrefix(err.Error(), "normalize the spec: ") {
		t.Errorf("%q, %v", got, err)
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add(readFile(f, "../examples/timesheets.yaml"))
	f.Add(readFile(f, "testdata/everything.yaml"))
	f.Add([]byte(head + tenant + "scopes: {openid: , read: ~}\n"))
	for _, value := range []string{`"a\tb\u0085\n"`, "|\n    a\n\n   # b\n", "'it''s'", ">-\n   a\n   b\n", `"on"`, "2024-01-01", "a\n \n    b", `" a "`} {
		f.Add([]byte(head + tenant + "scopes:\n  read: " + value + "\n"))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, ok := meaning(t, src); ok {
			checkNormalized(t, src)
		}
	})
}
