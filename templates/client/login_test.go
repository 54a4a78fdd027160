package client

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

func TestAuthorizationRequest(t *testing.T) {
	f := newFixture(t)
	f.login(ScopeWriteNotes)
	f.login()
	f.login(ScopeReadAll)
	first, second, third := f.authorization[0], f.authorization[1], f.authorization[2]

	t.Run("G1: every parameter is sent once", func(t *testing.T) {
		want := url.Values{
			"response_type":         {"code"},
			"client_id":             {"notes-client"},
			"redirect_uri":          {f.app.config.Callbacks[0]},
			"scope":                 {"openid profile email offline_access read:notes write:notes"},
			"audience":              {"https://api.example.com/notes"},
			"code_challenge_method": {"S256"},
			"state":                 first["state"],
			"nonce":                 first["nonce"],
			"code_challenge":        {oauth2.S256ChallengeFromVerifier(f.tokenForms[0].Get("code_verifier"))},
		}
		for name, values := range want {
			if !slices.Equal(first[name], values) {
				t.Errorf("%s = %q, want %q", name, first[name], values)
			}
		}
		if len(first) != len(want) {
			t.Errorf("parameters %v, want just %v", first, want)
		}
	})
	t.Run("G1: state, nonce and verifier are fresh and have 43 characters", func(t *testing.T) {
		verifiers := []string{f.tokenForms[0].Get("code_verifier"), f.tokenForms[1].Get("code_verifier")}
		seen := map[string]bool{}
		for _, value := range []string{
			first.Get("state"), first.Get("nonce"), second.Get("state"), second.Get("nonce"), verifiers[0], verifiers[1],
		} {
			if len(value) < 43 || seen[value] {
				t.Errorf("%q is too short or was used before", value)
			}
			seen[value] = true
		}
	})
	t.Run("G1: the code is exchanged with the verifier and the same redirect URI", func(t *testing.T) {
		form := f.tokenForms[0]
		want := url.Values{
			"grant_type": {"authorization_code"}, "code": {"the-code"}, "client_id": {"notes-client"},
			"redirect_uri": first["redirect_uri"], "code_verifier": form["code_verifier"],
		}
		if form.Encode() != want.Encode() {
			t.Errorf("form %v, want %v", form, want)
		}
	})
	t.Run("a plain sign-in, perhaps somebody else's, asks for no earlier step-up", func(t *testing.T) {
		if got := second.Get("scope"); got != "openid profile email offline_access read:notes" {
			t.Errorf("scope = %q", got)
		}
	})
	t.Run("a step-up asks again for what was asked before", func(t *testing.T) {
		if got := third.Get("scope"); got != "openid profile email offline_access read:notes read:notes-all" {
			t.Errorf("scope = %q", got)
		}
		f.login(ScopeWriteNotes)
		if got := f.authorization[3].Get("scope"); !strings.HasSuffix(got, " read:notes-all write:notes") {
			t.Errorf("scope = %q", got)
		}
	})
}

func TestAuthorizationURLOfOpenIDProvider(t *testing.T) {
	address := func(change func(*Config)) url.Values {
		config := DefaultConfig()
		config.Provider = ProviderOIDC
		change(&config)
		app, err := New(WithConfig(config), WithStore(NewMemoryStore()))
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(app.authorizationURL(
			metadata{authorizationEndpoint: "https://id.example.com/authorize?tenant=7"}, newAuthorizationRequest(config.Scopes)))
		if err != nil {
			t.Fatal(err)
		}
		return u.Query()
	}
	tests := []struct {
		name      string
		change    func(*Config)
		parameter string
		want      []string
	}{
		{"G1: the audience travels as resource", func(*Config) {}, "resource", []string{"https://api.example.com/notes"}},
		{"G1: the audience is not sent under Auth0's name", func(*Config) {}, "audience", nil},
		{"offline_access brings prompt=consent", func(*Config) {}, "prompt", []string{"consent"}},
		{
			"without offline_access there is no prompt",
			func(c *Config) { c.Scopes = []string{"openid"} }, "prompt", nil,
		},
		{
			"a prompt of the configuration stays",
			func(c *Config) { c.Parameters = map[string]string{"prompt": "login"} }, "prompt", []string{"login"},
		},
		{
			"a parameter of the configuration cannot replace the protocol's",
			func(c *Config) { c.Parameters = map[string]string{"response_type": "token"} }, "response_type", []string{"code"},
		},
		{"a query of the endpoint stays", func(*Config) {}, "tenant", []string{"7"}},
		{"without an audience there is no resource", func(c *Config) { c.Audience = "" }, "resource", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := address(test.change)[test.parameter]; !slices.Equal(got, test.want) {
				t.Errorf("%s = %q, want %q", test.parameter, got, test.want)
			}
		})
	}
}

func TestLoginByDiscovery(t *testing.T) {
	t.Run("G1: the audience travels as resource at the token endpoint, too", func(t *testing.T) {
		f := newFixture(t)
		session, err := f.newOpenIDApp().Login(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.mustRefresh(session)
		for _, form := range append(f.tokenForms, f.authorization...) {
			if form.Get("resource") != "https://api.example.com/notes" {
				t.Errorf("form %v", form)
			}
		}
	})
	t.Run("G3: an answer with the promised iss is taken", func(t *testing.T) {
		f := newFixture(t)
		f.promisesIss = true
		f.onAuthorize = func(request url.Values) url.Values {
			return url.Values{"code": {"x"}, "state": request["state"], "iss": {f.tenant.URL + "/"}}
		}
		if _, err := f.newOpenIDApp().Login(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("G3: an answer without the promised iss is not", func(t *testing.T) {
		f := newFixture(t)
		f.promisesIss = true
		if _, err := f.newOpenIDApp().Login(t.Context()); err == nil || len(f.tokenForms) != 0 {
			t.Errorf("error %v, %d exchanges", err, len(f.tokenForms))
		}
	})
}

func TestLoginGrants(t *testing.T) {
	tests := []struct {
		name string
		// scope is what the token reply says; nil: nothing.
		scope any
		want  []string
		open  []string // of read:notes, write:notes, read:notes-all and admin:all
	}{
		{
			"G7: a reply without scope grants what was asked for", nil,
			[]string{"openid", "profile", "email", "offline_access", "read:notes", "write:notes"},
			[]string{"read:notes", "write:notes"},
		},
		{"G7: a narrower grant closes gates", "openid read:notes", []string{"openid", "read:notes"}, []string{"read:notes"}},
		{
			"G7: a wider grant opens only what the spec declares", "openid read:notes-all admin:all",
			[]string{"openid", "read:notes-all", "admin:all"},
			[]string{"read:notes-all"},
		},
		{"G7: scopes are compared whole", "openid read:notes-all", []string{"openid", "read:notes-all"}, []string{"read:notes-all"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.reply["scope"] = test.scope
			session := f.login(ScopeWriteNotes)
			if got := session.Granted(); !slices.Equal(got, test.want) {
				t.Errorf("Granted() = %q, want %q", got, test.want)
			}
			var open []string
			for _, scope := range []string{"read:notes", "write:notes", "read:notes-all", "admin:all"} {
				if session.HasScope(scope) {
					open = append(open, scope)
				}
			}
			if !slices.Equal(open, test.open) {
				t.Errorf("open = %q, want %q", open, test.open)
			}
		})
	}
}

func TestLoginRefused(t *testing.T) {
	answer := func(change url.Values) func(url.Values) url.Values {
		return func(request url.Values) url.Values {
			answer := url.Values{"state": {request.Get("state")}}
			for name, values := range change {
				answer[name] = values
			}
			return answer
		}
	}
	tests := []struct {
		name      string
		answer    func(url.Values) url.Values
		reply     map[string]any
		want      string
		exchanges int // how many times a code was sent
	}{
		{
			"G3: an error of the tenant ends the sign-in",
			answer(url.Values{"error": {"access_denied"}, "error_description": {"not today"}}), nil,
			"sign in: the tenant answered access_denied: not today", 0,
		},
		{
			"G3: the code of another issuer is not used",
			answer(url.Values{"code": {"x"}, "iss": {"https://evil.example.com/"}}), nil,
			"sign in: the answer came from another issuer", 0,
		},
		{
			"G8: an ID token is required", nil, map[string]any{"id_token": nil},
			"sign in: the tenant's reply has no id_token", 1,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.onAuthorize = test.answer
			if test.reply != nil {
				f.reply = test.reply
			}
			session, err := f.app.Login(t.Context())
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if page := <-f.pages; !strings.Contains(page, "You are not signed in.") {
				t.Errorf("G4: the page says %s", page)
			}
			if session != nil || len(f.tokenForms) != test.exchanges {
				t.Errorf("session %v after %d exchanges", session, len(f.tokenForms))
			}
			if _, err := f.app.Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
				t.Errorf("Session after a failed sign-in: %v", err)
			}
		})
	}
	t.Run("G8: an ID token for another access token is refused", func(t *testing.T) {
		f := newFixture(t)
		f.claims = map[string]any{"at_hash": "b3RoZXIgdG9rZW4ncyBoYXNo"}
		if _, err := f.app.Login(t.Context()); err == nil || !strings.Contains(err.Error(), "at_hash") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a scope that is not one is refused", func(t *testing.T) {
		f := newFixture(t)
		for _, scope := range []string{"read:notes write:notes", "", `read:"notes"`, "read:\nnotes", "lesen:stücke"} {
			if _, err := f.app.Login(t.Context(), ScopeReadNotes, scope); err == nil || len(f.authorization) != 0 {
				t.Fatalf("%q: error %v after %d requests", scope, err, len(f.authorization))
			}
		}
	})
	t.Run("credentials that cannot be stored are an error", func(t *testing.T) {
		f := newFixture(t)
		f.store = failingStore{f.store}
		f.app = f.newApp()
		if _, err := f.app.Login(t.Context()); !errors.Is(err, errDiskFull) || !slices.Equal(f.revoked, []string{"the-refresh-token-A"}) {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
}

func TestLoginWithoutBrowser(t *testing.T) {
	t.Run("G5: when no browser opens, the address is shown", func(t *testing.T) {
		messages := &lineWriter{lines: make(chan string, 1)}
		f := newFixture(t, WithMessages(messages), WithBrowser(func(context.Context, string) error {
			return errors.New("no display")
		}))
		done := make(chan error, 1)
		go func() {
			_, err := f.app.Login(t.Context())
			done <- err
		}()
		text := <-messages.lines
		address := strings.Fields(text[strings.Index(text, "http"):])[0]
		if err := f.browse(t.Context(), address); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Run("G5: a redirector takes the place of browser and listener", func(t *testing.T) {
		f := newFixture(t)
		app := f.newApp(WithBrowser(nil), WithRedirector(RedirectorFunc(func(_ context.Context, address string) (string, error) {
			u, err := url.Parse(address)
			f.nonce = u.Query().Get("nonce")
			return u.Query().Get("redirect_uri") + "?code=pasted&state=" + u.Query().Get("state"), err
		})))
		session, err := app.Login(t.Context())
		if err != nil || session.User().Name != "Ada Lovelace" || f.tokenForms[0].Get("code") != "pasted" {
			t.Errorf("session %v, error %v", session, err)
		}
	})
	t.Run("G5: a cancelled sign-in frees the port", func(t *testing.T) {
		f := newFixture(t)
		for range 3 { // each with the first port again
			ctx, cancel := context.WithCancel(t.Context())
			app := f.newApp(WithConfig(f.app.config), WithBrowser(func(context.Context, string) error {
				cancel()
				return nil
			}))
			if _, err := app.Login(ctx); !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
		}
		listener, err := listenForCallback(f.app.config.Callbacks)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.close()
		if listener.redirectURI() != f.app.config.Callbacks[0] {
			t.Errorf("the first port is still taken: %s", listener.redirectURI())
		}
	})
}

func TestLoginAgain(t *testing.T) {
	t.Run("the same user's session is updated in place", func(t *testing.T) {
		f := newFixture(t)
		before := f.login()
		if before.HasScope(ScopeWriteNotes) {
			t.Fatal("the scope is there before it was asked for")
		}
		after := f.login(ScopeWriteNotes)
		if after != before || !before.HasScope(ScopeWriteNotes) {
			t.Errorf("step-up did not open the gate of the session at hand")
		}
	})
	t.Run("another user's sign-in ends the session", func(t *testing.T) {
		f := newFixture(t)
		ada := f.login()
		events := watch(ada)
		f.set(func() { f.subject = "auth0|grace" })
		grace := f.login()
		if ada == grace || ada.live() || grace.User().Subject != "auth0|grace" {
			t.Errorf("ada is %v, grace is %v", ada, grace)
		}
		if event := <-events; event.Kind != SessionEnded || event.Reason != ReasonSignedOut {
			t.Errorf("event %+v", event)
		}
	})
}

// lineWriter hands on what is written to it.
type lineWriter struct{ lines chan string }

func (w *lineWriter) Write(p []byte) (int, error) {
	w.lines <- string(p)
	return len(p), nil
}

var errDiskFull = errors.New("no space left on device")

// failingStore saves nothing.
type failingStore struct{ CredentialStore }

func (failingStore) Save(context.Context, string, []byte) error { return errDiskFull }

// watch returns the session's events, as they come.
func watch(s *Session) <-chan SessionEvent {
	events := make(chan SessionEvent, 100)
	s.OnChange(func(event SessionEvent) { events <- event })
	return events
}
