// Package golden holds one scenario a file: a spec, and then either the files
// that the generator makes of it or what it says is wrong. Run the tests with
// -update to rewrite what has changed, and read the difference.
package golden

import (
	"bytes"
	"flag"
	"go/format"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the files that have changed")

const (
	specName     = "spec.yaml"
	errorsName   = "errors.txt"   // what is said of a spec that is wrong
	warningsName = "warnings.txt" // and of one that is unwise
)

// result is what the generator makes of a spec: files, or else errors.
type result struct {
	messages string
	wrong    bool
	files    []render.File
	test     []render.File // the test package
	testName string
}

// home is what the import paths of all packages begin with.
const home = "golden.test/"

func generate(t *testing.T, name string, src []byte) result {
	t.Helper()
	file, problems := spec.Load(specName, src)
	problems = append(problems, spec.Validate(file)...)
	pkg, more := model.Build(file, render.Reserved())
	problems = append(problems, more...)
	r := result{messages: spec.Format(specName, src, problems)}
	r.wrong = slices.ContainsFunc(problems, func(p spec.Problem) bool { return !p.Warning })
	if r.wrong {
		return r
	}
	var err error
	r.files, err = render.New(render.Options{Version: "v0.0.0"}).Files(pkg)
	if err != nil {
		t.Fatal(err)
	}
	if !file.TestPackage {
		return r
	}
	r.testName = pkg.TestExample.Package
	text, err := spec.Normalize(src)
	if err != nil {
		t.Fatal(err)
	}
	if r.test, err = render.New(render.Options{Version: "v0.0.0"}).TestFiles(pkg, home+name, text); err != nil {
		t.Fatal(err)
	}
	return r
}

// sections returns what a scenario's file should hold below the spec.
func (r result) sections(engine map[string]bool) []txtar.File {
	switch {
	case r.wrong:
		return []txtar.File{{Name: errorsName, Data: []byte(r.messages)}}
	case r.messages != "":
		return append([]txtar.File{{Name: warningsName, Data: []byte(r.messages)}}, r.specFiles(engine)...)
	}
	return r.specFiles(engine)
}

func (r result) specFiles(engine map[string]bool) []txtar.File {
	var sections []txtar.File
	for _, f := range r.files {
		if !engine[f.Name] {
			sections = append(sections, txtar.File{Name: f.Name, Data: f.Data})
		}
	}
	for _, f := range r.test {
		sections = append(sections, txtar.File{Name: r.testName + "/" + f.Name, Data: f.Data})
	}
	return sections
}

// isFormatted fails for a file that gofmt would change.
func isFormatted(t *testing.T, files []txtar.File) {
	t.Helper()
	for _, f := range files {
		if !strings.HasSuffix(f.Name, ".go") {
			continue
		}
		if formatted, err := format.Source(f.Data); err != nil || !bytes.Equal(formatted, f.Data) {
			t.Errorf("%s is not as gofmt formats it: %v", f.Name, err)
		}
	}
}

func TestGolden(t *testing.T) {
	scenarios, err := filepath.Glob("*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	reserved := render.Reserved()
	packages := map[string][]render.File{}
	for _, path := range scenarios {
		name := strings.TrimSuffix(path, ".txtar")
		t.Run(name, func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) == 0 || archive.Files[0].Name != specName {
				t.Fatalf("%s does not begin with %s", path, specName)
			}
			r := generate(t, name, archive.Files[0].Data)
			isFormatted(t, r.specFiles(reserved.Files))
			want := append(archive.Files[:1:1], r.sections(reserved.Files)...)
			compare(t, path, archive, want)
			if !r.wrong {
				packages[name] = r.files
			}
			if r.test != nil {
				packages[name+"/"+r.testName] = r.test
			}
		})
	}
	t.Run("every package compiles and is vetted", func(t *testing.T) { vet(t, packages) })
}

// compare compares a scenario's file with what it should hold, or rewrites it.
func compare(t *testing.T, path string, archive *txtar.Archive, want []txtar.File) {
	t.Helper()
	have := txtar.Format(archive)
	fresh := txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: want})
	if bytes.Equal(have, fresh) {
		return
	}
	if *update {
		if err := os.WriteFile(path, fresh, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	old := map[string][]byte{}
	for _, f := range archive.Files[1:] {
		old[f.Name] = f.Data
	}
	for _, f := range want[1:] {
		if !bytes.Equal(old[f.Name], f.Data) {
			t.Errorf("%s is not as in %s; got:\n%s", f.Name, path, f.Data)
		}
		delete(old, f.Name)
	}
	for name := range old {
		t.Errorf("%s is in %s, but no longer made", name, path)
	}
}
