package generate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const testAsked = "generate: {test: true}\n"

// inModule returns a spec in a module, with what else is in it.
func inModule(t *testing.T, spec string) (dir, specPath string) {
	t.Helper()
	dir = writeTree(t, map[string]string{"go.mod": "module example.org/app\n", "internal/scaffold.yaml": spec})
	return dir, filepath.Join(dir, "internal", "scaffold.yaml")
}

// filesBelow lists the folders in the packages of a folder, and the files of test packages.
func filesBelow(t *testing.T, dir string) string {
	t.Helper()
	var list []string
	for _, pattern := range []string{"*/*", "*/*test/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			name := filepath.Base(filepath.Dir(path))
			if info, err := os.Stat(path); err == nil && (info.IsDir() || strings.HasSuffix(name, "test")) {
				list = append(list, name+"/"+filepath.Base(path))
			}
		}
	}
	return strings.Join(list, " ")
}

func TestTestPackage(t *testing.T) {
	const whole = "notestest/.scaffold.json notestest/example_test.go notestest/spec.go notestest/spec.yaml notestest/tenant.go notestest/user.go"
	kept := Options{Cache: t.TempDir()}
	t.Run("is written below the client, and imports it by the module", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes")+testAsked)
		got := mustGenerate(t, kept, specPath)
		if files := filesBelow(t, filepath.Join(dir, "internal")); files != "notes/notestest "+whole {
			t.Errorf("files: %s", files)
		}
		folder := filepath.Join(dir, "internal", "notes", "notestest")
		if !strings.Contains(got.stderr, "create "+filepath.Join(folder, "tenant.go")+"\n") {
			t.Errorf("said %s", got.stderr)
		}
		if text := readFile(t, filepath.Join(folder, "tenant.go")); !strings.Contains(text, "\t\"example.org/app/internal/notes\"\n") {
			t.Error(text)
		}
		if text := readFile(t, filepath.Join(folder, ".scaffold.json")); !strings.Contains(text, `"spec": "../../scaffold.yaml"`) {
			t.Error(text)
		}
		if !remembers(t, specPath, kept) {
			t.Error("it is rendered again")
		}
	})
	t.Run("does not change with a comment, and does with the API", func(t *testing.T) {
		_, specPath := inModule(t, smallSpec("notes")+testAsked)
		mustGenerate(t, kept, specPath)
		writeFile(t, specPath, readFile(t, specPath)+"# The end\n")
		if got := generate(t, Options{Check: true}, specPath); got.err != nil {
			t.Errorf("%+v", got)
		}
		writeFile(t, specPath, readFile(t, specPath)+"api: {base_url: https://api.exampleco.com}\n")
		if got := generate(t, Options{Check: true}, specPath); got.err == nil || !strings.Contains(got.stdout, filepath.Join("notestest", "spec.yaml")) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("goes when the spec no longer wants it, but not what others put there", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes")+testAsked)
		mustGenerate(t, kept, specPath)
		writeFile(t, specPath, smallSpec("notes"))
		other := filepath.Join(dir, "internal", "notes", "notestest", "ours.go")
		writeFile(t, other, "package notestest\n")
		if got := generate(t, Options{Check: true}, specPath); got.err == nil || !strings.Contains(got.stdout, "delete ") {
			t.Errorf("%+v", got)
		}
		mustGenerate(t, kept, specPath)
		if files := filesBelow(t, filepath.Join(dir, "internal")); files != "notes/notestest notestest/ours.go" {
			t.Errorf("files: %s", files)
		}
		if err := os.Remove(other); err != nil {
			t.Fatal(err)
		}
		writeFile(t, specPath, smallSpec("notes")+testAsked)
		mustGenerate(t, kept, specPath)
		writeFile(t, specPath, smallSpec("notes"))
		if remembers(t, specPath, kept) {
			t.Error("what is left of the test package is not seen")
		}
		mustGenerate(t, kept, specPath)
		if files := filesBelow(t, filepath.Join(dir, "internal")); files != "" {
			t.Errorf("files: %s", files)
		}
	})
	t.Run("goes when the package is called otherwise", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes")+testAsked+"output: client\n")
		mustGenerate(t, kept, specPath)
		writeFile(t, specPath, strings.Replace(readFile(t, specPath), "package: notes", "package: memos", 1))
		got := mustGenerate(t, kept, specPath)
		if !strings.HasPrefix(got.stderr, "delete ") { // with the new client it would not build
			t.Errorf("it does not go first:\n%s", got.stderr)
		}
		if files := filesBelow(t, filepath.Join(dir, "internal")); files != "client/memostest "+strings.ReplaceAll(whole, "notestest", "memostest") {
			t.Errorf("files: %s", files)
		}
	})
	t.Run("of another spec stays", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes"))
		writeFile(t, filepath.Join(dir, "internal", "other.yaml"), smallSpec("contest")+"output: notes/contest\n")
		mustGenerate(t, kept, filepath.Join(dir, "internal", "other.yaml"))
		mustGenerate(t, kept, specPath)
		if _, err := os.Stat(filepath.Join(dir, "internal", "notes", "contest", "app.go")); err != nil {
			t.Error(err)
		}
	})
	t.Run("a hand edit is refused and shown", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes")+testAsked)
		mustGenerate(t, kept, specPath)
		edited := filepath.Join(dir, "internal", "notes", "notestest", "user.go")
		writeFile(t, edited, readFile(t, edited)+"// Ours.\n")
		writeFile(t, specPath, smallSpec("notes"))
		if got := generate(t, kept, specPath); got.err == nil || !strings.Contains(got.stderr, "+// Ours.") && !strings.Contains(got.err.Error(), "user.go") {
			t.Errorf("%+v", got)
		}
		if !strings.HasSuffix(readFile(t, edited), "// Ours.\n") {
			t.Error("the edit is gone")
		}
	})
	t.Run("is compared where the client was edited", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes")+testAsked)
		mustGenerate(t, kept, specPath)
		edited := filepath.Join(dir, "internal", "notes", "app.go")
		writeFile(t, edited, readFile(t, edited)+"// Ours.\n")
		writeFile(t, specPath, smallSpec("notes"))
		got := generate(t, Options{Check: true}, specPath)
		if got.err == nil || !strings.Contains(got.stdout, "delete "+filepath.Join(dir, "internal", "notes", "notestest", "user.go")) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("needs a module", func(t *testing.T) {
		specPath := filepath.Join(writeTree(t, map[string]string{"scaffold.yaml": smallSpec("notes") + testAsked}), "scaffold.yaml")
		got := generate(t, kept, specPath)
		if got.err == nil || !strings.Contains(got.err.Error(), "there is no go.mod") || !strings.Contains(got.err.Error(), "run go mod init") {
			t.Errorf("%+v", got)
		}
		if _, err := os.Stat(filepath.Join(filepath.Dir(specPath), "notes")); err == nil {
			t.Error("something was written")
		}
	})
	t.Run("follows the module when that is called otherwise", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes")+testAsked)
		mustGenerate(t, kept, specPath)
		writeFile(t, filepath.Join(dir, "go.mod"), "module example.org/renamed\n")
		if remembers(t, specPath, kept) {
			t.Error("it is not rendered again")
		}
		mustGenerate(t, kept, specPath)
		if text := readFile(t, filepath.Join(dir, "internal", "notes", "notestest", "user.go")); !strings.Contains(text, `"example.org/renamed/internal/notes"`) {
			t.Error(text)
		}
	})
	t.Run("stands in the archive below the client", func(t *testing.T) {
		_, specPath := inModule(t, smallSpec("notes")+testAsked)
		if got := mustGenerate(t, Options{Archive: true}, specPath); !strings.Contains(got.stdout, "-- notestest/spec.yaml --\n") {
			t.Errorf("%.1000s", got.stdout)
		}
	})
	t.Run("is no empty folder that happens to have its name", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes"))
		elsewhere := Options{Output: filepath.Join(dir, "internal", "client")}
		empty := filepath.Join(elsewhere.Output, "notestest")
		if err := os.MkdirAll(empty, 0o755); err != nil {
			t.Fatal(err)
		}
		mustGenerate(t, elsewhere, specPath)
		if _, err := os.Stat(empty); err != nil {
			t.Error(err)
		}
	})
	t.Run("goes with --output too", func(t *testing.T) {
		dir, specPath := inModule(t, smallSpec("notes")+testAsked)
		elsewhere := Options{Cache: kept.Cache, Output: filepath.Join(dir, "internal", "client")}
		mustGenerate(t, elsewhere, specPath)
		writeFile(t, specPath, smallSpec("notes"))
		mustGenerate(t, elsewhere, specPath)
		if files := filesBelow(t, filepath.Join(dir, "internal")); files != "" {
			t.Errorf("files: %s", files)
		}
	})
}
