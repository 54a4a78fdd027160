package generate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"example.com/scaffold/internal/output"
	"golang.org/x/tools/txtar"
)

// finish prints and writes what the options ask for, unless held says that
// somebody wants the command to end.
func (t *target) finish(o Options, held func() error, s Streams) error {
	if err := held(); err != nil {
		return err
	}
	if t.remember != nil {
		var stored sync.WaitGroup
		stored.Go(t.remember) // while the packages are written
		defer stored.Wait()
	}
	if _, err := io.WriteString(s.Err, t.src.Format(t.problems)); err != nil {
		return printed("problems", err)
	}
	switch {
	case t.err != nil:
		return t.explain(o, s)
	case o.Archive:
		return t.printArchive(s.Out)
	case o.Check || o.Diff:
		return t.compare(o, s)
	}
	// What is no longer wanted goes first: with the new client it may not build.
	for _, p := range slices.SortedStableFunc(slices.Values(t.packages), func(a, b *pkg) int {
		return cmp.Compare(min(len(a.files), 1), min(len(b.files), 1))
	}) {
		if err := p.plan.Apply(); err != nil {
			return err
		}
		if len(p.files) == 0 && p.changes() > 0 {
			_ = os.Remove(p.dir) // which fails when it holds what is not ours
		}
		if err := p.printChanges(s.Err); err != nil {
			return err
		}
	}
	return nil
}

// How much of a hand edit a refusal shows.
const (
	editLinesOfFile = 120
	editLines       = 400
)

// explain returns why there is no plan, after showing what was edited by hand.
// An edit is what Check looks for, and what is out of date beside it.
func (t *target) explain(o Options, s Streams) error {
	refused, ok := errors.AsType[*output.RefusedError](t.err)
	if !ok {
		return t.err
	}
	edits := paint(refused.Edits(editLinesOfFile, editLines), s.ErrColor)
	if _, err := io.WriteString(s.Err, edits); err != nil {
		return printed("edits", err)
	}
	if !o.Check {
		return t.err
	}
	if _, err := fmt.Fprintln(s.Err, refused.Findings()); err != nil {
		return printed("result", err)
	}
	for _, p := range t.packages {
		if err := p.planFor(t.src, o, true); err != nil {
			return ErrWrong // somebody else's files are there: all that can be said has been said
		}
	}
	return t.compare(o, s)
}

// compare prints what would change. With Check, a change is an error.
func (t *target) compare(o Options, s Streams) error {
	for _, p := range t.packages {
		if p.changes() == 0 {
			continue
		}
		if err := p.compare(o, s); err != nil {
			return err
		}
		if !o.Check {
			continue
		}
		remedy := ": the same command without --check brings it up to date"
		if t.err != nil { // it does not, and why has been said
			remedy = ""
		}
		if _, err := fmt.Fprintf(s.Err, "%s is out of date%s\n", p.dir, remedy); err != nil {
			return printed("result", err)
		}
	}
	if o.Check && t.changes() > 0 {
		return ErrWrong
	}
	return nil
}

// compare prints what would change in one package.
func (p *pkg) compare(o Options, s Streams) error {
	if o.Diff {
		_, err := io.WriteString(s.Out, paint(p.plan.Diff(), s.OutColor))
		return printed("diff", err)
	}
	return p.printChanges(s.Out)
}

// changes counts the files that change.
func (t *target) changes() (n int) {
	for _, p := range t.packages {
		n += p.changes()
	}
	return n
}

// printChanges prints a line for each file that changes.
func (p *pkg) printChanges(w io.Writer) error {
	var lines strings.Builder
	for _, change := range p.plan.Changes() {
		fmt.Fprintf(&lines, "%s %s\n", change.Op, filepath.Join(p.dir, change.Name))
	}
	_, err := io.WriteString(w, lines.String())
	return printed("changes", err)
}

func (t *target) printArchive(w io.Writer) error {
	archive := &txtar.Archive{}
	for _, p := range t.packages {
		for _, file := range p.files {
			archive.Files = append(archive.Files, txtar.File{Name: path.Join(p.within, file.Name), Data: file.Data})
		}
	}
	_, err := w.Write(txtar.Format(archive))
	return printed("package", err)
}
