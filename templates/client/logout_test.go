package client

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestLogout(t *testing.T) {
	t.Run("revokes, forgets and ends the session", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		events := watch(session)
		if err := f.app.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(f.revoked, []string{"the-refresh-token-A"}) {
			t.Errorf("revoked %q", f.revoked)
		}
		if event := <-events; event.Kind != SessionEnded || session.Can(listNotes) || session.User().Subject != "" {
			t.Errorf("event %+v, session %v", event, session)
		}
		if err := callListNotes(t.Context(), session); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
		if _, err := f.newApp().Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("forgets even when revoking fails, and says so", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		f.tenant.Close()
		if err := f.app.Logout(t.Context()); err == nil || !strings.Contains(err.Error(), "revoke") {
			t.Errorf("error %v", err)
		}
		if _, err := f.newApp().Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("works from the stored credentials alone", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		if err := f.newApp().Logout(t.Context()); err != nil || len(f.revoked) != 1 {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
	t.Run("does nothing when nobody is signed in", func(t *testing.T) {
		f := newFixture(t)
		if err := f.app.Logout(t.Context()); err != nil || len(f.revoked) != 0 {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
	t.Run("an observer may sign in again", func(t *testing.T) {
		f := newFixture(t)
		back := make(chan error, 1)
		f.login().OnChange(func(SessionEvent) {
			_, err := f.app.Login(context.WithoutCancel(t.Context()))
			back <- err
		})
		if err := f.app.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-back; err != nil {
			t.Error(err)
		}
	})
}
