package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What generate says where there is little else to see, to the letter.
func TestGenerateSays(t *testing.T) {
	start := func(t *testing.T) {
		t.Chdir(writeTree(t, map[string]string{"a/scaffold.yaml": smallSpec("a"), "b/c/scaffold.yaml": smallSpec("c")}))
		mustGenerate(t, "a")
	}
	for _, test := range []struct {
		name string
		args []string
		want result
	}{
		{"a spec that is not there", []string{"nope.yaml"}, result{exitTrouble, "", "scaffold: read the spec: open nope.yaml: no such file or directory\n"}},
		{"one of several that is not there, named once", []string{"a", "nope.yaml"},
			result{exitTrouble, "", "scaffold: nope.yaml: read the spec: no such file or directory\n2 specs: 1 up to date, 1 failed\n"}},
		{"a folder that is not there", []string{"nope/..."}, result{exitTrouble, "", "scaffold: look for specs in nope: no such file or directory\n"}},
		{"a folder with specs below", []string{"b"},
			result{exitTrouble, "", "scaffold: b holds no spec: no scaffold.yaml and no *.scaffold.yaml; folders below it do: did you mean b/...?\n"}},
		{"two specs with one output", []string{"a", "b/...", "--output=x"}, result{exitTrouble, "", "scaffold: --output is one folder, and there are 2 specs: set output in each of them\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			start(t)
			if got := scaffold(nil, append([]string{"generate"}, test.args...)...); got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
	t.Run("out of date", func(t *testing.T) {
		start(t)
		writeFile(t, "a/scaffold.yaml", strings.Replace(smallSpec("a"), "8484", "8585", 1))
		want := result{exitWrong, "update a/a/.scaffold.json\nupdate a/a/defaults.go\n", "a/a is out of date: the same command without --check brings it up to date\n"}
		if got := scaffold(nil, "generate", "a/scaffold.yaml", "--check"); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	})
	const remedy = "  scopes.go was edited by hand: move your changes to a file of another name and delete this one, restore it from version control, or overwrite it with --force"
	t.Run("edited by hand", func(t *testing.T) {
		start(t)
		appendTo(t, "a/a/scopes.go", "\nvar mine int\n")
		want := "scaffold: output folder a/a: nothing was written, because scaffold leaves alone what is not its own:\n" + remedy + "; then run again\n"
		if got := scaffold(nil, "generate", "a/scaffold.yaml"); got.code != exitTrouble || !strings.HasSuffix(got.stderr, "+var mine int\n"+want) {
			t.Errorf("%+v, want %s", got, want)
		}
	})
	t.Run("edited by hand, for who wants nothing written", func(t *testing.T) {
		start(t)
		appendTo(t, "a/a/scopes.go", "\nvar mine int\n")
		want := "output folder a/a: it holds what scaffold would not overwrite:\n" + remedy + "\na/a is out of date\n"
		if got := scaffold(nil, "generate", "a/scaffold.yaml", "--check"); got.code != exitWrong || got.stdout != "update a/a/scopes.go\n" || !strings.HasSuffix(got.stderr, "+var mine int\n"+want) {
			t.Errorf("%+v, want %s", got, want)
		}
	})
}

func TestCacheFolder(t *testing.T) {
	t.Chdir(writeTree(t, map[string]string{"scaffold.yaml": smallSpec("a")}))
	cache := filepath.Join(t.TempDir(), "new")
	for _, test := range []struct {
		value, says string
	}{{"off", ""}, {"OFF", ""}, {cache, ""}, {"cache", `SCAFFOLD_CACHE is "cache": it takes an absolute path, or off`}, {"0", `SCAFFOLD_CACHE is "0": it takes an absolute path, or off`}} {
		t.Run(test.value, func(t *testing.T) {
			t.Setenv("SCAFFOLD_CACHE", test.value)
			if got := scaffold(nil, "generate"); test.says == "" && got.code != exitFine || test.says != "" && (got.code != exitTrouble || got.stderr != "scaffold: "+test.says+"\n") {
				t.Errorf("%+v", got)
			}
			entries, err := os.ReadDir(".")
			if err != nil || len(entries) > 2 {
				t.Errorf("the folder holds %v, %v", entries, err)
			}
		})
	}
	if entries, err := os.ReadDir(cache); err != nil || len(entries) != 1 {
		t.Errorf("%d are remembered, %v", len(entries), err)
	}
	t.Run("by default it is the user's", func(t *testing.T) {
		t.Setenv("HOME", cache)
		t.Setenv("XDG_CACHE_HOME", "")
		user, err := os.UserCacheDir()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := cacheFolder(""); err != nil || got != filepath.Join(user, "scaffold") {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("where there is none, nothing is remembered", func(t *testing.T) {
		for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData", "home"} {
			t.Setenv(name, "")
		}
		if got, err := cacheFolder(""); err != nil || got != "" {
			t.Errorf("%q, %v", got, err)
		}
	})
}
