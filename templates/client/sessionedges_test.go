package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"testing"
	"time"
)

func TestWhatAnotherProcessStored(t *testing.T) {
	// Two Apps on one store are what two processes are.
	setUp := func(t *testing.T) (f *fixture, mine, theirs *Session) {
		f = newFixture(t)
		mine = f.login()
		theirs, err := f.newApp().Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return f, mine, theirs
	}
	t.Run("G11: a refresh token is taken from the store even if the access token is the same", func(t *testing.T) {
		f, mine, theirs := setUp(t)
		f.set(func() { f.reply["expires_in"] = "soon" }) // a malformed reply, whose refresh token counts
		if err := theirs.Refresh(t.Context()); !errors.Is(err, ErrTemporary) {
			t.Fatalf("error %v", err)
		}
		f.set(func() { delete(f.reply, "expires_in") })
		f.clock.move(2 * time.Hour)
		f.mustCall(mine)
		if form := f.tokenForms[2]; form.Get("refresh_token") != "the-refresh-token-B" {
			t.Errorf("form %v", form)
		}
	})
	t.Run("G11: an access token is, even if the refresh token is the same", func(t *testing.T) {
		f, mine, theirs := setUp(t)
		f.set(func() { f.reply["refresh_token"] = nil })
		f.clock.move(2 * time.Hour)
		f.mustCall(theirs)
		f.mustCall(mine)
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes", n)
		}
	})
}

// whenLocked does something once the lock has been taken.
type whenLocked struct {
	CredentialStore
	do func()
}

func (w whenLocked) Lock(ctx context.Context, profile string) (func(), error) {
	unlock, err := w.CredentialStore.Lock(ctx, profile)
	w.do()
	return unlock, err
}

func TestStoreAgainBesideOthers(t *testing.T) {
	// unsaved is a session that could not be stored, with a store that can be
	// written again, but where something happens just before.
	unsaved := func(t *testing.T, meanwhile func(f *fixture)) (*fixture, *Session) {
		f := newFixture(t)
		session := f.login()
		f.app.store = failingStore{f.store}
		if err := session.Refresh(t.Context()); !errors.Is(err, errDiskFull) {
			t.Fatalf("error %v", err)
		}
		f.app.store = whenLocked{f.store, func() { meanwhile(f) }}
		return f, session
	}
	t.Run("G12: what could not be stored does not overwrite what another process has stored meanwhile", func(t *testing.T) {
		f, session := unsaved(t, func(f *fixture) {
			_, theirs := f.withoutLocks()
			f.mustRefresh(theirs)
		})
		if again, err := f.app.Session(t.Context()); err != nil || again != session {
			t.Errorf("session %v, error %v", again, err)
		}
		stored, err := f.newApp().load(t.Context())
		if err != nil || stored.refreshToken.reveal() != "the-refresh-token-C" {
			t.Errorf("stored %v, error %v", stored, err)
		}
	})
	t.Run("G12: nor does it undo a sign-out", func(t *testing.T) {
		f, _ := unsaved(t, func(f *fixture) {
			if err := f.store.Delete(context.Background(), "default"); err != nil {
				t.Error(err)
			}
		})
		if _, err := f.app.Session(t.Context()); err != nil {
			t.Errorf("error %v", err)
		}
		if _, err := f.store.Load(t.Context(), "default"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("something is stored: error %v", err)
		}
		if _, err := f.app.Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("G12: nor is it stored without the lock", func(t *testing.T) {
		f, session := unsaved(t, func(*fixture) {})
		f.app.store = f.store
		f.app.lockDeadline = 20 * time.Millisecond
		unlock, err := f.store.Lock(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if again, err := f.app.Session(t.Context()); err != nil || again != session {
			t.Errorf("session %v, error %v", again, err)
		}
		stored, err := f.newApp().load(t.Context())
		if err != nil || stored.refreshToken.reveal() != "the-refresh-token-A" {
			t.Errorf("stored %v, error %v", stored, err)
		}
	})
}

func TestLockThatFails(t *testing.T) {
	t.Run("G11: a lock that cannot be had at all is an error of its own, and nothing is refreshed", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.app.store = noLock{f.store}
		err := session.Refresh(t.Context())
		if !errors.Is(err, errDiskFull) || errors.Is(err, ErrTemporary) || f.refreshes() != 0 || !session.live() {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
	})
}

// noLock cannot be locked.
type noLock struct{ CredentialStore }

func (noLock) Lock(context.Context, string) (func(), error) { return nil, errDiskFull }

func TestEarlyRenewalOfUserInfo(t *testing.T) {
	t.Run("G10: a program that ends after UserInfo has the rotated token stored", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(59*time.Minute + time.Second)
		told := make(chan struct{}) // the tenant answers the renewal after this
		f.set(func() {
			f.onUserInfo = func(w http.ResponseWriter, _ *http.Request) {
				defer close(told)
				writeJSON(w, map[string]any{"sub": "auth0|ada"})
			}
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				<-told
				writeJSON(w, f.tokens(false))
			}
		})
		if _, err := session.UserInfo(t.Context()); err != nil {
			t.Fatal(err)
		}
		stored, err := f.newApp().load(t.Context())
		if err != nil || stored.refreshToken.reveal() != "the-refresh-token-B" {
			t.Errorf("stored %v, error %v", stored, err)
		}
	})
}

func TestSessionEndsOnce(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	events := watch(session)
	session.end(ReasonRevoked)
	session.end(ReasonSignedOut)
	session.events.deliver()
	if event := <-events; event.Reason != ReasonRevoked || len(events) != 0 {
		t.Errorf("event %+v, and %d more", event, len(events))
	}
}

func TestWhatIsPrinted(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	store := newSealedStore(NewFileStore("the-folder"), StoreKeyring, &fakeKeyring{})
	for want, value := range map[string]any{
		"session(auth0|ada)":                           session,
		f.app.String():                                 f.app,
		"store(keyring, the-folder)":                   store,
		"session(login required: nobody is signed in)": (*Session)(nil),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, value); got != want {
				t.Errorf("%s: %s, want %s", verb, got, want)
			}
		}
	}
	for want, value := range map[string]secret{"[redacted]": newSecret("a token"), "": {}} {
		if got := fmt.Sprintf("%v%+v%s%d", value, value, value, value); got != want+want+want+want {
			t.Errorf("printed as %s", got)
		}
		if got := value.LogValue().String(); got != want {
			t.Errorf("logged as %s", got)
		}
	}
}
