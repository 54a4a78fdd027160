package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// CredentialStore keeps one record of credentials a profile. The record holds
// tokens: whoever reads it is the user. Implementations are safe for concurrent
// use.
type CredentialStore interface {
	// Load returns the record of a profile. Without one, the error is
	// [fs.ErrNotExist].
	Load(ctx context.Context, profile string) ([]byte, error)
	// Save replaces the record of a profile as a whole: whatever happens
	// meanwhile, a later Load returns the old record or the new one.
	Save(ctx context.Context, profile string, record []byte) error
	// Delete removes the record of a profile. Removing none is no error.
	Delete(ctx context.Context, profile string) error
	// SetAside moves the record of a profile to where Load does not find it but a
	// person can, and says where. It is for a record that cannot be used and must
	// not be lost. Without a record it does nothing.
	SetAside(ctx context.Context, profile string) (where string, err error)
	// Lock waits until nobody else holds the lock of the profile, in this process
	// or in another on the same store, or until ctx ends. Whoever calls Save,
	// Delete or SetAside holds it. The lock of a process that dies is free.
	Lock(ctx context.Context, profile string) (unlock func(), err error)
}

// A store returns an error that wraps one of these when there is a record that
// will not be readable later either.
var (
	ErrRecordDamaged = errors.New("the stored record is damaged")
	ErrRecordNewer   = errors.New("the stored record is of a newer version of this application")
)

// validateName keeps the name of a profile, or of the application's folder,
// usable as a part of a path.
func validateName(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@+-."
	if name == "" || len(name) > 64 || name[0] == '.' || strings.Trim(name, letters) != "" {
		return fmt.Errorf("name %q: want 1 to 64 letters, digits or any of _ @ + - . and no leading dot", name)
	}
	return nil
}

// MemoryStore is a [CredentialStore] that forgets when the process ends. The
// zero MemoryStore is empty and ready for use.
type MemoryStore struct {
	mu      sync.Mutex
	records map[string][]byte
	locks   map[string]chan struct{}
}

// NewMemoryStore returns an empty MemoryStore.
func NewMemoryStore() *MemoryStore { return &MemoryStore{} }

// Load implements [CredentialStore].
func (m *MemoryStore) Load(_ context.Context, profile string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	record, ok := m.records[profile]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return slices.Clone(record), nil
}

// Save implements [CredentialStore].
func (m *MemoryStore) Save(_ context.Context, profile string, record []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records == nil {
		m.records = map[string][]byte{}
	}
	m.records[profile] = slices.Clone(record)
	return nil
}

// Delete implements [CredentialStore].
func (m *MemoryStore) Delete(_ context.Context, profile string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, profile)
	return nil
}

// SetAside implements [CredentialStore].
func (m *MemoryStore) SetAside(_ context.Context, profile string) (where string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	record, ok := m.records[profile]
	if !ok {
		return "", nil
	}
	for n := 1; ok; n++ {
		where = fmt.Sprintf("%s (set aside %d)", profile, n) // no profile is named so
		_, ok = m.records[where]
	}
	m.records[where] = record
	delete(m.records, profile)
	return where, nil
}

// Lock implements [CredentialStore].
func (m *MemoryStore) Lock(ctx context.Context, profile string) (unlock func(), err error) {
	m.mu.Lock()
	if m.locks == nil {
		m.locks = map[string]chan struct{}{}
	}
	lock, ok := m.locks[profile]
	if !ok {
		lock = make(chan struct{}, 1)
		m.locks[profile] = lock
	}
	m.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

const (
	maxRecord = 1 << 20               // bytes of a stored record that are read
	lockPoll  = 20 * time.Millisecond // between two attempts to lock a file
)

// FileStore is a [CredentialStore] of one file a profile, which only the user
// can read (mode 0600). The tokens stand in it as they are: it protects them
// from other users of the machine, not from the user's other programs.
type FileStore struct{ dir string }

// NewFileStore returns a FileStore in a folder, which is made, mode 0700, when
// the first record is saved.
func NewFileStore(dir string) *FileStore { return &FileStore{dir: dir} }

func (f *FileStore) path(profile string) (string, error) {
	if err := validateName(profile); err != nil {
		return "", fmt.Errorf("profile: %w", err)
	}
	return filepath.Join(f.dir, "credentials-"+profile+".json"), nil
}

// Load implements [CredentialStore]. A file that others can read, or that is
// not a regular file, is refused.
func (f *FileStore) Load(_ context.Context, profile string) (record []byte, err error) {
	path, err := f.path(profile)
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s can be read by others: its mode is %04o, not 0600", path, info.Mode().Perm())
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	record, err = io.ReadAll(io.LimitReader(file, maxRecord+1))
	if err != nil {
		return nil, err
	}
	if len(record) > maxRecord {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, maxRecord)
	}
	return record, nil
}

// Save implements [CredentialStore]. The file is replaced by a rename, after
// its bytes have reached the disk.
func (f *FileStore) Save(_ context.Context, profile string, record []byte) error {
	path, err := f.path(profile)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	temporary, err := writeTemporary(f.dir, record)
	if err != nil {
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return syncDir(f.dir)
}

// Delete implements [CredentialStore].
func (f *FileStore) Delete(_ context.Context, profile string) error {
	path, err := f.path(profile)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return syncDir(f.dir)
}

// SetAside implements [CredentialStore].
func (f *FileStore) SetAside(_ context.Context, profile string) (where string, err error) {
	path, err := f.path(profile)
	if err != nil {
		return "", err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	for n := 1; err == nil; n++ {
		where = fmt.Sprintf("%s.aside-%d", path, n)
		_, err = os.Lstat(where)
	}
	if err := os.Rename(path, where); err != nil {
		return "", err
	}
	return where, syncDir(f.dir)
}

// Lock implements [CredentialStore]. It locks a file beside the record, which
// is never removed: whoever opened it before would hold a lock of nothing.
func (f *FileStore) Lock(ctx context.Context, profile string) (unlock func(), err error) {
	path, err := f.path(profile)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, err
	}
	lock := flock.New(strings.TrimSuffix(path, ".json") + ".lock")
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return nil, err
	}
	return func() { _ = lock.Unlock() }, nil // the system unlocks what cannot be
}

// writeTemporary writes a new file, which os.CreateTemp makes with mode 0600,
// and returns its path. On failure no file is left.
func writeTemporary(dir string, data []byte) (path string, err error) {
	file, err := os.CreateTemp(dir, ".credentials-*")
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncDir makes a rename or removal in the folder last through a crash.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be opened for this, and renames are logged
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
