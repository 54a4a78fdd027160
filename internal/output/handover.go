package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// handOver links what others put into the folder from since the links were
// made into the folder to. own are the files in from that nobody needs. It deletes
// nothing in from.
func (b *beside) handOver(from, to string, own map[string]uint64, dir string) error {
	names, err := b.list(filepath.Join(from, dir))
	if err != nil {
		return err
	}
	for _, base := range names {
		name := filepath.Join(dir, base)
		info, err := b.parent.Lstat(filepath.Join(from, name))
		if err != nil {
			return err
		}
		id := inode(info)
		switch {
		case info.IsDir():
			err = b.handOverFolder(from, to, own, name, info)
		case b.note.Linked[name] != id && own[name] != id:
			err = b.handOverFile(from, to, own, name, id)
			b.handed = append(b.handed, id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *beside) handOverFolder(from, to string, own map[string]uint64, name string, info fs.FileInfo) error {
	if b.note.Linked[name] != inode(info) {
		err := b.t.step("hand over", name, func() error { return b.parent.Mkdir(filepath.Join(to, name), info.Mode().Perm()) })
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return b.handOver(from, to, own, name)
}

func (b *beside) handOverFile(from, to string, own map[string]uint64, name string, id uint64) error {
	old, fresh := filepath.Join(from, name), filepath.Join(to, name)
	found, err := b.inode(fresh)
	_, ours := own[name]
	switch {
	case err == nil && found == id:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case ours || err == nil && found != b.note.Linked[name]:
		// It was changed in both folders: both are kept, one under another name.
		fresh += ".kept-" + rand.Text()
	case err == nil:
		// It was saved by a rename: what was linked is no longer the file.
		return b.t.step("hand over", name, func() error { return b.replace(old, fresh, filepath.Join(to, reserved+"-"+rand.Text()+".tmp")) })
	}
	return b.t.step("hand over", name, func() error { return b.parent.Link(old, fresh) })
}

// replace links a file under a name that is taken.
func (b *beside) replace(old, fresh, temp string) error {
	if err := b.parent.Link(old, temp); err != nil {
		return err
	}
	return b.parent.Rename(temp, fresh)
}

// clear removes from the folder beside the package's what is elsewhere or was
// replaced, and then the folder. Whatever else is there stays, and all with it.
func (b *beside) clear() error {
	if err := b.clearFolder(""); err != nil {
		return err
	}
	return b.removeAside()
}

func (b *beside) clearFolder(dir string) error {
	names, err := b.list(filepath.Join(b.other(), dir))
	if err != nil {
		return err
	}
	for _, base := range names {
		name := filepath.Join(dir, base)
		info, err := b.parent.Lstat(filepath.Join(b.other(), name))
		if err == nil && info.IsDir() {
			err = b.clearFolder(name)
		} else if err == nil {
			err = b.clearFile(name, inode(info))
		}
		if err != nil {
			return err
		}
	}
	// It fails when something has appeared in it.
	return b.t.step("remove folder", b.other(), func() error { return b.parent.Remove(filepath.Join(b.other(), dir)) })
}

func (b *beside) clearFile(name string, id uint64) error {
	if b.note.Linked[name] != id && b.note.Own[name] != id && !slices.Contains(b.handed, id) {
		return fmt.Errorf("%s is nowhere else", name)
	}
	return b.t.step("remove", name, func() error { return b.parent.Remove(filepath.Join(b.other(), name)) })
}

// removeLeftovers removes what killed runs left beside the folder dir, after
// handing over what is not ours. What cannot be removed stays for the next run.
func (t *transaction) removeLeftovers(dir string) {
	parent, name, found := findBeside(dir)
	if len(found) == 0 {
		return
	}
	root, err := os.OpenRoot(parent)
	if err != nil {
		return
	}
	for _, aside := range found {
		b := &beside{t: t, parent: root, name: name, aside: aside}
		_ = b.recover()
	}
	_ = root.Close() // read only: nothing can be lost
}

// recover ends what a killed run began.
func (b *beside) recover() error {
	info, err := b.parent.Lstat(b.aside)
	if err != nil || !info.IsDir() {
		return errors.Join(err, errors.New("it is not ours"))
	}
	var staged uint64
	folder, err := b.parent.Open(b.other())
	if err == nil {
		defer func() { _ = folder.Close() }() // read only: nothing can be lost
		if err := lock(folder); err != nil {
			return err // another run is at work
		}
		staged, err = b.inode(b.other())
		if err != nil {
			return err
		}
	}
	switch err := b.readNote(); {
	case errors.Is(err, fs.ErrNotExist) || staged == 0:
		// Killed before the folders were to change places, or a new one was in place.
		return b.removeAside()
	case err != nil:
		return err
	}
	if inode(info) != b.note.Aside {
		return errors.New("it is a copy of what was ours")
	}
	if staged == b.note.Package {
		return b.removeAside()
	}
	if err := b.handOver(b.other(), b.name, b.note.Own, ""); err != nil {
		return err
	}
	return b.clear()
}
