package output

import (
	"bytes"
	"fmt"
	"os"
)

// blank tells whether data is what a power cut leaves of a file whose name had
// reached the disk and whose text had not: nothing, or zero bytes. Nobody edits a
// file of Go to that.
func blank(data []byte) bool { return len(bytes.Trim(data, "\x00")) == 0 }

// adopt returns a manifest in the place of a blank one: of what the folder holds,
// ours is what has our header, and what is rendered and blank as well.
func adopt(root *os.Root, want map[string][]byte) (manifest, error) {
	known := newManifest()
	folder, err := root.Open(".")
	if err != nil {
		return known, fmt.Errorf("list the folder: %w", err)
	}
	defer func() { _ = folder.Close() }() // read only: nothing can be lost
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return known, fmt.Errorf("list the folder: %w", err)
	}
	for _, name := range names {
		if checkName(name) != nil {
			continue
		}
		found, err := readEntry(root, name)
		if err != nil {
			return known, fmt.Errorf("read %s: %w", name, err)
		}
		_, rendered := want[name]
		_, _, headed := headerVersion(found.data)
		if found.regular() && (headed || rendered && blank(found.data)) {
			known.files[name] = hash(found.data)
		}
	}
	return known, nil
}
