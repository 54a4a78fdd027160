package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// transaction is one Apply on the disk. Each step that succeeds adds how to
// undo it.
type transaction struct {
	before func(step, name string) error
	root   *os.Root // all is done within it
	undo   []func() error
	tidy   []func()
}

// swap replaces one name's file. Both temporary files are complete before the
// first swap, so that neither swapping nor undoing it needs space on the disk.
type swap struct {
	name   string
	fresh  string // what the name is to hold; empty: nothing
	backup string // what the name holds; empty: nothing
}

// step does one thing to the disk.
func (t *transaction) step(what, name string, do func() error) error {
	err := t.before(what, name)
	if err == nil {
		err = do()
	}
	if err != nil {
		return fmt.Errorf("%s %s: %w", what, name, err)
	}
	return nil
}

func (t *transaction) onRollback(undo func() error) { t.undo = append(t.undo, undo) }

func (t *transaction) onFinish(tidy func()) { t.tidy = append(t.tidy, tidy) }

// rollback undoes what was done, last first. It goes on after an error: what
// can be put back is.
func (t *transaction) rollback() error {
	var problems []error
	for _, undo := range slices.Backward(t.undo) {
		problems = append(problems, undo())
	}
	return errors.Join(problems...)
}

// finish tidies up. All is written by now, so an error here is none of the
// caller's: what is temporary and stays is removed by the next Apply.
func (t *transaction) finish() {
	for _, tidy := range slices.Backward(t.tidy) {
		tidy()
	}
}

// makeFolders creates the folder dir and its parents where missing.
func (t *transaction) makeFolders(dir string) error {
	var missing []string
	for path := dir; ; path = filepath.Dir(path) {
		_, err := os.Stat(path)
		if !errors.Is(err, fs.ErrNotExist) || path == filepath.Dir(path) {
			break // there, or in the way: then what follows says so
		}
		missing = append(missing, path)
	}
	for _, path := range slices.Backward(missing) {
		err := t.step("create folder", path, func() error { return os.Mkdir(path, 0o755) })
		if err != nil {
			return err
		}
		t.onRollback(func() error {
			return t.step("remove folder", path, func() error { return os.Remove(path) })
		})
	}
	return nil
}

func (t *transaction) openRoot(dir string) error {
	return t.step("open folder", dir, func() (err error) {
		if t.root, err = os.OpenRoot(dir); err == nil {
			t.onRollback(t.root.Close)
			t.onFinish(func() { _ = t.root.Close() })
		}
		return err
	})
}

// stage writes the temporary files for w and names them in s.
func (t *transaction) stage(w work, s *swap) error {
	s.name = w.Name
	if w.Op != Delete {
		s.fresh = t.temporary()
		if err := t.write(t.root, s.fresh, w.Name, w.New); err != nil {
			return err
		}
	}
	if w.Op == Create {
		return nil
	}
	s.backup = t.temporary()
	t.onFinish(func() { _ = t.remove(s.backup) })
	if err := t.write(t.root, s.backup, w.Name, w.Old); err != nil || w.info == nil {
		return err
	}
	if err := t.step("set mode for", w.Name, func() error { return t.root.Chmod(s.backup, w.info.Mode().Perm()) }); err != nil {
		return err
	}
	return t.step("set time for", w.Name, func() error { return t.root.Chtimes(s.backup, time.Time{}, w.info.ModTime()) })
}

// temporary returns the name for a new temporary file, which a rollback
// removes if it is still there.
func (t *transaction) temporary() string {
	name := reserved + "-" + rand.Text() + ".tmp"
	t.onRollback(func() error { return t.remove(name) })
	return name
}

// write creates the file temp in a folder, which is to become name.
func (t *transaction) write(folder *os.Root, temp, name string, data []byte) error {
	var f *os.File
	err := t.step("create a temporary file for", name, func() (err error) {
		f, err = folder.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		return err
	})
	if err != nil {
		return err
	}
	err = t.step("write", name, func() error { _, err := f.Write(data); return err })
	// Closed whatever came before; the first error is the one that tells why.
	closeErr := f.Close()
	if err == nil {
		err = t.step("close", name, func() error { return closeErr })
	}
	return err
}

// swap gives the name its new file, or none.
func (t *transaction) swap(s swap) error {
	if err := t.move(s.fresh, s.name); err != nil {
		return err
	}
	t.onRollback(func() error { return t.move(s.backup, s.name) })
	return nil
}

// move renames the temporary file to name. Without one it deletes name.
func (t *transaction) move(temp, name string) error {
	if temp == "" {
		return t.step("delete", name, func() error { return t.root.Remove(name) })
	}
	return t.step("replace", name, func() error { return t.root.Rename(temp, name) })
}

// remove removes a temporary file that may have been renamed.
func (t *transaction) remove(temp string) error {
	return t.step("remove temporary file", temp, func() error {
		if err := t.root.Remove(temp); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}
