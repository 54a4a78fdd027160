package output_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/output"
)

var (
	client    = file("client.go", "v1.0.0", "package timesheets\n")
	endpoints = file("endpoints.go", "v1.0.0", "package timesheets\n\nvar Endpoints = 2\n")
	changed   = file("endpoints.go", "v1.0.0", "package timesheets\n\nvar Endpoints = 3\n")
)

func TestPlanLists(t *testing.T) {
	t.Run("files of a new folder are created, and nothing is written by planning", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "a", "b")
		plan := mustPlan(t, dir, endpoints, client)
		if got, want := list(plan), "create .scaffold.json, create client.go, create endpoints.go"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
		if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("planning made the folder: %v", err)
		}
	})
	t.Run("an up-to-date folder has no changes", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		if got := list(mustPlan(t, dir, endpoints, client)); got != "" {
			t.Errorf("changes: %s", got)
		}
	})
	t.Run("a changed file is updated, with both texts", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		plan := mustPlan(t, dir, client, changed)
		if got, want := list(plan), "update .scaffold.json, update endpoints.go"; got != want {
			t.Fatalf("changes: %s, want %s", got, want)
		}
		c := plan.Changes()[1]
		if string(c.Old) != string(endpoints.Data) || string(c.New) != string(changed.Data) {
			t.Errorf("change: %q to %q", c.Old, c.New)
		}
	})
	t.Run("a file that is no longer rendered is deleted", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		if got, want := list(mustPlan(t, dir, client)), "update .scaffold.json, delete endpoints.go"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
	t.Run("nothing rendered deletes all that is ours, and the manifest", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client)
		write(t, filepath.Join(dir, "mine.go"), "package timesheets\n")
		mustApply(t, dir)
		if got := tree(t, dir); len(got) != 2 || got["mine.go"] == "" {
			t.Errorf("left: %v", got)
		}
		if got := list(mustPlan(t, dir)); got != "" {
			t.Errorf("changes after that: %s", got)
		}
	})
	t.Run("a file deleted by hand is created again, the manifest stays", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		if err := os.Remove(filepath.Join(dir, "client.go")); err != nil {
			t.Fatal(err)
		}
		if got, want := list(mustPlan(t, dir, client, endpoints)), "create client.go"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
	t.Run("a stale file deleted by hand is only struck off the manifest", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		if err := os.Remove(filepath.Join(dir, "endpoints.go")); err != nil {
			t.Fatal(err)
		}
		if got, want := list(mustPlan(t, dir, client)), "update .scaffold.json"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
	t.Run("files of other names are not ours to list", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "mine.go"), "package timesheets\n")
		if got, want := list(mustPlan(t, dir, client)), "create .scaffold.json, create client.go"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
}

func TestVersionIsNoDrift(t *testing.T) {
	newer := file("client.go", "v2.0.0-rc.1+dirty", "package timesheets\n")
	t.Run("another VERSION in the header is no change", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client)
		if got := list(mustPlan(t, dir, newer)); got != "" {
			t.Errorf("changes: %s", got)
		}
	})
	t.Run("a change of text after one of VERSION is an update, not an edit by hand", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client)
		write(t, filepath.Join(dir, "client.go"), string(newer.Data))
		mustApply(t, dir, file("client.go", "v3.0.0", "package other\n"))
	})
	t.Run("an unlisted file is adopted when only VERSION differs", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "client.go"), string(newer.Data))
		if got, want := list(mustPlan(t, dir, client)), "create .scaffold.json"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
	t.Run("git's CR LF line ends are no change and no edit", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		for _, name := range []string{"client.go", "endpoints.go", manifestName} {
			path := filepath.Join(dir, name)
			write(t, path, strings.ReplaceAll(read(t, path), "\n", "\r\n"))
		}
		if got := list(mustPlan(t, dir, newer, endpoints)); got != "" {
			t.Errorf("changes: %s", got)
		}
		if got, want := list(mustPlan(t, dir, client, changed)), "update .scaffold.json, update endpoints.go"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
	const body = "package timesheets\n"
	for name, header := range map[string]string{
		"another source file is drift":         "// Code generated by scaffold v1.0.0 from other.yaml. DO NOT EDIT.\n\n",
		"another generator is drift":           "// Code generated by scaffolder v1.0.0 from timesheets.yaml. DO NOT EDIT.\n\n",
		"no version is drift":                  "// Code generated by scaffold  from timesheets.yaml. DO NOT EDIT.\n\n",
		"a version with a space is drift":      "// Code generated by scaffold v1 beta from timesheets.yaml. DO NOT EDIT.\n\n",
		"a header without its end is drift":    "// Code generated by scaffold v2.0.0 from timesheets.yaml.\n\n",
		"a header below line one is no header": "\n// Code generated by scaffold v2.0.0 from timesheets.yaml. DO NOT EDIT.\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			mustApply(t, dir, client)
			if got := list(mustPlan(t, dir, output.File{Name: "client.go", Data: []byte(header + body)})); !strings.Contains(got, "update client.go") {
				t.Errorf("changes: %q", got)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	type change func(t *testing.T, dir string)
	edit := func(name, text string) change {
		return func(t *testing.T, dir string) { write(t, filepath.Join(dir, name), text) }
	}
	replace := func(make func(path string) error) change {
		return func(t *testing.T, dir string) {
			path := filepath.Join(dir, "endpoints.go")
			if err := errors.Join(os.Remove(path), make(path)); err != nil {
				t.Fatal(err)
			}
		}
	}
	elsewhere := filepath.Join(t.TempDir(), "elsewhere.go")
	write(t, elsewhere, string(endpoints.Data))
	link := replace(func(path string) error { return os.Symlink(elsewhere, path) })
	folder := replace(func(path string) error { return os.Mkdir(path, 0o755) })
	render := []output.File{client, changed}
	for _, test := range []struct {
		name   string
		change change
		render []output.File
		file   string
		reason string
	}{
		{"an edited file", edit("endpoints.go", "package mine\n"), render, "endpoints.go", "was edited by hand"},
		{"an edited file, though its new text is the old", edit("endpoints.go", "package mine\n"), []output.File{client, endpoints}, "endpoints.go", "was edited by hand"},
		{"a file that has lost all but a line end", edit("endpoints.go", "\n"), render, "endpoints.go", "was edited by hand"},
		{"an edited file that is no longer rendered", edit("endpoints.go", "package mine\n"), []output.File{client}, "endpoints.go", "no longer generated"},
		{"a file that is not ours", edit("new.go", "package mine\n"), []output.File{client, endpoints, file("new.go", "v1", "x")}, "new.go", "not written by scaffold"},
		{"a generated file that the manifest lacks", edit("new.go", string(file("new.go", "v1", "y").Data)), []output.File{client, endpoints, file("new.go", "v1", "x")}, "new.go", "not listed"},
		{"a symbolic link, though its target is as it should be", link, []output.File{client, endpoints}, "endpoints.go", "symbolic link"},
		{"a symbolic link in place of a stale file", link, []output.File{client}, "endpoints.go", "symbolic link"},
		{"a folder in place of a file", folder, render, "endpoints.go", "is a folder"},
		{"a folder in place of a stale file", folder, []output.File{client}, "endpoints.go", "is a folder"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			mustApply(t, dir, client, endpoints)
			test.change(t, dir)
			got := refusals(t, dir, test.render...)
			if len(got) != 1 || !strings.Contains(got[test.file].Reason, test.reason) {
				t.Errorf("refused: %v", got)
			}
		})
	}
	t.Run("all at once, sorted", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		edit("client.go", "package mine\n")(t, dir)
		folder(t, dir)
		edit("new.go", "package mine\n")(t, dir)
		_, err := output.NewPlan(dir, []output.File{file("new.go", "v1", "x"), client, changed})
		refused, ok := errors.AsType[*output.RefusedError](err)
		if !ok || refused.Dir != dir {
			t.Fatalf("NewPlan: %v", err)
		}
		var names []string
		for _, r := range refused.Files {
			names = append(names, r.Name)
		}
		if got := fmt.Sprint(names); got != "[client.go endpoints.go new.go]" {
			t.Errorf("refused: %s", got)
		}
	})
	t.Run("but an edited file that has become what would be written is fine", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client, endpoints)
		edit("endpoints.go", string(changed.Data))(t, dir)
		if got, want := list(mustPlan(t, dir, render...)), "update .scaffold.json"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
	t.Run("a stale name that is the same file as a rendered one, as where case is ignored", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, file("Client.go", "v1.0.0", "package timesheets\n"))
		if err := os.Link(filepath.Join(dir, "Client.go"), filepath.Join(dir, "client.go")); err != nil {
			t.Fatal(err)
		}
		if got := refusals(t, dir, client); len(got) != 1 || !strings.Contains(got["client.go"].Reason, "same file as Client.go") {
			t.Errorf("refused: %v", got)
		}
	})
	t.Run("but two files whose names differ by case are two files where case counts", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, file("Client.go", "v1.0.0", "package timesheets\n"))
		if _, err := os.Stat(filepath.Join(dir, "client.go")); err == nil {
			return // case is ignored here: the test before this one holds
		}
		if got, want := list(mustPlan(t, dir, client)), "update .scaffold.json, delete Client.go, create client.go"; got != want {
			t.Errorf("changes: %s, want %s", got, want)
		}
	})
}

func TestNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "a/b.go", `a\b.go`, "../a.go", "/a.go", "a\x00.go", "a\n.go", "c:a.go", "a.go.", "a b.go", `"a".go`,
		".scaffold.json", ".SCAFFOLD.JSON", ".scaffold-x.tmp"} {
		t.Run(fmt.Sprintf("%q is refused", name), func(t *testing.T) {
			_, err := output.NewPlan(t.TempDir(), []output.File{{Name: name}})
			if err == nil {
				t.Error("no error")
			}
			if _, refused := errors.AsType[*output.RefusedError](err); refused {
				t.Errorf("the folder is blamed: %v", err)
			}
		})
	}
	t.Run("names that differ by case, and equal names, are refused, all at once", func(t *testing.T) {
		_, err := output.NewPlan(t.TempDir(), []output.File{{Name: "a.go"}, {Name: "A.go"}, {Name: "b.go"}, {Name: "b.go"}})
		if err == nil || !strings.Contains(err.Error(), `"a.go" and "A.go" differ only by case`) || !strings.Contains(err.Error(), `"b.go" is rendered twice`) {
			t.Errorf("NewPlan: %v", err)
		}
	})
	t.Run("usual names are fine", func(t *testing.T) {
		mustApply(t, t.TempDir(), output.File{Name: "example_test.go"}, output.File{Name: ".gitattributes"}, output.File{Name: "zusätze-2.go"})
	})
}

func TestFolder(t *testing.T) {
	t.Run("a link to a folder is followed", func(t *testing.T) {
		real := t.TempDir()
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(real, link); err != nil {
			t.Fatal(err)
		}
		mustApply(t, link, client)
		if got := read(t, filepath.Join(real, "client.go")); got != string(client.Data) {
			t.Errorf("client.go: %q", got)
		}
	})
	path := filepath.Join(t.TempDir(), "file")
	write(t, path, "mine\n")
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	if err := os.Symlink(filepath.Join(t.TempDir(), "gone"), nowhere); err != nil {
		t.Fatal(err)
	}
	for name, dir := range map[string]string{
		"a file": path, "below a file": filepath.Join(path, "a", "b"), "a link to nothing": nowhere, "no name": "",
	} {
		t.Run(name+" is trouble", func(t *testing.T) {
			_, err := output.NewPlan(dir, []output.File{client})
			if err == nil {
				t.Fatal("no error")
			}
			if _, refused := errors.AsType[*output.RefusedError](err); refused || !strings.Contains(err.Error(), dir) {
				t.Errorf("error: %v", err)
			}
		})
	}
}
