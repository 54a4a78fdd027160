package output

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// Digest names the files that a folder is to hold, by their names and hashes,
// and is the same for every scaffold version in their headers.
type Digest string

// digest returns the digest of the files that the manifest lists.
func (m manifest) digest() Digest {
	m.spec = ""
	sum := sha256.Sum256(m.encode())
	return Digest(hex.EncodeToString(sum[:]))
}

// Holds tells whether the folder dir holds exactly what want names, so that a
// Plan of those files has no changes: its manifest is that of want, and every
// file in it is as it was written. It reads the files and hashes them. Whatever
// stands in the way is "no": NewPlan says what it is.
func Holds(dir string, want Digest) bool {
	if dir == "" {
		return false
	}
	root, err := openExisting(dir)
	if err != nil || root == nil {
		return false
	}
	defer func() { _ = root.Close() }() // read only: nothing can be lost
	text, err := readEntry(root, manifestName)
	if err != nil || !text.regular() {
		return false
	}
	known, err := parseManifest(text.data)
	if err != nil || known.digest() != want || !bytes.Equal(known.encode(), lineFeeds(text.data)) {
		return false
	}
	leftovers, err := findTemporary(root)
	if err != nil || len(leftovers) > 0 {
		return false
	}
	if _, _, leftovers := findBeside(dir); len(leftovers) > 0 {
		return false // for the next run to remove
	}
	for _, name := range slices.Sorted(maps.Keys(known.files)) {
		found, err := readEntry(root, name)
		if err != nil || !found.regular() || hash(found.data) != known.files[name] {
			return false
		}
	}
	return true
}

func (e entry) regular() bool { return e.info != nil && e.info.Mode().IsRegular() }
