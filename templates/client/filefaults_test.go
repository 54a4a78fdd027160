package client

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestSaveThatFails(t *testing.T) {
	for _, before := range []string{"", "the old record"} {
		t.Run("G12: a save that cannot write is an error and leaves what was there: "+before, func(t *testing.T) {
			dir := t.TempDir()
			store := NewFileStore(dir)
			if before != "" {
				save(t, store, "default", before)
			}
			// A folder that is not empty is in the temporary file's place.
			if err := os.MkdirAll(filepath.Join(dir, "credentials-default.tmp", "x"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := store.Save(t.Context(), "default", []byte("new")); err == nil {
				t.Error("saved")
			}
			record, err := store.Load(t.Context(), "default")
			if string(record) != before || (before == "") != errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Load: %q, %v", record, err)
			}
		})
	}
	t.Run("G17: a record of 1 MiB is the largest", func(t *testing.T) {
		store := NewFileStore(t.TempDir())
		largest := strings.Repeat("x", 1<<20)
		save(t, store, "default", largest)
		mustLoad(t, store, "default", largest)
		if err := store.Save(t.Context(), "default", []byte(largest+"x")); err == nil {
			t.Error("a larger one is saved")
		}
	})
}

func TestNameThatIsNone(t *testing.T) {
	store := NewFileStore(filepath.Join(t.TempDir(), "folder"))
	save(t, store, "default", "record")
	for name, do := range map[string]func(profile string) error{
		"Load":     func(p string) error { _, err := store.Load(t.Context(), p); return err },
		"Save":     func(p string) error { return store.Save(t.Context(), p, []byte("x")) },
		"Delete":   func(p string) error { return store.Delete(t.Context(), p) },
		"SetAside": func(p string) error { _, err := store.SetAside(t.Context(), p); return err },
		"Lock":     func(p string) error { _, err := store.Lock(t.Context(), p); return err },
	} {
		t.Run("G19: a profile name that could leave the folder is refused by "+name, func(t *testing.T) {
			for _, profile := range []string{"", "../default", "a/b"} {
				if err := do(profile); err == nil || !strings.Contains(err.Error(), "profile") {
					t.Errorf("%q: error %v", profile, err)
				}
			}
		})
	}
	t.Run("G19: only upper-case letters are written in another way", func(t *testing.T) {
		if got := foldCase("AZaz@[09-_."); got != "!a!zaz@[09-_." {
			t.Errorf("%q", got)
		}
	})
	t.Run("G19: the record of the present name counts before the former's", func(t *testing.T) {
		dir := t.TempDir()
		store := NewFileStore(dir)
		save(t, store, "Work", "present")
		if err := os.WriteFile(filepath.Join(dir, "credentials-Work.json"), []byte("former"), 0o600); err != nil {
			t.Fatal(err)
		}
		mustLoad(t, store, "Work", "present")
	})
}

// fullKeyring has what it has, and takes no more.
type fullKeyring struct{ *fakeKeyring }

func (fullKeyring) Set(string, string, string) error { return errDiskFull }

func TestKeyringThatTakesNothing(t *testing.T) {
	t.Run("G17: the error is the keyring's own", func(t *testing.T) {
		store := newSealedStore(NewFileStore(t.TempDir()), StoreKeyring, fullKeyring{&fakeKeyring{}})
		if err := store.Save(t.Context(), "default", []byte(sample("x"))); !errors.Is(err, errDiskFull) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("G17: each time that it fails anew is logged, and only then", func(t *testing.T) {
		keys := &fakeKeyring{}
		store := newSealedStore(NewFileStore(t.TempDir()), StoreKeyringOrFile, keys)
		var log bytes.Buffer
		store.logger = slog.New(slog.NewTextHandler(&log, nil))
		for want, err := range []error{nil, errDiskFull, nil, errDiskFull} {
			keys.fail(err)
			if err := store.Delete(context.WithoutCancel(t.Context()), "default"); err != nil && !errors.Is(err, errDiskFull) {
				t.Fatal(err)
			}
			save(t, store, "default", sample("x"))
			if n := strings.Count(log.String(), "stored unencrypted"); n != (want+1)/2 {
				t.Errorf("step %d: logged %d times", want, n)
			}
		}
	})
}

func TestStoreInfoOfAnUnreadableRecord(t *testing.T) {
	t.Run("G17: StoreInfo tells what is wrong with the record", func(t *testing.T) {
		store, _, file := sealedFixture(t)
		if err := os.WriteFile(file, []byte("garbage"), 0o600); err != nil {
			t.Fatal(err)
		}
		if info := store.info("default"); info.Encrypted || !strings.Contains(info.Reason, ErrRecordDamaged.Error()) {
			t.Errorf("info %+v", info)
		}
	})
}
