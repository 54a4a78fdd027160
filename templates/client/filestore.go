package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const lockPoll = 20 * time.Millisecond // between two attempts to lock a file

// FileStore is a [CredentialStore] of one file a profile, which only the user
// can read (mode 0600; on Windows, what the user's folder allows). The tokens
// stand in it as they are. That protects them from the other users of the
// machine, but not from whoever gets a copy of the disk or of a backup, nor
// from the user's own other programs.
//
// What a FileStore does not find as it left it, it does not touch: a file that
// others can read or own, or that is no regular file, is refused by Load and
// Save with [ErrRecordRefused], until SetAside moves it away. In a folder that
// belongs to somebody else, or to which others can write, both fail.
type FileStore struct{ dir string }

// NewFileStore returns a FileStore in a folder, which Lock and Save make, mode
// 0700, unless there is one.
func NewFileStore(dir string) *FileStore { return &FileStore{dir: dir} }

// Load implements [CredentialStore].
func (f *FileStore) Load(_ context.Context, profile string) ([]byte, error) {
	path, err := f.path(profile)
	if err != nil {
		return nil, err
	}
	if err := checkFolder(f.dir); err != nil {
		return nil, err
	}
	return readRecordFile(path)
}

// Save implements [CredentialStore]. The file is replaced by a rename, after
// its bytes have reached the disk.
func (f *FileStore) Save(ctx context.Context, profile string, record []byte) error {
	path, err := f.path(profile)
	if err != nil {
		return err
	}
	if err := makeFolder(f.dir); err != nil {
		return err
	}
	return replaceRecordFile(ctx, path, record)
}

// Delete implements [CredentialStore].
func (f *FileStore) Delete(_ context.Context, profile string) error {
	path, err := f.path(profile)
	if err != nil {
		return err
	}
	return removeFiles(f.dir, path, temporaryPath(path))
}

// SetAside implements [CredentialStore]. The record gets a second name, and keeps
// its own until Save replaces it, which may fail. What Save refuses, and what can
// have no second name, is moved: of a symbolic link, the link.
func (f *FileStore) SetAside(_ context.Context, profile string) (where string, err error) {
	path, err := f.path(profile)
	if err != nil {
		return "", err
	}
	record, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		where = fmt.Sprintf("%s.aside-%d", path, n)
		earlier, err := os.Lstat(where)
		if err != nil {
			break
		}
		if os.SameFile(earlier, record) {
			return where, nil // no Save has succeeded since
		}
	}
	if checkRecordFile(path, record) != nil || os.Link(path, where) != nil {
		if err := os.Rename(path, where); err != nil {
			return "", err
		}
	}
	return where, syncFolder(f.dir)
}

// Lock implements [CredentialStore]. It locks a file beside the record, which
// is never removed: whoever opened it before would hold a lock of nothing.
func (f *FileStore) Lock(ctx context.Context, profile string) (unlock func(), err error) {
	path, err := f.path(profile)
	if err != nil {
		return nil, err
	}
	if err := makeFolder(f.dir); err != nil {
		return nil, err
	}
	lock := flock.New(strings.TrimSuffix(path, ".json") + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return nil, err
	}
	return func() { _ = lock.Unlock() }, nil // the system unlocks what cannot be
}

func (f *FileStore) path(profile string) (string, error) {
	if err := validateName(profile); err != nil {
		return "", fmt.Errorf("profile: %w", err)
	}
	return filepath.Join(f.dir, "credentials-"+foldCase(profile)+".json"), nil
}

// foldCase writes an upper-case letter of a profile's name as ! and the lower-case
// one. So Work and work, which many file systems and one keyring take for the
// same, do not share a record.
func foldCase(profile string) string {
	var folded strings.Builder
	for _, letter := range profile {
		if 'A' <= letter && letter <= 'Z' {
			folded.WriteByte('!')
			letter += 'a' - 'A'
		}
		folded.WriteRune(letter)
	}
	return folded.String()
}
