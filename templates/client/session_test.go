package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSessionFromStore(t *testing.T) {
	t.Run("nobody is signed in", func(t *testing.T) {
		f := newFixture(t)
		_, err := f.app.Session(t.Context())
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonNone {
			t.Errorf("error %v", err)
		}
	})
	t.Run("G17: stored credentials need no network", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		f.tenant.Close()
		f.api.Close()
		session, err := f.newApp().Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if user := session.User(); user.Subject != "auth0|ada" || user.Email != "ada@example.com" {
			t.Errorf("user %+v", user)
		}
		if !session.Can(listNotes) || session.Can(writeNote) {
			t.Error("the gates are not as granted")
		}
	})
	t.Run("an App has one session", func(t *testing.T) {
		f := newFixture(t)
		signedIn := f.login()
		if session, err := f.app.Session(t.Context()); err != nil || session != signedIn {
			t.Errorf("session %p, not %p; error %v", session, signedIn, err)
		}
	})
	t.Run("asking again changes nothing and waits for nobody", func(t *testing.T) {
		f := newFixture(t)
		events := watch(f.login())
		if _, err := f.app.Session(t.Context()); err != nil {
			t.Error(err)
		}
		unlock, err := f.app.lockChanges(t.Context()) // as a refresh does
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if _, err := f.app.Session(t.Context()); err != nil {
			t.Error(err)
		}
		if len(events) != 0 {
			t.Errorf("event %+v", <-events)
		}
	})
	t.Run("without a refresh token an old session is no session", func(t *testing.T) {
		f := newFixture(t)
		f.reply["refresh_token"] = nil
		f.login()
		f.clock.move(2 * time.Hour)
		_, err := f.newApp().Session(t.Context())
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonExpired {
			t.Errorf("error %v", err)
		}
	})
	for name, change := range map[string]func(*Config){
		"another issuer":   func(c *Config) { c.Issuer = "https://staging.example.com/" },
		"another client":   func(c *Config) { c.ClientID = "other" },
		"another audience": func(c *Config) { c.Audience = "https://api.example.com/staging" },
	} {
		t.Run("G17: credentials for "+name+" are not used, nor removed at sign-out", func(t *testing.T) {
			f := newFixture(t)
			f.login()
			config := f.app.config
			change(&config)
			app := f.newApp(WithConfig(config))
			_, err := app.Session(t.Context())
			if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonOtherTenant {
				t.Errorf("error %v", err)
			}
			if err := app.Logout(t.Context()); err != nil {
				t.Error(err)
			}
			if _, err := f.newApp().Session(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for _, test := range []struct {
		name, record string
		reason       LoginReason
	}{
		{"that is garbage", "not json", ReasonUnreadable},
		{"with a newer format", newerRecord, ReasonNewer},
		{"without a version", `{"access_token":"x","expires_at":"2026-01-01T00:00:00Z","claims":{"sub":"ada"}}`, ReasonUnreadable},
		{"without a token", `{"version":1,"expires_at":"2026-01-01T00:00:00Z","claims":{"sub":"ada"}}`, ReasonUnreadable},
		{"without an expiry", `{"version":1,"access_token":"x","claims":{"sub":"ada"}}`, ReasonUnreadable},
		{"without claims", `{"version":1,"access_token":"x","expires_at":"2026-01-01T00:00:00Z"}`, ReasonUnreadable},
		{"of another tenant", `{"version":1,"issuer":"https://other.example.com/","access_token":"x","expires_at":"2026-01-01T00:00:00Z","claims":{"sub":"ada"}}`, ReasonOtherTenant},
	} {
		t.Run("G18: a record "+test.name+" needs a sign-in, which sets it aside", func(t *testing.T) {
			store := &watchedStore{CredentialStore: NewMemoryStore()}
			f := newFixture(t, WithStore(store))
			if err := store.Save(t.Context(), "default", []byte(test.record)); err != nil {
				t.Fatal(err)
			}
			_, err := f.app.Session(t.Context())
			if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != test.reason {
				t.Errorf("error %v", err)
			}
			if left, err := store.Load(t.Context(), "default"); err != nil || string(left) != test.record {
				t.Errorf("the record has become %s, error %v", left, err)
			}
			f.login()
			if aside, err := store.Load(t.Context(), store.aside); err != nil || string(aside) != test.record {
				t.Errorf("set aside %s, error %v", aside, err)
			}
		})
	}
	t.Run("G17: a newer version's scopes are pending, and nobody is signed out", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		config := f.app.config
		config.Scopes = append(slices.Clone(config.Scopes), ScopeWriteNotes)
		session, err := f.newApp(WithConfig(config)).Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got := session.Pending(); !slices.Equal(got, []string{ScopeWriteNotes}) || session.Can(writeNote) {
			t.Errorf("Pending() = %q, Can = %v", got, session.Can(writeNote))
		}
	})
	t.Run("G19: profiles stand side by side", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		if _, err := f.newApp(WithProfile("work")).Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
	})
}

func TestCan(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	tests := []struct {
		name     string
		session  *Session
		endpoint Endpoint
		want     bool
	}{
		{"a granted scope opens", session, listNotes, true},
		{"a scope that was not granted does not", session, writeNote, false},
		{"any of the sets is enough, whole", session, listAll, false},
		{"an endpoint without scopes is for anybody signed in", session, anyoneHere, true},
		{"a public endpoint is for anybody", nil, health, true},
		{"a nil session opens nothing else", nil, anyoneHere, false},
		{"a zero session opens nothing else", &Session{}, anyoneHere, false},
		{"the zero Endpoint is never allowed", session, Endpoint{}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.session.Can(test.endpoint); got != test.want {
				t.Errorf("Can = %v", got)
			}
		})
	}
	t.Run("any-of opens with the second set", func(t *testing.T) {
		f := newFixture(t)
		f.reply["scope"] = ScopeReadAll
		if !f.login(ScopeReadAll).Can(listAll) {
			t.Error("closed")
		}
	})
}

func TestUsedWrongly(t *testing.T) {
	ctx := t.Context()
	t.Run("an option of nil changes nothing", func(t *testing.T) {
		f := newFixture(t)
		app := f.newApp(WithHTTPClient(nil), WithClock(nil), WithLogger(nil), WithBrowser(nil), WithMessages(nil), WithStore(nil), nil)
		session, err := app.Login(ctx)
		if err != nil {
			t.Fatal(err)
		}
		f.mustCall(session)
	})
	t.Run("an App and a Session that New did not make fail", func(t *testing.T) {
		_, sessionErr := new(App).Session(ctx)
		_, getErr := new(Session).HTTPClient().Get("http://127.0.0.1:1/")
		_, loginErr := new(App).Login(ctx)
		_, callErr := call[string](ctx, new(App), request{endpoint: health})
		for _, err := range []error{sessionErr, loginErr, getErr, callErr, new(App).Logout(ctx), new(Session).Refresh(ctx)} {
			if err == nil {
				t.Error("no error")
			}
		}
	})
	t.Run("credentials are stored even for a caller that has gone", func(t *testing.T) {
		f := newFixture(t)
		c, err := f.login().current()
		if err != nil {
			t.Fatal(err)
		}
		f.app.store = patientStore{NewMemoryStore()}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := f.app.save(gone, c); err != nil {
			t.Error(err)
		}
	})
}

func TestNobody(t *testing.T) {
	var nobody *Session
	ctx := t.Context()
	if nobody.User().Subject != "" || nobody.Granted() != nil || nobody.Pending() != nil || nobody.HasScope("openid") {
		t.Error("a nil session knows somebody")
	}
	nobody.OnChange(func(SessionEvent) {})()
	_, userInfoErr := nobody.UserInfo(ctx)
	_, tokenErr := nobody.TokenSource(ctx).Token()
	_, getErr := nobody.HTTPClient().Get("http://127.0.0.1:1/")
	callErr := nobody.send(ctx, request{endpoint: listNotes})
	if _, err := call[string](ctx, nobody.application(), request{endpoint: health}); err == nil {
		t.Error("a nil session calls a public endpoint of no API")
	}
	for _, err := range []error{userInfoErr, tokenErr, getErr, callErr, nobody.Refresh(ctx)} {
		if !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
	}
}

func TestExpandPath(t *testing.T) {
	tests := []struct {
		path   string
		params []string
		want   string // empty: an error
	}{
		{"/notes", nil, "/notes"},
		{"/notes/{id}/approval", []string{"7"}, "/notes/7/approval"},
		{"/{a}/{b}.json", []string{"x", "y"}, "/x/y.json"},
		{"/notes/{id}", []string{"a/b?c#d e"}, "/notes/a%2Fb%3Fc%23d%20e"},
		{"/notes/{id}/{b}", []string{"{b}", "c"}, "/notes/%7Bb%7D/c"},
		{"/notes/{id}", []string{""}, ""},
		{"/notes/{id}", []string{"."}, ""},
		{"/notes/{id}", []string{".."}, ""},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s with %q", test.path, test.params), func(t *testing.T) {
			got, err := expandPath(test.path, test.params)
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

func TestSessionForOtherLibraries(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	t.Run("UserInfo asks the tenant", func(t *testing.T) {
		user, err := session.UserInfo(t.Context())
		if err != nil || user.Name != "Ada of userinfo" {
			t.Errorf("user %+v, error %v", user, err)
		}
	})
	t.Run("UserInfo says why a tenant may refuse", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.noUserInfo = true
		if _, err := session.UserInfo(t.Context()); err == nil || !strings.Contains(err.Error(), "audience https://api.example.com/notes") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("TokenSource gives the access token, not the refresh token", func(t *testing.T) {
		token, err := session.TokenSource(t.Context()).Token()
		if err != nil {
			t.Fatal(err)
		}
		if token.AccessToken != "the-access-token-A" || token.RefreshToken != "" || !token.Expiry.Equal(f.clock.now().Add(time.Hour)) {
			t.Errorf("token of type %s expires %v", token.TokenType, token.Expiry)
		}
	})
}

func TestOnlyLoginOpensABrowserAndLogoutWhenAskedTo(t *testing.T) {
	f := newFixture(t)
	f.login()
	opened := 0
	app := f.newApp(WithBrowser(func(context.Context, string) error {
		opened++
		return nil
	}))
	session, err := app.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	notOpened := func(t *testing.T) {
		t.Helper()
		if opened != 0 {
			t.Errorf("%d browsers were opened", opened)
		}
	}
	t.Run("G16: a call and a renewal open no browser", func(t *testing.T) {
		f.mustCall(session)
		f.mustRefresh(session)
		notOpened(t)
	})
	t.Run("G16: what needs a sign-in says so, and opens no browser", func(t *testing.T) {
		f.refuse("no token at all")
		f.tenantError(http.StatusForbidden, "invalid_grant")
		f.clock.move(2 * time.Hour)
		_, userInfoErr := session.UserInfo(t.Context())
		_, tokenErr := session.TokenSource(t.Context()).Token()
		_, sessionErr := app.Session(t.Context())
		_, writeErr := call[string](t.Context(), session, request{endpoint: writeNote})
		for _, err := range []error{callListNotes(t.Context(), session), writeErr, userInfoErr, tokenErr, sessionErr, session.Refresh(t.Context())} {
			if !errors.Is(err, ErrLoginRequired) {
				t.Errorf("error %v", err)
			}
		}
		notOpened(t)
	})
	t.Run("G16: a sign-out opens one when it is asked to, and not otherwise", func(t *testing.T) {
		if err := app.Logout(t.Context()); err != nil {
			t.Error(err)
		}
		notOpened(t)
		if err := app.Logout(t.Context(), EndBrowserSession("")); err != nil || opened != 1 {
			t.Errorf("Logout, asked to, opened %d browsers: %v", opened, err)
		}
	})
}
