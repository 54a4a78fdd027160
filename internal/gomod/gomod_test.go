package gomod_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/gomod"
)

func TestImportPath(t *testing.T) {
	root := t.TempDir()
	for path, text := range map[string]string{
		"app/go.mod":          "module example.org/app // the application\n\ngo 1.26.0\n",
		"app/nested/go.mod":   "module \"example.org/nested/v2\"\n",
		"app/folder/go.mod/x": "",
		"broken/go.mod":       "modul example.org/app\n",
	} {
		file := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ name, dir, want, wrong string }{
		{"the module's own folder", "app", "example.org/app", ""},
		{"a folder below that is not there", "app/internal/notes", "example.org/app/internal/notes", ""},
		{"the nearest go.mod counts", "app/nested/notes", "example.org/nested/v2/notes", ""},
		{"a folder called go.mod does not", "app/folder/notes", "example.org/app/folder/notes", ""},
		{"a go.mod without a module", "broken/notes", "", "names no module"},
		{"a folder that no import can name", "app/my notes", "", "no Go code can import"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := gomod.ImportPath(filepath.Join(root, filepath.FromSlash(test.dir)))
			if got != test.want || (err != nil) != (test.wrong != "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
				t.Errorf("%q, %v; want %q and an error that says %q", got, err, test.want, test.wrong)
			}
		})
	}
	t.Run("no module", func(t *testing.T) {
		if _, err := gomod.ImportPath(filepath.Join(root, "elsewhere")); !errors.Is(err, gomod.ErrNoModule) {
			t.Errorf("%v", err)
		}
	})
	t.Run("relative to the current folder", func(t *testing.T) {
		t.Chdir(filepath.Join(root, "app"))
		if got, err := gomod.ImportPath("notes"); err != nil || got != "example.org/app/notes" {
			t.Errorf("%q, %v", got, err)
		}
	})
}
