package generate

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// remembers tells whether prepare takes the short cut for a spec.
func remembers(t *testing.T, specPath string, o Options) bool {
	t.Helper()
	src, err := ReadSource(specPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	o.Version = "devel"
	got := prepare(src, o, openMemory(o.Cache))
	if got.err != nil && got.changes() > 0 {
		t.Errorf("a plan and %v", got.err)
	}
	return got.err == nil && got.packages == nil
}

// generated returns a spec for which generate was run. It wants no test package,
// which would need a module.
func generated(t *testing.T, o Options, changes ...string) (specPath, dir string) {
	t.Helper()
	parent := writeTree(t, map[string]string{"timesheets.yaml": strings.NewReplacer(append(changes, "output: ../generated/timesheets ", "", "generate: {test: true} ", "")...).Replace(readFile(t, example))})
	specPath = filepath.Join(parent, "timesheets.yaml")
	mustGenerate(t, o, specPath)
	return specPath, filepath.Join(parent, "timesheets")
}

func TestShortCut(t *testing.T) {
	kept := Options{Cache: t.TempDir()}
	replace := func(old, new string) func(t *testing.T, specPath, dir string) {
		return func(t *testing.T, specPath, _ string) {
			text := readFile(t, specPath)
			if !strings.Contains(text, old) {
				t.Fatal(old)
			}
			writeFile(t, specPath, strings.Replace(text, old, new, 1))
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
			specPath, dir := generated(t, kept)
			test.change(t, specPath, dir)
			if got := remembers(t, specPath, kept); got != test.want {
				t.Errorf("short cut: %t", got)
			}
			if got := generate(t, Options{Check: true}, specPath); test.drift != (got.err != nil) {
				t.Errorf("a full look: %+v", got)
			}
		})
	}
	t.Run("another build of scaffold remembers nothing of this one's", func(t *testing.T) {
		specPath, _ := generated(t, kept)
		src, err := ReadSource(specPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		other := openMemory(kept.Cache)
		other.build = append(other.build, 'x')
		if got := prepare(src, kept, other); got.err != nil || got.packages == nil {
			t.Errorf("%+v", got)
		}
	})
	t.Run("another folder is looked at by itself", func(t *testing.T) {
		specPath, _ := generated(t, kept)
		if remembers(t, specPath, Options{Cache: kept.Cache, Output: t.TempDir()}) {
			t.Error("an empty folder is up to date")
		}
	})
	t.Run("a spec of another name has another header", func(t *testing.T) {
		specPath, _ := generated(t, kept)
		renamed := filepath.Join(filepath.Dir(specPath), "renamed.yaml")
		if err := os.Rename(specPath, renamed); err != nil {
			t.Fatal(err)
		}
		if remembers(t, renamed, kept) {
			t.Error("the headers are taken for right")
		}
	})
	t.Run("warnings are shown each time", func(t *testing.T) {
		specPath, _ := generated(t, kept, "  approve:timesheets:\n", "  export:timesheets: Export\n  approve:timesheets:\n")
		text := mustGenerate(t, Options{}, specPath).stderr
		if !remembers(t, specPath, kept) || !strings.Contains(text, "warning: ") {
			t.Fatalf("it renders, or does not warn: %s", text)
		}
		if again := mustGenerate(t, kept, specPath); again.stderr != text {
			t.Errorf("%q, want %q", again.stderr, text)
		}
	})
	t.Run("no folder, and one that cannot be made, cost time and no more", func(t *testing.T) {
		for _, cache := range []string{"", filepath.Join(example, "below")} {
			o := Options{Cache: cache}
			specPath, _ := generated(t, o)
			o.Check = true
			if remembers(t, specPath, o) || generate(t, o, specPath).err != nil {
				t.Errorf("%s: remembered, or not fine", cache)
			}
		}
	})
}

// The process ends when finish returns.
func TestFinishWaitsForTheMemory(t *testing.T) {
	remembered := false
	done := &target{remember: func() {
		runtime.Gosched()
		remembered = true
	}}
	if err := done.finish(Options{}, func() error { return nil }, (&talk{}).streams()); err != nil || !remembered {
		t.Errorf("%v, remembered: %t", err, remembered)
	}
}

func BenchmarkNothingToDo(b *testing.B) {
	dir := b.TempDir()
	o := Options{Version: "devel", Cache: filepath.Join(dir, "cache"), Output: filepath.Join(dir, "out")}
	path := filepath.Join(dir, "timesheets.yaml")
	text := strings.Replace(readFile(b, example), "generate: {test: true} ", "", 1)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	src, err := ReadSource(path, nil)
	if err != nil {
		b.Fatal(err)
	}
	// The test package imports the client by its path.
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/app\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	if err := Run(b.Context(), []string{path}, o, Streams{Out: io.Discard, Err: io.Discard}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if got := prepare(src, o, openMemory(o.Cache)); got.packages != nil || got.err != nil {
			b.Fatal(got.err)
		}
	}
}
