package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, path, string(old)+text)
}

func TestHandEdit(t *testing.T) {
	const edit = "\nfunc mine() {}\n"
	start := func(t *testing.T) (specPath, dir string) {
		specPath, dir = copyExample(t)
		mustGenerate(t, specPath)
		appendTo(t, filepath.Join(dir, "scopes.go"), edit)
		return specPath, dir
	}
	t.Run("is refused, shown, and kept", func(t *testing.T) {
		specPath, dir := start(t)
		texts, times := snapshot(t, dir)
		got := scaffold(nil, "generate", specPath)
		for _, want := range []string{"+++ b/scopes.go\n", "\n+func mine() {}\n", "scopes.go was edited by hand", "--force"} {
			if !strings.Contains(got.stderr, want) {
				t.Errorf("%q is not in\n%s", want, got.stderr)
			}
		}
		if got.code != exitTrouble || got.stdout != "" || strings.Contains(got.stderr, "\n-\t") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, texts, times)
	})
	t.Run("is what --check finds, with what else is out of date: exit 1", func(t *testing.T) {
		specPath, dir := start(t)
		if err := os.Remove(filepath.Join(dir, "app.go")); err != nil {
			t.Fatal(err)
		}
		texts, times := snapshot(t, dir)
		got := scaffold(nil, "generate", specPath, "--check")
		want := "create " + filepath.Join(dir, "app.go") + "\nupdate " + filepath.Join(dir, "scopes.go") + "\n"
		if got.code != exitWrong || got.stdout != want || !strings.Contains(got.stderr, "+func mine() {}\n") || !strings.Contains(got.stderr, "edited by hand") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, texts, times)
	})
	t.Run("a long one is shown in part", func(t *testing.T) {
		specPath, dir := start(t)
		appendTo(t, filepath.Join(dir, "scopes.go"), strings.Repeat("// more\n", 500))
		got := scaffold(nil, "generate", specPath)
		if lines := strings.Count(got.stderr, "\n"); lines > 140 || !strings.Contains(got.stderr, " more lines of scopes.go\n") {
			t.Errorf("%d lines:\n%s", lines, got.stderr)
		}
	})
	t.Run("--force --diff shows what would be lost, and writes nothing", func(t *testing.T) {
		specPath, dir := start(t)
		texts, times := snapshot(t, dir)
		if got := scaffold(nil, "generate", specPath, "--force", "--diff"); got.code != exitFine || !strings.Contains(got.stdout, "\n-func mine() {}\n") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, texts, times)
	})
	t.Run("--force overwrites it, and touches nothing else", func(t *testing.T) {
		specPath, dir := start(t)
		writeFile(t, filepath.Join(dir, "mine.go"), "package timesheets\n")
		texts, times := snapshot(t, dir)
		mustGenerate(t, specPath, "--force")
		now, nowTimes := snapshot(t, dir)
		if now["scopes.go"]+edit != texts["scopes.go"] {
			t.Errorf("scopes.go holds %q", now["scopes.go"])
		}
		for name := range texts {
			if name != "scopes.go" && (now[name] != texts[name] || !nowTimes[name].Equal(times[name])) {
				t.Errorf("%s was touched", name)
			}
		}
	})
	t.Run("--force leaves somebody else's file alone, and then all others too", func(t *testing.T) {
		specPath, dir := copyExample(t)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "app.go"), "package mine\n")
		texts, times := snapshot(t, dir)
		if got := scaffold(nil, "generate", specPath, "--force"); got.code != exitTrouble || !strings.Contains(got.stderr, "app.go was not written by scaffold") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, texts, times)
	})
}
