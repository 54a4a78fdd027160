//go:build linux || darwin

package output

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
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
			if step+name != "sync folder." || synced {
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

func TestTwoRunsAtOnce(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) string{
		"in one folder":     sharedFolder,
		"in one new folder": func(t *testing.T) string { return filepath.Join(memoryDir(t), "package") },
	} {
		t.Run(name+": each has its whole package written, or says why not", func(t *testing.T) {
			for n := 1; ; n++ {
				dir := start(t)
				steps, ran := 0, false
				var other error
				building := false
				err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
					if steps++; steps == n {
						ran = true
						plan, err := NewPlan(dir, versions[2])
						if err == nil {
							err = plan.Apply()
						}
						other = err
						if _, _, beside := findBeside(dir); building && len(beside) != 1 {
							t.Errorf("before %s %s the other run has removed what is being built", step, name)
						}
					}
					building = building && step != "exchange" || step == "write"
					return nil
				})
				if !ran {
					must(t, err)
					return
				}
				when := fmt.Sprintf("step %d: %v and %v", n, err, other)
				switch {
				case err == nil && other == nil: // one after the other
					t.Errorf("%s: both wrote", when)
				case err == nil && !isVersion(t, dir, 1), other == nil && !isVersion(t, dir, 2):
					t.Errorf("%s: the folder holds %v", when, contents(t, dir))
				case err != nil && other != nil:
					t.Errorf("%s: nobody wrote", when)
				case other != nil && !errors.Is(other, errBusy):
					if _, refused := errors.AsType[*RefusedError](other); !refused {
						t.Error(when)
					}
				}
				nothingBeside(t, dir, when)
			}
		})
	}
}

func TestManyRunsAtOnce(t *testing.T) {
	dir := sharedFolder(t)
	before := identities(t, dir)
	var group sync.WaitGroup
	for runner := range 4 {
		group.Go(func() {
			for i := range 15 {
				plan, err := NewPlan(dir, versions[(runner+i)%3])
				if err == nil {
					err = plan.Apply()
				}
				if _, refused := errors.AsType[*RefusedError](err); err != nil && !refused && !errors.Is(err, errBusy) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	must(t, newPlan(t, dir, versions[2]).Apply())
	holds(t, dir, versions[2], "mine.go", "link", "dangling", "sub", "empty")
	sameMaps(t, "after", foreign(before), foreign(identities(t, dir)))
	nothingBeside(t, dir, "after")
}

func TestWhatIsReplacedInPlace(t *testing.T) {
	for _, test := range []struct {
		name  string
		do    func(t *testing.T, dir string) error
		files []File
		whole bool
	}{
		{"what is usual: no", func(*testing.T, string) error { return nil }, versions[1], true},
		{"one file", func(*testing.T, string) error { return nil }, slices.Concat(versions[0][:1], []File{{"update.go", []byte("two\n")}}, versions[0][2:3]), false},
		{"a folder in which the process stands", func(t *testing.T, dir string) error { t.Chdir(dir); return nil }, versions[1], false},
		{"one above it", func(t *testing.T, dir string) error { t.Chdir(filepath.Join(dir, "sub", "deep")); return nil }, versions[1], false},
		{"one beside it: no", func(t *testing.T, dir string) error { t.Chdir(filepath.Dir(dir)); return nil }, versions[1], true},
		{"a repository", func(_ *testing.T, dir string) error { return os.Mkdir(filepath.Join(dir, ".git"), 0o755) }, versions[1], false},
		{"a folder with another package", func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "sub", manifestName), nil, 0o644)
		}, versions[1], false},
		{"a folder with another package that is being written", func(_ *testing.T, dir string) error {
			return os.Mkdir(filepath.Join(dir, ".x.scaffold-"+strings.Repeat("A", 26)), 0o755)
		}, versions[1], false},
		{"a folder with a closed one", func(_ *testing.T, dir string) error { return os.Chmod(filepath.Join(dir, "empty"), 0o500) }, versions[1], false},
		{"a folder with a thousand files of others", func(_ *testing.T, dir string) (err error) {
			for i := range 1000 {
				err = errors.Join(err, os.WriteFile(filepath.Join(dir, "sub", fmt.Sprint(i)), nil, 0o644))
			}
			return err
		}, versions[1], false},
		{"a name that is no text", func(_ *testing.T, dir string) error {
			err := os.WriteFile(filepath.Join(dir, "\xff"), nil, 0o644)
			if errors.Is(err, syscall.EILSEQ) {
				return os.Mkdir(filepath.Join(dir, ".git"), 0o755) // there are no such names here
			}
			return err
		}, versions[1], false},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := sharedFolder(t)
			must(t, test.do(t, dir))
			before := identities(t, dir)
			var steps []string
			must(t, newPlan(t, dir, test.files).apply(faulty("", 100000, false, &steps)))
			if got := slices.Contains(steps, "exchange package"); got != test.whole {
				t.Errorf("replaced as a whole: %v", got)
			}
			sameMaps(t, "others' files", foreign(before), foreign(identities(t, dir)))
			nothingBeside(t, dir, "after")
		})
	}
	t.Run("a new folder of one file: no", func(t *testing.T) {
		var steps []string
		must(t, newPlan(t, filepath.Join(memoryDir(t), "package"), versions[0][:1]).apply(faulty("", 1000, false, &steps)))
		if !slices.Contains(steps, "exchange package") {
			t.Errorf("steps %q", steps)
		}
	})
	t.Run("a link to a folder: no, and the link stays", func(t *testing.T) {
		dir, link := sharedFolder(t), filepath.Join(memoryDir(t), "link")
		must(t, os.Symlink(dir, link))
		var steps []string
		must(t, newPlan(t, link, versions[1]).apply(faulty("", 1000, false, &steps)))
		if target, err := os.Readlink(link); err != nil || target != dir || !slices.Contains(steps, "exchange package") || !isVersion(t, dir, 1) {
			t.Errorf("%q, %v, steps %q", target, err, steps)
		}
	})
}

func TestLeftovers(t *testing.T) {
	killed := func(t *testing.T, step string) (dir, aside string) {
		t.Helper()
		dir = sharedFolder(t)
		stopped := false
		_ = newPlan(t, dir, versions[1]).apply(func(now, name string) error {
			if stopped = stopped || now+" "+name == step; stopped {
				return errDisk
			}
			return nil
		})
		_, _, found := findBeside(dir)
		if len(found) != 1 {
			t.Fatalf("left over: %q", found)
		}
		return dir, filepath.Join(filepath.Dir(dir), found[0])
	}
	for _, step := range []string{"exchange package", "sync folder .", "remove stale.go"} {
		t.Run("before "+step+": planning writes nothing, Holds says no, and a run without changes removes them", func(t *testing.T) {
			dir, _ := killed(t, step)
			want := versions[0]
			if isVersion(t, dir, 1) {
				want = versions[1]
			}
			must(t, newPlan(t, dir, want).attempt(nothing, (*transaction).inPlace)) // gone.go, and the temporary file
			before := identities(t, filepath.Dir(dir))
			plan := newPlan(t, dir, want)
			if changes := plan.Changes(); len(changes) > 0 || plan.Diff() != "" || Holds(dir, plan.Digest()) {
				t.Errorf("changes %v, Holds %v", changes, Holds(dir, plan.Digest()))
			}
			sameMaps(t, "planning", before, identities(t, filepath.Dir(dir)))
			kept := identities(t, dir)
			must(t, plan.Apply())
			sameMaps(t, "removing", kept, identities(t, dir))
			nothingBeside(t, dir, "after")
			if !Holds(dir, plan.Digest()) {
				t.Error("Holds says no")
			}
		})
	}
	t.Run("what a process that still has the old folder open puts there is not removed, and handed over by the next run", func(t *testing.T) {
		dir := sharedFolder(t)
		old, err := os.OpenRoot(dir)
		must(t, err)
		defer func() { _ = old.Close() }()
		must(t, newPlan(t, dir, versions[1]).apply(func(step, name string) error {
			if step+" "+name == "remove stale.go" {
				return old.WriteFile("theirs.go", []byte("theirs\n"), 0o644)
			}
			return nil
		}))
		must(t, newPlan(t, dir, versions[1]).Apply())
		holds(t, dir, versions[1], "mine.go", "link", "dangling", "sub", "empty", "theirs.go")
		nothingBeside(t, dir, "after")
	})
	t.Run("another folder of nearly that name, or a file, is let alone", func(t *testing.T) {
		dir := sharedFolder(t)
		base, random := filepath.Dir(dir), strings.Repeat("A", 26)
		for _, name := range []string{".package.scaffold-" + random + "A", ".package.scaffold-" + random[1:], ".package.scaffold-" + strings.ToLower(random),
			".other.scaffold-" + random, "package.scaffold-" + random, ".x.package.scaffold-" + random, ".package.scaffold-x.scaffold-" + random} {
			must(t, os.Mkdir(filepath.Join(base, name), 0o755))
		}
		must(t, os.WriteFile(filepath.Join(base, ".package.scaffold-"+random), []byte("x"), 0o644))
		before, err := os.ReadDir(base)
		must(t, err)
		must(t, newPlan(t, dir, versions[1]).Apply())
		if after, err := os.ReadDir(base); err != nil || fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("%v, was %v, %v", after, before, err)
		}
	})
	t.Run("a copy of one is let alone", func(t *testing.T) {
		dir, aside := killed(t, "sync folder .")
		copied := filepath.Join(memoryDir(t), "copy")
		must(t, os.CopyFS(copied, os.DirFS(aside)))
		must(t, os.RemoveAll(aside))
		must(t, os.CopyFS(aside, os.DirFS(copied)))
		before := identities(t, dir)
		must(t, newPlan(t, dir, versions[1]).Apply())
		sameMaps(t, "the folder", before, identities(t, dir))
		if _, err := os.Stat(filepath.Join(aside, "package", "mine.go")); err != nil {
			t.Error(err)
		}
	})
}
