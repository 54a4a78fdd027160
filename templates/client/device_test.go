package client

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// serveDevice is the tenant's device authorization endpoint.
func (f *fixture) serveDevice(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.deviceForms = append(f.deviceForms, r.PostForm)
	reply := map[string]any{
		"device_code": "SECRET-device-code", "user_code": "WDJB-MJHT",
		"verification_uri":          "https://tenant.example.com/activate",
		"verification_uri_complete": "https://tenant.example.com/activate?user_code=WDJB-MJHT",
		"expires_in":                900, "interval": 5,
	}
	maps.Copy(reply, f.device)
	maps.DeleteFunc(reply, func(_ string, value any) bool { return value == nil })
	writeJSON(w, reply)
}

// deviceFixture is a fixture whose App signs in on another device, and whose
// waits take no time but move the clock.
type deviceFixture struct {
	*fixture
	shown []DeviceLogin
	waits []time.Duration
	onGo  func() // called by each wait
}

func newDeviceFixture(t *testing.T) *deviceFixture {
	d := &deviceFixture{fixture: newFixture(t), onGo: func() {}}
	d.use(d.app.config)
	return d
}

func (d *deviceFixture) use(config Config, options ...Option) {
	show := func(_ context.Context, login DeviceLogin) error {
		d.shown = append(d.shown, login)
		return nil
	}
	d.app = d.newApp(append([]Option{WithConfig(config), WithBrowser(noBrowser(d.t)), WithDeviceLogin(show)}, options...)...)
	d.app.wait = func(ctx context.Context, wait time.Duration) error {
		d.waits = append(d.waits, wait)
		d.clock.move(wait)
		d.onGo()
		return context.Cause(ctx)
	}
}

func noBrowser(t testing.TB) func(context.Context, string) error {
	return func(context.Context, string) error {
		t.Error("a browser was opened")
		return errors.New("no browser")
	}
}

// answers has the token endpoint give these answers, each a status and a body,
// and then tokens.
func (d *deviceFixture) answers(answers ...deviceAnswer) {
	d.onToken = func(w http.ResponseWriter, _ *http.Request) {
		d.mu.Lock() // after a broken connection, nothing else orders the requests
		if len(answers) == 0 {
			d.mu.Unlock()
			writeJSON(w, d.tokens(false))
			return
		}
		answer := answers[0]
		answers = answers[1:]
		d.mu.Unlock()
		if answer.status == 0 {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Retry-After", answer.retryAfter)
		w.WriteHeader(answer.status)
		_, _ = io.WriteString(w, answer.body)
	}
}

type deviceAnswer struct {
	status     int // 0: none
	body       string
	retryAfter string
}

func oauthError(status int, code string) deviceAnswer {
	return deviceAnswer{status, `{"error":"` + code + `"}`, ""}
}

// login signs in and fails the test when that does.
func (d *deviceFixture) login(scopes ...string) *Session {
	d.t.Helper()
	session, err := d.app.Login(d.t.Context(), scopes...)
	if err != nil {
		d.t.Fatal(err)
	}
	return session
}

func TestDeviceLogin(t *testing.T) {
	t.Run("RFC 8628: the request names client, scopes and audience, and no parameter of the browser's", func(t *testing.T) {
		d := newDeviceFixture(t)
		config := d.app.config
		config.Parameters = map[string]string{"connection": "corp"}
		d.use(config)
		d.login(ScopeWriteNotes)
		want := url.Values{
			"client_id": {"notes-client"}, "scope": {"openid profile email offline_access read:notes write:notes"},
			"audience": {"https://api.example.com/notes"},
		}
		if got := d.deviceForms[0]; got.Encode() != want.Encode() {
			t.Errorf("got %v, want %v", got, want)
		}
		want = url.Values{"client_id": {"notes-client"}, "device_code": {"SECRET-device-code"}, "grant_type": {deviceGrantType}}
		if got := d.tokenForms[0]; got.Encode() != want.Encode() {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("RFC 8628: the endpoint is the discovery document's, and the audience travels as resource", func(t *testing.T) {
		d := newDeviceFixture(t)
		config := d.app.config
		config.Provider = ProviderOIDC
		d.use(config)
		d.login()
		for _, form := range []url.Values{d.deviceForms[0], d.tokenForms[0]} {
			if form.Get("resource") != config.Audience || form.Has("audience") {
				t.Errorf("form %v", form)
			}
		}
	})
	t.Run("the user sees the code, and signs in", func(t *testing.T) {
		d := newDeviceFixture(t)
		session := d.login(ScopeWriteNotes)
		want := []DeviceLogin{{
			UserCode: "WDJB-MJHT", VerificationURI: "https://tenant.example.com/activate",
			VerificationURIComplete: "https://tenant.example.com/activate?user_code=WDJB-MJHT",
			ExpiresAt:               testEpoch.Add(15 * time.Minute),
		}}
		if !slices.Equal(d.shown, want) {
			t.Errorf("shown %+v, want %+v", d.shown, want)
		}
		if session.User().Name != "Ada Lovelace" || !session.HasScope(ScopeWriteNotes) {
			t.Errorf("session %v", session)
		}
		if stored, err := d.newApp().Session(t.Context()); err != nil || stored.User().Subject != "auth0|ada" {
			t.Errorf("stored %v, %v", stored, err)
		}
		d.onToken = nil
		d.mustRefresh(session)
	})
	t.Run("WithDeviceLogin(nil) prints the code where messages go", func(t *testing.T) {
		var messages strings.Builder
		d := newDeviceFixture(t)
		d.use(d.app.config, WithDeviceLogin(nil), WithMessages(&messages))
		d.login()
		for _, want := range []string{
			"enter the code WDJB-MJHT:\n\nhttps://tenant.example.com/activate\n\n",
			"https://tenant.example.com/activate?user_code=WDJB-MJHT\n", "good until 12:15.\n",
		} {
			if !strings.Contains(messages.String(), want) {
				t.Errorf("%q lacks %q", messages.String(), want)
			}
		}
	})
	t.Run("a display that fails ends the sign-in before it is waited for", func(t *testing.T) {
		d := newDeviceFixture(t)
		broken := errors.New("no screen")
		d.use(d.app.config, WithDeviceLogin(func(context.Context, DeviceLogin) error { return broken }))
		if _, err := d.app.Login(t.Context()); !errors.Is(err, broken) || len(d.waits) != 0 {
			t.Errorf("error %v after %v", err, d.waits)
		}
	})
	t.Run("a tenant without the endpoint is named at once", func(t *testing.T) {
		d := newDeviceFixture(t)
		_, err := d.app.loginByDevice(t.Context(), metadata{}, nil)
		if err == nil || !strings.Contains(err.Error(), "device_authorization_endpoint") {
			t.Errorf("error %v", err)
		}
	})
}

func TestDevicePolling(t *testing.T) {
	const s = time.Second
	pending, slowDown := oauthError(403, "authorization_pending"), oauthError(429, "slow_down")
	down, cut := deviceAnswer{502, "<html>", ""}, deviceAnswer{}
	tests := []struct {
		name     string
		interval any
		answers  []deviceAnswer
		waits    []time.Duration
	}{
		{"RFC 8628: the first question comes an interval after the code", 7, nil, []time.Duration{7 * s}},
		{"RFC 8628: authorization_pending goes on", 5, []deviceAnswer{pending, oauthError(400, "authorization_pending")}, []time.Duration{5 * s, 5 * s, 5 * s}},
		{"RFC 8628: slow_down adds five seconds for good", 5, []deviceAnswer{slowDown, pending, slowDown, pending}, []time.Duration{5 * s, 10 * s, 10 * s, 15 * s, 15 * s}},
		{"RFC 8628: slow_down adds even to the longest interval", 60, []deviceAnswer{slowDown}, []time.Duration{60 * s, 65 * s}},
		{"RFC 8628: a broken connection doubles the interval", 5, []deviceAnswer{cut, cut, pending}, []time.Duration{5 * s, 10 * s, 20 * s, 20 * s}},
		{"a tenant in trouble is asked less and less often, but once a minute", 20, []deviceAnswer{down, down, down}, []time.Duration{20 * s, 40 * s, 60 * s, 60 * s}},
		{"trouble never shortens the interval", 60, []deviceAnswer{slowDown, down}, []time.Duration{60 * s, 65 * s, 65 * s}},
		{"Retry-After is waited for, once", 5, []deviceAnswer{{429, `{"error":"slow_down"}`, "90"}, pending}, []time.Duration{5 * s, 90 * s, 10 * s}},
		{"Auth0's access_denied with 429 is no refusal", 5, []deviceAnswer{oauthError(429, "access_denied")}, []time.Duration{5 * s, 10 * s}},
		{"a malformed reply is trouble", 5, []deviceAnswer{{200, `{"access_token":`, ""}}, []time.Duration{5 * s, 10 * s}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDeviceFixture(t)
			d.device["interval"] = test.interval
			d.answers(test.answers...)
			d.login()
			if !slices.Equal(d.waits, test.waits) {
				t.Errorf("waits %v, want %v", d.waits, test.waits)
			}
		})
	}
}

func TestDeviceLoginFails(t *testing.T) {
	tests := []struct {
		name   string
		answer deviceAnswer
		code   string // of the TenantError
	}{
		{"RFC 8628: access_denied ends the sign-in", oauthError(403, "access_denied"), "access_denied"},
		{"an error that the RFC does not know ends the sign-in", oauthError(400, "invalid_grant"), "invalid_grant"},
		{"RFC 8628: expired_token says that the code has expired", oauthError(403, "expired_token"), "expired_token"},
		{"an echo of the device code is blacked out", deviceAnswer{400, `{"error":"bad_code","error_description":"no SECRET-device-code"}`, ""}, "bad_code"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDeviceFixture(t)
			d.answers(test.answer)
			_, err := d.app.Login(t.Context())
			refusal, ok := errors.AsType[*TenantError](err)
			if !ok || refusal.Code != test.code || errors.Is(err, ErrDeviceLoginExpired) != (test.code == "expired_token") {
				t.Errorf("error %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") || len(d.waits) != 1 {
				t.Errorf("error %v after %v", err, d.waits)
			}
		})
	}
	t.Run("a code that nobody uses expires, whatever the tenant says", func(t *testing.T) {
		d := newDeviceFixture(t)
		d.device["expires_in"] = 12
		d.answers(slices.Repeat([]deviceAnswer{oauthError(403, "authorization_pending")}, 100)...)
		_, err := d.app.Login(t.Context())
		if want := []time.Duration{5 * time.Second, 5 * time.Second, 2 * time.Second}; !slices.Equal(d.waits, want) {
			t.Errorf("waits %v, want %v", d.waits, want)
		}
		if !errors.Is(err, ErrDeviceLoginExpired) || len(d.tokenForms) != 2 {
			t.Errorf("error %v after %d questions", err, len(d.tokenForms))
		}
	})
	t.Run("what kept the tenant from answering is told, and is not the reason", func(t *testing.T) {
		d := newDeviceFixture(t)
		d.device["expires_in"] = 12
		d.answers(slices.Repeat([]deviceAnswer{oauthError(500, "server_error")}, 100)...)
		_, err := d.app.Login(t.Context())
		if !errors.Is(err, ErrDeviceLoginExpired) || errors.Is(err, ErrTemporary) || !strings.Contains(err.Error(), "the last answer was: ") || !strings.Contains(err.Error(), "server_error") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the end of the context ends a wait", func(t *testing.T) {
		d := newDeviceFixture(t)
		gone := errors.New("the user went home")
		ctx, cancel := context.WithCancelCause(t.Context())
		d.onGo = func() { cancel(gone) }
		if _, err := d.app.Login(ctx); !errors.Is(err, gone) || len(d.tokenForms) != 0 {
			t.Errorf("error %v after %d questions", err, len(d.tokenForms))
		}
	})
	t.Run("the end of the context ends a question, and is no trouble of the tenant's", func(t *testing.T) {
		d := newDeviceFixture(t)
		gone := errors.New("the user went home")
		ctx, cancel := context.WithCancelCause(t.Context())
		d.onToken = func(http.ResponseWriter, *http.Request) { cancel(gone) }
		if _, err := d.app.Login(ctx); !errors.Is(err, gone) || len(d.waits) != 1 {
			t.Errorf("error %v after %v", err, d.waits)
		}
	})
	t.Run("the real wait ends with its context", func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		gone := errors.New("the user went home")
		cancel(gone)
		if err := waitFor(ctx, time.Hour); !errors.Is(err, gone) {
			t.Errorf("error %v", err)
		}
		if err := waitFor(t.Context(), 0); err != nil {
			t.Error(err)
		}
	})
}

func TestDeviceIDToken(t *testing.T) {
	tests := []struct {
		name   string
		change func(*deviceFixture)
		want   string // of the error; empty: none
	}{
		{"G8: a nonce that was not asked for is refused", func(d *deviceFixture) { d.claims = map[string]any{"nonce": "x"} }, "nonce"},
		{"G8: at_hash is checked", func(d *deviceFixture) { d.claims = map[string]any{"at_hash": "b3RoZXI"} }, "at_hash"},
		{"an ID token is required", func(d *deviceFixture) { d.reply["id_token"] = nil }, "no id_token"},
		{"G8: max_age is held to, though it is not sent: too old", func(d *deviceFixture) { d.authAge = 2 * time.Hour }, "auth_time"},
		{"G8: max_age is held to: recent", func(d *deviceFixture) { d.authAge = time.Minute }, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := newDeviceFixture(t)
			config := d.app.config
			config.Parameters = map[string]string{"max_age": "3600"}
			d.authAge = time.Second
			test.change(d)
			d.use(config)
			_, err := d.app.Login(t.Context())
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}
