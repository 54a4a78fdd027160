package output

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// beside is the folder .NAME.scaffold-RANDOM beside the package's folder NAME,
// while an exchange is under way. The go command does not look into it. It holds
// the new folder, and once the two have changed places the old one.
type beside struct {
	t      *transaction
	parent *os.Root
	name   string // NAME, within parent
	aside  string // .NAME.scaffold-RANDOM, within parent
	note   note
	handed []uint64 // inodes of what was handed over; a failure to do so ends all
}

// note is what the next run has to know about a beside that a killed run left.
// Files are named by their path within the package's folder, and identified by
// their inode: whatever was put under the name since is another file.
type note struct {
	Aside   uint64            `json:"aside"`   // so that a copy of all this is not taken for it
	Package uint64            `json:"package"` // of the new folder: tells whether the two have changed places
	Linked  map[string]uint64 `json:"linked"`  // what the new folder shares with the old one, and subfolders
	Own     map[string]uint64 `json:"own"`     // what the old folder has that is replaced or deleted
}

const noteName = "note.json"

// ofBeside returns for which folder the folder with this name is, and whether it
// is a beside at all.
func ofBeside(name string) (folder string, ok bool) {
	at := max(len(name)-randomTextLength, 0)
	folder, ok = strings.CutSuffix(name[:at], besidePrefix("")[1:])
	if !ok || len(folder) < 2 || folder[0] != '.' || !isRandomText(name[at:]) {
		return "", false
	}
	return folder[1:], true
}

func besidePrefix(name string) string { return "." + name + ".scaffold-" }

// other is where the folder is that is not the package's, within parent.
func (b *beside) other() string { return filepath.Join(b.aside, "package") }

// place returns where the folder dir really is. Its parent has to exist.
func place(dir string) (parent, name string, err error) {
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	found, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		found, err = filepath.EvalSymlinks(filepath.Dir(path))
		found = filepath.Join(found, filepath.Base(path))
	}
	return filepath.Dir(found), filepath.Base(found), err
}

// findBeside returns the names of what killed runs left beside the folder dir,
// or others have at work there now.
func findBeside(dir string) (parent, name string, found []string) {
	if !canExchange {
		return "", "", nil
	}
	parent, name, err := place(dir)
	if err != nil {
		return "", "", nil // what there is to say about that is said where the folder is read
	}
	// Whatever cannot be listed has nothing that could be removed.
	folder, err := os.Open(parent)
	if err != nil {
		return "", "", nil
	}
	names, _ := folder.Readdirnames(-1)
	_ = folder.Close()
	for _, entry := range names {
		if of, ok := ofBeside(entry); ok && of == name {
			found = append(found, entry)
		}
	}
	return parent, name, found
}

// writeNote has the note on the disk: of all that a run writes, it alone cannot be
// made again, and without it nobody knows which files are not ours.
func (b *beside) writeNote() error {
	text, err := json.Marshal(b.note)
	if err != nil {
		return fmt.Errorf("encode the note: %w", err)
	}
	// By a rename: a note is whole, or was not there before the exchange.
	temp := filepath.Join(b.aside, "note.tmp")
	if err := b.t.write(b.parent, temp, noteName, text); err != nil {
		return err
	}
	if err := b.t.step("sync", noteName, func() error { return b.sync(temp) }); err != nil {
		return err
	}
	return b.t.step("rename", noteName, func() error { return b.parent.Rename(temp, filepath.Join(b.aside, noteName)) })
}

func (b *beside) readNote() error {
	text, err := b.parent.ReadFile(filepath.Join(b.aside, noteName))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &b.note)
}

// inode returns the inode of what stands under a name within parent.
func (b *beside) inode(name string) (uint64, error) {
	info, err := b.parent.Lstat(name)
	if err != nil {
		return 0, err
	}
	return inode(info), nil
}

// list returns the names in a folder within parent.
func (b *beside) list(name string) ([]string, error) {
	folder, err := b.parent.Open(name)
	if err != nil {
		return nil, err
	}
	names, err := folder.Readdirnames(-1)
	return names, errors.Join(err, folder.Close())
}

func (b *beside) sync(name string) error {
	file, err := b.parent.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

func (b *beside) removeAside() error {
	return b.t.step("remove folder", b.aside, func() error { return b.parent.RemoveAll(b.aside) })
}
