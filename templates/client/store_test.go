package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// everyStore makes each kind of store, empty.
func everyStore() map[string]func(*testing.T) CredentialStore {
	newFiles := func(t *testing.T) *FileStore { return NewFileStore(filepath.Join(t.TempDir(), "new", "folder")) }
	return map[string]func(*testing.T) CredentialStore{
		"MemoryStore": func(*testing.T) CredentialStore { return NewMemoryStore() },
		"FileStore":   func(t *testing.T) CredentialStore { return newFiles(t) },
		"sealed": func(t *testing.T) CredentialStore {
			return newSealedStore(newFiles(t), StoreKeyring, &fakeKeyring{})
		},
		"sealed, without a keyring": func(t *testing.T) CredentialStore {
			return newSealedStore(newFiles(t), StoreKeyringOrFile, &fakeKeyring{err: errors.New("no service")})
		},
	}
}

// sample is a record that is as short as one can be.
func sample(text string) string { return `{"version":1,"text":"` + text + `"}` }

func TestStores(t *testing.T) {
	for name, newStore := range everyStore() {
		t.Run("G17: what was saved is loaded until it is deleted, "+name, func(t *testing.T) {
			store, ctx := newStore(t), t.Context()
			if _, err := store.Load(ctx, "a"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Load of nothing: %v", err)
			}
			if err := store.Delete(ctx, "a"); err != nil {
				t.Errorf("Delete of nothing: %v", err)
			}
			save(t, store, "a", sample("one"))
			save(t, store, "b", sample("other"))
			save(t, store, "a", sample("two"))
			if got, err := store.Load(ctx, "a"); err != nil || string(got) != sample("two") {
				t.Errorf("Load: %q, %v", got, err)
			}
			if err := store.Delete(ctx, "a"); err != nil {
				t.Error(err)
			}
			if _, err := store.Load(ctx, "a"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("Load after Delete: %v", err)
			}
			if got, err := store.Load(ctx, "b"); err != nil || string(got) != sample("other") {
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

func TestStoresPrintNoSecret(t *testing.T) {
	for name, newStore := range everyStore() {
		t.Run("G17: neither record nor key, "+name, func(t *testing.T) {
			store := newStore(t)
			record := sample("SECRET")
			save(t, store, "default", record)
			mustLoad(t, store, "default", record)
			secrets := []string{"SECRET", fmt.Sprintf("%x", record), fmt.Sprintf("%d", []byte(record))}
			if sealed, ok := store.(*sealedStore); ok && sealed.policy == StoreKeyring {
				secrets = append(secrets, sealed.known("default").reveal())
			}
			for _, text := range everyRendering(store) {
				for _, secret := range secrets {
					if strings.Contains(text, secret) {
						t.Errorf("%q is in %s", secret, text)
					}
				}
			}
		})
	}
}

func TestStoreLock(t *testing.T) {
	for name, newStore := range everyStore() {
		t.Run("G11: one holder a profile, "+name, func(t *testing.T) {
			store := newStore(t)
			unlock, err := store.Lock(t.Context(), "ada")
			if err != nil {
				t.Fatal(err)
			}
			soon, cancel := context.WithTimeout(t.Context(), time.Millisecond)
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
		t.Run("G18: what is set aside is not lost, and there until it is replaced, "+name, func(t *testing.T) {
			store := newStore(t)
			if where, err := store.SetAside(t.Context(), "ada"); where != "" || err != nil {
				t.Errorf("of no record: %q, error %v", where, err)
			}
			places := map[string]bool{}
			for _, record := range []string{"one", "two"} {
				if err := store.Save(t.Context(), "ada", []byte(sample(record))); err != nil {
					t.Fatal(err)
				}
				where, err := store.SetAside(t.Context(), "ada")
				if err != nil || where == "" {
					t.Fatalf("%q, error %v", where, err)
				}
				places[where] = true
				mustLoad(t, store, "ada", sample(record))
			}
			if len(places) != 2 {
				t.Errorf("places %v", places)
			}
		})
	}
}
