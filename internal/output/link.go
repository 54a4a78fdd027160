package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"
)

// maxForeign is how many files of others a folder may hold to be exchanged:
// each is linked.
const maxForeign = 1000

// linker links what stays of the old folder into the new one: files of ours that
// do not change, and whatever is not ours. A link is the same file, with its
// time, owner and mode.
type linker struct {
	*beside
	goes    map[string]bool  // what does not stay
	ours    map[string]entry // names that the plan knows
	foreign int
	locks   []*os.File // other packages in the folder, such as the one for tests
}

func newLinker(b *beside, p *Plan) *linker {
	l := &linker{beside: b, goes: map[string]bool{}, ours: p.before}
	for _, change := range p.changes {
		l.goes[change.Name] = true
	}
	return l
}

// folder links what the folder dir, within the package's, holds.
func (l *linker) folder(dir string) error {
	names, err := l.list(filepath.Join(l.name, dir))
	if err != nil {
		return err
	}
	for _, base := range names {
		name := filepath.Join(dir, base)
		info, err := l.parent.Lstat(filepath.Join(l.name, name))
		if err != nil {
			return err
		}
		if l.goes[name] {
			l.note.Own[name] = inode(info)
			continue
		}
		if err := l.mayLink(name, base); err != nil {
			return err
		}
		if base == manifestName && dir != "" {
			if err := l.lockPackage(dir); err != nil {
				return err
			}
		}
		l.note.Linked[name] = inode(info)
		if info.IsDir() {
			err = l.subfolder(name, info)
		} else {
			err = l.t.step("link", name, func() error {
				return l.parent.Link(filepath.Join(l.name, name), filepath.Join(l.other(), name))
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// lockPackage keeps other runs from writing to another package in the folder,
// until close. What one has written until now, check finds.
func (l *linker) lockPackage(dir string) error {
	return l.t.step("lock folder", dir, func() error {
		folder, err := l.parent.Open(filepath.Join(l.name, dir))
		if err != nil {
			return err
		}
		l.locks = append(l.locks, folder)
		return lock(folder)
	})
}

func (l *linker) close() {
	for _, folder := range l.locks {
		_ = folder.Close() // read only: nothing can be lost
	}
}

// mayLink refuses what must stay in its place: a repository, and where another
// run is at work.
func (l *linker) mayLink(name, base string) error {
	if _, ours := l.ours[name]; !ours {
		l.foreign++
	}
	_, busy := ofBeside(base)
	switch {
	case base == ".git", busy:
		return fmt.Errorf("it holds %s", name)
	case !utf8.ValidString(name):
		return fmt.Errorf("the name %q is no text", name)
	case l.foreign > maxForeign:
		return fmt.Errorf("it holds more than %d files of others", maxForeign)
	}
	return nil
}

func (l *linker) subfolder(name string, info fs.FileInfo) error {
	if info.Mode()&0o700 != 0o700 {
		return fmt.Errorf("the folder %s is closed", name)
	}
	fresh := filepath.Join(l.other(), name)
	if err := l.t.step("create folder", name, func() error { return l.parent.Mkdir(fresh, 0o700) }); err != nil {
		return err
	}
	if err := l.folder(name); err != nil {
		return err
	}
	if err := l.alike(name, info); err != nil {
		return err
	}
	return l.t.step("set time for", name, func() error { return l.parent.Chtimes(fresh, time.Time{}, info.ModTime()) })
}

// alike gives the new folder, or one in it, the mode of the old one. It is an error
// when they differ by more.
func (l *linker) alike(name string, info fs.FileInfo) error {
	old, fresh := filepath.Join(l.name, name), filepath.Join(l.other(), name)
	mode := info.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
	if err := l.t.step("set mode for", fresh, func() error { return l.parent.Chmod(fresh, mode) }); err != nil {
		return err
	}
	made, err := l.parent.Lstat(fresh)
	if err != nil {
		return err
	}
	base := l.parent.Name()
	if attributes(filepath.Join(base, old), info) != attributes(filepath.Join(base, fresh), made) {
		return errors.New("it has an owner or access rights that a new folder has not")
	}
	return nil
}

// check tells whether the old folder still has what was linked: else somebody
// is at work in it right now.
func (l *linker) check() error {
	for name, linked := range l.note.Linked {
		if now, err := l.inode(filepath.Join(l.name, name)); err != nil || now != linked {
			return fmt.Errorf("%s has just been changed", name)
		}
	}
	return nil
}
