package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// errInPlace says that the folder cannot be replaced as a whole here, so that
// its files are replaced one after another.
var errInPlace = errors.New("the folder cannot be replaced as a whole")

// exchanges tells whether the folder is to be replaced as a whole. A single
// file is replaced in one step anyway.
func (p *Plan) exchanges() bool {
	files := 0
	for _, change := range p.changes {
		if change.Name != manifestName && !isTemporary(change.Name) {
			files++
		}
	}
	return canExchange && (files > 1 || p.missing)
}

// exchange is one Apply that replaces the folder as a whole.
type exchange struct {
	*beside
	plan    *Plan
	lock    *os.File // the new folder
	links   *linker
	written map[string]uint64 // files of the new folder that the old one has not
	seen    map[string]entry  // of the old folder, when it was checked
	done    bool              // the folders have changed places
}

// exchange builds the complete new folder beside the old one, checks that the
// old one still is as planned, and lets the two change places in one step. Where
// there is no old one, the new one gets its name in one step.
func (t *transaction) exchange(p *Plan) error {
	x := &exchange{beside: &beside{t: t, note: note{Linked: map[string]uint64{}, Own: map[string]uint64{}}}, plan: p, written: map[string]uint64{}}
	err := x.open()
	if err == nil {
		err = x.build()
	}
	if err == nil {
		err = x.swap()
	}
	if _, refused := errors.AsType[*RefusedError](err); err != nil && !refused {
		return fmt.Errorf("%w: %w", errInPlace, err)
	}
	if err == nil {
		err = x.settle()
	}
	return err
}

// open makes the folder in which the new one is built.
func (x *exchange) open() error {
	if err := x.t.makeFolders(filepath.Dir(x.plan.dir)); err != nil {
		return err
	}
	parent, name, err := place(x.plan.dir)
	if err != nil {
		return err
	}
	x.name, x.aside = name, besidePrefix(name)+rand.Text()
	if err := x.t.openRoot(parent); err != nil {
		return err
	}
	x.parent = x.t.root
	if err := x.mayMove(); err != nil {
		return err
	}
	x.t.onRollback(x.undo)
	if err := x.t.step("create folder", x.aside, func() error { return x.parent.Mkdir(x.aside, 0o700) }); err != nil {
		return err
	}
	if err := x.t.step("create folder", x.other(), func() error { return x.parent.Mkdir(x.other(), 0o755) }); err != nil {
		return err
	}
	return x.t.step("lock folder", x.other(), func() (err error) {
		if x.lock, err = x.parent.Open(x.other()); err == nil {
			err = lock(x.lock)
		}
		return err
	})
}

// mayMove refuses a folder that must stay in its place: for a process that
// stands in it, the new folder would be elsewhere.
func (x *exchange) mayMove() error {
	old, err := x.parent.Lstat(x.name)
	if errors.Is(err, fs.ErrNotExist) && x.plan.missing {
		return nil
	}
	if err != nil || x.plan.missing {
		return errors.Join(err, errors.New("it has just been made or removed"))
	}
	for dir := "."; ; dir = filepath.Join(dir, "..") {
		here, err := os.Stat(dir)
		if err != nil {
			return err
		}
		above, err := os.Stat(filepath.Join(dir, ".."))
		switch {
		case err != nil:
			return err
		case os.SameFile(here, old):
			return errors.New("it is the current directory, or holds it")
		case os.SameFile(here, above):
			return nil
		}
	}
}

// build makes the new folder complete, and returns when the old one is as it was
// when the plan was made.
func (x *exchange) build() error {
	x.links = newLinker(x.beside, x.plan)
	if !x.plan.missing {
		x.clearInside()
		if err := x.links.folder(""); err != nil {
			return err
		}
	}
	if err := x.writeFiles(); err != nil {
		return err
	}
	if err := x.finishFolder(); err != nil {
		return err
	}
	if err := x.check(); err != nil {
		return err
	}
	return x.links.check()
}

// clearInside removes what killed runs left in the folder, beside another package
// that is in it. That package may no longer be wanted, so that no run looks there.
func (x *exchange) clearInside() {
	names, err := x.list(x.name)
	if err != nil {
		return // linking tells
	}
	for _, name := range names {
		if inner, ok := ofBeside(name); ok {
			x.t.removeLeftovers(filepath.Join(x.plan.dir, inner))
		}
	}
}

func (x *exchange) writeFiles() error {
	folder, err := x.parent.OpenRoot(x.other())
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }() // a file's own Close tells whether it was written
	for _, change := range x.plan.changes {
		if change.Op == Delete {
			continue
		}
		if err := x.t.write(folder, change.Name, change.Name, change.New); err != nil {
			return err
		}
		if x.plan.missing {
			continue // there is no old folder to which undoing would hand anything over
		}
		info, err := folder.Lstat(change.Name)
		if err != nil {
			return err
		}
		x.written[change.Name] = inode(info)
	}
	return nil
}

// finishFolder gives the new folder the mode of the old one, and notes what the
// next run has to know. Where there is no old one, that is nothing.
func (x *exchange) finishFolder() (err error) {
	if x.note.Package, err = x.inode(x.other()); err != nil || x.plan.missing {
		return err
	}
	old, err := x.parent.Lstat(x.name)
	if err == nil {
		err = x.links.alike("", old)
	}
	if err != nil {
		return err
	}
	if x.note.Aside, err = x.inode(x.aside); err != nil {
		return err
	}
	return x.writeNote()
}

// check refuses when the old folder is no longer what the plan was made from.
func (x *exchange) check() (err error) {
	var old *os.Root
	if !x.plan.missing {
		if old, err = x.parent.OpenRoot(x.name); err != nil {
			return err
		}
		defer func() { _ = old.Close() }() // read only: nothing can be lost
	}
	x.seen, err = x.t.check(x.plan, old)
	return err
}

// swap is the step from the old package to the new one.
func (x *exchange) swap() error {
	err := x.t.step("exchange", x.name, func() error { return x.change(x.other(), x.name) })
	x.done = err == nil
	return err
}

func (x *exchange) change(from, to string) error {
	parent, err := x.parent.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = parent.Close() }() // read only: nothing can be lost
	if x.plan.missing {
		return moveFolder(parent, from, to)
	}
	return swapFolders(parent, from, to)
}

// settle looks at the old folder once more: what was put there up to the last
// moment is handed over.
func (x *exchange) settle() error {
	if err := x.t.before("check again", x.name); err != nil {
		return err
	}
	x.t.onFinish(x.close)
	// Somebody may have replaced the folder in which all this was done.
	there, err := os.Lstat(filepath.Join(x.parent.Name(), x.name))
	if err != nil || inode(there) != x.note.Package {
		return errors.Join(err, fmt.Errorf("%s was moved meanwhile", x.parent.Name()))
	}
	if x.plan.missing {
		x.t.onFinish(func() { _ = x.removeAside() })
		return nil
	}
	if err := x.unchanged(); err != nil {
		return err
	}
	err = x.handOver(x.other(), x.name, x.note.Own, "")
	x.t.onFinish(func() { _ = x.clear() })
	return err
}

// unchanged refuses when a file that the plan knows was changed after the check,
// and before the exchange.
func (x *exchange) unchanged() error {
	var refusals []*Refusal
	for name, seen := range x.seen {
		now, err := x.parent.Lstat(filepath.Join(x.other(), name))
		if errors.Is(err, fs.ErrNotExist) && seen.info == nil {
			continue
		}
		if err != nil || seen.info == nil || !os.SameFile(now, seen.info) || now.Mode() != seen.info.Mode() ||
			now.Size() != seen.info.Size() || !now.ModTime().Equal(seen.info.ModTime()) {
			refusals = append(refusals, refuseChanged(name))
		}
	}
	if len(refusals) > 0 {
		return x.plan.refuse(refusals...)
	}
	return nil
}

// undo puts the old folder back in its place, and removes the new one.
func (x *exchange) undo() error {
	defer x.close()
	if x.done {
		if err := x.t.step("exchange", x.name, func() error { return x.change(x.name, x.other()) }); err != nil {
			return err
		}
	}
	if x.done && !x.plan.missing {
		if err := x.handOver(x.other(), x.name, x.written, ""); err != nil {
			return err
		}
	}
	return x.removeAside()
}

func (x *exchange) close() {
	if x.lock != nil {
		_ = x.lock.Close() // read only: nothing can be lost
	}
	if x.links != nil {
		x.links.close()
	}
}
