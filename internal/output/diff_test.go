package output_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/output"
)

// numbered returns n lines, with those at the given places replaced.
func numbered(n int, replaced ...int) []byte {
	var text bytes.Buffer
	for i := range n {
		line := fmt.Sprintf("line %d\n", i)
		for _, r := range replaced {
			if r == i {
				line = fmt.Sprintf("changed %d\n", i)
			}
		}
		text.WriteString(line)
	}
	return text.Bytes()
}

func TestDiffText(t *testing.T) {
	for _, test := range []struct{ name, old, new, want string }{
		{"a change in the middle has three lines of context",
			string(numbered(9)), string(numbered(9, 4)),
			"@@ -2,7 +2,7 @@\n line 1\n line 2\n line 3\n-line 4\n+changed 4\n line 5\n line 6\n line 7\n"},
		{"changes that are far apart have a hunk each",
			string(numbered(12)), string(numbered(12, 0, 11)),
			"@@ -1,4 +1,4 @@\n-line 0\n+changed 0\n line 1\n line 2\n line 3\n@@ -9,4 +9,4 @@\n line 8\n line 9\n line 10\n-line 11\n+changed 11\n"},
		{"changes that are close together share one",
			string(numbered(8)), string(numbered(8, 0, 7)),
			"@@ -1,8 +1,8 @@\n-line 0\n+changed 0\n line 1\n line 2\n line 3\n line 4\n line 5\n line 6\n-line 7\n+changed 7\n"},
		{"a missing line end is told",
			"a\nb", "a\nb\n",
			"@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"},
		{"an emptied file", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			mustApply(t, dir, output.File{Name: "a.txt", Data: []byte(test.old)})
			diff := mustPlan(t, dir, output.File{Name: "a.txt", Data: []byte(test.new)}).Diff()
			want := "diff --git a/a.txt b/a.txt\n--- a/a.txt\n+++ b/a.txt\n" + test.want
			if _, got, _ := strings.Cut(diff, "diff --git a/a.txt"); "diff --git a/a.txt"+got != want {
				t.Errorf("diff:\n%swant:\n%s", diff, want)
			}
		})
	}
	t.Run("nothing to change is no text", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client)
		if got := mustPlan(t, dir, client).Diff(); got != "" {
			t.Errorf("diff:\n%s", got)
		}
	})
}

// The diff is right if git, applying it, makes of the old folder the new one.
func TestGitAppliesTheDiff(t *testing.T) {
	dir, applied := t.TempDir(), t.TempDir()
	old := []output.File{
		client, endpoints,
		{Name: "a.txt", Data: numbered(60)},
		{Name: "b.txt", Data: []byte("no end")},
		{Name: "c.txt", Data: nil},
		{Name: "d.txt", Data: nil},
		{Name: "e.txt", Data: []byte("}\n}\n}\n}\n")},
		{Name: "f.txt", Data: []byte("--- a\n+++ b\n@@ -1 +1 @@\n")},
		{Name: "g.txt", Data: []byte("g\n")},
	}
	mustApply(t, dir, old...)
	write(t, filepath.Join(dir, "mine.go"), "package mine\n")
	if err := os.CopyFS(applied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	plan := mustPlan(t, dir,
		client, changed,
		output.File{Name: "a.txt", Data: numbered(59, 0, 1, 20, 26, 34)},
		output.File{Name: "b.txt", Data: []byte("an end\n")},
		output.File{Name: "d.txt", Data: []byte("no more empty")},
		output.File{Name: "e.txt", Data: []byte("{\n}\n}\n{\n}\n}\n")},
		output.File{Name: "f.txt", Data: []byte("--- b\n+++ b\n@@ -2 +2 @@\n")},
		output.File{Name: "g.txt", Data: nil},
		output.File{Name: "h.txt", Data: nil},
		output.File{Name: "zusätze.txt", Data: []byte("new\n")})
	git := exec.CommandContext(t.Context(), "git", "apply", "-p1", "-")
	git.Dir = applied
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(applied))
	git.Stdin = strings.NewReader(plan.Diff())
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, plan.Diff())
	}
	if err := plan.Apply(); err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{dir, applied} {
		age(t, at)
	}
	want, got := tree(t, dir), tree(t, applied)
	sameTree(t, want, got)
}
