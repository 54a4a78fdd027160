package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// meanwhile has something done when the next token request has arrived, which is
// then refused.
func (f *fixture) meanwhile(do func()) {
	f.set(func() {
		f.onToken = func(w http.ResponseWriter, _ *http.Request) {
			f.set(func() { f.onToken = nil })
			do()
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
		}
	})
}

// withoutLocks is another process, of a version that takes no lock.
func (f *fixture) withoutLocks() (*App, *Session) {
	f.t.Helper()
	app := f.newApp(WithStore(unlockedStore{f.store}))
	session, err := app.Session(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return app, session
}

func TestRefusedAndChangedMeanwhile(t *testing.T) {
	t.Run("G14: when the token that another process stored is refused, too, the session ends", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		_, theirs := f.withoutLocks()
		f.meanwhile(func() {
			f.mustRefresh(theirs)
			f.clock.move(2 * time.Hour) // their access token is of no use, either
			f.tenantError(http.StatusForbidden, "invalid_grant")
		})
		err := session.Refresh(t.Context())
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonRevoked || session.live() {
			t.Errorf("error %v, session %v", err, session)
		}
		if form := f.tokenForms[len(f.tokenForms)-1]; form.Get("refresh_token") != "the-refresh-token-B" || f.refreshes() != 3 {
			t.Errorf("%d refreshes, the last %v", f.refreshes(), form)
		}
		if _, err := f.newApp().Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("still stored: %v", err)
		}
	})
	t.Run("G14: when another process has signed out meanwhile, that is the reason", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		other, _ := f.withoutLocks()
		f.meanwhile(func() {
			if err := other.Logout(t.Context()); err != nil {
				t.Error(err)
			}
		})
		err := session.Refresh(t.Context())
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonSignedOut || f.refreshes() != 1 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
	})
	t.Run("G11: what another process renewed is not taken over in its last minute", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		_, theirs := f.withoutLocks()
		f.mustRefresh(theirs)
		f.clock.move(59*time.Minute + time.Second)
		f.mustRefresh(session)
		if form := f.tokenForms[2]; form.Get("refresh_token") != "the-refresh-token-B" || f.refreshes() != 2 {
			t.Errorf("%d refreshes, the last %v", f.refreshes(), form)
		}
	})
}

func TestNothingToRefreshWith(t *testing.T) {
	f := newFixture(t)
	f.reply["refresh_token"] = nil
	session := f.login()
	t.Run("G14: without a refresh token, a renewal ahead of need signs nobody out", func(t *testing.T) {
		err := session.Refresh(t.Context())
		if err == nil || errors.Is(err, ErrLoginRequired) || !strings.Contains(err.Error(), "offline_access") {
			t.Errorf("error %v", err)
		}
		f.mustCall(session)
		if _, err := f.newApp().Session(t.Context()); err != nil || f.refreshes() != 0 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
	})
	t.Run("G14: once the access token has expired, it needs a sign-in", func(t *testing.T) {
		f.clock.move(2 * time.Hour)
		err := callListNotes(t.Context(), session)
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonExpired || f.refreshes() != 0 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
	})
}

func TestRenewalThatCouldNotBeStored(t *testing.T) {
	t.Run("G12: the rotated token of a malformed reply is stored when there is room again", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.app.store = failingStore{f.store}
		f.set(func() { f.reply["expires_in"] = "soon" })
		if err := session.Refresh(t.Context()); !errors.Is(err, ErrTemporary) {
			t.Fatalf("error %v", err)
		}
		f.set(func() { delete(f.reply, "expires_in") })
		f.app.store = f.store
		if again, err := f.app.Session(t.Context()); err != nil || again != session {
			t.Fatalf("session %v, error %v", again, err)
		}
		stored, err := f.newApp().load(t.Context())
		if err != nil || stored.refreshToken.reveal() != "the-refresh-token-B" {
			t.Errorf("stored %v, error %v", stored, err)
		}
	})
	t.Run("G12: once the next renewal is stored, all is as if nothing had been", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		events := watch(session)
		f.app.store = failingStore{f.store}
		if err := session.Refresh(t.Context()); !errors.Is(err, errDiskFull) {
			t.Fatalf("error %v", err)
		}
		counted := &countedSaves{CredentialStore: f.store}
		f.app.store = counted
		f.set(func() { f.reply["id_token"] = nil })
		f.mustRefresh(session)
		for range 2 { // of the two renewals
			<-events
		}
		if again, err := f.app.Session(t.Context()); err != nil || again != session {
			t.Errorf("session %v, error %v", again, err)
		}
		if counted.saves != 1 || len(events) != 0 {
			t.Errorf("saved %d times, %d events", counted.saves, len(events))
		}
	})
}

// countedSaves counts what is saved.
type countedSaves struct {
	CredentialStore
	saves int
}

func (c *countedSaves) Save(ctx context.Context, profile string, record []byte) error {
	c.saves++
	return c.CredentialStore.Save(ctx, profile, record)
}

func TestClockSetBackInARefresh(t *testing.T) {
	t.Run("G10: a token's life begins no later than the clock says when the reply is there", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.set(func() {
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				f.clock.move(-24 * time.Hour)
				writeJSON(w, f.tokens(false))
			}
		})
		f.mustRefresh(session)
		token, err := session.TokenSource(t.Context()).Token()
		if err != nil || !token.Expiry.Equal(f.clock.now().Add(time.Hour)) {
			t.Errorf("the token expires at %v, error %v; now it is %v", token.Expiry, err, f.clock.now())
		}
	})
	t.Run("G10: a token whose life is shorter than two minutes is renewed at half of it, after a renewal too", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		f.set(func() { f.reply["expires_in"] = 40 })
		f.mustRefresh(session)
		f.clock.move(19 * time.Second)
		f.mustCall(session)
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes within half of the life", n)
		}
		f.clock.move(time.Second)
		f.mustCall(session)
		if n := f.refreshes(); n != 2 {
			t.Errorf("%d refreshes after half of the life", n)
		}
	})
}
