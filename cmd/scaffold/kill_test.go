//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds the real command, once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(os.Getenv("SCAFFOLD_CACHE"), "scaffold-program")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	return path, errors.Join(err, errorText(out))
})

func errorText(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	return errors.New(string(out))
}

// victim is the real command, two specs for one folder, and what the folder
// holds after each.
type victim struct {
	t       *testing.T
	program string
	specs   []string
	dir     string
	inPlace bool // the command stands in the folder, so that files are replaced one by one
	tested  bool // there is a test package in the folder, which is replaced in a step of its own
	want    []map[string]string
	foreign map[string]string // what others keep in the folder
	left    map[string]int    // what the kills left, counted
}

// rewrite changes the example spec so that hardly a file stays as it is: names of
// all kinds go and come at once, and endpoints move between files.
var rewrite = []string{
	"package: timesheets\n", "package: hours\n",
	"  approve:timesheets:\n", "  export:timesheets: Export timesheets\n  approve:timesheets:\n",
	"  delete:timesheets: Delete an entry\n", "", ", delete:timesheets", "",
	"  DeleteTimesheet:\n    delete: /timesheets/{id}\n    path: {id: integer}\n    scopes: [delete:timesheets]\n",
	"  ExportTimesheets:\n    get: /timesheets/export\n    group: reports\n    scopes: [export:timesheets]\n    returns: bytes\n",
	"  CreateTimesheet:\n", "  CreateTimesheet:\n    group: entries\n",
	"  ApproveTimesheet:\n", "  ConfirmTimesheet:\n    group: entries\n",
	"NewTimesheet", "Entry",
}

// growth changes the example spec so that names only come.
var growth = append(changeOfSpec, "    hours: number\n", "    hours: number\n    minutes: integer\n")

// wantTests gives the specs of a victim a test package.
const wantTests = "generate: {test: true}\n"

func newVictim(t *testing.T, more string, changes ...string) *victim {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{t: t, program: path, left: map[string]int{}, tested: more == wantTests}
	first, dir := copyExample(t)
	writeFile(t, filepath.Join(filepath.Dir(dir), "go.mod"), "module example.com/scaffold/internal\n")
	second, _ := copyExample(t, changes...)
	v.dir = dir
	for i, source := range []string{first, second} {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		// One name, so that the files' headers are equal.
		folder := filepath.Join(filepath.Dir(first), []string{"one", "two"}[i])
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		v.specs = append(v.specs, filepath.Join(folder, "timesheets.yaml"))
		writeFile(t, v.specs[i], string(text)+more)
		v.run(i)
		files, _ := v.files()
		v.want = append(v.want, files)
	}
	return v
}

// keep puts files of others, links and folders into the folder.
func (v *victim) keep() {
	v.t.Helper()
	deep := filepath.Join(v.dir, "notes", "deep")
	if err := os.MkdirAll(deep, 0o750); err != nil {
		v.t.Fatal(err)
	}
	writeFile(v.t, filepath.Join(v.dir, "notes.md"), "notes\n")
	writeFile(v.t, filepath.Join(deep, "more.md"), "more\n")
	for name, target := range map[string]string{"link": "notes.md", "notes/up": "../notes.md", "nowhere": "gone"} {
		if err := os.Symlink(target, filepath.Join(v.dir, name)); err != nil {
			v.t.Fatal(err)
		}
	}
	_, v.foreign = v.files()
}

func (v *victim) command(i int, flags ...string) *exec.Cmd {
	cmd := exec.CommandContext(v.t.Context(), v.program, append([]string{"generate", v.specs[i], "--output", v.dir}, flags...)...)
	if v.inPlace {
		cmd.Dir = v.dir
	}
	return cmd
}

func (v *victim) run(i int) {
	v.t.Helper()
	if out, err := v.command(i).CombinedOutput(); err != nil {
		v.t.Fatalf("after %v: %v\n%s", v.left, err, out)
	}
}

// files returns the text of the package's Go files by their paths in the folder,
// and of whatever others keep there the mode, the time and the identity. There may
// be no folder.
func (v *victim) files() (generated, foreign map[string]string) {
	v.t.Helper()
	generated, foreign = map[string]string{}, map[string]string{}
	err := filepath.WalkDir(v.dir, func(path string, entry fs.DirEntry, err error) error {
		if path == v.dir || strings.HasPrefix(filepath.Base(path), ".scaffold") {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if err != nil {
			return err
		}
		if v.tested && entry.IsDir() && strings.Contains(entry.Name(), ".scaffold-") {
			return fs.SkipDir // what is left over of the test package; see leftovers
		}
		if strings.HasSuffix(path, ".go") {
			text, err := os.ReadFile(path)
			name, errName := filepath.Rel(v.dir, path)
			generated[name] = string(text)
			return errors.Join(err, errName)
		}
		if v.tested {
			return nil // the folder of the test package, and what it embeds
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		foreign[path] = info.Mode().String() + " " + info.ModTime().String()
		if !info.IsDir() {
			foreign[path] += fmt.Sprint(" ", info.Sys().(*syscall.Stat_t).Ino)
		}
		return nil
	})
	if err != nil {
		v.t.Fatal(err)
	}
	return generated, foreign
}

// kill starts to generate from spec i, and kills that at any instant; or, if
// writing, at any instant once files are written.
func (v *victim) kill(i int, within time.Duration, writing bool) {
	v.t.Helper()
	before, _ := v.files()
	cmd := v.command(i)
	if err := cmd.Start(); err != nil {
		v.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // an error says that it was killed
		close(ended)
	}()
	for writing && !v.isWriting() && !isClosed(ended) {
		continue // there is nothing to wait for: the folder has to be looked at
	}
	<-time.After(rand.N(within)) // any instant is what this is about
	_ = cmd.Process.Kill()       // an error says that it has ended by itself
	<-ended
	files, foreign := v.files()
	switch {
	case maps.Equal(files, v.want[i]):
		v.left["new"]++
	case maps.Equal(files, before):
		v.left["old"]++
	default:
		v.left["some of both"]++
		v.mustBeDrift(files)
		v.mustBuild(files)
		whole := v.tested && eachWhole(files, before, v.want[i])
		if !v.inPlace && !whole && (runtime.GOOS == "linux" || runtime.GOOS == "darwin") {
			v.t.Error("a kill left a mixture")
		}
	}
	if v.foreign != nil && !maps.Equal(foreign, v.foreign) {
		v.t.Errorf("others' files were %v, are %v", v.foreign, foreign)
	}
	if len(v.leftovers()) > 0 {
		v.left["something to remove"]++
	}
}

// eachWhole tells whether each folder's files are all old or all new.
func eachWhole(files, before, after map[string]string) bool {
	for name := range files {
		folder := filepath.Dir(name)
		in := func(all map[string]string) map[string]string {
			some := maps.Clone(all)
			maps.DeleteFunc(some, func(name, _ string) bool { return filepath.Dir(name) != folder })
			return some
		}
		if now := in(files); !maps.Equal(now, in(before)) && !maps.Equal(now, in(after)) {
			return false
		}
	}
	return true
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// leftovers returns what is there for no longer than a run takes.
func (v *victim) leftovers() []string {
	v.t.Helper()
	within, err := filepath.Glob(filepath.Join(v.dir, ".scaffold-*.tmp"))
	beside, errBeside := filepath.Glob(filepath.Join(filepath.Dir(v.dir), ".*.scaffold-*"))
	inside, errInside := filepath.Glob(filepath.Join(v.dir, ".*.scaffold-*"))
	if err = errors.Join(err, errBeside, errInside); err != nil {
		v.t.Fatal(err)
	}
	return slices.Concat(within, beside, inside)
}

func (v *victim) isWriting() bool { return len(v.leftovers()) > 0 }

// mustBeDrift fails the test unless what a kill left consists of whole files, old
// or new, and --check takes it for neither package.
func (v *victim) mustBeDrift(files map[string]string) {
	v.t.Helper()
	for name, text := range files {
		if text != v.want[0][name] && text != v.want[1][name] {
			v.t.Errorf("%s is neither old nor new", name)
		}
	}
	for i := range v.specs {
		out, err := v.command(i, "--check").CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != exitWrong {
			v.t.Errorf("--check takes a mixture for package %d: %v\n%s", i, err, out)
		}
	}
}

// mustBuild fails the test unless the files build, laid over a folder of this
// module.
func (v *victim) mustBuild(files map[string]string) {
	v.t.Helper()
	module, err := filepath.Abs("../..")
	if err != nil {
		v.t.Fatal(err)
	}
	replace := map[string]string{}
	for name := range files {
		replace[filepath.Join(module, "internal", filepath.Base(v.dir), name)] = filepath.Join(v.dir, name)
	}
	for name := range files { // what the test package embeds
		if spec := filepath.Join(filepath.Dir(name), "spec.yaml"); filepath.Base(name) == "spec.go" {
			replace[filepath.Join(module, "internal", filepath.Base(v.dir), spec)] = filepath.Join(v.dir, spec)
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		v.t.Fatal(err)
	}
	overlay := filepath.Join(v.t.TempDir(), "overlay.json")
	writeFile(v.t, overlay, string(text))
	cmd := exec.CommandContext(v.t.Context(), "go", "build", "-overlay", overlay, "./internal/"+filepath.Base(v.dir)+"/...")
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		v.t.Errorf("what a kill left does not build: %v\n%s", err, out)
	}
}

// atRandom kills again and again. After each kill the folder holds the old
// package or the new one, and the next run, of either spec and without a flag,
// makes it right; now and then the next run is killed as well. Where there is
// nothing of others, there is no folder to begin with, now and then.
func (v *victim) atRandom(kills int, writing bool) {
	v.t.Helper()
	begin := time.Now()
	v.run(0)
	within := time.Since(begin)
	if writing {
		within = 20 * time.Millisecond
	}
	at := 0 // the spec that was generated last
	for range kills {
		if v.foreign == nil && !v.inPlace && rand.N(4) == 0 {
			if err := os.RemoveAll(v.dir); err != nil {
				v.t.Fatal(err)
			}
		}
		v.kill(1-at, within, writing)
		if rand.N(4) == 0 {
			v.kill(at, within, writing)
		}
		at = rand.N(2)
		v.run(at)
		if files, _ := v.files(); !maps.Equal(files, v.want[at]) {
			v.t.Fatalf("after %v the next run did not make it right", v.left)
		}
		if left := v.leftovers(); len(left) > 0 {
			v.t.Fatalf("after %v: left over: %q", v.left, left)
		}
	}
	v.t.Logf("%d kills within %v left: %v", kills, within, v.left)
}

func killAtRandom(t *testing.T, kills int) {
	v := newVictim(t, "", rewrite...)
	for i := range v.specs {
		v.run(i)
		v.mustBuild(v.want[i])
	}
	for _, test := range []struct {
		name    string
		writing bool
		prepare func()
	}{
		{"at any instant of a run", false, func() {}},
		{"while it writes", true, func() {}},
		{"while it writes to a folder in which others keep files", true, v.keep},
		// What one of the specs only adds to the other is never half used.
		{"while it writes file by file", true, func() { v = newVictim(t, "", growth...); v.inPlace = true }},
		{"while it writes a test package too", true, func() { v = newVictim(t, wantTests, rewrite[2:]...) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.prepare()
			v.t, v.left = t, map[string]int{}
			v.atRandom(kills, test.writing)
		})
	}
}

func TestKilledAtRandom(t *testing.T) { killAtRandom(t, 8) }
