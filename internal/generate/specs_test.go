package generate

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFindSpecs(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{
		"scaffold.yaml", "notes.scaffold.yaml", "other.yaml", ".hidden.scaffold.yaml", "_x.scaffold.yaml", "scaffold.yml",
		"a/scaffold.yaml", "a/b/scaffold.yaml", "e/f/g.scaffold.yaml", "c/x.scaffold.yaml", "empty/readme", "e/f/g.scaffold.yaml",
		"vendor/m/scaffold.yaml", "a/node_modules/scaffold.yaml", "a/testdata/scaffold.yaml", ".git/scaffold.yaml", "_old/scaffold.yaml",
		"testdata/in/scaffold.yaml",
	} {
		files[name] = ""
	}
	dir := writeTree(t, files)
	for link, target := range map[string]string{"a/loop": "..", "c/link.scaffold.yaml": "../other.yaml", "c/nothing.scaffold.yaml": "gone", "c/dir.scaffold.yaml": "../a", "d": "a"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	for _, test := range []struct {
		name string
		args []string
		want []string
	}{
		{"a folder stands for the specs in it", []string{"."}, []string{"notes.scaffold.yaml", "scaffold.yaml"}},
		{"dir/... for those below too, without what the go command leaves out", []string{"./..."},
			[]string{"a/b/scaffold.yaml", "a/scaffold.yaml", "c/link.scaffold.yaml", "c/x.scaffold.yaml", "e/f/g.scaffold.yaml", "notes.scaffold.yaml", "scaffold.yaml"}},
		{"files stay in the order of the arguments", []string{"other.yaml", "a", "gone.yaml"}, []string{"other.yaml", "a/scaffold.yaml", "gone.yaml"}},
		{"each once, by whatever name", []string{"a/scaffold.yaml", "./a", filepath.Join(dir, "a"), "d", "a/..."}, []string{"a/scaffold.yaml", "a/b/scaffold.yaml"}},
		{"what is left out below can be named", []string{"testdata/...", "_old"}, []string{"testdata/in/scaffold.yaml", "_old/scaffold.yaml"}},
		{"a folder that is a link", []string{"d/..."}, []string{"d/b/scaffold.yaml", "d/scaffold.yaml"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := FindSpecs(test.args)
			for i := range got {
				got[i] = filepath.ToSlash(got[i])
			}
			if err != nil || !slices.Equal(got, test.want) {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
		})
	}
	for _, test := range []struct{ name, arg, want string }{
		{"a folder without a spec", "empty", "empty holds no spec: no scaffold.yaml and no *.scaffold.yaml"},
		{"nor below", "empty/...", "empty/... holds no spec: no scaffold.yaml and no *.scaffold.yaml"},
		{"a folder that has specs only below says so", "e/", "e/ holds no spec: no scaffold.yaml and no *.scaffold.yaml; folders below it do: did you mean e/...?"},
		{"a folder that is not there", "gone/...", "look for specs in gone: no such file or directory"},
		{"a file is no folder", "other.yaml/...", "look for specs in other.yaml: not a directory"},
		{"nothing", "", "an argument is empty; is a variable not set?"},
	} {
		t.Run("no spec is trouble: "+test.name, func(t *testing.T) {
			got := generate(t, Options{}, test.arg)
			if got.err == nil || got.err.Error() != test.want || got.stdout+got.stderr != "" {
				t.Errorf("%+v, want %s", got, test.want)
			}
			if found, err := FindSpecs([]string{"other.yaml", test.arg}); err == nil || err.Error() != test.want || found != nil {
				t.Errorf("beside another: %q, %v", found, err)
			}
		})
	}
}
