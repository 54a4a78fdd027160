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

// holdLock is another run at work in a folder, until the test ends.
func holdLock(t *testing.T, dir string) error {
	t.Helper()
	unlock, err := lockFolder(dir)
	if err == nil {
		t.Cleanup(unlock)
	}
	return err
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
		{"a folder with another package: no", func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "sub", manifestName), nil, 0o644)
		}, versions[1], true},
		{"a folder with another package that is being written", func(t *testing.T, dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, "sub", manifestName), nil, 0o644), holdLock(t, filepath.Join(dir, "sub")))
		}, versions[1], false},
		{"a folder in which another run is at work", func(t *testing.T, dir string) error {
			aside := filepath.Join(dir, ".x.scaffold-"+strings.Repeat("A", 26), "package")
			return errors.Join(os.MkdirAll(aside, 0o755), holdLock(t, aside))
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
	t.Run("a folder in which a killed run left something: no, and that is removed", func(t *testing.T) {
		dir := sharedFolder(t)
		must(t, os.MkdirAll(filepath.Join(dir, ".x.scaffold-"+strings.Repeat("A", 26), "package"), 0o755))
		var steps []string
		must(t, newPlan(t, dir, versions[1]).apply(faulty("", 1000, false, &steps)))
		if left, err := filepath.Glob(filepath.Join(dir, ".x.*")); err != nil || len(left) > 0 || !slices.Contains(steps, "exchange package") {
			t.Errorf("%v, left %q, steps %q", err, left, steps)
		}
	})
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
