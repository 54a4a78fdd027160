package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// newFileStore returns a store with one record, of the profile default.
func newFileStore(t *testing.T) (store *FileStore, dir, file string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "notes")
	store = NewFileStore(dir)
	save(t, store, "default", "record")
	return store, dir, filepath.Join(dir, "credentials-default.json")
}

// mustHaveOnly fails if a folder has other files than these.
func mustHaveOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if got := strings.Join(names, " "); got != strings.Join(want, " ") {
		t.Errorf("the folder has %s, want %s", got, want)
	}
}

func TestFileStore(t *testing.T) {
	t.Run("G17: only the user can read the file and its folder", func(t *testing.T) {
		_, dir, file := newFileStore(t)
		for path, want := range map[string]fs.FileMode{dir: 0o700, file: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
	})
	t.Run("G17: no temporary file stays", func(t *testing.T) {
		store, dir, _ := newFileStore(t)
		save(t, store, "default", "again")
		mustHaveOnly(t, dir, "credentials-default.json")
	})
	t.Run("G17: what a killed process left is replaced, whatever its mode", func(t *testing.T) {
		store, dir, file := newFileStore(t)
		leftover := filepath.Join(dir, "credentials-default.tmp")
		if err := errors.Join(os.WriteFile(leftover, []byte("half a rec"), 0o600), os.Chmod(leftover, 0o444)); err != nil {
			t.Fatal(err)
		}
		save(t, store, "default", "again")
		mustHaveOnly(t, dir, "credentials-default.json")
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	})
	t.Run("G17: what a killed process left is deleted with the record", func(t *testing.T) {
		store, dir, _ := newFileStore(t)
		if err := os.WriteFile(filepath.Join(dir, "credentials-default.tmp"), []byte("half a rec"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := store.Delete(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		mustHaveOnly(t, dir)
	})
	t.Run("G17: a link in the place of the temporary file is not followed", func(t *testing.T) {
		store, dir, _ := newFileStore(t)
		elsewhere := filepath.Join(t.TempDir(), "elsewhere")
		err := errors.Join(os.WriteFile(elsewhere, []byte("mine"), 0o600), os.Symlink(elsewhere, filepath.Join(dir, "credentials-default.tmp")))
		if err != nil {
			t.Fatal(err)
		}
		save(t, store, "default", "again")
		if text, err := os.ReadFile(elsewhere); err != nil || string(text) != "mine" {
			t.Errorf("%q, %v", text, err)
		}
	})
	t.Run("G17: a record that is too large to be read is not saved", func(t *testing.T) {
		store, dir, _ := newFileStore(t)
		if err := store.Save(t.Context(), "default", make([]byte, maxRecord+1)); err == nil {
			t.Error("no error")
		}
		if record, err := store.Load(t.Context(), "default"); err != nil || string(record) != "record" {
			t.Errorf("%q, %v", record, err)
		}
		mustHaveOnly(t, dir, "credentials-default.json")
	})
	t.Run("G17: a reader of the old file keeps the whole old record", func(t *testing.T) {
		store, _, file := newFileStore(t)
		old, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = old.Close() }()
		save(t, store, "default", "a much longer record")
		text := make([]byte, 100)
		if n, err := old.Read(text); err != nil || string(text[:n]) != "record" {
			t.Errorf("%q, %v", text[:n], err)
		}
	})
	t.Run("G17: a reader without the lock sees one record or another, whole", func(t *testing.T) {
		store, _, _ := newFileStore(t)
		stop, done := make(chan struct{}), make(chan error)
		go func() {
			for round := 0; ; round++ {
				select {
				case <-stop:
					done <- nil
					return
				default:
				}
				if err := store.Save(context.WithoutCancel(t.Context()), "default", []byte(strings.Repeat("record", 1+round%2))); err != nil {
					done <- err
					return
				}
			}
		}()
		for range 300 {
			if record, err := store.Load(t.Context(), "default"); err != nil || strings.ReplaceAll(string(record), "record", "") != "" || len(record) == 0 {
				t.Errorf("%q, %v", record, err)
			}
		}
		close(stop)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestFileStoreRefuses(t *testing.T) {
	spoilt := map[string]func(file string) error{
		"a file that others can read":        func(file string) error { return os.Chmod(file, 0o644) },
		"a file that the group can write to": func(file string) error { return os.Chmod(file, 0o660) },
		"a file that others can only run":    func(file string) error { return os.Chmod(file, 0o601) },
		"a symbolic link": func(file string) error {
			return errors.Join(os.Rename(file, file+".real"), os.Symlink(file+".real", file))
		},
		"a symbolic link to nothing": func(file string) error {
			return errors.Join(os.Remove(file), os.Symlink(file+".real", file))
		},
		"a folder": func(file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o700)) },
		"a pipe": func(file string) error {
			return errors.Join(os.Remove(file), exec.Command("mkfifo", "-m", "600", file).Run())
		},
	}
	if os.Geteuid() == 0 { // only root can give a file away
		spoilt["a file of another user"] = func(file string) error { return os.Chown(file, 4242, -1) }
	}
	for name, spoil := range spoilt {
		t.Run("G18: "+name+" is neither read nor replaced, and can be set aside", func(t *testing.T) {
			store, dir, file := newFileStore(t)
			if err := spoil(file); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(file)
			if err != nil {
				t.Fatal(err)
			}
			if record, err := store.Load(t.Context(), "default"); !errors.Is(err, ErrRecordRefused) || record != nil {
				t.Errorf("load: %q, %v", record, err)
			}
			if err := store.Save(t.Context(), "default", []byte("new")); !errors.Is(err, ErrRecordRefused) {
				t.Errorf("save: %v", err)
			}
			where, err := store.SetAside(t.Context(), "default")
			if err != nil || filepath.Dir(where) != dir {
				t.Fatalf("set aside: %q, %v", where, err)
			}
			if after, err := os.Lstat(where); err != nil || !os.SameFile(before, after) {
				t.Errorf("what was set aside is another: %v", err)
			}
			save(t, store, "default", "new")
			if record, err := store.Load(t.Context(), "default"); err != nil || string(record) != "new" {
				t.Errorf("load again: %q, %v", record, err)
			}
		})
	}
	t.Run("G18: a file without end is damaged", func(t *testing.T) {
		store, _, file := newFileStore(t)
		if err := os.WriteFile(file, make([]byte, maxRecord+1), 0o600); err != nil {
			t.Fatal(err)
		}
		if record, err := store.Load(t.Context(), "default"); !errors.Is(err, ErrRecordDamaged) || record != nil {
			t.Errorf("%d bytes, %v", len(record), err)
		}
	})
	t.Run("G18: a file is another user's if its user id differs", func(t *testing.T) {
		_, _, file := newFileStore(t)
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if ownedByOther(info, os.Geteuid()) || !ownedByOther(info, os.Geteuid()+1) {
			t.Error("not told apart")
		}
	})
	folders := map[string]func(dir string) error{
		"others can write to":    func(dir string) error { return os.Chmod(dir, 0o777) },
		"the group can write to": func(dir string) error { return os.Chmod(dir, 0o770) },
		"is a file":              func(dir string) error { return errors.Join(os.RemoveAll(dir), os.WriteFile(dir, nil, 0o600)) },
	}
	if os.Geteuid() == 0 {
		folders["belongs to another user"] = func(dir string) error { return os.Chown(dir, 4242, -1) }
	}
	for name, spoil := range folders {
		t.Run("G18: a folder that "+name+" is refused", func(t *testing.T) {
			store, dir, _ := newFileStore(t)
			if err := spoil(dir); err != nil {
				t.Fatal(err)
			}
			if record, err := store.Load(t.Context(), "default"); err == nil || errors.Is(err, fs.ErrNotExist) || record != nil {
				t.Errorf("load: %q, %v", record, err)
			}
			if err := store.Save(t.Context(), "default", []byte("new")); err == nil {
				t.Error("saved")
			}
			if _, err := store.Lock(t.Context(), "default"); err == nil {
				t.Error("locked")
			}
		})
	}
	t.Run("G18: a folder that others can look into is the application's own", func(t *testing.T) {
		store, dir, _ := newFileStore(t)
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		save(t, store, "default", "again")
		if record, err := store.Load(t.Context(), "default"); err != nil || string(record) != "again" {
			t.Errorf("%q, %v", record, err)
		}
	})
}

func TestFileIsReplacedWhileItIsOpened(t *testing.T) {
	// opener opens a file after something has happened to it, so many times.
	opener := func(t *testing.T, times int, happens func(path string) error) func(path string) (*os.File, error) {
		return func(path string) (*os.File, error) {
			if times--; times >= 0 {
				if err := happens(path); err != nil {
					t.Fatal(err)
				}
			}
			return os.Open(path)
		}
	}
	resave := func(path string) error { return replaceRecordFile(context.Background(), path, []byte("new")) }
	t.Run("G17: by a save: the new record is read", func(t *testing.T) {
		_, _, path := newFileStore(t)
		file, err := openRecordFile(path, opener(t, 3, resave))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		if record, err := io.ReadAll(file); err != nil || string(record) != "new" {
			t.Errorf("%q, %v", record, err)
		}
	})
	t.Run("G17: by saves without end: that is an error", func(t *testing.T) {
		_, _, path := newFileStore(t)
		if _, err := openRecordFile(path, opener(t, openAttempts, resave)); err == nil {
			t.Error("opened")
		}
	})
	t.Run("G18: by a link: it is refused", func(t *testing.T) {
		_, _, path := newFileStore(t)
		link := func(path string) error {
			return errors.Join(os.WriteFile(path+".real", nil, 0o600), os.Remove(path), os.Symlink(path+".real", path))
		}
		if _, err := openRecordFile(path, opener(t, 1, link)); !errors.Is(err, ErrRecordRefused) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("G18: by a file that others can read: it is refused", func(t *testing.T) {
		_, _, path := newFileStore(t)
		publish := func(path string) error { return os.Chmod(path, 0o644) }
		if _, err := openRecordFile(path, opener(t, 1, publish)); !errors.Is(err, ErrRecordRefused) {
			t.Errorf("error %v", err)
		}
	})
}

func TestProfiles(t *testing.T) {
	for _, profile := range []string{"", "..", ".hidden", "a/b", `a\b`, "a b", "a\x00", "!a", strings.Repeat("a", 65)} {
		t.Run("G19: a profile name cannot leave the folder: "+profile, func(t *testing.T) {
			store := NewFileStore(t.TempDir())
			if err := store.Save(t.Context(), profile, nil); err == nil {
				t.Error("saved")
			}
			if _, err := New(WithStore(store), WithProfile(profile)); err == nil {
				t.Error("New takes it")
			}
		})
	}
	t.Run("G19: profiles that differ in letter case share no file on any system", func(t *testing.T) {
		dir := t.TempDir()
		store := NewFileStore(dir)
		for _, profile := range []string{"work", "Work", "WORK"} {
			save(t, store, profile, profile)
		}
		mustHaveOnly(t, dir, "credentials-!w!o!r!k.json", "credentials-!work.json", "credentials-work.json")
		for _, profile := range []string{"work", "Work", "WORK"} {
			if record, err := store.Load(t.Context(), profile); err != nil || string(record) != profile {
				t.Errorf("%s: %q, %v", profile, record, err)
			}
		}
	})
	former := func(t *testing.T) (store *FileStore, dir string) {
		dir = t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "credentials-Work.json"), []byte("former"), 0o600); err != nil {
			t.Fatal(err)
		}
		return NewFileStore(dir), dir
	}
	t.Run("G19: a record under the name of before is read, and moves at the next save", func(t *testing.T) {
		store, dir := former(t)
		if record, err := store.Load(t.Context(), "Work"); err != nil || string(record) != "former" {
			t.Errorf("%q, %v", record, err)
		}
		// Where letter case does not count, the file is found by other names, too.
		if _, err := store.Load(t.Context(), "WORK"); !errors.Is(err, fs.ErrNotExist) || store.formerPath("WORK") != "" {
			t.Errorf("of another profile: %v", err)
		}
		save(t, store, "Work", "new")
		mustHaveOnly(t, dir, "credentials-!work.json")
	})
	t.Run("G19: it is deleted", func(t *testing.T) {
		store, dir := former(t)
		if err := store.Delete(t.Context(), "Work"); err != nil {
			t.Error(err)
		}
		mustHaveOnly(t, dir)
	})
	t.Run("G19: it is set aside", func(t *testing.T) {
		store, dir := former(t)
		if where, err := store.SetAside(t.Context(), "Work"); err != nil || filepath.Base(where) != "credentials-!work.json.aside-1" {
			t.Errorf("%q, %v", where, err)
		}
		save(t, store, "Work", "new")
		mustHaveOnly(t, dir, "credentials-!work.json", "credentials-!work.json.aside-1")
	})
}

func TestRenameIsTriedAgain(t *testing.T) {
	busy := errors.New("sharing violation")
	passes := func(err error) bool { return errors.Is(err, busy) }
	for name, test := range map[string]struct {
		failures int
		with     error
		attempts int
		fails    bool
		longest  time.Duration
	}{
		"G17: a file that another program has open is waited for":    {3, busy, 4, false, 100 * time.Millisecond},
		"G17: but for little more than a second":                     {100, busy, 8, true, 1300 * time.Millisecond},
		"G17: what will not pass is reported at once":                {100, errDiskFull, 1, true, 0},
		"G17: a rename that works is done once, and takes no longer": {0, nil, 1, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts, start := 0, time.Now()
				err := retry(t.Context(), func() error {
					attempts++
					if attempts <= test.failures {
						return test.with
					}
					return nil
				}, passes)
				if attempts != test.attempts || (err != nil) != test.fails || time.Since(start) > test.longest {
					t.Errorf("%d attempts in %s, error %v", attempts, time.Since(start), err)
				}
			})
		})
	}
	t.Run("G17: nor longer than the caller does", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := retry(ctx, func() error { return busy }, passes); !errors.Is(err, context.Canceled) || !errors.Is(err, busy) {
			t.Errorf("error %v", err)
		}
	})
}
