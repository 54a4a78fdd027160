package output

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
)

// Apply makes the changes, all or none. New files get mode 0644, new folders
// 0755, less the umask. When a step fails, the folder is put back as it was,
// with names, bytes, modes and modification times.
//
// Where the system can, several files change in one step: whoever ends the
// process at any instant leaves all old or all new. What such a process leaves
// beside the folder is removed by the next Apply, also of a Plan without changes.
//
// Files are not synced, as those of a compiler are not: they can be made again,
// and waiting for the disk would be most of a run. A power cut can leave files of
// ours empty; the next Plan takes no such file for an edit, and writes it again.
//
// The error is a *RefusedError when the folder has changed since NewPlan.
func (p *Plan) Apply() error {
	return p.apply(func(string, string) error { return nil })
}

// apply is Apply. before is called ahead of every step that touches the disk,
// and its error takes the step's place: so tests fail each step in turn.
func (p *Plan) apply(before func(step, name string) error) error {
	if len(p.changes) == 0 && !p.leftovers {
		return nil
	}
	unlock, err := lockFolder(p.dir)
	if err != nil && len(p.changes) == 0 {
		return nil // what is left over is for a run that has the folder to itself
	}
	if err != nil {
		return fmt.Errorf("write output folder %s: %w (the folder is as it was)", p.dir, err)
	}
	defer unlock()
	if p.leftovers {
		t := &transaction{before: before}
		t.removeLeftovers(p.dir)
	}
	if len(p.changes) == 0 {
		return nil
	}
	if p.exchanges() {
		if err := p.attempt(before, (*transaction).exchange); !errors.Is(err, errInPlace) {
			return err
		}
	}
	return p.attempt(before, (*transaction).inPlace)
}

// attempt makes the changes in one of the two ways.
func (p *Plan) attempt(before func(step, name string) error, run func(*transaction, *Plan) error) error {
	t := &transaction{before: before}
	err := run(t, p)
	if err == nil {
		t.finish()
		return nil
	}
	if undoErr := t.rollback(); undoErr != nil {
		return fmt.Errorf("write output folder %s: %w; putting the folder back failed too: %w; run again to finish", p.dir, err, undoErr)
	}
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		return refused
	}
	return fmt.Errorf("write output folder %s: %w (the folder is as it was)", p.dir, err)
}

var errBusy = errors.New("another run is writing it: run again")

// lockFolder keeps other runs from writing to the folder dir, if there is one,
// until unlock is called. Should another run replace it just before, then check
// finds that.
func lockFolder(dir string) (unlock func(), err error) {
	folder, err := os.Open(dir)
	if err != nil {
		return func() {}, nil // what there is to say about it is said where it is written
	}
	unlock = func() { _ = folder.Close() } // read only: nothing can be lost
	if err := lock(folder); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// inPlace stages every file, checks that the folder still is as planned, and
// only then renames, one file after another.
func (t *transaction) inPlace(p *Plan) error {
	if err := t.makeFolders(p.dir); err != nil {
		return err
	}
	if err := t.openRoot(p.dir); err != nil {
		return err
	}
	var staged [][]swap
	for _, phase := range p.phases() {
		swaps := make([]swap, len(phase))
		for i, w := range phase {
			if err := t.stage(w, &swaps[i]); err != nil {
				return err
			}
		}
		staged = append(staged, swaps)
	}
	if _, err := t.check(p, t.root); err != nil {
		return err
	}
	for _, s := range slices.Concat(staged...) {
		if err := t.swap(s); err != nil {
			return err
		}
	}
	return nil
}

// work is a change and what is known of the file that it replaces.
type work struct {
	Change
	info fs.FileInfo
}

// phases returns the changes in an order in which a stop at any point leaves
// a manifest that accepts every file: the journal, the files, the manifest.
// The journal is the manifest with the old and the new hashes. When the
// manifest stays as it is, it has the new hashes already.
func (p *Plan) phases() [][]work {
	var journal, files, final []work
	for _, change := range p.changes {
		w := work{change, p.before[change.Name].info}
		if change.Name != manifestName {
			files = append(files, w)
			continue
		}
		if p.journal != nil {
			first := w
			first.New = p.journal
			journal = append(journal, first)
			w = work{Change: Change{Name: manifestName, Op: Update, Old: p.journal, New: change.New}}
		}
		final = append(final, w)
	}
	p.sortForBuild(files)
	return slices.DeleteFunc([][]work{journal, files, final}, func(phase []work) bool { return len(phase) == 0 })
}

// sortForBuild orders the files so that most prefixes of them build: what is
// declared anew comes before its users, and what is no longer declared goes after
// them. Files that are deleted go last.
func (p *Plan) sortForBuild(files []work) {
	growth := 0
	for _, w := range files {
		growth += len(w.New) - len(w.Old)
	}
	slices.SortStableFunc(files, func(a, b work) int {
		switch {
		case a.Op == Delete && b.Op != Delete:
			return 1
		case a.Op != Delete && b.Op == Delete:
			return -1
		case growth < 0:
			a, b = b, a
		}
		return cmp.Compare(p.order[a.Name], p.order[b.Name])
	})
}

// check refuses when the folder is no longer what the plan was made from, and
// returns what it is.
func (t *transaction) check(p *Plan, folder *os.Root) (map[string]entry, error) {
	if err := t.before("check", p.dir); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(p.before))
	now, err := readEntries(folder, names)
	if err != nil {
		return nil, err
	}
	var refusals []*Refusal
	for _, name := range names {
		if !now[name].same(p.before[name]) {
			refusals = append(refusals, refuseChanged(name))
		}
	}
	if len(refusals) > 0 {
		return nil, p.refuse(refusals...)
	}
	return now, nil
}

func (e entry) same(other entry) bool {
	if e.info == nil || other.info == nil {
		return e.info == nil && other.info == nil
	}
	return e.info.Mode() == other.info.Mode() && bytes.Equal(e.data, other.data)
}
