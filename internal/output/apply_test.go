package output_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/output"
)

func TestApply(t *testing.T) {
	t.Run("makes missing folders and writes the bytes, and nothing else", func(t *testing.T) {
		base := t.TempDir()
		dir := filepath.Join(base, "a", "b")
		mustApply(t, dir, client, endpoints)
		got := tree(t, base)
		if len(got) != 6 {
			t.Errorf("the tree has %d entries, want 6: %v", len(got), got)
		}
		for _, f := range []output.File{client, endpoints} {
			if text := read(t, filepath.Join(dir, f.Name)); text != string(f.Data) {
				t.Errorf("%s: %q", f.Name, text)
			}
			if !strings.HasPrefix(got[filepath.Join("a", "b", f.Name)], "-rw-r--r-- ") {
				t.Errorf("%s: mode %.10s", f.Name, got[filepath.Join("a", "b", f.Name)])
			}
		}
		if got["a"] != "drwxr-xr-x" {
			t.Errorf("folder: mode %s", got["a"])
		}
	})
	t.Run("leaves unchanged files and the manifest alone, also when only VERSION is new", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		age(t, dir)
		before := tree(t, dir)
		mustApply(t, dir, file("client.go", "v2.0.0", "package timesheets\n"), endpoints)
		sameTree(t, before, tree(t, dir))
	})
	t.Run("writes what changed and no other file", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		age(t, dir)
		before := tree(t, dir)
		mustApply(t, dir, client, changed)
		after := tree(t, dir)
		if after["client.go"] != before["client.go"] || after["endpoints.go"] == before["endpoints.go"] || len(after) != len(before) {
			t.Errorf("before: %v\nafter: %v", before, after)
		}
		if got := list(mustPlan(t, dir, client, changed)); got != "" {
			t.Errorf("changes after Apply: %s", got)
		}
	})
	t.Run("does not write the manifest when a deleted file comes back", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		age(t, dir)
		before := tree(t, dir)
		if err := os.Remove(filepath.Join(dir, "client.go")); err != nil {
			t.Fatal(err)
		}
		mustApply(t, dir, client, endpoints)
		if after := tree(t, dir); after[manifestName] != before[manifestName] || after["client.go"] == "" {
			t.Errorf("before: %v\nafter: %v", before, after)
		}
	})
	t.Run("prunes what is no longer rendered and keeps the user's files", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		write(t, filepath.Join(dir, "mine.go"), "package mine\n")
		mustApply(t, dir, client)
		after := tree(t, dir)
		if _, there := after["endpoints.go"]; there || after["mine.go"] == "" || len(after) != 4 {
			t.Errorf("after: %v", after)
		}
	})
	t.Run("an adopted file is ours from then on", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "endpoints.go"), string(endpoints.Data))
		mustApply(t, dir, client, endpoints)
		mustApply(t, dir, client, changed)
		if got := read(t, filepath.Join(dir, "endpoints.go")); got != string(changed.Data) {
			t.Errorf("endpoints.go: %q", got)
		}
	})
	t.Run("makes no folder for nothing", func(t *testing.T) {
		base := t.TempDir()
		mustApply(t, filepath.Join(base, "out"))
		if got := tree(t, base); len(got) != 1 {
			t.Errorf("after: %v", got)
		}
	})
	t.Run("empty files are written, updated and pruned", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, output.File{Name: "a.txt"}, output.File{Name: "b.txt", Data: []byte("b\n")})
		mustApply(t, dir, output.File{Name: "b.txt"})
		if got := tree(t, dir); len(got) != 3 || read(t, filepath.Join(dir, "b.txt")) != "" {
			t.Errorf("after: %v", got)
		}
	})
}

func TestApplyChecksAgain(t *testing.T) {
	for name, test := range map[string]struct {
		file   string
		change func(dir string) error
	}{
		"a file was edited":            {"endpoints.go", func(dir string) error { return os.WriteFile(filepath.Join(dir, "endpoints.go"), nil, 0o644) }},
		"an unchanged file was edited": {"client.go", func(dir string) error { return os.WriteFile(filepath.Join(dir, "client.go"), nil, 0o644) }},
		"a file's mode was changed":    {"endpoints.go", func(dir string) error { return os.Chmod(filepath.Join(dir, "endpoints.go"), 0o600) }},
		"a file was deleted":           {"endpoints.go", func(dir string) error { return os.Remove(filepath.Join(dir, "endpoints.go")) }},
		"a file appeared":              {"new.go", func(dir string) error { return os.WriteFile(filepath.Join(dir, "new.go"), nil, 0o644) }},
		"a link appeared":              {"new.go", func(dir string) error { return os.Symlink("client.go", filepath.Join(dir, "new.go")) }},
		"the manifest was deleted":     {manifestName, func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }},
	} {
		t.Run(name+" since planning: refused", func(t *testing.T) {
			dir := t.TempDir()
			mustApply(t, dir, client, endpoints)
			plan := mustPlan(t, dir, client, changed, file("new.go", "v1", "x"))
			if err := test.change(dir); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			err := plan.Apply()
			refused, ok := errors.AsType[*output.RefusedError](err)
			if !ok || len(refused.Files) != 1 || refused.Files[0].Name != test.file || err.Error() != refused.Error() {
				t.Errorf("Apply: %v", err)
			}
			sameTree(t, before, tree(t, dir))
		})
	}
	t.Run("the folder appeared, with a file of a rendered name: refused", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "out")
		plan := mustPlan(t, dir, client)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, "client.go"), "package mine\n")
		err := plan.Apply()
		if _, ok := errors.AsType[*output.RefusedError](err); !ok {
			t.Errorf("Apply: %v", err)
		}
		if got := read(t, filepath.Join(dir, "client.go")); got != "package mine\n" {
			t.Errorf("client.go: %q", got)
		}
	})
	t.Run("a file now stands where a folder was to be made: an error", func(t *testing.T) {
		base := t.TempDir()
		plan := mustPlan(t, filepath.Join(base, "a", "b"), client)
		write(t, filepath.Join(base, "a"), "mine\n")
		if err := plan.Apply(); err == nil || !strings.Contains(err.Error(), "as it was") {
			t.Errorf("Apply: %v", err)
		}
		if got := read(t, filepath.Join(base, "a")); got != "mine\n" {
			t.Errorf("a: %q", got)
		}
	})
}
