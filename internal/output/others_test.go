//go:build linux || darwin

package output

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What others do in the folder while it is replaced. Each returns what must be
// there in the end, by path.
var meanwhile = map[string]func(dir string) (map[string]string, error){
	"a file is created": func(dir string) (map[string]string, error) {
		return map[string]string{"theirs.go": "theirs\n"}, os.WriteFile(filepath.Join(dir, "theirs.go"), []byte("theirs\n"), 0o644)
	},
	"a file is created in a subfolder": func(dir string) (map[string]string, error) {
		return map[string]string{"sub/deep/theirs": "x"}, os.WriteFile(filepath.Join(dir, "sub/deep/theirs"), []byte("x"), 0o644)
	},
	"a subfolder is created": func(dir string) (map[string]string, error) {
		return map[string]string{"new/er/theirs": "x"}, errors.Join(os.MkdirAll(filepath.Join(dir, "new/er"), 0o755),
			os.WriteFile(filepath.Join(dir, "new/er/theirs"), []byte("x"), 0o644))
	},
	"a file is saved": func(dir string) (map[string]string, error) {
		return map[string]string{"mine.go": "saved\n"}, os.WriteFile(filepath.Join(dir, "mine.go"), []byte("saved\n"), 0o644)
	},
	"a file is saved by a rename": func(dir string) (map[string]string, error) {
		return map[string]string{"mine.go": "renamed\n"}, errors.Join(os.WriteFile(filepath.Join(dir, "mine.go~"), []byte("renamed\n"), 0o644),
			os.Rename(filepath.Join(dir, "mine.go~"), filepath.Join(dir, "mine.go")))
	},
	"a file in a subfolder is saved by a rename": func(dir string) (map[string]string, error) {
		return map[string]string{"sub/deep/file": "renamed\n"}, errors.Join(os.WriteFile(filepath.Join(dir, "sub/file~"), []byte("renamed\n"), 0o644),
			os.Rename(filepath.Join(dir, "sub/file~"), filepath.Join(dir, "sub/deep/file")))
	},
}

func TestOthersDuringAnExchange(t *testing.T) {
	kept := func(t *testing.T, dir, when string, want map[string]string) {
		t.Helper()
		for name, text := range want {
			if text == "" {
				if _, err := os.Lstat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s: %s is back: %v", when, name, err)
				}
			} else if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != text {
				t.Errorf("%s: %s holds %q, %v", when, name, got, err)
			}
		}
		nothingBeside(t, dir, when)
	}
	for name, do := range meanwhile {
		t.Run(name+": that is kept", func(t *testing.T) {
			for n := 1; ; n++ {
				dir := sharedFolder(t)
				var steps []string
				var want map[string]string
				var doErr error
				err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
					if steps = append(steps, step+" "+name); len(steps) == n {
						want, doErr = do(dir)
					}
					return nil
				})
				must(t, errors.Join(err, doErr))
				if len(steps) < n {
					return
				}
				kept(t, dir, "before "+steps[n-1], want)
				if !isVersion(t, dir, 1) {
					t.Errorf("before %s: the package is not the new one", steps[n-1])
				}
			}
		})
		t.Run(name+" in the last moment, and then the run is killed: that is kept by the next", func(t *testing.T) {
			for n := 0; ; n++ {
				dir := sharedFolder(t)
				after := -1
				var want map[string]string
				var doErr error
				var stop string
				_ = newPlan(t, dir, versions[1]).apply(func(step, name string) error {
					if step == "exchange" && after < 0 {
						want, doErr = do(dir)
						after = 0
						return nil
					}
					if after >= 0 {
						after++
					}
					if after > n {
						stop = step + " " + name
						return errDisk
					}
					return nil
				})
				must(t, doErr)
				if stop == "" {
					return
				}
				must(t, newPlan(t, dir, versions[1]).Apply())
				kept(t, dir, "killed before "+stop, want)
				if !isVersion(t, dir, 1) {
					t.Errorf("killed before %s: the package is not the new one", stop)
				}
			}
		})
	}
	t.Run("a file is deleted: it does not come back", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := sharedFolder(t)
			var steps []string
			must(t, newPlan(t, dir, versions[1]).apply(func(step, name string) error {
				// Between the check and the exchange is too late.
				if steps = append(steps, step+" "+name); len(steps) == n && step != "exchange" {
					must(t, os.Remove(filepath.Join(dir, "sub", "deep", "file")))
				}
				return nil
			}))
			if len(steps) < n {
				return
			}
			if steps[n-1] != "exchange package" {
				kept(t, dir, "before "+steps[n-1], map[string]string{"sub/deep/file": ""})
			}
		}
	})
	t.Run("a generated file is edited: refused, and all is as it was", func(t *testing.T) {
		for _, edit := range []string{"update.go", "keep.go", "fresh.go", "stale.go", manifestName} {
			dir := sharedFolder(t)
			var before map[string]string
			err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
				if step == "exchange" && before == nil {
					must(t, os.WriteFile(filepath.Join(dir, edit), []byte("edited by hand\n"), 0o600))
					before = identities(t, dir)
				}
				return nil
			})
			refused, ok := errors.AsType[*RefusedError](err)
			if !ok || len(refused.Files) != 1 || refused.Files[0].Name != edit {
				t.Errorf("%s: %v", edit, err)
			}
			sameMaps(t, edit, before, identities(t, dir))
			nothingBeside(t, dir, edit)
		}
	})
	t.Run("a file that is put into the new folder before all is undone is kept", func(t *testing.T) {
		dir := sharedFolder(t)
		synced := false
		err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
			if step+name != "check againpackage" || synced {
				return nil
			}
			synced = true
			must(t, os.WriteFile(filepath.Join(dir, "theirs.go"), []byte("theirs\n"), 0o644))
			return errDisk
		})
		if !errors.Is(err, errDisk) {
			t.Errorf("error: %v", err)
		}
		kept(t, dir, "after", map[string]string{"theirs.go": "theirs\n", "update.go": "one\n"})
	})
	t.Run("a file that is saved in both folders is kept twice", func(t *testing.T) {
		for _, fail := range []error{nil, errDisk} {
			dir := sharedFolder(t)
			done := false
			err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
				if !done && (step == "exchange" || step+name == "check againpackage") {
					_, err := meanwhile["a file is saved by a rename"](dir)
					must(t, err)
					if done = step != "exchange"; done {
						return fail
					}
				}
				return nil
			})
			if !errors.Is(err, fail) {
				t.Errorf("error: %v", err)
			}
			kept(t, dir, "after", map[string]string{"mine.go": "renamed\n"})
			if found, err := filepath.Glob(filepath.Join(dir, "mine.go.kept-*")); err != nil || len(found) != 1 {
				t.Errorf("kept: %q, %v", found, err)
			}
		}
	})
	t.Run("the folder above is moved: an error, and all is as it was there", func(t *testing.T) {
		base := filepath.Dir(sharedFolder(t))
		other, moved := memoryDir(t), false
		must(t, os.Rename(base, filepath.Join(other, "one")))
		dir := filepath.Join(other, "one", "package")
		before := identities(t, dir)
		err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
			if step+name == "check againpackage" && !moved {
				moved = true
				must(t, errors.Join(os.Rename(filepath.Join(other, "one"), filepath.Join(other, "two")), os.MkdirAll(dir, 0o755)))
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "was moved meanwhile") {
			t.Errorf("error: %v", err)
		}
		sameMaps(t, "after", before, identities(t, filepath.Join(other, "two", "package")))
	})
	t.Run("after a kill, what others then change or delete is as they left it", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := sharedFolder(t)
			var steps []string
			_ = newPlan(t, dir, versions[1]).apply(faulty(dir, n, true, &steps))
			if len(steps) < n {
				return
			}
			want, err := meanwhile["a file is saved by a rename"](dir)
			must(t, errors.Join(err, os.RemoveAll(filepath.Join(dir, "sub"))))
			must(t, newPlan(t, dir, versions[1]).Apply())
			kept(t, dir, "killed before "+steps[n-1], want)
			if _, err := os.Lstat(filepath.Join(dir, "sub")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("killed before %s: the deleted folder is back", steps[n-1])
			}
		}
	})
}
