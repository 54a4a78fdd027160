package client

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestOtherProcess(t *testing.T) {
	// Two Apps on one store are what two processes are.
	setUp := func(t *testing.T) (f *fixture, mine, theirs *Session, other *App) {
		f = newFixture(t)
		mine = f.login()
		other = f.newApp()
		theirs, err := other.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return f, mine, theirs, other
	}
	t.Run("G11: what one has renewed the other takes from the store", func(t *testing.T) {
		f, mine, theirs, _ := setUp(t)
		for round := range 3 {
			f.clock.move(2 * time.Hour)
			f.mustCall(mine)
			f.mustCall(theirs)
			if n := f.refreshes(); n != round+1 {
				t.Errorf("%d refreshes in %d rounds", n, round+1)
			}
		}
	})
	t.Run("a sign-out elsewhere ends the session at its next renewal", func(t *testing.T) {
		f, mine, _, other := setUp(t)
		events := watch(mine)
		if err := other.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.clock.move(2 * time.Hour)
		err := callListNotes(t.Context(), mine)
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonSignedOut || f.refreshes() != 0 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
		if event := <-events; event.Kind != SessionEnded || event.Reason != ReasonSignedOut {
			t.Errorf("event %+v", event)
		}
	})
	t.Run("a sign-out elsewhere is noticed by App.Session", func(t *testing.T) {
		f, mine, _, other := setUp(t)
		events := watch(mine)
		if err := other.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := f.app.Session(t.Context()); !errors.Is(err, ErrLoginRequired) || mine.live() || (<-events).Kind != SessionEnded {
			t.Errorf("error %v, session %v", err, mine)
		}
	})
	t.Run("a renewal elsewhere is noticed by App.Session", func(t *testing.T) {
		f, mine, theirs, _ := setUp(t)
		f.mustRefresh(theirs)
		again, err := f.app.Session(t.Context())
		if err != nil || again != mine {
			t.Fatalf("session %v, error %v", again, err)
		}
		f.mustCall(mine)
		if f.apiTokens[0] != "Bearer the-access-token-B" {
			t.Errorf("calls %q", f.apiTokens)
		}
	})
	t.Run("another user's sign-in elsewhere ends the session", func(t *testing.T) {
		f, mine, _, other := setUp(t)
		f.set(func() { f.subject = "auth0|grace" })
		if _, err := other.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.clock.move(2 * time.Hour)
		if err := callListNotes(t.Context(), mine); !errors.Is(err, ErrLoginRequired) || f.refreshes() != 0 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
		if session, err := f.app.Session(t.Context()); err != nil || session == mine || session.User().Subject != "auth0|grace" {
			t.Errorf("session %v, error %v", session, err)
		}
	})
	t.Run("credentials that could not be stored are not replaced by older ones", func(t *testing.T) {
		f, mine, _, _ := setUp(t)
		f.app.store = failingStore{f.store}
		if err := mine.Refresh(t.Context()); !errors.Is(err, errDiskFull) {
			t.Fatalf("error %v", err)
		}
		f.app.store = f.store
		if again, err := f.app.Session(t.Context()); err != nil || again != mine {
			t.Errorf("session %v, error %v", again, err)
		}
		f.mustRefresh(mine)
		if form := f.tokenForms[2]; form.Get("refresh_token") != "the-refresh-token-B" {
			t.Errorf("form %v", form)
		}
	})
	unsaved := func(t *testing.T) (f *fixture, mine *Session, other *App) {
		f, mine, _, other = setUp(t)
		f.app.store = failingStore{f.store}
		if err := mine.Refresh(t.Context()); !errors.Is(err, errDiskFull) {
			t.Fatalf("error %v", err)
		}
		f.app.store = f.store
		return f, mine, other
	}
	t.Run("credentials that could not be stored are, once they can be", func(t *testing.T) {
		f, _, other := unsaved(t)
		if _, err := f.app.Session(t.Context()); err != nil {
			t.Fatal(err)
		}
		theirs, err := other.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.mustRefresh(theirs)
		if form := f.tokenForms[2]; form.Get("refresh_token") != "the-refresh-token-B" {
			t.Errorf("form %v", form)
		}
	})
	t.Run("so is a profile that could not be, though its tokens were", func(t *testing.T) {
		f, mine, _, _ := setUp(t)
		store := &secondSaveFails{CredentialStore: f.store}
		f.app.store = store
		events := watch(mine)
		f.set(func() { f.claims = map[string]any{"name": "Ada King"} })
		if err := mine.Refresh(t.Context()); !errors.Is(err, errDiskFull) || (<-events).Kind != SessionRefreshed {
			t.Fatalf("error %v", err)
		}
		f.app.store = f.store
		if again, err := f.app.Session(t.Context()); err != nil || again != mine || again.User().Name != "Ada King" {
			t.Errorf("session %v, error %v", again, err)
		}
		theirs, err := f.newApp().Session(t.Context())
		if err != nil || theirs.User().Name != "Ada King" || len(events) != 0 {
			t.Errorf("session %v, error %v, %d events", theirs, err, len(events))
		}
	})
	t.Run("credentials that could not be stored do not undo a sign-out elsewhere", func(t *testing.T) {
		f, mine, other := unsaved(t)
		if err := other.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := mine.Refresh(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
		if _, err := f.newApp().Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("nor another user's sign-in", func(t *testing.T) {
		f, mine, other := unsaved(t)
		f.set(func() { f.subject = "auth0|grace" })
		if _, err := other.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := mine.Refresh(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
		if session, err := f.newApp().Session(t.Context()); err != nil || session.User().Subject != "auth0|grace" {
			t.Errorf("session %v, error %v", session, err)
		}
	})
	t.Run("a sign-out that comes before a refresh has its turn prevents it", func(t *testing.T) {
		f, mine, _, _ := setUp(t)
		f.app.store = failingStore{f.store}
		if err := mine.Refresh(t.Context()); !errors.Is(err, errDiskFull) {
			t.Fatalf("error %v", err)
		}
		unlock, err := f.app.lockChanges(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held, err := mine.current()
		if err != nil {
			t.Fatal(err)
		}
		flight, _ := mine.joinRefresh(t.Context(), held, true)
		mine.end(ReasonSignedOut)
		unlock()
		if _, err := flight.wait(t.Context()); !errors.Is(err, ErrLoginRequired) || f.refreshes() != 1 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
	})
	t.Run("a store that cannot be read stops nobody who is signed in", func(t *testing.T) {
		f, mine, _, _ := setUp(t)
		f.app.store = unreadableStore{f.store}
		if again, err := f.app.Session(t.Context()); err != nil || again != mine {
			t.Errorf("session %v, error %v", again, err)
		}
		f.mustRefresh(mine)
	})
}

// secondSaveFails saves once.
type secondSaveFails struct {
	CredentialStore
	saved bool
}

func (s *secondSaveFails) Save(ctx context.Context, profile string, record []byte) error {
	if s.saved {
		return errDiskFull
	}
	s.saved = true
	return s.CredentialStore.Save(ctx, profile, record)
}

// unreadableStore loads nothing.
type unreadableStore struct{ CredentialStore }

func (unreadableStore) Load(context.Context, string) ([]byte, error) {
	return nil, errors.New("input/output error")
}
