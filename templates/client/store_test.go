package client

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestStores(t *testing.T) {
	stores := map[string]func(*testing.T) CredentialStore{
		"MemoryStore": func(*testing.T) CredentialStore { return NewMemoryStore() },
		"FileStore":   func(t *testing.T) CredentialStore { return NewFileStore(filepath.Join(t.TempDir(), "new", "folder")) },
	}
	for name, newStore := range stores {
		t.Run(name, func(t *testing.T) {
			store, ctx := newStore(t), t.Context()
			if _, err := store.Load(ctx, "a"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Load of nothing: %v", err)
			}
			if err := store.Delete(ctx, "a"); err != nil {
				t.Errorf("Delete of nothing: %v", err)
			}
			save(t, store, "a", "one")
			save(t, store, "b", "other")
			save(t, store, "a", "two")
			if got, err := store.Load(ctx, "a"); err != nil || string(got) != "two" {
				t.Errorf("Load: %q, %v", got, err)
			}
			if err := store.Delete(ctx, "a"); err != nil {
				t.Error(err)
			}
			if _, err := store.Load(ctx, "a"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Load after Delete: %v", err)
			}
			if got, err := store.Load(ctx, "b"); err != nil || string(got) != "other" {
				t.Errorf("Load of the other: %q, %v", got, err)
			}
		})
	}
}

func save(t *testing.T, store CredentialStore, profile, record string) {
	t.Helper()
	if err := store.Save(context.WithoutCancel(t.Context()), profile, []byte(record)); err != nil {
		t.Fatal(err)
	}
}

func TestFileStore(t *testing.T) {
	setUp := func(t *testing.T) (store *FileStore, dir, file string) {
		dir = filepath.Join(t.TempDir(), "notes")
		store = NewFileStore(dir)
		save(t, store, "default", "record")
		return store, dir, filepath.Join(dir, "credentials-default.json")
	}
	t.Run("G17: only the user can read the file and its folder", func(t *testing.T) {
		_, dir, file := setUp(t)
		for path, want := range map[string]fs.FileMode{dir: 0o700, file: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s: %v, %v", path, info.Mode(), err)
			}
		}
	})
	t.Run("G17: no temporary file stays", func(t *testing.T) {
		store, dir, _ := setUp(t)
		save(t, store, "default", "again")
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%v, %v", entries, err)
		}
	})
	t.Run("G17: nor when the record cannot be put in its place", func(t *testing.T) {
		store, dir, file := setUp(t)
		if err := errors.Join(os.Remove(file), os.Mkdir(file, 0o700)); err != nil {
			t.Fatal(err)
		}
		if err := store.Save(t.Context(), "default", []byte("again")); err == nil {
			t.Error("no error")
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%v, %v", entries, err)
		}
	})
	t.Run("G17: a reader of the old file keeps the whole old record", func(t *testing.T) {
		store, _, file := setUp(t)
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
	refused := map[string]func(t *testing.T, file string) error{
		"a file that others can read": func(_ *testing.T, file string) error { return os.Chmod(file, 0o644) },
		"a symbolic link": func(_ *testing.T, file string) error {
			return errors.Join(os.Rename(file, file+".real"), os.Symlink(file+".real", file))
		},
		"a folder": func(_ *testing.T, file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o700)) },
		"a file without end": func(_ *testing.T, file string) error {
			return os.WriteFile(file, make([]byte, maxRecord+1), 0o600)
		},
	}
	for name, spoil := range refused {
		t.Run("G18: "+name+" is refused", func(t *testing.T) {
			store, _, file := setUp(t)
			if err := spoil(t, file); err != nil {
				t.Fatal(err)
			}
			record, err := store.Load(t.Context(), "default")
			if err == nil || errors.Is(err, fs.ErrNotExist) || record != nil {
				t.Errorf("%q, %v", record, err)
			}
		})
	}
	for _, profile := range []string{"", "..", ".hidden", "a/b", `a\b`, "a b", "a\x00", strings.Repeat("a", 65)} {
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
}

func TestStoreLock(t *testing.T) {
	for name, make := range map[string]func(*testing.T) CredentialStore{
		"MemoryStore": func(*testing.T) CredentialStore { return NewMemoryStore() },
		"FileStore":   func(t *testing.T) CredentialStore { return NewFileStore(t.TempDir()) },
	} {
		t.Run("G11: one holder a profile, "+name, func(t *testing.T) {
			store := make(t)
			unlock, err := store.Lock(t.Context(), "ada")
			if err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if _, err := store.Lock(soon, "ada"); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a second holder: error %v", err)
			}
			other, err := store.Lock(t.Context(), "grace")
			if err != nil {
				t.Fatal(err)
			}
			other()
			unlock()
			again, err := store.Lock(t.Context(), "ada")
			if err != nil {
				t.Fatal(err)
			}
			again()
		})
		t.Run("G18: what is set aside is not loaded and not lost, "+name, func(t *testing.T) {
			store := make(t)
			if where, err := store.SetAside(t.Context(), "ada"); where != "" || err != nil {
				t.Errorf("of no record: %q, error %v", where, err)
			}
			places := map[string]bool{}
			for _, record := range []string{"one", "two"} {
				if err := store.Save(t.Context(), "ada", []byte(record)); err != nil {
					t.Fatal(err)
				}
				where, err := store.SetAside(t.Context(), "ada")
				if err != nil || where == "" {
					t.Fatalf("%q, error %v", where, err)
				}
				places[where] = true
				if _, err := store.Load(t.Context(), "ada"); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("load: error %v", err)
				}
			}
			if len(places) != 2 {
				t.Errorf("places %v", places)
			}
		})
	}
}
