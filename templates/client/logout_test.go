package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
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
	t.Run("an access token that the tenant cannot revoke is no failure", func(t *testing.T) {
		f := newFixture(t)
		f.reply["refresh_token"] = nil
		app := f.newOpenIDApp()
		if _, err := app.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.set(func() {
			f.onRevoke = func(w http.ResponseWriter, r *http.Request) {
				if r.PostFormValue("token") != "the-access-token-A" {
					t.Errorf("form %v", r.PostForm)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"error":"unsupported_token_type"}`)
			}
		})
		if err := app.Logout(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("works from the stored credentials alone", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		if err := f.newApp().Logout(t.Context()); err != nil || len(f.revoked) != 1 {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
	t.Run("forgets even when ctx has ended", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.app.store = patientStore{f.store}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 10 { // whatever order a select takes
			if err := f.app.Logout(ctx); err == nil || !errors.Is(err, context.Canceled) {
				t.Fatalf("error %v", err)
			}
			if _, err := f.store.Load(t.Context(), "default"); !errors.Is(err, fs.ErrNotExist) || session.live() {
				t.Fatalf("the record is there: %v", err)
			}
			session = f.login()
		}
	})
	t.Run("revokes what another process has rotated", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		theirs, err := f.newApp().Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.mustRefresh(theirs)
		if err := f.app.Logout(t.Context()); err != nil || !slices.Equal(f.revoked, []string{"the-refresh-token-B"}) {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
	t.Run("revokes what could not be stored", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.app.store = failingStore{f.store}
		if err := session.Refresh(t.Context()); !errors.Is(err, errDiskFull) {
			t.Fatalf("error %v", err)
		}
		if err := f.app.Logout(t.Context()); err != nil || !slices.Equal(f.revoked, []string{"the-refresh-token-B"}) {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
	for name, record := range map[string]string{"is damaged": "garbage", "a newer version wrote": newerRecord} {
		t.Run("removes a record that "+name+", and says that nothing was revoked", func(t *testing.T) {
			f := newFixture(t)
			save(t, f.store, "default", record)
			if err := f.app.Logout(t.Context()); !errors.Is(err, ErrLoginRequired) || !strings.Contains(err.Error(), "revoke") {
				t.Errorf("error %v", err)
			}
			if _, err := f.store.Load(t.Context(), "default"); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the record is there: %v", err)
			}
		})
	}
	t.Run("tells observers before the tenant takes its time", func(t *testing.T) {
		f := newFixture(t)
		told := watch(f.login())
		f.set(func() {
			f.onRevoke = func(http.ResponseWriter, *http.Request) {
				if len(told) != 1 {
					t.Errorf("%d events before the revocation", len(told))
				}
			}
		})
		if err := f.app.Logout(t.Context()); err != nil {
			t.Fatal(err)
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

// patientStore does nothing for a caller that has gone.
type patientStore struct{ CredentialStore }

func (p patientStore) Load(ctx context.Context, profile string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return p.CredentialStore.Load(ctx, profile)
}

func (p patientStore) Save(ctx context.Context, profile string, record []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.CredentialStore.Save(ctx, profile, record)
}

func (p patientStore) Delete(ctx context.Context, profile string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return p.CredentialStore.Delete(ctx, profile)
}

func TestLogoutWhileAnotherProcessHangs(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	unlock, err := f.store.Lock(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	f.app.lockDeadline = 20 * time.Millisecond
	if err := f.app.Logout(t.Context()); !errors.Is(err, ErrTemporary) || session.live() {
		t.Errorf("error %v, session %v", err, session)
	}
	if _, err := f.newApp().Session(t.Context()); !errors.Is(err, ErrLoginRequired) || len(f.revoked) != 1 {
		t.Errorf("error %v, revoked %d", err, len(f.revoked))
	}
}
