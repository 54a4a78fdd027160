package output

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tests of this file fail or stop an Apply at each of its steps in turn, where
// the files are replaced one after another. See exchange_test.go for the other way.

var errDisk = errors.New("the disk is broken")

// versions are what is rendered, first to last: each updates, creates and
// prunes against the others.
var versions = [][]File{
	{{"keep.go", []byte("keep\n")}, {"update.go", []byte("one\n")}, {"stale.go", []byte("stale\n")}, {"gone.go", []byte("gone\n")}},
	{{"keep.go", []byte("keep\n")}, {"update.go", []byte("two\n")}, {"fresh.go", []byte("fresh\n")}, {"gone.go", []byte("gone\n")}},
	{{"keep.go", []byte("kept\n")}, {"update.go", []byte("three\n")}, {"fresh.go", []byte("fresher\n")}, {"other.go", []byte("other\n")}},
}

// memoryDir returns an empty folder, in memory where Linux has that: these
// tests write hundreds of packages.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "scaffold-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// startFolder returns a folder that holds the first version, an unusual mode,
// a file of the user's and what a stopped run left. One file is missing.
func startFolder(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(memoryDir(t), "package")
	known := newManifest()
	err := os.Mkdir(dir, 0o755)
	for _, f := range versions[0] {
		known.files[f.Name] = hash(f.Data)
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o644))
	}
	past := time.Date(2020, 1, 2, 3, 4, 5, 6000, time.UTC)
	err = errors.Join(err,
		os.WriteFile(filepath.Join(dir, manifestName), known.encode(), 0o644),
		os.WriteFile(filepath.Join(dir, "mine.go"), []byte("mine\n"), 0o644),
		os.WriteFile(filepath.Join(dir, ".scaffold-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp"), []byte("left"), 0o644),
		os.Remove(filepath.Join(dir, "gone.go")),
		os.Chmod(filepath.Join(dir, "update.go"), 0o600))
	for name := range contents(t, dir) {
		err = errors.Join(err, os.Chtimes(filepath.Join(dir, name), past, past))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// contents describes the files in dir, and nothing when there is no dir.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		found[e.Name()] = fmt.Sprint(info.Mode(), info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			found[e.Name()] += " " + string(data)
		}
	}
	return found
}

// holds fails unless dir holds the files, the manifest and the extra names.
func holds(t *testing.T, dir string, files []File, extra ...string) {
	t.Helper()
	found := contents(t, dir)
	for _, f := range files {
		if !strings.HasSuffix(found[f.Name], " "+string(f.Data)) {
			t.Errorf("%s holds %q, want %q", f.Name, found[f.Name], f.Data)
		}
		delete(found, f.Name)
	}
	for _, name := range append(extra, manifestName) {
		if found[name] == "" {
			t.Errorf("%s is missing", name)
		}
		delete(found, name)
	}
	if len(found) > 0 {
		t.Errorf("left over: %v", found)
	}
}

// leadsToAll fails unless from dir each of the versions can be planned, and
// the changes lead to it.
func leadsToAll(t *testing.T, dir, when string) {
	t.Helper()
	for i, files := range versions {
		plan, err := NewPlan(dir, files)
		if err != nil {
			t.Errorf("%s, version %d: %v", when, i+1, err)
			continue
		}
		names := contents(t, dir)
		for name, found := range names {
			_, names[name], _ = strings.Cut(found[strings.Index(found, " ")+1:], " ")
		}
		for _, change := range plan.Changes() {
			names[change.Name] = string(change.New)
			if change.Op == Delete {
				delete(names, change.Name)
			}
		}
		delete(names, manifestName)
		want := map[string]string{"mine.go": "mine\n"}
		for _, f := range files {
			want[f.Name] = string(f.Data)
		}
		if !maps.Equal(names, want) {
			t.Errorf("%s, version %d: leads to %v, want %v", when, i+1, names, want)
		}
	}
}

func newPlan(t *testing.T, dir string, files []File) *Plan {
	t.Helper()
	plan, err := NewPlan(dir, files)
	if err != nil {
		t.Fatalf("NewPlan: %v", err)
	}
	return plan
}

// inPlace applies the plan as where no folder can be replaced as a whole.
func inPlace(p *Plan, before func(step, name string) error) error {
	return p.attempt(before, (*transaction).inPlace)
}

// faulty returns a hook that fails the nth step, and with it all after it
// when stop is set: then no rollback runs, as if the process had ended there.
// The write at which it stops is half done.
func faulty(dir string, n int, stop bool, steps *[]string) func(step, name string) error {
	return func(step, name string) error {
		*steps = append(*steps, step+" "+name)
		if len(*steps) < n || (!stop && len(*steps) > n) {
			return nil
		}
		if stop && len(*steps) == n && step == "write" {
			temps, _ := filepath.Glob(filepath.Join(dir, ".scaffold-*.tmp"))
			for _, temp := range temps {
				if info, err := os.Stat(temp); err == nil && info.Size() == 0 {
					return errors.Join(errDisk, os.WriteFile(temp, []byte("ha"), 0o644))
				}
			}
		}
		return errDisk
	}
}

func TestEveryStepThatFails(t *testing.T) {
	for _, test := range []struct {
		name  string
		start func(t *testing.T) (base, dir string)
		extra []string
	}{
		{"an existing folder is as it was", func(t *testing.T) (string, string) {
			dir := startFolder(t)
			return dir, dir
		}, []string{"mine.go"}},
		{"a new folder and its parents are gone", func(t *testing.T) (string, string) {
			base := memoryDir(t)
			return base, filepath.Join(base, "a", "b")
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			for n := 1; ; n++ {
				base, dir := test.start(t)
				before := contents(t, base)
				var steps []string
				err := inPlace(newPlan(t, dir, versions[1]), faulty(dir, n, false, &steps))
				if len(steps) < n {
					holds(t, dir, versions[1], test.extra...)
					if n < 30 {
						t.Errorf("only %d steps can fail", n)
					}
					return
				}
				if failed := steps[n-1]; err == nil {
					// All was written; only a backup could not be removed.
					if !strings.HasPrefix(failed, "remove temporary file") {
						t.Errorf("step %d, %s: no error", n, failed)
					}
					next := newPlan(t, dir, versions[1])
					if changes := next.Changes(); len(changes) != 1 || changes[0].Op != Delete || next.Apply() != nil {
						t.Errorf("step %d, %s: next come %v", n, failed, changes)
					}
					holds(t, dir, versions[1], test.extra...)
					continue
				} else if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), "as it was") {
					t.Errorf("step %d, %s: %v", n, failed, err)
				}
				if after := contents(t, base); fmt.Sprint(after) != fmt.Sprint(before) {
					t.Errorf("step %d, %s:\nbefore: %v\nafter:  %v", n, steps[n-1], before, after)
				}
			}
		})
	}
}

// With each file after those whose declarations it uses, a stop while the files
// are replaced leaves no use without its declaration.
func TestOrderOfReplacing(t *testing.T) {
	files := func(texts ...string) []File {
		var list []File
		for i, name := range []string{"z.go", "a.go", "b.go"} {
			if i < len(texts) {
				list = append(list, File{name, []byte(texts[i])})
			}
		}
		return list
	}
	small, large := files("z", "a", "b"), files("zz", "aa", "bb")
	for _, test := range []struct {
		name      string
		old, new  []File
		wantOrder string
	}{
		{"a package that grows: declarations first", small, large, "replace z.go, replace a.go, replace b.go"},
		{"one that shrinks: uses first", large, small, "replace b.go, replace a.go, replace z.go"},
		{"what is deleted goes last", files("z", "a", "b"), files("zzz", "aaa"), "replace z.go, replace a.go, delete b.go"},
		{"also in one that shrinks", files("zzz", "aaa", "b"), files("z", "a"), "replace a.go, replace z.go, delete b.go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := memoryDir(t)
			if err := newPlan(t, dir, test.old).Apply(); err != nil {
				t.Fatal(err)
			}
			var order []string
			err := inPlace(newPlan(t, dir, test.new), func(step, name string) error {
				if name != manifestName && (step == "replace" || step == "delete") {
					order = append(order, step+" "+name)
				}
				return nil
			})
			if got := strings.Join(order, ", "); err != nil || got != test.wantOrder {
				t.Errorf("%s, %v, want %s", got, err, test.wantOrder)
			}
		})
	}
}

func TestAStopAtEveryStep(t *testing.T) {
	t.Run("then whatever comes next is planned as if nothing had been", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := startFolder(t)
			var steps []string
			err := inPlace(newPlan(t, dir, versions[1]), faulty(dir, n, true, &steps))
			if len(steps) < n {
				return
			}
			if committed := strings.HasPrefix(steps[n-1], "remove temporary file"); (err == nil) != committed {
				t.Errorf("step %d, %s: %v", n, steps[n-1], err)
			}
			leadsToAll(t, dir, "stopped before "+steps[n-1])
		}
	})
	t.Run("then a stop of the next run changes nothing about that", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := startFolder(t)
			var first, second []string
			_ = inPlace(newPlan(t, dir, versions[1]), faulty(dir, 35, true, &first))
			_ = inPlace(newPlan(t, dir, versions[2]), faulty(dir, n, true, &second))
			if len(second) < n {
				return
			}
			leadsToAll(t, dir, "stopped before "+first[34]+", then before "+second[n-1])
		}
	})
	t.Run("of a rollback: then too", func(t *testing.T) {
		var all []string
		if err := inPlace(newPlan(t, startFolder(t), versions[1]), faulty("", 1000, false, &all)); err != nil {
			t.Fatal(err)
		}
		last := len(all)
		for strings.HasPrefix(all[last-1], "remove temporary file") {
			last--
		}
		for n := last + 1; ; n++ {
			dir := startFolder(t)
			steps := 0
			err := inPlace(newPlan(t, dir, versions[1]), func(step, name string) error {
				if steps++; steps == last || steps >= n {
					return errDisk
				}
				return nil
			})
			leadsToAll(t, dir, fmt.Sprintf("stopped at step %d, %v", n, err))
			if steps < n {
				return
			}
		}
	})
	t.Run("then a file that someone else put under a planned name is not taken for ours", func(t *testing.T) {
		for n := 1; ; n++ {
			dir := startFolder(t)
			var steps []string
			_ = inPlace(newPlan(t, dir, versions[1]), faulty(dir, n, true, &steps))
			if len(steps) < n {
				return
			}
			if err := os.WriteFile(filepath.Join(dir, "fresh.go"), []byte("mine\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			for i, files := range versions {
				plan, err := NewPlan(dir, files)
				if _, refused := errors.AsType[*RefusedError](err); refused {
					continue
				}
				if err != nil || i > 0 {
					t.Errorf("step %d, %s, version %d: %v", n, steps[n-1], i+1, err)
					continue
				}
				for _, change := range plan.Changes() {
					if change.Name == "fresh.go" {
						t.Errorf("step %d, %s: %s", n, steps[n-1], change.Op)
					}
				}
			}
		}
	})
	t.Run("the error of a rollback that fails says what failed first and that it did", func(t *testing.T) {
		dir := startFolder(t)
		var steps []string
		err := inPlace(newPlan(t, dir, versions[1]), faulty(dir, 20, true, &steps))
		if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), steps[19]) || !strings.Contains(err.Error(), "putting the folder back failed too") {
			t.Errorf("error: %v", err)
		}
	})
}
