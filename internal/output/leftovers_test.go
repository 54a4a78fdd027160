//go:build linux || darwin

package output

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
	for _, step := range []string{"exchange package", "check again package", "remove stale.go"} {
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
		for n := 1; ; n++ {
			dir := sharedFolder(t)
			old, err := os.OpenRoot(filepath.Join(dir, "sub"))
			must(t, err)
			var steps []string
			var writeErr error
			must(t, newPlan(t, dir, versions[1]).apply(func(step, name string) error {
				if steps = append(steps, step+" "+name); len(steps) == n {
					writeErr = old.WriteFile("theirs", []byte("theirs\n"), 0o644)
				}
				return nil
			}))
			must(t, old.Close())
			if len(steps) < n {
				return
			}
			must(t, newPlan(t, dir, versions[1]).Apply())
			// Without an error it was written, and with one the folder was gone.
			if _, err := os.Stat(filepath.Join(dir, "sub", "theirs")); (err == nil) != (writeErr == nil) {
				t.Errorf("before %s: %v, %v", steps[n-1], writeErr, err)
			}
			nothingBeside(t, dir, "after")
		}
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
		dir, aside := killed(t, "check again package")
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
