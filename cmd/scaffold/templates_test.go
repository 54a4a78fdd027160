package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/templates"
)

func TestTemplatesAreListed(t *testing.T) {
	got := scaffold(nil, "templates")
	lines := strings.Split(strings.TrimSuffix(got.stdout, "\n"), "\n")
	if got.code != exitFine || got.stderr != "" || len(lines) != len(templates.List())+1 {
		t.Fatalf("%+v", got)
	}
	for i, each := range templates.List() {
		if !strings.HasPrefix(lines[i+1], each.Name+" ") || !strings.HasSuffix(lines[i+1], "  "+each.Data) || len(lines[i+1]) > 110 {
			t.Errorf("%s is listed as %q", each.Name, lines[i+1])
		}
	}
	if !strings.HasSuffix(lines[0], "IS GIVEN (view-model 1)") {
		t.Errorf("the heading is %q", lines[0])
	}
	if code := run([]string{"templates"}, nil, brokenWriter{}, io.Discard); code != exitTrouble {
		t.Errorf("exit code %d where nothing can be printed", code)
	}
}

func TestEject(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	path := filepath.Join(dir, "doc.go.tmpl")
	if got := scaffold(nil, "templates", "eject", "doc.go.tmpl", dir); got.code != exitFine || got.stdout != "" || got.stderr != "wrote "+path+"\n" {
		t.Fatalf("%+v", got)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(text), "{{/* view-model 1 */ -}}\n{{.Comment}}\n") {
		t.Errorf("%q %v", text, err)
	}
	t.Run("nothing is overwritten", func(t *testing.T) {
		writeFile(t, path, "mine")
		got := scaffold(nil, "templates", "eject", "doc.go.tmpl", dir)
		if text, err := os.ReadFile(path); got.code != exitTrouble || !strings.Contains(got.stderr, path+" is there already") || string(text) != "mine" {
			t.Errorf("%+v %q %v", got, text, err)
		}
	})
	t.Run("an unknown name makes no folder", func(t *testing.T) {
		other := filepath.Join(t.TempDir(), "other")
		got := scaffold(nil, "templates", "eject", "docs.go.tmpl", other)
		if _, err := os.Stat(other); err == nil || got.code != exitTrouble || !strings.Contains(got.stderr, `did you mean "doc.go.tmpl"?`) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a folder that cannot be made", func(t *testing.T) {
		if got := scaffold(nil, "templates", "eject", "api.go.tmpl", filepath.Join(path, "below")); got.code != exitTrouble || !strings.Contains(got.stderr, "make the folder") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("the folder has a name of its own", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if got := scaffold(nil, "templates", "eject", "api.go.tmpl"); got.stderr != "wrote "+filepath.Join(ejectedTo, "api.go.tmpl")+"\n" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("names are completed", func(t *testing.T) {
		for args, want := range map[string]string{"": "api.go.tmpl\ndefaults.go.tmpl\n", "api.go.tmpl ": ":16\n", "api.go.tmpl x ": ":4\n"} {
			words := append([]string{"__complete", "templates", "eject"}, strings.Split(args, " ")...)
			if got := scaffold(nil, words...); !strings.HasPrefix(got.stdout, want) {
				t.Errorf("%q: %q", args, got.stdout)
			}
		}
	})
}

// The way of somebody who wants something else in the package: eject, change,
// generate, compile, see it, and take it back.
func TestOverrideFromEjectToTheOriginal(t *testing.T) {
	specPath, dir := copyExample(t)
	mustGenerate(t, specPath)
	original, _ := snapshot(t, dir)
	overrides := filepath.Join(filepath.Dir(specPath), "overrides")
	path := filepath.Join(overrides, "scopes.go.tmpl")
	if got := scaffold(nil, "templates", "eject", "scopes.go.tmpl", overrides); got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	if got := mustGenerate(t, specPath, "--templates", overrides); got.stderr != "" {
		t.Errorf("the ejected template is not the original: %+v", got)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// An import of the template's own, where the manual says that it goes.
	const imports = "{{template \"imports\" .Imports}}\n"
	own := strings.Replace(string(text), imports, imports+"import str \"strings\"\n", 1)
	writeFile(t, path, own+"\n// Scopes returns every scope of the application.\nfunc Scopes() string { return str.Join(declaredScopes(), \" \") }\n")

	if got := scaffold(nil, "generate", specPath, "--templates", overrides, "--check"); got.code != exitWrong || got.stdout == "" {
		t.Errorf("--check says nothing of a changed template: %+v", got)
	}
	mustGenerate(t, specPath, "--templates", overrides)
	module := filepath.Dir(specPath)
	writeFile(t, filepath.Join(module, "go.mod"), "module example.org/app\n\ngo 1.26.0\n")
	writeFile(t, filepath.Join(module, "main.go"), "package main\n\nimport \"example.org/app/timesheets\"\n\nfunc main() { println(len(timesheets.Scopes())) }\n")
	goCommand(t, module, "mod", "tidy")
	goCommand(t, module, "build", "./...")

	changed, times := snapshot(t, dir)
	for name, want := range map[string]string{
		"{{.Nothing}}":    path + ":",
		"{{if":            path + ":",
		"func Broken() {": path + ": the template makes no Go file of package timesheets: expected '}', found 'EOF' in line ",
	} {
		writeFile(t, path, string(text)+name)
		if got := scaffold(nil, "generate", specPath, "--templates", overrides); got.code != exitTrouble || !strings.HasPrefix(got.stderr, "scaffold: "+want) {
			t.Errorf("%s: %+v", name, got)
		}
		assertUntouched(t, dir, changed, times)
	}

	got := mustGenerate(t, specPath)
	if !strings.Contains(got.stderr, filepath.Join(dir, "scopes.go")) {
		t.Errorf("%+v", got)
	}
	restored, _ := snapshot(t, dir)
	for name := range original {
		if restored[name] != original[name] {
			t.Errorf("%s is not the original again", name)
		}
	}
}
