package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"

	"example.com/scaffold/internal/output"
)

// generateAll generates from several specs, as many at a time as there are
// processors, and prints what came of each in their order, and a summary.
func generateAll(ctx context.Context, paths []string, flags generateFlags, stdout, stderr io.Writer) error {
	if err := checkSeveral(paths, flags); err != nil {
		return err
	}
	held, release := holdInterrupts(ctx)
	defer release()
	known := openMemory()
	targets := make([]*target, len(paths))
	atOnce(len(paths), func(i int) { targets[i] = prepareFile(paths[i], flags, known, held) })
	if err := checkFolders(targets); err != nil {
		return err
	}
	return finishAll(targets, flags, held, stdout, stderr)
}

// finishAll finishes each, and prints their results in order.
func finishAll(targets []*target, flags generateFlags, held func() error, stdout, stderr io.Writer) error {
	type result struct {
		stdout, stderr bytes.Buffer
		err            error
	}
	results := make([]result, len(targets))
	atOnce(len(targets), func(i int) {
		r := &results[i]
		r.err = targets[i].finish(flags, held, &r.stdout, &r.stderr)
	})
	var sum summary
	for i, t := range targets {
		r := &results[i]
		sum.add(t, r.err, flags)
		if r.err != nil && !errors.Is(r.err, errWrong) {
			fmt.Fprintf(&r.stderr, "scaffold: %s: %v\n", t.src.shown, r.err)
		}
		_, errOut := r.stdout.WriteTo(stdout)
		_, errTalk := r.stderr.WriteTo(stderr)
		if err := errors.Join(errOut, errTalk); err != nil {
			return fmt.Errorf("print the result: %w", err)
		}
	}
	if _, err := fmt.Fprintln(stderr, sum.text(flags)); err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	return sum.err()
}

// atOnce calls do for 0 to n-1, as many at a time as there are processors.
func atOnce(n int, do func(i int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

func prepareFile(path string, flags generateFlags, known memory, held func() error) *target {
	src, err := readSource(path, nil)
	if err = cmp.Or(held(), err); err != nil {
		return &target{src: source{shown: path}, err: err}
	}
	src.shown = path
	return prepare(src, flags, known)
}

// checkSeveral refuses what makes sense for one spec alone.
func checkSeveral(paths []string, flags generateFlags) error {
	switch {
	case slices.Contains(paths, "-"):
		return errors.New("standard input can only be the one spec: generate from it by itself")
	case len(paths) > 1 && flags.output != "":
		return fmt.Errorf("--output is one folder, and there are %d specs: set output in each of them", len(paths))
	case len(paths) > 1 && flags.stdout:
		return fmt.Errorf("--stdout prints one package, and there are %d specs", len(paths))
	}
	return nil
}

// checkFolders refuses specs that would write to one folder.
func checkFolders(targets []*target) error {
	first := map[string]*target{}
	for _, t := range targets {
		if t.dir == "" {
			continue
		}
		// Where case is ignored, names that differ only by case are one folder.
		folder := strings.ToLower(realPath(t.dir))
		if other := first[folder]; other != nil {
			return fmt.Errorf("%s and %s both write to %s: nothing was written; give one of them another output", other.src.shown, t.src.shown, t.dir)
		}
		first[folder] = t
	}
	return nil
}

// summary counts what came of several specs.
type summary struct {
	specs, upToDate, changed, files, wrong, failed int

	found bool // errors in a spec, or drift
}

func (s *summary) add(t *target, err error, flags generateFlags) {
	_, refused := errors.AsType[*output.RefusedError](t.err)
	s.specs++
	s.found = s.found || errors.Is(err, errWrong)
	switch {
	case errors.Is(err, errWrong) && (t.err == nil || refused):
		s.changed++ // which --check found
		s.files += t.changes()
	case errors.Is(err, errWrong):
		s.wrong++
	case err != nil:
		s.failed++
	case t.changes() == 0 && !flags.stdout:
		s.upToDate++
	default:
		s.changed++
		s.files += t.changes()
	}
}

// text says it in one line: "3 specs: 2 up to date, 1 written (4 files)".
func (s *summary) text(flags generateFlags) string {
	verb := "written"
	switch {
	case flags.check:
		verb = "out of date"
	case flags.diff:
		verb = "would change"
	case flags.stdout:
		verb = "printed"
	}
	var parts []string
	part := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	part(s.upToDate, "up to date")
	if s.files > 0 {
		verb += " (" + counted(s.files, "file") + ")"
	}
	part(s.changed, verb)
	part(s.wrong, "wrong")
	part(s.failed, "failed")
	return counted(s.specs, "spec") + ": " + strings.Join(parts, ", ")
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func (s *summary) err() error {
	switch {
	case s.failed > 0:
		return errTrouble
	case s.found:
		return errWrong
	}
	return nil
}
