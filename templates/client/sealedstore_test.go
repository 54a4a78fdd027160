package client

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// fakeKeyring stands in for the system's, whose failures it can have.
type fakeKeyring struct {
	mu    sync.Mutex
	items map[string]string // by service and account
	calls []string
	err   error         // of every call
	hang  chan struct{} // if not nil, calls wait for its end
	leaky bool          // keeps nothing
}

func (k *fakeKeyring) begin(call string) error {
	k.mu.Lock()
	k.calls = append(k.calls, call)
	hang, err := k.hang, k.err
	k.mu.Unlock()
	if hang != nil {
		<-hang
	}
	return err
}

func (k *fakeKeyring) Get(service, account string) (string, error) {
	if err := k.begin("get"); err != nil {
		return "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	text, ok := k.items[service+"/"+account]
	if !ok {
		return "", keyring.ErrNotFound
	}
	return text, nil
}

func (k *fakeKeyring) Set(service, account, text string) error {
	if err := k.begin("set"); err != nil {
		return err
	}
	if k.leaky {
		return nil
	}
	k.put(service+"/"+account, text)
	return nil
}

func (k *fakeKeyring) Delete(service, account string) error {
	if err := k.begin("delete"); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.items[service+"/"+account]; !ok {
		return keyring.ErrNotFound
	}
	delete(k.items, service+"/"+account)
	return nil
}

func (k *fakeKeyring) put(item, text string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.items == nil {
		k.items = map[string]string{}
	}
	k.items[item] = text
}

// made returns the calls so far.
func (k *fakeKeyring) made() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.calls)
}

// fail changes what happens to the next calls, and forgets those of before.
func (k *fakeKeyring) fail(err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.err, k.calls = err, nil
}

// newSealedStore returns a store as another process would have it.
func newSealedStore(files *FileStore, policy StorePolicy, keeper secretKeeper) *sealedStore {
	return &sealedStore{
		files: files, policy: policy, service: "notes",
		keyring: newLimitedKeyring(keeper, keyringLimit),
		logger:  slog.New(slog.DiscardHandler),
	}
}

// sealedFixture is a store with one sealed record.
func sealedFixture(t *testing.T) (store *sealedStore, keys *fakeKeyring, file string) {
	t.Helper()
	keys = &fakeKeyring{}
	store = newSealedStore(NewFileStore(t.TempDir()), StoreKeyringOrFile, keys)
	save(t, store, "default", sample("secret-token"))
	return store, keys, filepath.Join(store.files.dir, "credentials-default.json")
}

// again returns the store as the next process would have it.
func again(store *sealedStore) *sealedStore {
	return newSealedStore(store.files, store.policy, store.keyring.keeper)
}

func mustLoad(t *testing.T, store CredentialStore, profile, want string) {
	t.Helper()
	if record, err := store.Load(t.Context(), profile); err != nil || string(record) != want {
		t.Errorf("load of %s: %q, %v", profile, record, err)
	}
}

func readFile(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSealedStore(t *testing.T) {
	t.Run("G17: neither the record nor its key is in the file", func(t *testing.T) {
		store, keys, file := sealedFixture(t)
		text, key := readFile(t, file), keys.items["notes/default"]
		if !bytes.HasPrefix(text, []byte(`{"sealed_version":1,`)) || bytes.Contains(text, []byte("secret")) || bytes.Contains(text, []byte(key)) {
			t.Errorf("%s", text)
		}
		if bits, err := base64.StdEncoding.DecodeString(key); err != nil || len(bits) != 32 {
			t.Errorf("key of %d bytes, %v", len(bits), err)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		mustLoad(t, again(store), "default", sample("secret-token"))
	})
	t.Run("G17: the same record is never sealed to the same text", func(t *testing.T) {
		store, _, file := sealedFixture(t)
		before := readFile(t, file)
		save(t, store, "default", sample("secret-token"))
		if bytes.Equal(before, readFile(t, file)) {
			t.Error("the nonce was used twice")
		}
	})
	t.Run("G17: a key that is known is not asked for again", func(t *testing.T) {
		store, keys, _ := sealedFixture(t)
		keys.fail(errors.New("locked"))
		save(t, store, "default", sample("two"))
		mustLoad(t, store, "default", sample("two"))
		if len(keys.calls) != 0 {
			t.Errorf("calls %v", keys.calls)
		}
	})
	t.Run("G17: another process's new key is asked for", func(t *testing.T) {
		store, _, _ := sealedFixture(t)
		other := again(store)
		if err := other.Delete(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		save(t, other, "default", sample("two"))
		mustLoad(t, store, "default", sample("two"))
	})
	t.Run("G17: a key that another process has deleted seals nothing more", func(t *testing.T) {
		store, _, _ := sealedFixture(t)
		if err := again(store).Delete(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		save(t, store, "default", sample("two"))
		mustLoad(t, again(store), "default", sample("two"))
	})
	t.Run("G17: the key that counts is the one in the keyring", func(t *testing.T) {
		keys := &fakeKeyring{}
		store := newSealedStore(NewFileStore(t.TempDir()), StoreKeyring, keys)
		theirs := newRecordKey().reveal()
		late := &replacingKeyring{fakeKeyring: keys, item: "notes/default", text: theirs}
		store.keyring.keeper = late
		save(t, store, "default", sample("one"))
		mustLoad(t, again(store), "default", sample("one"))
		if keys.items["notes/default"] != theirs {
			t.Error("the keyring was changed again")
		}
	})
	t.Run("G17: processes that start at once agree on one key", func(t *testing.T) {
		store, _, _ := sealedFixture(t)
		if err := store.Delete(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				mine, profile := again(store), []string{"default", "other"}[i%2]
				unlock, err := mine.Lock(t.Context(), profile)
				if err != nil {
					t.Error(err)
					return
				}
				defer unlock()
				if err := mine.Save(t.Context(), profile, []byte(sample(profile))); err != nil {
					t.Error(err)
				}
				mustLoad(t, again(store), profile, sample(profile))
			})
		}
		group.Wait()
		for _, profile := range []string{"default", "other"} {
			mustLoad(t, again(store), profile, sample(profile))
		}
	})
	t.Run("G17: a sign-out removes the key after the record", func(t *testing.T) {
		store, keys, file := sealedFixture(t)
		if err := store.Delete(t.Context(), "default"); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) || len(keys.items) != 0 || !store.known("default").empty() {
			t.Errorf("%v, items %v", err, keys.items)
		}
	})
	t.Run("G17: and the key of a record that only a newer version can read", func(t *testing.T) {
		store, keys, file := sealedFixture(t)
		if err := os.WriteFile(file, []byte(`{"sealed_version":2}`), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := store.Delete(t.Context(), "default"); err != nil || len(keys.items) != 0 {
			t.Errorf("%v, items %v", err, keys.items)
		}
	})
	t.Run("G17: a key that has gone already is no error of a sign-out", func(t *testing.T) {
		store, keys, _ := sealedFixture(t)
		keys.items = nil
		if err := store.Delete(t.Context(), "default"); err != nil {
			t.Error(err)
		}
	})
	t.Run("G17: a sign-out removes the record though the keyring cannot be asked", func(t *testing.T) {
		store, keys, file := sealedFixture(t)
		keys.fail(errors.New("locked"))
		if err := store.Delete(t.Context(), "default"); !errors.Is(err, errNoKeyring) {
			t.Errorf("error %v", err)
		}
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	})
	t.Run("G17: a record that cannot be deleted keeps its key", func(t *testing.T) {
		store, keys, file := sealedFixture(t)
		leftover := filepath.Join(strings.TrimSuffix(file, ".json")+".tmp", "x")
		if err := os.MkdirAll(leftover, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := store.Delete(t.Context(), "default"); err == nil || len(keys.items) != 1 {
			t.Errorf("error %v, items %v", err, keys.items)
		}
	})
	t.Run("G17: for a plain record, and for none, the keyring is not asked", func(t *testing.T) {
		keys := &fakeKeyring{}
		store := newSealedStore(NewFileStore(t.TempDir()), StoreKeyring, keys)
		save(t, store.files, "default", sample("plain"))
		mustLoad(t, store, "default", sample("plain"))
		for range 2 {
			if err := store.Delete(t.Context(), "default"); err != nil {
				t.Error(err)
			}
		}
		if len(keys.calls) != 0 {
			t.Errorf("calls %v", keys.calls)
		}
	})
	t.Run("G19: profiles that differ in letter case share no key in any keyring", func(t *testing.T) {
		store, keys, _ := sealedFixture(t)
		store.policy = StoreKeyring
		save(t, store, "Work", sample("Work"))
		save(t, store, "work", sample("work"))
		if keys.items["notes/!work"] == "" || keys.items["notes/!work"] == keys.items["notes/work"] {
			t.Errorf("%d items", len(keys.items))
		}
	})
}

// replacingKeyring is one to which another process writes last.
type replacingKeyring struct {
	*fakeKeyring
	item, text string
}

func (k *replacingKeyring) Set(service, account, text string) error {
	err := k.fakeKeyring.Set(service, account, text)
	k.put(k.item, k.text)
	return err
}

func TestKeyringFailures(t *testing.T) {
	t.Run("G18: a record whose key is lost is damaged", func(t *testing.T) {
		store, keys, _ := sealedFixture(t)
		keys.items = nil
		mustBeDamaged(t, again(store))
	})
	t.Run("G18: and can be set aside and followed by another", func(t *testing.T) {
		store, keys, _ := sealedFixture(t)
		keys.items = nil
		next := again(store)
		if where, err := next.SetAside(t.Context(), "default"); err != nil || where == "" {
			t.Errorf("%q, %v", where, err)
		}
		save(t, next, "default", sample("two"))
		mustLoad(t, again(store), "default", sample("two"))
	})
	t.Run("G18: a record of another key is damaged", func(t *testing.T) {
		store, keys, _ := sealedFixture(t)
		keys.put("notes/default", newRecordKey().reveal())
		mustBeDamaged(t, again(store))
	})
	t.Run("G18: what another program keeps in the key's place is not replaced", func(t *testing.T) {
		store, keys, _ := sealedFixture(t)
		keys.put("notes/default", "its password")
		mustBeDamaged(t, again(store))
		store.policy = StoreKeyring
		if err := again(store).Save(t.Context(), "default", []byte(sample("two"))); !errors.Is(err, errUnusableKey) || strings.Contains(err.Error(), "password") {
			t.Errorf("error %v", err)
		}
		if keys.items["notes/default"] != "its password" {
			t.Error("replaced")
		}
	})
	t.Run("G18: while the keyring cannot be asked, a record is neither absent nor damaged", func(t *testing.T) {
		store, keys, file := sealedFixture(t)
		before := readFile(t, file)
		keys.fail(errors.New("locked"))
		record, err := again(store).Load(t.Context(), "default")
		if !errors.Is(err, errNoKeyring) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrRecordDamaged) || record != nil {
			t.Errorf("%q, %v", record, err)
		}
		keys.fail(nil)
		mustLoad(t, again(store), "default", sample("secret-token"))
		if !bytes.Equal(before, readFile(t, file)) {
			t.Error("the file was changed")
		}
	})
	for name, failure := range map[string]*fakeKeyring{
		"fails":                          {err: errors.New("no service")},
		"never answers":                  {hang: make(chan struct{})},
		"does not keep what it is given": {leaky: true},
	} {
		if failure.hang != nil {
			t.Cleanup(func() { close(failure.hang) })
		}
		t.Run("G17: with a keyring that "+name+", the record is kept in a plain file", func(t *testing.T) {
			store := newSealedStore(NewFileStore(t.TempDir()), StoreKeyringOrFile, failure)
			store.keyring.limit = 20 * time.Millisecond
			save(t, store, "default", sample("plain"))
			mustLoad(t, store, "default", sample("plain"))
			if info := store.info("default"); info.Encrypted || !strings.HasPrefix(info.Reason, "no system keyring: ") {
				t.Errorf("info %+v", info)
			}
		})
		t.Run("G17: with a keyring that "+name+", a policy that wants one saves nothing", func(t *testing.T) {
			store := newSealedStore(NewFileStore(t.TempDir()), StoreKeyring, failure)
			store.keyring.limit = 20 * time.Millisecond
			if err := store.Save(t.Context(), "default", []byte(sample("plain"))); !errors.Is(err, errNoKeyring) {
				t.Errorf("error %v", err)
			}
			mustHaveOnly(t, store.files.dir)
		})
	}
	t.Run("G17: a caller that has gone gets no plain file", func(t *testing.T) {
		hang := make(chan struct{})
		t.Cleanup(func() { close(hang) })
		store := newSealedStore(NewFileStore(t.TempDir()), StoreKeyringOrFile, &fakeKeyring{hang: hang})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := store.Save(ctx, "default", []byte(sample("plain"))); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		mustHaveOnly(t, store.files.dir)
	})
}

func mustBeDamaged(t *testing.T, store CredentialStore) {
	t.Helper()
	record, err := store.Load(t.Context(), "default")
	if !errors.Is(err, ErrRecordDamaged) || errors.Is(err, fs.ErrNotExist) || record != nil {
		t.Errorf("%q, %v", record, err)
	}
}
