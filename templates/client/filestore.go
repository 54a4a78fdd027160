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
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const (
	lockPoll     = 20 * time.Millisecond // between two attempts to lock a file
	maxRecord    = 1 << 20               // bytes of a stored record
	openAttempts = 100                   // at a file that is being replaced
)

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

// readRecordFile reads the file of a record, unless it is refused.
func readRecordFile(path string) (record []byte, err error) {
	file, err := openRecordFile(path, os.Open)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	record, err = io.ReadAll(io.LimitReader(file, maxRecord+1))
	if err != nil {
		return nil, err
	}
	if len(record) > maxRecord {
		return nil, fmt.Errorf("%w: %s is larger than %d bytes", ErrRecordDamaged, path, maxRecord)
	}
	return record, nil
}

// openRecordFile looks before it opens, because opening a pipe could wait for
// ever, and again at what it has opened.
func openRecordFile(path string, open func(path string) (*os.File, error)) (*os.File, error) {
	for range openAttempts {
		before, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		if err := checkRecordFile(path, before); err != nil {
			return nil, err
		}
		file, err := open(path)
		if err != nil {
			return nil, err
		}
		opened, err := file.Stat()
		if err == nil {
			err = checkRecordFile(path, opened)
		}
		if err != nil {
			return nil, errors.Join(err, file.Close())
		}
		if os.SameFile(before, opened) {
			return file, nil
		}
		if err := file.Close(); err != nil { // saved meanwhile, by another process
			return nil, err
		}
	}
	return nil, fmt.Errorf("%s is replaced again and again", path)
}

// checkRecordFile refuses what others may have read or written.
func checkRecordFile(path string, info fs.FileInfo) error {
	mode := info.Mode()
	switch {
	case !mode.IsRegular():
		return fmt.Errorf("%w: %s is not a regular file", ErrRecordRefused, path)
	case ownedByOther(info, os.Geteuid()):
		return fmt.Errorf("%w: %s belongs to another user", ErrRecordRefused, path)
	case runtime.GOOS != "windows" && mode.Perm()&0o077 != 0:
		return fmt.Errorf("%w: %s is open to others: its mode is %04o, not 0600", ErrRecordRefused, path, mode.Perm())
	}
	return nil
}

// makeFolder makes the folder of the records, unless there is one.
func makeFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	return checkFolder(dir)
}

// checkFolder refuses a folder in which others could replace the records. It
// may be a symbolic link, and others may look into it.
func checkFolder(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	mode := info.Mode()
	switch {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", dir)
	case ownedByOther(info, os.Geteuid()):
		return fmt.Errorf("the folder %s belongs to another user", dir)
	case runtime.GOOS != "windows" && mode.Perm()&0o022 != 0:
		return fmt.Errorf("others can write to the folder %s: its mode is %04o; chmod go-w helps", dir, mode.Perm())
	}
	return nil
}

// replaceRecordFile puts a new file in the place of a record, unless what stands
// there is refused.
func replaceRecordFile(ctx context.Context, path string, record []byte) error {
	if len(record) > maxRecord {
		return fmt.Errorf("the record is larger than %d bytes", maxRecord)
	}
	switch info, err := os.Lstat(path); {
	case err == nil:
		if err := checkRecordFile(path, info); err != nil {
			return err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	temporary := temporaryPath(path)
	if err := writeNewFile(temporary, record); err != nil {
		return err
	}
	rename := func() error { return os.Rename(temporary, path) }
	if err := retry(ctx, rename, isSharingProblem); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return syncFolder(filepath.Dir(path))
}

// temporaryPath is the same at every time, so that what a process leaves that
// dies is replaced by the next. Nobody else writes to it: the store is locked.
func temporaryPath(path string) string { return strings.TrimSuffix(path, ".json") + ".tmp" }

// writeNewFile writes a file of mode 0600 through to the disk. On failure it
// leaves none.
func writeNewFile(path string, data []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

const (
	firstRetryPause = 10 * time.Millisecond // doubled each time
	lastRetryPause  = 640 * time.Millisecond
)

// retry does something again while its error is one that passes, for little
// more than a second.
func retry(ctx context.Context, do func() error, passes func(error) bool) error {
	for pause := firstRetryPause; ; pause *= 2 {
		err := do()
		if err == nil || !passes(err) || pause > lastRetryPause {
			return err
		}
		if ended := waitFor(ctx, pause); ended != nil {
			return errors.Join(err, ended)
		}
	}
}

// isSharingProblem reports whether a rename may have failed because another
// program, such as a virus scanner, has the file open at the moment. Windows
// calls that a sharing violation or a denied access (go.dev/issue/32188).
func isSharingProblem(err error) bool {
	return runtime.GOOS == "windows" && !errors.Is(err, fs.ErrNotExist)
}

// removeFiles removes those of the files in a folder that are there.
func removeFiles(dir string, paths ...string) error {
	var problems []error
	removed := false
	for _, path := range paths {
		switch err := os.Remove(path); {
		case err == nil:
			removed = true
		case !errors.Is(err, fs.ErrNotExist):
			problems = append(problems, err)
		}
	}
	if removed {
		problems = append(problems, syncFolder(dir))
	}
	return errors.Join(problems...)
}

// syncFolder makes a rename or removal in the folder last through a crash.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // folders cannot be opened for this, and renames are logged
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
