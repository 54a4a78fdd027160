package client

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestLoginTellsTheBrowser(t *testing.T) {
	t.Run("G4: after a sign-in the page says that it is done", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		if page := <-f.pages; !strings.Contains(page, signedInPage().Title) {
			t.Errorf("the page is\n%s", page)
		}
	})
	t.Run("G4: when the exchange fails the page says so", func(t *testing.T) {
		f := newFixture(t)
		f.tenantError(400, "invalid_grant")
		if _, err := f.app.Login(t.Context()); err == nil {
			t.Fatal("signed in")
		}
		if page := <-f.pages; !strings.Contains(page, "invalid_grant") {
			t.Errorf("the page is\n%s", page)
		}
	})
}

func TestLoginThatCannotBegin(t *testing.T) {
	t.Run("G2: when all registered ports are busy the error names them, and no browser opens", func(t *testing.T) {
		f := newFixture(t)
		for _, callback := range f.app.config.Callbacks {
			u, err := url.Parse(callback)
			if err != nil {
				t.Fatal(err)
			}
			taken, err := net.Listen("tcp", u.Host)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = taken.Close() }()
		}
		_, err := f.app.Login(t.Context())
		if err == nil || !strings.Contains(err.Error(), "none of the registered ports is free") || len(f.authorization) != 0 {
			t.Errorf("error %v after %d requests", err, len(f.authorization))
		}
	})
	t.Run("G5: an address that cannot be shown ends the sign-in, and frees the port", func(t *testing.T) {
		f := newFixture(t)
		app := f.newApp(WithConfig(f.app.config), WithMessages(brokenWriter{}),
			WithBrowser(func(context.Context, string) error { return errors.New("no display") }))
		if _, err := app.Login(t.Context()); !errors.Is(err, errDiskFull) {
			t.Errorf("error %v", err)
		}
		listener, err := listenForCallback(f.app.config.Callbacks[:1])
		if err != nil {
			t.Fatal(err)
		}
		listener.close()
	})
}

// brokenWriter writes nothing.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errDiskFull }

func TestLoginThatCannotBeStored(t *testing.T) {
	t.Run("G11: a sign-in whose turn does not come stores nothing, and revokes its tokens", func(t *testing.T) {
		f := newFixture(t)
		f.app.lockDeadline = 20 * time.Millisecond
		f.onAuthorize = func(request url.Values) url.Values { // the person takes long: another process locks
			if _, err := f.store.Lock(context.Background(), "default"); err != nil {
				t.Error(err)
			}
			return url.Values{"code": {"the-code"}, "state": request["state"]}
		}
		_, err := f.app.Login(t.Context())
		if !errors.Is(err, ErrTemporary) || !slices.Equal(f.revoked, []string{"the-refresh-token-A"}) {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
		if _, err := f.store.Load(t.Context(), "default"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("something is stored: error %v", err)
		}
	})
	t.Run("G12: after one that could not be stored, the next is not held up", func(t *testing.T) {
		f := newFixture(t)
		f.app.store = failingStore{f.store}
		if _, err := f.app.Login(t.Context()); !errors.Is(err, errDiskFull) {
			t.Fatalf("error %v", err)
		}
		f.app.store = f.store
		f.login()
	})
}

func TestStepUpOfAStoredSession(t *testing.T) {
	t.Run("a step-up asks again for what the stored sign-in asked for", func(t *testing.T) {
		f := newFixture(t)
		f.login(ScopeWriteNotes)
		if _, err := f.newApp().Login(t.Context(), ScopeReadAll); err != nil {
			t.Fatal(err)
		}
		if got := f.authorization[1].Get("scope"); !strings.HasSuffix(got, " write:notes read:notes-all") {
			t.Errorf("scope = %q", got)
		}
	})
	t.Run("G1: without an audience, Auth0 is sent none", func(t *testing.T) {
		f := newFixture(t)
		config := f.config()
		config.Audience = ""
		if _, err := f.newApp(WithConfig(config)).Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		if f.authorization[0].Has("audience") || f.authorization[0].Has("resource") {
			t.Errorf("parameters %v", f.authorization[0])
		}
	})
}
