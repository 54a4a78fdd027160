//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
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

// victim is the real command in a folder of two specs for one package, a file of
// the user's in the package, and what each spec becomes.
type victim struct {
	t       *testing.T
	program string
	specs   []string
	dir     string
	want    []map[string]string
	left    map[string]int // what the kills left, counted
}

func newVictim(t *testing.T) *victim {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	v := &victim{t: t, program: path, left: map[string]int{}}
	first, dir := copyExample(t)
	second, _ := copyExample(t, append(changeOfSpec, "    hours: number\n", "    hours: number\n    minutes: integer\n")...)
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
		writeFile(t, v.specs[i], string(text))
		v.run(i)
		if i == 0 {
			writeFile(t, filepath.Join(dir, "mine.go"), "package timesheets\n")
			v.want = append(v.want, v.files())
			v.want[0]["mine.go"] = "package timesheets\n"
		} else {
			v.want = append(v.want, v.files())
		}
	}
	return v
}

func (v *victim) command(i int, flags ...string) *exec.Cmd {
	return exec.CommandContext(v.t.Context(), v.program, append([]string{"generate", v.specs[i], "--output", v.dir}, flags...)...)
}

func (v *victim) run(i int) {
	v.t.Helper()
	if out, err := v.command(i).CombinedOutput(); err != nil {
		v.t.Fatalf("after %v: %v\n%s", v.left, err, out)
	}
}

// files returns the folder's files, but for the manifest and temporary ones.
func (v *victim) files() map[string]string {
	v.t.Helper()
	texts, _ := snapshot(v.t, v.dir)
	maps.DeleteFunc(texts, func(name, _ string) bool { return strings.HasPrefix(name, ".scaffold") })
	return texts
}

// kill starts to generate from spec i, and kills that at any instant; or, if
// writing, at any instant once files are written.
func (v *victim) kill(i int, within time.Duration, writing bool) {
	v.t.Helper()
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
	switch files := v.files(); {
	case maps.Equal(files, v.want[i]):
		v.left["new"]++
	case maps.Equal(files, v.want[1-i]):
		v.left["old"]++
	default:
		v.left["some of both"]++
		v.mustBeDrift(files)
		v.mustBuild(files)
	}
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (v *victim) isWriting() bool {
	temps, err := filepath.Glob(filepath.Join(v.dir, ".scaffold-*.tmp"))
	return err != nil || len(temps) > 0
}

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
// module: what one of the specs only adds to the other is never half used.
func (v *victim) mustBuild(files map[string]string) {
	v.t.Helper()
	module, err := filepath.Abs("../..")
	if err != nil {
		v.t.Fatal(err)
	}
	replace := map[string]string{}
	for name := range files {
		replace[filepath.Join(module, "internal", "killed", name)] = filepath.Join(v.dir, name)
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		v.t.Fatal(err)
	}
	overlay := filepath.Join(v.t.TempDir(), "overlay.json")
	writeFile(v.t, overlay, string(text))
	cmd := exec.CommandContext(v.t.Context(), "go", "build", "-overlay", overlay, "./internal/killed")
	cmd.Dir = module
	if out, err := cmd.CombinedOutput(); err != nil {
		v.t.Errorf("what a kill left does not build: %v\n%s", err, out)
	}
}

// killAtRandom kills again and again. After each kill the folder holds whole
// files, and the next run, of either spec and without a flag, makes it right;
// now and then the next run is killed as well.
func killAtRandom(t *testing.T, kills int, writing bool) {
	v := newVictim(t)
	begin := time.Now()
	v.run(0)
	within := time.Since(begin)
	if writing {
		within = 20 * time.Millisecond
	}
	at := 0 // the spec that was generated last
	for range kills {
		v.kill(1-at, within, writing)
		if rand.N(4) == 0 {
			v.kill(at, within, writing)
		}
		at = rand.N(2)
		v.run(at)
		if files := v.files(); !maps.Equal(files, v.want[at]) {
			t.Fatalf("after %v the next run did not make it right", v.left)
		}
		if temps, err := fs.Glob(os.DirFS(v.dir), ".scaffold-*.tmp"); err != nil || len(temps) > 0 {
			t.Fatalf("after %v: left over: %q, %v", v.left, temps, err)
		}
	}
	t.Logf("%d kills within %v left: %v", kills, within, v.left)
}

func TestKilledAtRandom(t *testing.T) {
	t.Run("at any instant of a run", func(t *testing.T) { killAtRandom(t, 15, false) })
	t.Run("while it writes", func(t *testing.T) { killAtRandom(t, 15, true) })
}

func TestInterrupted(t *testing.T) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	specPath := filepath.Join(t.TempDir(), "a.yaml")
	writeFile(t, specPath, smallSpec("a"))
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name+" ends a watch with exit 0", func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), path, "generate", "--watch", specPath)
			talk, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(talk)
			for lines.Scan() && !strings.HasPrefix(lines.Text(), "watching 1 spec") {
				continue
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			var rest bytes.Buffer
			for lines.Scan() {
				rest.WriteString(lines.Text())
			}
			if err := cmd.Wait(); err != nil || rest.Len() > 0 {
				t.Errorf("%v, and it says %q", err, rest.String())
			}
		})
	}
}
