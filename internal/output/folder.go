package output

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// openExisting opens the folder dir, and returns nil when there is none. All
// that follows goes through the os.Root, so nothing outside dir can be read,
// written or deleted, whatever a manifest says.
func openExisting(dir string) (*os.Root, error) {
	_, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(dir); err == nil {
			return nil, errors.New("it is a symbolic link to nothing")
		}
		return nil, nil
	case err != nil:
		return nil, err
	}
	return os.OpenRoot(dir)
}

// isReplaced tells whether the folder dir is by now another one than root:
// another run has replaced it as a whole.
func isReplaced(dir string, root *os.Root) bool {
	if root == nil {
		return false
	}
	read, err := root.Stat(".")
	now, errNow := os.Stat(dir)
	return err == nil && errNow == nil && !os.SameFile(read, now)
}

// readEntries reads what stands under the names. Each is asked for by name
// rather than looked up in a listing: where case is ignored, only the file
// system knows which names are taken.
func readEntries(root *os.Root, names []string) (map[string]entry, error) {
	entries := make(map[string]entry, len(names))
	for _, name := range names {
		found, err := readEntry(root, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		entries[name] = found
	}
	return entries, nil
}

func readEntry(root *os.Root, name string) (entry, error) {
	if root == nil {
		return entry{}, nil
	}
	info, err := root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return entry{}, nil
	}
	if err != nil || !info.Mode().IsRegular() {
		return entry{info: info}, err
	}
	data, err := root.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return entry{}, nil // it has gone in between
	}
	return entry{info: info, data: data}, err
}

// findTemporary returns the temporary files that a stopped run left behind.
func findTemporary(root *os.Root) ([]string, error) {
	if root == nil {
		return nil, nil
	}
	listing, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("list the folder: %w", err)
	}
	var names []string
	for _, found := range listing {
		if found.Type().IsRegular() && isTemporary(found.Name()) {
			names = append(names, found.Name())
		}
	}
	return names, nil
}
