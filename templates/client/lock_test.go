package client

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// newerRecord is what a later version of the application may store.
const newerRecord = `{"version":2,"tokens":"in another form"}`

// watchedStore remembers what was done to it.
type watchedStore struct {
	CredentialStore
	mu    sync.Mutex
	calls []string
	aside string // where the last record was set aside
	held  bool
}

func (w *watchedStore) did(call string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.held {
		call += " without the lock"
	}
	w.calls = append(w.calls, call)
}

func (w *watchedStore) Save(ctx context.Context, profile string, record []byte) error {
	w.did("save")
	return w.CredentialStore.Save(ctx, profile, record)
}

func (w *watchedStore) Delete(ctx context.Context, profile string) error {
	w.did("delete")
	return w.CredentialStore.Delete(ctx, profile)
}

func (w *watchedStore) SetAside(ctx context.Context, profile string) (string, error) {
	w.did("set aside")
	where, err := w.CredentialStore.SetAside(ctx, profile)
	w.aside = where
	return where, err
}

func (w *watchedStore) Lock(ctx context.Context, profile string) (func(), error) {
	unlock, err := w.CredentialStore.Lock(ctx, profile)
	if err != nil {
		return nil, err
	}
	w.hold(true)
	return func() { w.hold(false); unlock() }, nil
}

func (w *watchedStore) hold(held bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.held = held
}

func TestStoreLocked(t *testing.T) {
	t.Run("G11: whatever changes the store holds its lock", func(t *testing.T) {
		store := &watchedStore{CredentialStore: NewMemoryStore()}
		f := newFixture(t, WithStore(store))
		session := f.login()
		f.mustRefresh(session)
		if err := f.app.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		session = f.login()
		f.tenantError(http.StatusForbidden, "invalid_grant")
		if err := session.Refresh(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
		want := []string{"save", "save", "save", "delete", "save", "delete"}
		if !slices.Equal(store.calls, want) {
			t.Errorf("calls %q", store.calls)
		}
	})
	for _, apps := range []int{2, 20} {
		t.Run("G11: Apps that need a token at once make one token request", func(t *testing.T) {
			f := newFixture(t)
			f.store = NewFileStore(t.TempDir())
			f.app = f.newApp()
			f.login()
			var sessions []*Session
			for range apps {
				session, err := f.newApp().Session(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				sessions = append(sessions, session)
			}
			f.clock.move(2 * time.Hour)
			var group sync.WaitGroup
			for _, session := range sessions {
				for range 100 / apps {
					group.Go(func() {
						if err := callListNotes(t.Context(), session); err != nil {
							t.Error(err)
						}
					})
				}
			}
			group.Wait()
			if n := f.refreshes(); n != 1 {
				t.Errorf("%d refreshes", n)
			}
		})
	}
	t.Run("G11: a holder that hangs makes others wait for so long, and not refresh", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		unlock, err := f.store.Lock(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		patience := f.app.lockDeadline
		f.app.lockDeadline = 20 * time.Millisecond
		f.clock.move(2 * time.Hour)
		if err := callListNotes(t.Context(), session); !errors.Is(err, ErrTemporary) || !session.live() || f.refreshes() != 0 {
			t.Errorf("error %v, session %v, %d refreshes", err, session, f.refreshes())
		}
		unlock()
		f.app.lockDeadline = patience
		f.mustRefresh(session)
	})
	t.Run("who gives up waiting for a lock is told so, and not that it is temporary", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		unlock, err := f.store.Lock(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := f.app.lockStore(ctx); !errors.Is(err, context.Canceled) || errors.Is(err, ErrTemporary) {
			t.Errorf("the store's lock: error %v", err)
		}
		unlock()
		unlock, err = f.app.lockBoth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if _, err := f.app.lockBoth(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("the App's lock: error %v", err)
		}
	})
	t.Run("a holder that hangs does not stop App.Session", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		unlock, err := f.store.Lock(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if _, err := f.newApp().Session(t.Context()); err != nil {
			t.Error(err)
		}
		if _, err := f.app.Session(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("a record that is being replaced signs nobody out", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.app.lockDeadline = 20 * time.Millisecond
		unlock, err := f.store.Lock(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		record, err := f.store.Load(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.store.Delete(t.Context(), "default"); err != nil {
			t.Fatal(err)
		}
		if again, err := f.app.Session(t.Context()); err != nil || again != session {
			t.Errorf("session %v, error %v", again, err)
		}
		if err := f.store.Save(t.Context(), "default", record); err != nil {
			t.Fatal(err)
		}
		unlock()
		if again, err := f.app.Session(t.Context()); err != nil || again != session {
			t.Errorf("session %v, error %v", again, err)
		}
	})
}

func TestDamagedWhileSignedIn(t *testing.T) {
	setUp := func(t *testing.T, record string) (*fixture, *Session, *watchedStore) {
		store := &watchedStore{CredentialStore: NewMemoryStore()}
		f := newFixture(t, WithStore(store))
		session := f.login()
		if err := store.CredentialStore.Save(t.Context(), "default", []byte(record)); err != nil {
			t.Fatal(err)
		}
		f.clock.move(2 * time.Hour)
		return f, session, store
	}
	t.Run("G18: a record that is damaged meanwhile is set aside at the next renewal, and nobody signed out", func(t *testing.T) {
		f, session, store := setUp(t, `{"version":1,"acc`)
		if again, err := f.app.Session(t.Context()); err != nil || again != session {
			t.Errorf("session %v, error %v", again, err)
		}
		f.mustCall(session)
		if aside, err := store.Load(t.Context(), store.aside); err != nil || string(aside) != `{"version":1,"acc` {
			t.Errorf("set aside %q, error %v", aside, err)
		}
		stored, err := f.newApp(WithStore(store)).load(t.Context())
		if err != nil || stored.refreshToken.reveal() != "the-refresh-token-B" {
			t.Errorf("stored %v, error %v", stored, err)
		}
	})
	for name, look := range map[string]func(*fixture, *Session) error{
		"a renewal":   func(f *fixture, s *Session) error { return callListNotes(f.t.Context(), s) },
		"App.Session": func(f *fixture, _ *Session) error { _, err := f.app.Session(f.t.Context()); return err },
	} {
		t.Run("G18: a newer version's record ends the session at "+name+", and is left alone", func(t *testing.T) {
			f, session, store := setUp(t, newerRecord)
			err := look(f, session)
			if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonNewer || session.live() {
				t.Errorf("error %v, session %v", err, session)
			}
			if record, err := store.Load(t.Context(), "default"); err != nil || string(record) != newerRecord || f.refreshes() != 0 {
				t.Errorf("record %s, error %v, %d refreshes", record, err, f.refreshes())
			}
		})
	}
}

func TestLoginNeedsAStore(t *testing.T) {
	f := newFixture(t, WithStore(NewFileStore("/dev/null/folder")), WithBrowser(func(context.Context, string) error {
		t.Error("a browser was opened")
		return nil
	}))
	if _, err := f.app.Login(t.Context()); err == nil || !strings.Contains(err.Error(), "lock the stored credentials") {
		t.Errorf("error %v", err)
	}
}

// setAsideFails sets nothing aside.
type setAsideFails struct{ CredentialStore }

func (setAsideFails) SetAside(context.Context, string) (string, error) { return "", errDiskFull }

func TestDamagedAndDiskFull(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	if err := f.store.Save(t.Context(), "default", []byte(`{"version":1,"acc`)); err != nil {
		t.Fatal(err)
	}
	f.app.store = setAsideFails{f.store}
	if err := session.Refresh(t.Context()); !errors.Is(err, errDiskFull) || errors.Is(err, ErrLoginRequired) || !session.live() {
		t.Errorf("G18: a damaged record that cannot be set aside asks for no sign-in: error %v, session %v", err, session)
	}
}

func TestLogoutWithoutTheLock(t *testing.T) {
	for name, reply := range map[string]map[string]any{
		"a renewal":                              {},
		"a renewal without an ID token":          {"id_token": nil},
		"the rotated token of a malformed reply": {"access_token": nil},
	} {
		t.Run(name+" does not undo a sign-out that did not wait for it", func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			f.set(func() {
				f.reply = reply
				f.onToken = func(w http.ResponseWriter, _ *http.Request) {
					if err := f.store.Delete(t.Context(), "default"); err != nil {
						t.Error(err)
					}
					writeJSON(w, f.tokens(false))
				}
			})
			if err := session.Refresh(t.Context()); err == nil || session.live() {
				t.Errorf("error %v, session %v", err, session)
			}
			if _, err := f.store.Load(t.Context(), "default"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("something is stored: error %v", err)
			}
			if !slices.Equal(f.revoked, []string{"the-refresh-token-B"}) {
				t.Errorf("revoked %q", f.revoked)
			}
		})
	}
}

func TestSignInWithoutItsKey(t *testing.T) {
	f, keys := newFixture(t), &fakeKeyring{}
	files := NewFileStore(t.TempDir())
	newProcess := func() *App { return f.newApp(WithStore(newSealedStore(files, StoreKeyring, keys))) }
	if _, err := newProcess().Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	keys.fail(errors.New("locked"))
	if _, err := newProcess().Login(t.Context()); !errors.Is(err, errNoKeyring) {
		t.Errorf("error %v", err)
	}
	keys.fail(nil)
	session, err := newProcess().Session(t.Context())
	if err != nil {
		t.Fatalf("G18: a sign-in that could not be stored has removed what was stored: %v", err)
	}
	f.mustRefresh(session)
}

func TestSignInWithoutTheLock(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	other := f.newApp(WithStore(unlockedStore{f.store}))
	f.set(func() {
		f.onToken = func(w http.ResponseWriter, _ *http.Request) {
			answer := f.tokens(false)
			f.set(func() { f.onToken, f.subject = nil, "auth0|grace" })
			if _, err := other.Login(t.Context()); err != nil {
				t.Error(err)
			}
			writeJSON(w, answer)
		}
	})
	if err := session.Refresh(t.Context()); !errors.Is(err, ErrLoginRequired) || session.live() {
		t.Errorf("error %v, session %v", err, session)
	}
	if stored, err := f.app.load(t.Context()); err != nil || stored.user.Subject != "auth0|grace" {
		t.Errorf("a renewal replaces another user's credentials: stored %v, error %v", stored, err)
	}
	if !slices.Equal(f.revoked, []string{"the-refresh-token-B"}) {
		t.Errorf("revoked %q", f.revoked)
	}
}

func TestSignInCancelled(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	f.set(func() { f.onKeys = func(http.ResponseWriter, *http.Request) { cancel() } }) // the tokens are there
	if _, err := f.app.Login(ctx); err == nil {
		t.Error("the sign-in succeeded")
	}
	f.set(func() {
		if !slices.Equal(f.revoked, []string{"the-refresh-token-A"}) {
			t.Errorf("the tokens of a cancelled sign-in are not revoked: %q", f.revoked)
		}
	})
}
