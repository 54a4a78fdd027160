//go:build linux || darwin

package output

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests of this file fail or stop an Apply that replaces the folder as a
// whole at each of its steps in turn, and do things in the folder meanwhile.

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sharedFolder returns a folder as startFolder does, in which others keep more:
// a link, and subfolders with files and links.
func sharedFolder(t *testing.T) string {
	t.Helper()
	dir := startFolder(t)
	past := time.Date(2021, 1, 2, 3, 4, 5, 6000, time.UTC)
	must(t, errors.Join(
		os.Symlink("mine.go", filepath.Join(dir, "link")),
		os.Symlink("nowhere", filepath.Join(dir, "dangling")),
		os.MkdirAll(filepath.Join(dir, "sub", "deep"), 0o750),
		os.Mkdir(filepath.Join(dir, "empty"), 0o700),
		os.WriteFile(filepath.Join(dir, "sub", "deep", "file"), []byte("deep\n"), 0o640),
		os.Symlink("../mine.go", filepath.Join(dir, "sub", "up")),
		os.Chtimes(filepath.Join(dir, "sub", "deep"), past, past),
		os.Chtimes(filepath.Join(dir, "sub"), past, past),
		os.Chmod(dir, 0o710)))
	return dir
}

// identities describes all below dir: mode and time, and of what is no folder the
// inode and the text.
func identities(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		name, _ := filepath.Rel(dir, path)
		found[name] = info.Mode().String()
		if name != "." {
			found[name] += info.ModTime().String()
		}
		switch {
		case info.Mode().IsRegular():
			text, err := os.ReadFile(path)
			found[name] += fmt.Sprintf(" %d %s", inode(info), text)
			return err
		case !info.IsDir():
			target, err := os.Readlink(path)
			found[name] += fmt.Sprintf(" %d -> %s", inode(info), target)
			return err
		}
		return err
	}))
	return found
}

// foreign returns those of the identities that are not generated.
func foreign(identities map[string]string) map[string]string {
	others := maps.Clone(identities)
	maps.DeleteFunc(others, func(name, _ string) bool {
		generated := func(files []File) bool {
			return slices.ContainsFunc(files, func(f File) bool { return f.Name == name })
		}
		return slices.ContainsFunc(versions, generated) || strings.HasPrefix(name, reserved)
	})
	return others
}

func sameMaps(t *testing.T, when string, want, got map[string]string) {
	t.Helper()
	for name := range want {
		if got[name] != want[name] {
			t.Errorf("%s: %s was %q, is %q", when, name, want[name], got[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s is new: %q", when, name, got[name])
		}
	}
}

// isVersion tells whether the folder holds exactly the package of version i.
func isVersion(t *testing.T, dir string, i int) bool {
	t.Helper()
	for _, files := range versions {
		for _, f := range files {
			text, err := os.ReadFile(filepath.Join(dir, f.Name))
			at := slices.IndexFunc(versions[i], func(other File) bool { return other.Name == f.Name })
			if at < 0 && !errors.Is(err, fs.ErrNotExist) || at >= 0 && string(text) != string(versions[i][at].Data) {
				return false
			}
		}
	}
	return true
}

// nothingBeside fails the test when anything is beside the folder.
func nothingBeside(t *testing.T, dir, when string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(dir))
	if err != nil || len(entries) != 1 {
		t.Errorf("%s: beside the folder: %v, %v", when, entries, err)
	}
}

func nothing(string, string) error { return nil }

func TestExchange(t *testing.T) {
	dir := sharedFolder(t)
	before := identities(t, dir)
	var steps []string
	must(t, newPlan(t, dir, versions[1]).apply(faulty(dir, 1000, false, &steps)))
	after := identities(t, dir)
	sameMaps(t, "what others keep", foreign(before), foreign(after))
	if !slices.Contains(steps, "exchange package") || !isVersion(t, dir, 1) || after["keep.go"] != before["keep.go"] {
		t.Errorf("steps %q\nbefore %v\nafter  %v", steps, before, after)
	}
	nothingBeside(t, dir, "after")
	if changes := newPlan(t, dir, versions[1]).Changes(); len(changes) > 0 {
		t.Errorf("changes after Apply: %v", changes)
	}
}

func TestEveryStepOfAnExchangeThatFails(t *testing.T) {
	t.Run("before the exchange the files are replaced in place, after it all is as it was", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := sharedFolder(t)
			before := identities(t, dir)
			var steps []string
			err := newPlan(t, dir, versions[1]).apply(faulty(dir, n, false, &steps))
			if len(steps) < n {
				return
			}
			when := fmt.Sprintf("step %d, %s, %v", n, steps[n-1], err)
			switch {
			case err != nil && (!errors.Is(err, errDisk) || !strings.Contains(err.Error(), "as it was")):
				t.Error(when)
			case err != nil:
				sameMaps(t, when, before, identities(t, dir))
				nothingBeside(t, dir, when)
			case !isVersion(t, dir, 1):
				t.Errorf("%s: the folder holds %v", when, contents(t, dir))
			}
			sameMaps(t, when, foreign(before), foreign(identities(t, dir)))
			must(t, newPlan(t, dir, versions[1]).Apply())
			holds(t, dir, versions[1], "mine.go", "link", "dangling", "sub", "empty")
			nothingBeside(t, dir, when)
		}
	})
	t.Run("when nothing can be written in place either, all is as it was", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := sharedFolder(t)
			before := identities(t, dir)
			var steps []string
			hook := faulty(dir, n, false, &steps)
			err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
				if len(steps) >= n && step == "create a temporary file for" {
					return errDisk
				}
				return hook(step, name)
			})
			if len(steps) < n {
				return
			}
			when := fmt.Sprintf("step %d, %s, %v", n, steps[n-1], err)
			if err == nil {
				if !strings.HasPrefix(steps[n-1], "remove") {
					t.Errorf("%s: no error", when)
				}
				continue
			}
			sameMaps(t, when, before, identities(t, dir))
			nothingBeside(t, dir, when)
		}
	})
	t.Run("a new folder and its parents are gone", func(t *testing.T) {
		for n := 1; ; n++ {
			base := memoryDir(t)
			dir := filepath.Join(base, "a", "b")
			var steps []string
			hook := faulty(dir, n, false, &steps)
			err := newPlan(t, dir, versions[1]).apply(func(step, name string) error {
				if len(steps) >= n && step == "create a temporary file for" {
					return errDisk
				}
				return hook(step, name)
			})
			if len(steps) < n {
				holds(t, dir, versions[1])
				return
			}
			if err == nil {
				holds(t, dir, versions[1])
				must(t, newPlan(t, dir, versions[1]).Apply())
				nothingBeside(t, dir, steps[n-1])
				continue
			}
			if left := contents(t, base); len(left) > 0 {
				t.Errorf("step %d, %s, %v: left %v", n, steps[n-1], err, left)
			}
		}
	})
}

// old or new: that is what a kill leaves.
func TestAStopAtEveryStepOfAnExchange(t *testing.T) {
	t.Run("leaves the old package or the new one, and the next run tidies up", func(t *testing.T) {
		seen := map[int]int{}
		for n := 1; ; n++ {
			dir := sharedFolder(t)
			before := identities(t, dir)
			must(t, newPlan(t, dir, versions[0]).Apply()) // gone.go comes back
			var steps []string
			_ = newPlan(t, dir, versions[1]).apply(faulty(dir, n, true, &steps))
			if len(steps) < n {
				if seen[0] < 20 || seen[1] < 5 {
					t.Errorf("old and new were left so often: %v", seen)
				}
				return
			}
			when := "stopped before " + steps[n-1]
			left := 0
			if isVersion(t, dir, 1) {
				left = 1
			} else if !isVersion(t, dir, 0) {
				t.Errorf("%s: a mixture: %v", when, contents(t, dir))
			}
			seen[left]++
			sameMaps(t, when, foreign(before), foreign(identities(t, dir)))
			next := (left + n) % 3 // with and without changes
			must(t, newPlan(t, dir, versions[next]).Apply())
			holds(t, dir, versions[next], "mine.go", "link", "dangling", "sub", "empty")
			sameMaps(t, when, foreign(before), foreign(identities(t, dir)))
			nothingBeside(t, dir, when)
		}
	})
	t.Run("also when the run that tidies up is stopped", func(t *testing.T) {
		var all []string
		must(t, newPlan(t, sharedFolder(t), versions[1]).apply(faulty("", 1000, false, &all)))
		exchanged := slices.Index(all, "exchange package") + 1
		for _, stop := range []int{exchanged, exchanged + 1, exchanged + 3} {
			for n := 1; ; n++ {
				dir := sharedFolder(t)
				before := identities(t, dir)
				var first, second []string
				_ = newPlan(t, dir, versions[1]).apply(faulty(dir, stop, true, &first))
				_ = newPlan(t, dir, versions[0]).apply(faulty(dir, n, true, &second))
				if len(second) < n {
					break
				}
				when := "stopped before " + first[stop-1] + ", then before " + second[n-1]
				sameMaps(t, when, foreign(before), foreign(identities(t, dir)))
				must(t, newPlan(t, dir, versions[1]).Apply())
				holds(t, dir, versions[1], "mine.go", "link", "dangling", "sub", "empty")
				nothingBeside(t, dir, when)
			}
		}
	})
	t.Run("of a new folder leaves nothing or all", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := filepath.Join(memoryDir(t), "package")
			var steps []string
			_ = newPlan(t, dir, versions[1]).apply(faulty(dir, n, true, &steps))
			if len(steps) < n {
				return
			}
			if left := contents(t, dir); len(left) > 0 && !isVersion(t, dir, 1) {
				t.Errorf("stopped before %s: %v", steps[n-1], left)
			}
			must(t, newPlan(t, dir, versions[1]).Apply())
			holds(t, dir, versions[1])
			nothingBeside(t, dir, steps[n-1])
		}
	})
}
