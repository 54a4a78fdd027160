package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// repository makes a git repository with a spec committed twice, in api/, and
// goes there. The second version needs a scope more; the file as it is now
// lacks the endpoint DeleteTimesheet.
func repository(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	first := string(text)
	second := strings.NewReplacer(changeOfSpec...).Replace(first)
	now, _, _ := strings.Cut(second, "  DeleteTimesheet:\n")
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"}, args...)
		if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	if err := os.Mkdir("api", 0o755); err != nil {
		t.Fatal(err)
	}
	git("init", "-q")
	writeFile(t, "api/spec.yaml", first)
	git("add", ".")
	git("commit", "-q", "-m", "first")
	git("tag", "v1.0.0")
	writeFile(t, "api/spec.yaml", second)
	git("commit", "-q", "-a", "-m", "second")
	writeFile(t, "api/spec.yaml", now)
}

func TestDiffReadsRevisions(t *testing.T) {
	const gone, fresh = "the endpoint DeleteTimesheet (DELETE /timesheets/{id}) is gone", "the scope export:timesheets is new"
	tests := []struct {
		name   string
		folder string
		args   []string
		first  string // line of stdout
		has    []string
		hasNot []string
	}{
		{"two revisions", ".", []string{"v1.0.0:api/spec.yaml", "HEAD:api/spec.yaml"}, "v1.0.0:api/spec.yaml -> HEAD:api/spec.yaml", []string{fresh}, []string{gone}},
		{"a revision and the file of now", ".", []string{"HEAD:api/spec.yaml"}, "HEAD:api/spec.yaml -> api/spec.yaml", []string{gone}, []string{fresh}},
		{"from the top of the repository", "api", []string{"HEAD~1:api/spec.yaml"}, "HEAD~1:api/spec.yaml -> ../api/spec.yaml", []string{gone, fresh}, nil},
		{"from the current folder", "api", []string{"HEAD:./spec.yaml"}, "HEAD:./spec.yaml -> ./spec.yaml", []string{gone}, []string{fresh}},
		{"what is staged", ".", []string{":api/spec.yaml", "api/spec.yaml"}, ":api/spec.yaml -> api/spec.yaml", []string{gone}, []string{fresh}},
		{"an older revision as the new one", ".", []string{"api/spec.yaml", "v1.0.0:api/spec.yaml"}, "api/spec.yaml -> v1.0.0:api/spec.yaml", []string{"DeleteTimesheet"}, []string{gone}},
	}
	repository(t)
	top, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(filepath.Join(top, test.folder))
			got := scaffold(nil, append([]string{"diff"}, test.args...)...)
			if got.code != exitFine || got.stderr != "" {
				t.Fatalf("%+v", got)
			}
			if first, _, _ := strings.Cut(got.stdout, "\n"); filepath.ToSlash(first) != test.first {
				t.Errorf("the first line is %q", first)
			}
			for _, want := range test.has {
				if !strings.Contains(got.stdout, want) {
					t.Errorf("%q is not in\n%s", want, got.stdout)
				}
			}
			for _, other := range test.hasNot {
				if strings.Contains(got.stdout, other) {
					t.Errorf("%q is in\n%s", other, got.stdout)
				}
			}
		})
	}
}

func TestDiffReadsFiles(t *testing.T) {
	old, _ := copyExample(t)
	now, _ := copyExample(t, changeOfSpec...)
	text, err := os.ReadFile(now)
	if err != nil {
		t.Fatal(err)
	}
	const fresh = "the scope export:timesheets is new"
	t.Run("a file and standard input", func(t *testing.T) {
		if got := scaffold(strings.NewReader(string(text)), "diff", old, "-"); got.code != exitFine || !strings.Contains(got.stdout, " -> stdin\n") || !strings.Contains(got.stdout, fresh) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a file and scaffold.yaml, unless another is named", func(t *testing.T) {
		t.Chdir(t.TempDir())
		writeFile(t, "scaffold.yaml", string(text))
		if got := scaffold(nil, "diff", old); got.code != exitFine || !strings.Contains(got.stdout, " -> scaffold.yaml\n") || !strings.Contains(got.stdout, fresh) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a file that has a colon in its name is a file", func(t *testing.T) {
		t.Chdir(t.TempDir())
		writeFile(t, "HEAD:new.yaml", string(text))
		if got := scaffold(nil, "diff", old, "HEAD:new.yaml"); got.code != exitFine || !strings.Contains(got.stdout, fresh) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("C:\\x is a file, which may not be there", func(t *testing.T) {
		for _, path := range []string{`C:\no\such.yaml`, "c:/no/such.yaml"} {
			if got := scaffold(nil, "diff", old, path); got.code != exitTrouble || !strings.Contains(got.stderr, "read the spec: open ") {
				t.Errorf("%+v", got)
			}
		}
	})
}

func TestDiffSaysNothingOfNoChange(t *testing.T) {
	spec, _ := copyExample(t)
	other, _ := copyExample(t, "scopes:\n", "# What people are asked for.\nscopes:\n")
	tests := map[string]string{
		"text": "", "markdown": "No change in meaning from `" + spec + "` to `" + other + "`.\n",
		"json": "{\n  \"version\": 1,\n  \"old\": \"" + spec + "\",\n  \"new\": \"" + other + "\",\n  \"changes\": []\n}\n",
	}
	for format, want := range tests {
		t.Run(format, func(t *testing.T) {
			got := scaffold(nil, "diff", spec, other, "--format", format, "--fail-on", "breaking")
			if got != (result{exitFine, want, "no change in meaning\n"}) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestDiffFailsOn(t *testing.T) {
	spec, _ := copyExample(t)
	tests := []struct {
		name   string
		change []string
		fails  string // what of --fail-on fails
	}{
		{"an endpoint that is gone", []string{"  DeleteTimesheet:\n", "  RemoveTimesheet:\n"}, "breaking breaking-code"},
		{"another client", []string{"client_id: q2", "client_id: r2"}, "breaking breaking-sessions breaking-tenant"},
		{"a field that is new", []string{"    note: optional string              #", "    more: string\n    note: optional string #"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			other, _ := copyExample(t, test.change...)
			for _, on := range append(failures, "") {
				want := exitFine
				if on != "" && strings.Contains(test.fails+" ", on+" ") {
					want = exitWrong
				}
				args := []string{"diff", spec, other}
				if on != "" {
					args = append(args, "--fail-on", on)
				}
				got := scaffold(nil, args...)
				if got.code != want || got.stdout == "" || got.stderr != "" {
					t.Errorf("--fail-on %q: %+v", on, got)
				}
			}
		})
	}
}

func TestDiffOfAWrongSpec(t *testing.T) {
	good, _ := copyExample(t)
	bad, _ := copyExample(t, "[read:timesheets] ", "[read:timesheet] ")
	line := ":47:14: unknown scope \"read:timesheet\"; did you mean \"read:timesheets\"?\n   47 |     scopes: [read:timesheet]"
	tests := []struct {
		name     string
		old, now string
		says     []string
	}{
		{"the old one", bad, good, []string{bad + line, "^\n", "the old spec, " + bad + ", is wrong: nothing is compared\n"}},
		{"the new one", good, bad, []string{bad + line, "^\n", "the new spec, " + bad + ", is wrong: nothing is compared\n"}},
		{"both", bad, bad, []string{"the old spec, ", "the new spec, "}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := scaffold(nil, "diff", test.old, test.now)
			if got.code != exitWrong || got.stdout != "" {
				t.Errorf("%+v", got)
			}
			for _, want := range test.says {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("%q is not in\n%s", want, got.stderr)
				}
			}
		})
	}
}

func TestDiffMisuse(t *testing.T) {
	spec, err := filepath.Abs(example)
	if err != nil {
		t.Fatal(err)
	}
	repository(t)
	tests := []struct {
		args []string
		says string
	}{
		{[]string{"-", "-"}, "only one of two specs can come from standard input"},
		{[]string{spec, spec, "--format", "html"}, `--format "html" is not one of text, markdown, json`},
		{[]string{spec, spec, "--fail-on", ""}, `--fail-on "" is not one of breaking, `},
		{[]string{spec, spec, "--fail-on", "any"}, `--fail-on "any" is not one of breaking, breaking-code, breaking-sessions, breaking-tenant`},
		{[]string{"v1.0.0", spec}, "(a spec in git is written REV:path, like HEAD:scaffold.yaml)"},
		{[]string{"v2.0.0:api/spec.yaml", spec}, "read the spec v2.0.0:api/spec.yaml from git: invalid object name 'v2.0.0'\n"},
		{[]string{"HEAD:none.yaml", spec}, "read the spec HEAD:none.yaml from git: path 'none.yaml' does not exist in 'HEAD'\n"},
		{[]string{"HEAD:api", spec}, "read the spec HEAD:api from git: it is no file, but a folder or the like\n"},
		{[]string{spec}, "there is no scaffold.yaml to compare " + spec + " with: name NEW, too\n"},
		{[]string{"HEAD:"}, "HEAD: names no file: a spec in git is written REV:path, like HEAD:scaffold.yaml, with the path from the top of the repository, or HEAD:./scaffold.yaml from this folder\n"},
		{[]string{spec, ":"}, ": names no file: a spec in git is written REV:path"},
		{[]string{spec, "--", "--upload-pack=x:y"}, "read the spec: open --upload-pack=x:y"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			got := scaffold(nil, append([]string{"diff"}, test.args...)...)
			if got.code != exitTrouble || got.stdout != "" || !strings.HasPrefix(got.stderr, "scaffold: ") || !strings.Contains(got.stderr, test.says) {
				t.Errorf("%+v, want %q", got, test.says)
			}
		})
	}
	t.Run("a path that is not from the top of the repository", func(t *testing.T) {
		t.Chdir("api")
		got := scaffold(nil, "diff", "HEAD:spec.yaml", spec)
		if got.code != exitTrouble || !strings.HasSuffix(got.stderr, "path 'spec.yaml' does not exist in 'HEAD'; did you mean \"HEAD:./spec.yaml\"?\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("outside of a repository", func(t *testing.T) {
		t.Chdir(t.TempDir())
		t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(t.TempDir()))
		if got := scaffold(nil, "diff", "HEAD:scaffold.yaml"); got.code != exitTrouble || !strings.Contains(got.stderr, "not a git repository") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("without git", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if got := scaffold(nil, "diff", "HEAD:api/spec.yaml"); got.code != exitTrouble || !strings.Contains(got.stderr, "the program git is not in PATH\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("git is asked to speak English", func(t *testing.T) {
		bin := t.TempDir()
		if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\necho \"fatal: $LC_ALL.\" >&2\nexit 128\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		t.Setenv("PATH", bin)
		t.Setenv("LC_ALL", "de_DE.UTF-8")
		if got := scaffold(nil, "diff", "HEAD:a.yaml", spec); got.stderr != "scaffold: read the spec HEAD:a.yaml from git: C\n" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a terminal that cannot be written to is trouble", func(t *testing.T) {
		for _, args := range [][]string{{"diff", "HEAD:api/spec.yaml"}, {"diff", spec, spec}} {
			if code := run(args, nil, brokenWriter{}, brokenWriter{}); code != exitTrouble {
				t.Errorf("%q: exit code %d", args, code)
			}
		}
	})
}

func TestDiffAsJSON(t *testing.T) {
	old, _ := copyExample(t)
	now, _ := copyExample(t, "approve:timesheets", "approve:entries")
	got := scaffold(nil, "diff", old, now, "--format", "json")
	var report struct {
		Version int
		Changes []struct {
			Kind, Old, New string
			Endpoints      []string
			Sessions       struct{ Breaking bool }
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &report); err != nil {
		t.Fatalf("%v in %s", err, got.stdout)
	}
	if report.Version != 1 || len(report.Changes) != 1 || report.Changes[0].Kind != "scope-renamed" || !report.Changes[0].Sessions.Breaking ||
		len(report.Changes[0].Endpoints) != 1 || report.Changes[0].Endpoints[0] != "ApproveTimesheet" {
		t.Errorf("%+v", report)
	}
}
