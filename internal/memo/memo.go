// Package memo remembers, between runs, what this very build of scaffold has
// worked out about an input.
//
// What scaffold renders depends on the spec's text and name and on the program,
// templates included, and on nothing else. So the result of a key made of these
// never changes: a memo cannot be out of date, only missing. Memos say something
// of the build, so they lie in the user's cache folder and not beside what is
// committed, which has to be the same on every machine. They can be deleted at
// any time.
package memo

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// kept is how many memos a Store keeps, and a half of them is how many it
// deletes at once: the oldest.
const kept = 256

// Store is a folder of memos. The zero Store remembers nothing.
type Store struct{ dir string }

// Open returns the store in the folder dir, which need not exist. Without a dir
// it remembers nothing.
func Open(dir string) Store { return Store{dir: dir} }

// Key returns the key of the parts. Other parts, or the same text cut into parts
// at other places, have another key.
func Key(parts ...[]byte) string {
	sum := sha256.New()
	for _, part := range parts {
		// A Hash's Write never fails.
		_, _ = sum.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		_, _ = sum.Write(part)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Get reads what Put has stored under the key into value, a pointer. It returns
// false, and leaves value undefined, when there is nothing that can be used.
func (s Store) Get(key string, value any) bool {
	if s.dir == "" {
		return false
	}
	text, err := os.ReadFile(s.path(key))
	return err == nil && json.Unmarshal(text, value) == nil
}

// Put stores the value under the key. Where it cannot, the next run works the
// value out again, so that most callers need not mind the error.
func (s Store) Put(key string, value any) error {
	if s.dir == "" {
		return nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write a memo: %w", err)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("write a memo: %w", err)
	}
	// By a rename, so that nobody reads a half.
	temp := filepath.Join(s.dir, rand.Text()+".tmp")
	err = os.WriteFile(temp, text, 0o600)
	if err == nil {
		err = os.Rename(temp, s.path(key))
	}
	if err != nil {
		_ = os.Remove(temp) // the error before tells why
		return fmt.Errorf("write a memo: %w", err)
	}
	return s.trim()
}

func (s Store) path(key string) string { return filepath.Join(s.dir, key+".json") }

// trim deletes the older half when there are too many.
func (s Store) trim() error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("list the memos: %w", err)
	}
	if len(entries) <= kept {
		return nil
	}
	var found []fs.FileInfo
	for _, entry := range entries {
		// One that is gone by now was deleted by another process.
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			found = append(found, info)
		}
	}
	slices.SortFunc(found, func(a, b fs.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, info := range found[min(kept/2, len(found)):] {
		_ = os.Remove(filepath.Join(s.dir, info.Name())) // as above
	}
	return nil
}
