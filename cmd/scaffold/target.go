package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"example.com/scaffold/internal/memo"
	"example.com/scaffold/internal/output"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
	"golang.org/x/tools/txtar"
)

// target is a spec on its way to a package: prepare reads and renders, and
// finish prints and writes.
type target struct {
	src      source
	dir      string // of the package; empty when it was not rendered
	problems []spec.Problem
	rendered []render.File // for --stdout alone
	plan     *output.Plan  // nil when the folder is known to be up to date
	err      error         // why there is no more than this
}

// prepare finds out what has to be done. It writes nothing to the package's
// folder. It renders nothing when this build has rendered this spec before and
// the folder holds, by its hashes, what came of it.
func prepare(src source, flags generateFlags, known memory) *target {
	t := &target{src: src}
	key, err := known.key(src, flags)
	if err != nil {
		t.err = err
		return t
	}
	var found recollection
	if !flags.stdout && known.store.Get(key, &found) {
		if dir := outputDir(src, found.Output, flags); output.Holds(dir, found.Digest) {
			t.dir, t.problems = dir, found.Problems
			return t
		}
	}
	t.err = t.render(flags, known.store, key)
	return t
}

func (t *target) render(flags generateFlags, known memo.Store, key string) error {
	file, pkg, problems, err := check(t.src)
	if err != nil {
		return err
	}
	t.problems = problems
	if isWrong(problems) {
		return errWrong
	}
	if t.rendered, err = render.Files(pkg, render.Options{Version: version(), Templates: flags.templates}); err != nil || flags.stdout {
		return err
	}
	own := cmp.Or(file.Output.Value, file.Package.Value)
	t.dir = outputDir(t.src, own, flags)
	newPlan := output.NewPlan
	if flags.force {
		newPlan = output.NewForcedPlan
	}
	if t.plan, err = newPlan(t.dir, declaredFirst(t.rendered)); err != nil {
		return err
	}
	// Where it cannot be stored, the next run renders again.
	_ = known.Put(key, recollection{Output: own, Problems: problems, Digest: t.plan.Digest()})
	return nil
}

// declaredFirst returns the files in the order that a plan takes them in: each
// after those whose declarations it uses, as far as a file's name tells.
func declaredFirst(rendered []render.File) []output.File {
	files := make([]output.File, len(rendered))
	for i, f := range rendered {
		files[i] = output.File(f)
	}
	place := func(file output.File) int {
		switch file.Name {
		case "types.go", "scopes.go":
			return 0
		case "doc.go", "defaults.go", "example_test.go":
			return 2
		case "api.go": // the interface that has every endpoint
			return 3
		}
		return 1
	}
	slices.SortStableFunc(files, func(a, b output.File) int { return cmp.Compare(place(a), place(b)) })
	return files
}

func outputDir(src source, own string, flags generateFlags) string {
	if flags.output != "" {
		return flags.output
	}
	return filepath.Join(src.dir, filepath.FromSlash(own))
}

// finish prints and writes what the flags ask for, unless held says that somebody
// wants the command to end.
func (t *target) finish(flags generateFlags, held func() error, stdout, stderr io.Writer) error {
	if err := held(); err != nil {
		return err
	}
	if err := t.src.printProblems(t.problems, stderr); err != nil {
		return err
	}
	switch {
	case t.err != nil:
		return t.explain(flags, stdout, stderr)
	case flags.stdout:
		return printArchive(t.rendered, stdout)
	case flags.check || flags.diff:
		return t.compare(flags, stdout, stderr)
	case t.plan == nil:
		return nil
	}
	if err := t.plan.Apply(); err != nil {
		return err
	}
	if flags.watch {
		return nil // its one line says how many
	}
	return t.printChanges(stderr)
}

// How much of a hand edit a refusal shows.
const (
	editLinesOfFile = 40
	editLines       = 120
)

// explain returns why there is no plan, after showing what was edited by hand.
// An edit is what --check looks for, and what is out of date beside it.
func (t *target) explain(flags generateFlags, stdout, stderr io.Writer) error {
	refused, ok := errors.AsType[*output.RefusedError](t.err)
	if !ok {
		return t.err
	}
	edits := paint(refused.Edits(editLinesOfFile, editLines), flags.errorColors)
	if _, err := io.WriteString(stderr, edits); err != nil {
		return fmt.Errorf("print what was edited: %w", err)
	}
	if !flags.check {
		return t.err
	}
	if _, err := fmt.Fprintf(stderr, "scaffold: %v\n", t.err); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	forced, err := output.NewForcedPlan(t.dir, declaredFirst(t.rendered))
	if err != nil {
		return errWrong // somebody else's files are there: all that can be said has been said
	}
	t.plan = forced
	return t.compare(flags, stdout, stderr)
}

// compare prints what would change. With --check, a change is an error.
func (t *target) compare(flags generateFlags, stdout, stderr io.Writer) error {
	if flags.diff && t.changes() > 0 {
		if _, err := io.WriteString(stdout, paint(t.plan.Diff(), flags.colors)); err != nil {
			return fmt.Errorf("print the diff: %w", err)
		}
	}
	if !flags.check || t.changes() == 0 {
		return nil
	}
	if !flags.diff {
		if err := t.printChanges(stdout); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(stderr, "%s is out of date: run scaffold generate\n", t.dir); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return errWrong
}

// changes counts the files that change.
func (t *target) changes() int {
	if t.plan == nil {
		return 0
	}
	return len(t.plan.Changes())
}

// printChanges prints a line for each file that changes.
func (t *target) printChanges(w io.Writer) error {
	for _, change := range t.plan.Changes() {
		if _, err := fmt.Fprintf(w, "%s %s\n", change.Op, filepath.Join(t.dir, change.Name)); err != nil {
			return fmt.Errorf("print the changes: %w", err)
		}
	}
	return nil
}

func printArchive(files []render.File, stdout io.Writer) error {
	archive := &txtar.Archive{}
	for _, file := range files {
		archive.Files = append(archive.Files, txtar.File(file))
	}
	if _, err := stdout.Write(txtar.Format(archive)); err != nil {
		return fmt.Errorf("print the package: %w", err)
	}
	return nil
}
