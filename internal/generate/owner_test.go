package generate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFolderOfAnotherSpec(t *testing.T) {
	shared := func(port string) string {
		return strings.NewReplacer("8484", port, "package: a", "package: a\noutput: ../gen/a").Replace(smallSpec("a"))
	}
	start := func(t *testing.T) {
		t.Chdir(writeTree(t, map[string]string{"one/a.yaml": shared("8484"), "two/a.yaml": shared("8585")}))
		mustGenerate(t, Options{}, "one/a.yaml")
	}
	const refused = "two/a.yaml: gen/a holds the package of one/a.yaml, which writes to it too: nothing was written; " +
		"give one of them another output, or overwrite the package with --force"
	t.Run("the manifest names the spec, from the folder on", func(t *testing.T) {
		start(t)
		if text := readFile(t, "gen/a/.scaffold.json"); !strings.HasPrefix(text, "{\n  \"version\": 1,\n  \"spec\": \"../../one/a.yaml\",\n  \"files\": {\n") {
			t.Error(text)
		}
	})
	t.Run("is refused, in each way to look at it", func(t *testing.T) {
		start(t)
		before := readFile(t, "gen/a/defaults.go")
		for _, o := range []Options{{}, {Check: true}, {Diff: true}} {
			if got := generate(t, o, "two/a.yaml"); got.err == nil || got.err.Error() != refused || got.stdout+got.stderr != "" {
				t.Errorf("%+v: %+v", o, got)
			}
		}
		got := generate(t, Options{}, "two/a.yaml", "./two/a.yaml")
		if want := (result{err: ErrTrouble, stderr: "scaffold: " + refused + "\n1 spec: 1 failed\n"}); got != want || readFile(t, "gen/a/defaults.go") != before {
			t.Errorf("of several: %+v", got)
		}
	})
	t.Run("is taken over by force, and then refused to the first", func(t *testing.T) {
		start(t)
		if got := mustGenerate(t, Options{Force: true}, "two/a.yaml"); got.stderr != "update gen/a/.scaffold.json\nupdate gen/a/defaults.go\n" {
			t.Errorf("%+v", got)
		}
		if got := generate(t, Options{}, "one/a.yaml"); got.err == nil || !strings.HasPrefix(got.err.Error(), "one/a.yaml: gen/a holds the package of two/a.yaml, which writes to it too: ") {
			t.Errorf("%+v", got)
		}
		if got := generate(t, Options{Check: true}, "two/a.yaml"); got.err != nil {
			t.Errorf("%+v", got)
		}
	})
	for _, test := range []struct {
		name   string
		change func(t *testing.T) error
		o      Options
		spec   string
	}{
		{"one that was renamed takes its package along", func(*testing.T) error { return os.Rename("one/a.yaml", "one/b.yaml") }, Options{}, "one/b.yaml"},
		{"one that was moved, too", func(*testing.T) error { return os.Rename("one", "three") }, Options{}, "three/a.yaml"},
		{"one whose other has gone elsewhere", func(t *testing.T) error {
			writeFile(t, "one/a.yaml", strings.Replace(shared("8484"), "../gen/a", "../gen/b", 1))
			return nil
		}, Options{}, "two/a.yaml"},
		{"whoever names the folder means it", func(*testing.T) error { return nil }, Options{Output: "gen/a"}, "two/a.yaml"},
		{"another name of the same file", func(*testing.T) error { return os.Symlink("a.yaml", "one/link.yaml") }, Options{}, "one/link.yaml"},
		{"a manifest of old says nothing", func(t *testing.T) error {
			writeFile(t, "gen/a/.scaffold.json", strings.Replace(readFile(t, "gen/a/.scaffold.json"), "  \"spec\": \"../../one/a.yaml\",\n", "", 1))
			return nil
		}, Options{}, "two/a.yaml"},
	} {
		t.Run("is not refused: "+test.name, func(t *testing.T) {
			start(t)
			if err := test.change(t); err != nil {
				t.Fatal(err)
			}
			mustGenerate(t, test.o, test.spec)
			test.o.Check = true
			mustGenerate(t, test.o, test.spec)
		})
	}
	t.Run("what the spec is called is no drift", func(t *testing.T) {
		start(t)
		o := Options{Cache: t.TempDir()}
		mustGenerate(t, o, "one/a.yaml")
		text := readFile(t, "gen/a/.scaffold.json")
		for _, change := range []string{"", "\n  \"spec\": \"../elsewhere.yaml\","} {
			writeFile(t, "gen/a/.scaffold.json", strings.Replace(text, "\n  \"spec\": \"../../one/a.yaml\",", change, 1))
			mustGenerate(t, Options{Check: true}, "one/a.yaml")
			if !remembers(t, "one/a.yaml", o) {
				t.Error("no short cut")
			}
		}
	})
	t.Run("with --output, and for standard input, the manifest names none", func(t *testing.T) {
		start(t)
		mustGenerate(t, Options{Output: "out"}, "one/a.yaml")
		if err := Run(t.Context(), []string{"-"}, Options{}, Streams{In: strings.NewReader(smallSpec("in")), Out: new(talk), Err: new(talk)}); err != nil {
			t.Fatal(err)
		}
		for _, dir := range []string{"out", "in"} {
			if text := readFile(t, filepath.Join(dir, ".scaffold.json")); strings.Contains(text, "spec") {
				t.Error(text)
			}
		}
	})
}
