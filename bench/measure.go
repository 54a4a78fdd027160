package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// bench is one run of this program.
type bench struct {
	settings
	dir      string // to work in
	tools    []tool
	found    results
	moved    int // folders, aside
	progress io.Writer
}

// usage is what a command took.
type usage struct {
	wall, cpu time.Duration
	peak      int64 // bytes of memory
	output    string
}

// command runs a command in a folder. Its error holds what the command said.
func (b *bench) command(dir, name string, args ...string) (usage, error) {
	var output bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &output, &output
	cmd.Env = append(os.Environ(), "SCAFFOLD_CACHE="+filepath.Join(b.dir, "memory"))
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		return usage{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, output.String())
	}
	state := cmd.ProcessState
	used := usage{wall: wall, cpu: state.UserTime() + state.SystemTime(), output: output.String()}
	if rusage, ok := state.SysUsage().(*syscall.Rusage); ok {
		used.peak = int64(rusage.Maxrss)
		if runtime.GOOS != "darwin" { // which counts bytes
			used.peak *= 1024
		}
	}
	return used, nil
}

// measure does every round. Within a round the tools take turns, so that whatever
// else the machine does meets all of them.
func (b *bench) measure() error {
	if err := b.prepare(); err != nil {
		return err
	}
	for _, n := range b.sizes {
		for _, description := range []string{"scaffold.yaml", "openapi.yaml"} {
			if err := describeFile(b.spec(description, n), description, n); err != nil {
				return err
			}
		}
	}
	// All generating comes first: the go command deletes what it worked with, which
	// makes new files dear for some minutes (see moveAside).
	if err := b.everyRound("generating", b.generating); err != nil {
		return err
	}
	if err := b.everyRound("building", b.building); err != nil {
		return err
	}
	if !b.calls {
		return nil
	}
	return b.goBenchmarks()
}

func (b *bench) everyRound(what string, measure func(n, round int) error) error {
	for round := range b.rounds {
		for _, n := range b.sizes {
			b.say("%s, round %d of %d: %d endpoints", what, round+1, b.rounds, n)
			if err := measure(n, round); err != nil {
				return err
			}
		}
	}
	return nil
}

// generating has each tool generate, and scaffold once more what is up to date.
func (b *bench) generating(n, _ int) error {
	for range max(1, min(10, 250/n)) { // a short run has to be seen more than once
		for _, t := range b.tools {
			if err := b.generate(t, n); err != nil {
				return err
			}
		}
	}
	return b.again(n)
}

// building builds and vets the last output of each tool.
func (b *bench) building(n, round int) error {
	for _, t := range b.tools {
		if round == 0 {
			if err := b.size(t, n); err != nil {
				return err
			}
		}
		if n > b.largest {
			continue
		}
		if err := b.build(t, n, round); err != nil {
			return err
		}
	}
	return nil
}

// generate has a tool write its output where there is none yet, and scaffold
// remember none.
func (b *bench) generate(t tool, n int) error {
	output := b.output(t, n)
	for _, stale := range []string{output, filepath.Join(b.dir, "memory")} {
		if err := b.moveAside(stale); err != nil {
			return fmt.Errorf("move the output of before: %w", err)
		}
	}
	if t.name == oapi { // which makes no folder
		if err := os.MkdirAll(output, 0o755); err != nil {
			return fmt.Errorf("make a folder: %w", err)
		}
	}
	used, err := b.command(b.dir, b.executable(t), t.args(b.spec(t.description, n), output)...)
	if err != nil {
		return err
	}
	b.found.add("Generate", t.name, n, used)
	return nil
}

// moveAside gives a folder, if it is there, a name that the go command ignores. It
// is removed at the very end: ext4 passes over the inodes that were deleted in the
// last minutes, one by one for each new file, and so would charge a tool that
// writes many files for what was removed before it.
func (b *bench) moveAside(folder string) error {
	aside := filepath.Join(b.dir, "_aside")
	if err := os.MkdirAll(aside, 0o755); err != nil {
		return err
	}
	b.moved++
	err := os.Rename(folder, filepath.Join(aside, strconv.Itoa(b.moved)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// again has scaffold find its output up to date, next to the least that it can do,
// and the least that any program can do.
func (b *bench) again(n int) error {
	t := b.tools[0]
	args := t.args(b.spec(t.description, n), b.output(t, n))
	if _, err := b.command(b.dir, b.executable(t), args...); err != nil { // remembers
		return err
	}
	for range 20 {
		used, err := b.command(b.dir, b.executable(t), args...)
		if err != nil {
			return err
		}
		if used.output != "" {
			return fmt.Errorf("scaffold has something to do again:\n%s", used.output)
		}
		b.found.add("NoOp", t.name, n, used)
		if used, err = b.command(b.dir, b.executable(t), "version"); err != nil {
			return err
		}
		b.found.add("Version", t.name, n, used)
		if used, err = b.command(b.dir, b.executable(tool{name: empty})); err != nil {
			return err
		}
		b.found.add("Empty", t.name, n, used)
	}
	return nil
}

func (b *bench) spec(description string, n int) string {
	return filepath.Join(b.dir, fmt.Sprintf("%d-%s", n, description))
}

// packageOf is the folder of a tool's output, within the module in dir.
func packageOf(t tool, n int) string { return fmt.Sprintf("n%d/%s", n, t.name) }

func (b *bench) output(t tool, n int) string {
	return filepath.Join(b.dir, filepath.FromSlash(packageOf(t, n)), "api")
}

func (b *bench) say(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...) // it is talk
}
