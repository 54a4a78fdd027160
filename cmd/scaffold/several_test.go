package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// smallSpec is a spec of a package that signs people in and no more.
func smallSpec(pkg string) string {
	return "version: 1\npackage: " + pkg + `
tenant:
  domain: exampleco.eu.auth0.com
  client_id: q2hnj2iuPZ4XnV1sYhY0T6mK9wLrB3Dc
  callbacks: [http://127.0.0.1:8484/callback]
audience: https://api.exampleco.com/` + pkg + `
scopes:
  openid:
  profile:
  offline_access:
`
}

// memoryDir returns an empty folder, in memory where Linux has that: these tests
// sync thousands of files.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "scaffold-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// writeTree writes files below a new folder, after making their folders.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := memoryDir(t)
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, text)
	}
	return dir
}

func TestSeveralSpecs(t *testing.T) {
	start := func(t *testing.T) {
		t.Chdir(writeTree(t, map[string]string{"a/scaffold.yaml": smallSpec("a"), "b.yaml": smallSpec("b"), "c/c.scaffold.yaml": smallSpec("c")}))
	}
	args := []string{"generate", "c", "b.yaml", "a/..."}
	t.Run("are all written, told in the order of the arguments, with a summary", func(t *testing.T) {
		start(t)
		got := scaffold(nil, args...)
		first, second, third := strings.Index(got.stderr, "create c/c/app.go"), strings.Index(got.stderr, "create b/app.go"), strings.Index(got.stderr, "create a/a/app.go")
		if got.code != exitFine || got.stdout != "" || first < 0 || second < first || third < second {
			t.Errorf("%+v", got)
		}
		if !strings.Contains(got.stderr, "\n3 specs: 3 written (") {
			t.Errorf("no summary in\n%s", got.stderr)
		}
		for _, cached := range []string{"", "off"} {
			if cached != "" {
				t.Setenv("SCAFFOLD_CACHE", cached)
			}
			if got := scaffold(nil, args...); got != (result{stderr: "3 specs: 3 up to date\n"}) {
				t.Errorf("again: %+v", got)
			}
		}
	})
	t.Run("one that is wrong does not stop the others, and all errors are shown: exit 1", func(t *testing.T) {
		start(t)
		writeFile(t, "b.yaml", strings.Replace(smallSpec("b"), "package: b", "package: func", 1))
		writeFile(t, "a/scaffold.yaml", smallSpec("a")+"  profil\n")
		got := scaffold(nil, args...)
		if got.code != exitWrong || !strings.Contains(got.stderr, "b.yaml:2:10: ") || !strings.Contains(got.stderr, "a/scaffold.yaml:") ||
			!strings.Contains(got.stderr, "3 specs: 1 written (") || !strings.HasSuffix(got.stderr, ", 2 wrong\n") {
			t.Errorf("%+v", got)
		}
		if _, err := os.Stat("c/c/app.go"); err != nil {
			t.Error(err)
		}
	})
	t.Run("trouble with one neither: exit 2", func(t *testing.T) {
		start(t)
		mustGenerate(t, args[1:]...)
		appendTo(t, "b/app.go", "// mine\n")
		writeFile(t, "c/c.scaffold.yaml", smallSpec("func"))
		got := scaffold(nil, append(args, "gone.yaml")...)
		if got.code != exitTrouble || !strings.Contains(got.stderr, "+// mine\n") || !strings.Contains(got.stderr, "scaffold: b.yaml: output folder b: ") ||
			!strings.Contains(got.stderr, "scaffold: gone.yaml: read the spec") || !strings.HasSuffix(got.stderr, "4 specs: 1 up to date, 1 wrong, 2 failed\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("--check looks at all, and tells which is out of date", func(t *testing.T) {
		start(t)
		mustGenerate(t, args[1:]...)
		writeFile(t, "b.yaml", strings.Replace(smallSpec("b"), "8484", "8585", 1))
		appendTo(t, "a/a/app.go", "// mine\n")
		got := scaffold(nil, append(args, "--check")...)
		if got.code != exitWrong || got.stdout != "update b/.scaffold.json\nupdate b/defaults.go\nupdate a/a/app.go\n" ||
			!strings.Contains(got.stderr, "b is out of date") || !strings.HasSuffix(got.stderr, "3 specs: 1 up to date, 2 out of date (3 files)\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("two that write to one folder are refused before anything is written", func(t *testing.T) {
		start(t)
		writeFile(t, "c/c.scaffold.yaml", strings.Replace(smallSpec("b"), "package: b", "package: b\noutput: ../c/../B", 1))
		got := scaffold(nil, args...)
		if got.code != exitTrouble || !strings.Contains(got.stderr, "c.scaffold.yaml and b.yaml both write to ") {
			t.Errorf("%+v", got)
		}
		for _, dir := range []string{"a/a", "b", "B"} {
			if _, err := os.Stat(dir); err == nil {
				t.Errorf("%s was written", dir)
			}
		}
	})
	for flag, says := range map[string]string{"--output=x": "--output is one folder", "--stdout": "--stdout prints one package"} {
		t.Run(flag+" is for one spec", func(t *testing.T) {
			start(t)
			if got := scaffold(nil, append(args, flag)...); got.code != exitTrouble || !strings.Contains(got.stderr, says) {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("standard input is for one", func(t *testing.T) {
		start(t)
		if got := scaffold(strings.NewReader(""), "generate", "b.yaml", "-"); got.code != exitTrouble || !strings.Contains(got.stderr, "standard input") {
			t.Errorf("%+v", got)
		}
	})
}
