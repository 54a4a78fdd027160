package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/output"
)

// remembers tells whether prepare takes the short cut for a spec.
func remembers(t *testing.T, specPath string, flags generateFlags) bool {
	t.Helper()
	src, err := readSource(specPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := prepare(src, flags, openMemory())
	if got.err != nil && got.plan != nil {
		t.Errorf("a plan and %v", got.err)
	}
	return got.err == nil && got.plan == nil
}

func TestShortCut(t *testing.T) {
	replace := func(old, new string) func(t *testing.T, specPath, dir string) {
		return func(t *testing.T, specPath, _ string) {
			text, err := os.ReadFile(specPath)
			if err != nil || !strings.Contains(string(text), old) {
				t.Fatalf("%q: %v", old, err)
			}
			writeFile(t, specPath, strings.Replace(string(text), old, new, 1))
		}
	}
	inFolder := func(do func(path string) error, name string) func(t *testing.T, specPath, dir string) {
		return func(t *testing.T, _, dir string) {
			if err := do(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	write := func(text string) func(path string) error {
		return func(path string) error { return os.WriteFile(path, []byte(text), 0o644) }
	}
	for _, test := range []struct {
		name   string
		change func(t *testing.T, specPath, dir string)
		want   bool // the short cut is taken
		drift  bool // a full look finds that something is to be written
	}{
		{"nothing has changed: nothing is rendered", func(*testing.T, string, string) {}, true, false},
		{"a file of the user's is new", inFolder(write("package timesheets\n"), "mine.go"), true, false},
		{"the spec's text has changed, though the package does not", replace("version: 1", "version: 1 # one"), false, false},
		{"the spec has changed", replace("8484", "8585"), false, true},
		{"a file is gone", inFolder(os.Remove, "app.go"), false, true},
		{"a file was edited", inFolder(write("package timesheets\n"), "app.go"), false, true},
		{"a file is a link", inFolder(func(path string) error { return errors.Join(os.Rename(path, path+"x"), os.Symlink(path+"x", path)) }, "app.go"), false, true},
		{"the manifest is gone", inFolder(os.Remove, ".scaffold.json"), false, true},
		{"the manifest was edited", inFolder(write(`{"version": 1, "files": {}}`), ".scaffold.json"), false, true},
		{"a stopped run left something", inFolder(write(""), ".scaffold-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp"), false, true},
		{"the folder is gone", inFolder(os.RemoveAll, ""), false, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			specPath, dir := copyExample(t)
			mustGenerate(t, specPath)
			test.change(t, specPath, dir)
			if got := remembers(t, specPath, generateFlags{}); got != test.want {
				t.Errorf("short cut: %t", got)
			}
			t.Setenv("SCAFFOLD_CACHE", "off")
			if got := scaffold(nil, "generate", specPath, "--check"); test.drift != (got.code != exitFine) {
				t.Errorf("a full look: %+v", got)
			}
		})
	}
	t.Run("another build of scaffold remembers nothing of this one's", func(t *testing.T) {
		specPath, _ := copyExample(t)
		mustGenerate(t, specPath)
		src, err := readSource(specPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		other := openMemory()
		other.build = append(other.build, 'x')
		if got := prepare(src, generateFlags{}, other); got.err != nil || got.plan == nil {
			t.Errorf("%+v", got)
		}
	})
	t.Run("another folder is looked at by itself", func(t *testing.T) {
		specPath, _ := copyExample(t)
		mustGenerate(t, specPath)
		if remembers(t, specPath, generateFlags{output: t.TempDir()}) {
			t.Error("an empty folder is up to date")
		}
	})
	t.Run("a spec of another name has another header", func(t *testing.T) {
		specPath, _ := copyExample(t)
		mustGenerate(t, specPath)
		renamed := filepath.Join(filepath.Dir(specPath), "renamed.yaml")
		if err := os.Rename(specPath, renamed); err != nil {
			t.Fatal(err)
		}
		if remembers(t, renamed, generateFlags{}) {
			t.Error("the headers are taken for right")
		}
	})
	t.Run("warnings are shown each time", func(t *testing.T) {
		specPath, _ := copyExample(t, "  approve:timesheets:\n", "  export:timesheets: Export\n  approve:timesheets:\n")
		text := mustWarn(t, specPath)
		if !remembers(t, specPath, generateFlags{}) {
			t.Fatal("it renders")
		}
		if again := scaffold(nil, "generate", specPath); again.stderr != text {
			t.Errorf("%q, want %q", again.stderr, text)
		}
	})
	t.Run("SCAFFOLD_CACHE=off, and a folder that cannot be made, cost time and no more", func(t *testing.T) {
		specPath, _ := copyExample(t)
		for _, cache := range []string{"off", filepath.Join(specPath, "below")} {
			t.Setenv("SCAFFOLD_CACHE", cache)
			mustGenerate(t, specPath)
			if remembers(t, specPath, generateFlags{}) || scaffold(nil, "generate", specPath, "--check").code != exitFine {
				t.Errorf("%s: remembered, or not fine", cache)
			}
		}
	})
	t.Run("the manifest says nothing of the build", func(t *testing.T) {
		specPath, dir := copyExample(t)
		mustGenerate(t, specPath)
		texts, _ := snapshot(t, dir)
		if !strings.HasPrefix(texts[".scaffold.json"], "{\n  \"version\": 1,\n  \"files\": {\n") || strings.Count(texts[".scaffold.json"], "\n") != len(texts)+4 {
			t.Errorf("%s", texts[".scaffold.json"])
		}
	})
}

// mustWarn generates, and returns the warnings.
func mustWarn(t *testing.T, specPath string) string {
	t.Helper()
	mustGenerate(t, specPath)
	got := scaffold(nil, "generate", specPath)
	if got.code != exitFine || !strings.Contains(got.stderr, "warning: ") {
		t.Fatalf("%+v", got)
	}
	return got.stderr
}

func BenchmarkNothingToDo(b *testing.B) {
	dir := b.TempDir()
	b.Setenv("SCAFFOLD_CACHE", filepath.Join(dir, "cache"))
	src, err := readSource(example, nil)
	if err != nil {
		b.Fatal(err)
	}
	flags := generateFlags{output: filepath.Join(dir, "out")}
	first := prepare(src, flags, openMemory())
	if first.err != nil || first.plan.Apply() != nil || !output.Holds(first.dir, first.plan.Digest()) {
		b.Fatal(first.err)
	}
	for b.Loop() {
		if got := prepare(src, flags, openMemory()); got.plan != nil || got.err != nil {
			b.Fatal(got.err)
		}
	}
}
