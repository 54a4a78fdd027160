package client

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// busyRevocation has the tenant answer each revocation with the next status and
// Retry-After, and the last of them from then on. It counts them.
func (f *fixture) busyRevocation(replies ...busyReply) *int {
	seen := new(int)
	f.set(func() {
		f.onRevoke = func(w http.ResponseWriter, _ *http.Request) {
			reply := replies[min(*seen, len(replies)-1)]
			*seen++
			if reply.retryAfter != "" {
				w.Header().Set("Retry-After", reply.retryAfter)
			}
			w.WriteHeader(reply.status)
		}
	})
	return seen
}

func (f *fixture) wantNothingStored() {
	f.t.Helper()
	if _, err := f.store.Load(context.WithoutCancel(f.t.Context()), "default"); !errors.Is(err, fs.ErrNotExist) {
		f.t.Errorf("the record is there: %v", err)
	}
}

func TestRevocationIsTriedAgain(t *testing.T) {
	for name, test := range map[string]struct {
		replies   []busyReply
		requests  int
		waits     []time.Duration
		temporary bool
		failed    bool
	}{
		"a revocation is not repeated without need":        {[]busyReply{{200, ""}}, 1, nil, false, false},
		"status 503 is tried again after a second":         {[]busyReply{{503, ""}, {200, ""}}, 2, []time.Duration{time.Second}, false, false},
		"status 429 is tried again after a second":         {[]busyReply{{429, ""}, {200, ""}}, 2, []time.Duration{time.Second}, false, false},
		"Retry-After is honoured":                          {[]busyReply{{503, "4"}, {200, ""}}, 2, []time.Duration{4 * time.Second}, false, false},
		"Retry-After of 0 is not taken at its word":        {[]busyReply{{503, "0"}, {200, ""}}, 2, []time.Duration{time.Second}, false, false},
		"a revocation is tried again twice at most":        {[]busyReply{{503, ""}}, 3, []time.Duration{time.Second, time.Second}, true, true},
		"five seconds are waited for in all":               {[]busyReply{{503, "3"}}, 2, []time.Duration{3 * time.Second}, true, true},
		"Retry-After of ten years is not waited for":       {[]busyReply{{503, "315360000"}}, 1, nil, true, true},
		"Retry-After in a far year is not waited for":      {[]busyReply{{503, "Mon, 02 Jan 2090 15:04:05 GMT"}}, 1, nil, true, true},
		"another trouble of the tenant is not tried again": {[]busyReply{{500, "1"}}, 1, nil, true, true},
		"a refusal is not tried again":                     {[]busyReply{{400, "1"}}, 1, nil, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			waits := recordWaits(f.app)
			seen := f.busyRevocation(test.replies...)
			err := f.app.Logout(t.Context())
			if *seen != test.requests || !waits.about(test.waits...) || errors.Is(err, ErrTemporary) != test.temporary || (err != nil) != test.failed {
				t.Errorf("%d requests, waited %v, error %v", *seen, waits.list, err)
			}
			f.wantNothingStored()
			if session.live() {
				t.Error("the session is live")
			}
		})
	}
}

func TestForgettingComesFirst(t *testing.T) {
	t.Run("when the tenant is asked, the credentials are gone, and nobody has to wait", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		look := func() {
			f.wantNothingStored()
			if err := callListNotes(context.WithoutCancel(t.Context()), session); !errors.Is(err, ErrLoginRequired) {
				t.Errorf("a call: %v", err)
			}
			if _, err := f.app.Session(context.WithoutCancel(t.Context())); !errors.Is(err, ErrLoginRequired) {
				t.Errorf("the session: %v", err)
			}
		}
		waits.during = look
		f.set(func() {
			f.onRevoke = func(w http.ResponseWriter, _ *http.Request) {
				look()
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		if err := f.app.Logout(t.Context()); !errors.Is(err, ErrTemporary) || len(waits.list) != 2 {
			t.Errorf("waited %v, error %v", waits.list, err)
		}
	})
	t.Run("a sign-out that is cancelled in a pause has forgotten, and says what was not done", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		errClosed := errors.New("the window was closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		f.app.wait = func(ctx context.Context, d time.Duration) error {
			cancel(errClosed)
			return waitFor(ctx, d)
		}
		seen := f.busyRevocation(busyReply{503, "5"})
		err := f.app.Logout(ctx)
		if !errors.Is(err, errClosed) || !errors.Is(err, ErrTemporary) || *seen != 1 {
			t.Errorf("%d requests, error %v", *seen, err)
		}
		f.wantNothingStored()
	})
	t.Run("a pause beyond ctx's deadline is not begun", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		waits := recordWaits(f.app)
		seen := f.busyRevocation(busyReply{503, "5"})
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		if err := f.app.Logout(ctx); !errors.Is(err, ErrTemporary) || *seen != 1 || len(waits.list) != 0 {
			t.Errorf("%d requests, waited %v, error %v", *seen, waits.list, err)
		}
	})
	t.Run("the tenant has 30 seconds in all", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		f.busyRevocation(busyReply{503, ""})
		f.app.wait = func(ctx context.Context, _ time.Duration) error {
			if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > 30*time.Second {
				t.Errorf("the deadline is %v", deadline)
			}
			return nil
		}
		if err := f.app.Logout(t.Context()); !errors.Is(err, ErrTemporary) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("credentials that cannot be removed are revoked", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		f.app.store = stuckStore{f.store}
		if err := f.app.Logout(t.Context()); !errors.Is(err, errDiskFull) || len(f.revoked) != 1 {
			t.Errorf("revoked %q, error %v", f.revoked, err)
		}
	})
}

// stuckStore cannot remove a record.
type stuckStore struct{ CredentialStore }

func (stuckStore) Delete(context.Context, string) error { return errDiskFull }

// leaving is the browser and the terminal of somebody who signs out.
type leaving struct {
	opened   []string
	failure  error // of opening a browser
	messages strings.Builder
	log      strings.Builder
	look     func() // called when the browser is opened
}

func (l *leaving) open(_ context.Context, address string) error {
	l.opened = append(l.opened, address)
	if l.look != nil {
		l.look()
	}
	return l.failure
}

// at attaches it to an App.
func (l *leaving) at(app *App) *App {
	app.browser = l.open
	app.messages = &l.messages
	app.logger = slog.New(slog.NewTextHandler(&l.log, nil))
	return app
}

func TestEndBrowserSession(t *testing.T) {
	const bye = "https://example.com/bye"
	signIn := func(t *testing.T, app *App) {
		t.Helper()
		if _, err := app.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("without the option no browser is opened", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		l := &leaving{}
		if err := l.at(f.app).Logout(t.Context(), nil); err != nil || len(l.opened) != 0 {
			t.Errorf("opened %q, error %v", l.opened, err)
		}
	})
	t.Run("Auth0's address names the client and where to return, and holds no token", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		l := &leaving{}
		err := l.at(f.app).Logout(t.Context(), EndBrowserSession(bye))
		want := f.tenant.URL + "/v2/logout?client_id=notes-client&returnTo=https%3A%2F%2Fexample.com%2Fbye"
		if err != nil || len(l.opened) != 1 || l.opened[0] != want {
			t.Errorf("opened %q, want %q, error %v", l.opened, want, err)
		}
	})
	t.Run("an OpenID provider's address holds the ID token as a hint", func(t *testing.T) {
		f := newFixture(t)
		f.discovery = map[string]any{"end_session_endpoint": f.tenant.URL + "/bye"}
		app := f.newOpenIDApp()
		signIn(t, app)
		idToken := app.known().state.Load().idToken.reveal()
		l := &leaving{}
		err := l.at(app).Logout(t.Context(), EndBrowserSession(""))
		want := f.tenant.URL + "/bye?client_id=notes-client&id_token_hint=" + idToken
		if err != nil || len(l.opened) != 1 || l.opened[0] != want || l.messages.Len() > 0 {
			t.Errorf("opened %q, error %v", l.opened, err)
		}
	})
	t.Run("the browser is opened when all is forgotten and revoked", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		l := &leaving{look: func() {
			f.wantNothingStored()
			if session.live() || len(f.revoked) != 1 {
				t.Errorf("session %v, revoked %q", session, f.revoked)
			}
		}}
		if err := l.at(f.app).Logout(t.Context(), EndBrowserSession(bye)); err != nil || len(l.opened) != 1 {
			t.Errorf("opened %q, error %v", l.opened, err)
		}
	})
	t.Run("the browser is opened even when revoking fails", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		f.busyRevocation(busyReply{400, ""})
		l := &leaving{}
		if err := l.at(f.app).Logout(t.Context(), EndBrowserSession(bye)); err == nil || len(l.opened) != 1 {
			t.Errorf("opened %q, error %v", l.opened, err)
		}
	})
	t.Run("the browser is opened even when nobody is signed in to the application", func(t *testing.T) {
		f := newFixture(t)
		l := &leaving{}
		if err := l.at(f.app).Logout(t.Context(), EndBrowserSession(bye)); err != nil || len(l.opened) != 1 {
			t.Errorf("opened %q, error %v", l.opened, err)
		}
	})
	t.Run("when no browser can be opened, the address is shown without the ID token", func(t *testing.T) {
		f := newFixture(t)
		f.discovery = map[string]any{"end_session_endpoint": f.tenant.URL + "/bye"}
		app := f.newOpenIDApp()
		signIn(t, app)
		idToken := app.known().state.Load().idToken.reveal()
		l := &leaving{}
		l.look = func() { l.failure = errors.New("no browser for " + l.opened[0]) }
		if err := l.at(app).Logout(t.Context(), EndBrowserSession(bye)); err != nil {
			t.Fatal(err)
		}
		want := "\n" + f.tenant.URL + "/bye?client_id=notes-client&post_logout_redirect_uri=https%3A%2F%2Fexample.com%2Fbye\n"
		if !strings.Contains(l.messages.String(), want) {
			t.Errorf("shown: %s", l.messages.String())
		}
		if text := l.messages.String() + l.log.String(); strings.Contains(text, idToken) || strings.Contains(text, "eyJ") {
			t.Error("the ID token is shown or logged")
		}
		if !strings.Contains(l.log.String(), "no browser for ") {
			t.Errorf("the log does not say why: %s", l.log.String())
		}
	})
	for name, option := range map[string]Option{
		"redirector":   WithRedirector(RedirectorFunc(func(context.Context, string) (string, error) { return "", io.EOF })),
		"device login": WithDeviceLogin(nil),
	} {
		t.Run("with a "+name+" the address is shown, unless a browser was chosen", func(t *testing.T) {
			f := newFixture(t)
			l := &leaving{}
			app := l.at(f.newApp(option))
			app.browser = nil
			if err := app.Logout(t.Context(), EndBrowserSession("")); err != nil || !strings.Contains(l.messages.String(), "/v2/logout?client_id=notes-client\n") {
				t.Errorf("shown %q, error %v", l.messages.String(), err)
			}
			if err := l.at(app).Logout(t.Context(), EndBrowserSession("")); err != nil || len(l.opened) != 1 {
				t.Errorf("opened %q, error %v", l.opened, err)
			}
		})
	}
	t.Run("a tenant without end_session_endpoint is an error, after the sign-out", func(t *testing.T) {
		f := newFixture(t)
		app := f.newOpenIDApp()
		signIn(t, app)
		l := &leaving{}
		err := l.at(app).Logout(t.Context(), EndBrowserSession(bye))
		if err == nil || !strings.Contains(err.Error(), "the tenant has no end_session_endpoint") || len(l.opened) != 0 || len(f.revoked) != 1 {
			t.Errorf("opened %q, revoked %q, error %v", l.opened, f.revoked, err)
		}
		f.wantNothingStored()
	})
	t.Run("who has given up sees no browser, and is signed out", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		errClosed := errors.New("the window was closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errClosed)
		l := &leaving{}
		if err := l.at(f.app).Logout(ctx, EndBrowserSession(bye)); !errors.Is(err, errClosed) || len(l.opened) != 0 || l.messages.Len() > 0 {
			t.Errorf("opened %q, shown %q, error %v", l.opened, l.messages.String(), err)
		}
		f.wantNothingStored()
	})
}
