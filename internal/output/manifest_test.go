package output_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/scaffold/internal/output"
)

func TestManifest(t *testing.T) {
	t.Run("is sorted, one line a file, the same bytes for any order and VERSION", func(t *testing.T) {
		const want = `{
  "version": 1,
  "files": {
    "client.go": "60ac7cee7ab2369bc4b89c390fe43eb5c24133ff13a6b84a338d9a0fb54082d8",
    "endpoints.go": "8aa64e53967c4400822c9393e05fd19823950b384dd2f46a1a32ceb33017a40c"
  }
}
`
		one, two := t.TempDir(), t.TempDir()
		mustApply(t, one, endpoints, client)
		mustApply(t, two, file("client.go", "v9", "package timesheets\n"), endpoints)
		got := read(t, filepath.Join(one, manifestName))
		if got != want {
			t.Errorf("manifest:\n%swant:\n%s", got, want)
		}
		if other := read(t, filepath.Join(two, manifestName)); other != got {
			t.Errorf("manifest of the second folder:\n%s", other)
		}
	})

	t.Run("says what the files are rendered from, which is no reason to write", func(t *testing.T) {
		dir := t.TempDir()
		apply := func(spec string, files ...output.File) {
			t.Helper()
			plan, err := output.NewPlan(dir, files, output.From(spec))
			if err != nil {
				t.Fatal(err)
			}
			if err := plan.Apply(); err != nil || !output.Holds(dir, plan.Digest()) {
				t.Fatalf("it is not held, %v", err)
			}
		}
		for _, step := range []struct {
			spec  string
			files []output.File
			want  string
		}{
			{"../a b.yaml", []output.File{client}, "../a b.yaml"},
			{"../b.yaml", []output.File{client}, "../a b.yaml"},
			{"../b.yaml", []output.File{client, endpoints}, "../b.yaml"},
			{"../a\"b.yaml", []output.File{client}, ""}, // would have to be escaped
		} {
			apply(step.spec, step.files...)
			if got := output.SpecOf(dir); got != step.want {
				t.Errorf("%q is of %q, want %q", step.spec, got, step.want)
			}
		}
		apply("../a.yaml", client, endpoints)
		write(t, filepath.Join(dir, manifestName), strings.Replace(read(t, filepath.Join(dir, manifestName)), `": "`, `":"`, 1))
		if plan := mustPlan(t, dir, client, endpoints); output.Holds(dir, plan.Digest()) || len(plan.Changes()) != 1 {
			t.Error("a manifest in another form is taken for ours")
		}
		write(t, filepath.Join(dir, manifestName), "{")
		if got := output.SpecOf(dir) + output.SpecOf(filepath.Join(dir, "none")) + output.SpecOf(filepath.Join(dir, "client.go")); got != "" {
			t.Errorf("a folder without a manifest is of %q", got)
		}
	})

	const hash = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	outside := filepath.Join(t.TempDir(), "outside.go")
	write(t, outside, "mine\n")
	files := func(list string) string { return `{"version":1,"files":{` + list + `}}` }
	for name, test := range map[string]struct{ text, says string }{
		"all but empty":               {"\n", "not a JSON object"},
		"not JSON":                    {"<<<<<<< HEAD\n", "not a JSON object"},
		"a list":                      {"[]", "not a JSON object"},
		"cut off":                     {`{"version":1,"files":{`, "not JSON"},
		"cut off at the end":          {`{"version":1,"files":{}`, "not JSON"},
		"followed by text":            {files("") + "x", "text follows"},
		"a merge conflict":            {"{\n\"version\": 1,\n<<<<<<< HEAD\n}", "not JSON"},
		"without a version":           {`{"files":{}}`, "no format version"},
		"of version 0":                {`{"version":0,"files":{}}`, "no format version"},
		"of a text version":           {`{"version":"1","files":{}}`, "no format version"},
		"of a newer version":          {`{"version":2,"files":[1]}`, "version is 2"},
		"without files":               {`{"version":1}`, "lists no files"},
		"null files":                  {`{"version":1,"files":null}`, "not a JSON object"},
		"with an unknown key":         {`{"version":1,"files":{},"Files":{}}`, `"Files" is unknown`},
		"with a key twice":            {`{"version":1,"files":{},"files":{}}`, `"files" stands twice`},
		"with a file twice":           {files(`"a.go":"` + hash + `","a.go":"` + hash + `"`), `"a.go" stands twice`},
		"with a file twice, escaped":  {files(`"a.go":"` + hash + `","\u0061.go":"` + hash + `"`), `"a.go" stands twice`},
		"naming a file outside":       {files(`"../outside.go":"` + hash + `"`), "not a file name"},
		"naming an absolute file":     {files(`"` + filepath.ToSlash(outside) + `":"` + hash + `"`), "not a file name"},
		"naming a file by backslash":  {files(`"..\\outside.go":"` + hash + `"`), "not a file name"},
		"naming the folder":           {files(`".":"` + hash + `"`), "not a file name"},
		"naming the parent":           {files(`"..":"` + hash + `"`), "not a file name"},
		"naming itself":               {files(`".scaffold.json":"` + hash + `"`), "kept for scaffold"},
		"with a short hash":           {files(`"a.go":"0123"`), "not a SHA-256"},
		"with an empty hash":          {files(`"a.go":""`), "not a SHA-256"},
		"with a hash that is a list":  {files(`"a.go":["` + hash + `"]`), "not a SHA-256"},
		"with an empty spec":          {`{"version":1,"spec":"","files":{}}`, "its spec is not a path"},
		"with a spec that is a list":  {`{"version":1,"spec":[],"files":{}}`, "its spec is not a path"},
		"with control characters":     {`{"version":1,"spec":"\u001b[2Ja","files":{}}`, "is not the path of a spec"},
		"with a bad name in pending":  {`{"version":1,"files":{},"pending":{"../a":"` + hash + `"}}`, "not a file name"},
		"with a null hash in pending": {`{"version":1,"files":{},"pending":{"a":null}}`, "not a SHA-256"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			dir := t.TempDir()
			mustApply(t, dir, client)
			write(t, filepath.Join(dir, manifestName), test.text)
			got := refusals(t, dir, client)
			if len(got) != 1 || !strings.Contains(got[manifestName].Reason, test.says) {
				t.Errorf("refused: %v", got)
			}
		})
	}
	t.Run("a link is refused", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client)
		path := filepath.Join(dir, manifestName)
		if err := os.Rename(path, path+".away"); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path+".away", path); err != nil {
			t.Fatal(err)
		}
		if got := refusals(t, dir, client); !strings.Contains(got[manifestName].Reason, "symbolic link") {
			t.Errorf("refused: %v", got)
		}
	})
	t.Run("one that lists a user's file by a wrong hash deletes nothing", func(t *testing.T) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "mine.go"), "package mine\n")
		write(t, filepath.Join(dir, manifestName), files(`"mine.go":"`+hash+`"`))
		if got := refusals(t, dir, client); !strings.Contains(got["mine.go"].Reason, "edited by hand") {
			t.Errorf("refused: %v", got)
		}
	})
}
