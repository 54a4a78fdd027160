package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// publicValues are one of each kind of value and error that an application gets
// from the client, made by a tenant and an API that repeat every secret which
// they were sent.
func publicValues(f *fixture) map[string]any {
	f.t.Helper()
	app := f.newOpenIDApp()
	ended, err := app.Login(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	if err := app.Logout(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	session, err := app.Login(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	user, err := session.UserInfo(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	transport := session.HTTPClient().Transport
	values := map[string]any{
		"App": app, "Session": session, "ended Session": ended, "nil Session": (*Session)(nil), "zero App": &App{},
		"User": session.User(), "User of UserInfo": user, "Config": app.config, "Endpoint": listNotes,
		"SessionEvent": SessionEvent{Kind: SessionEnded, Reason: ReasonRevoked}, "TokenSource": session.TokenSource(f.t.Context()),
		"HTTPClient": session.HTTPClient(), "Transport": &transport, "Option": WithConfig(app.config),
		"credentials": session.state.Load().credentials,
	}
	// With a session of its own: fmt reads what another struct hides in a field
	// without a lock, and a renewal has an end of its own.
	failing := f.newApp(WithConfig(app.config), WithProfile("failing"))
	failed, err := failing.Login(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	maps.Copy(values, publicErrors(f, failing, failed))
	return values
}

// echoing answers with whatever it was sent.
func echoing(status int, contentType, form string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // an API's request has none
		sent := r.Header.Get("Authorization")
		for _, values := range r.PostForm {
			sent += " " + strings.Join(values, " ")
		}
		w.Header().Set("X-Echo", sent)
		replyWith(status, contentType, fmt.Sprintf(form, sent))(w, r)
	}
}

// publicErrors are the errors of calls, renewals, sign-ins and sign-outs.
func publicErrors(f *fixture, app *App, session *Session) map[string]any {
	f.t.Helper()
	values := map[string]any{"LoginRequiredError": &LoginRequiredError{Reason: ReasonRevoked}}
	leaving := f.newApp(WithConfig(app.config), WithProfile("leaving"))
	left, err := leaving.Login(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	fail := func(name string, err error) {
		if err == nil {
			f.t.Errorf("%s is no error", name)
		}
		values[name] = err
	}
	request := request{endpoint: listNotes}
	for name, api := range map[string]http.HandlerFunc{
		"APIError":                   echoing(500, "text/plain", "%s"),
		"APIError of a success":      echoing(200, "application/json", "%s"),
		"MissingScopeError":          echoChallenge,
		"connection that breaks off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		f.set(func() { f.onAPI = api })
		_, err := call[[]string](f.t.Context(), session, request)
		fail(name, err)
	}
	f.set(func() { f.onAPI = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) } })
	_, err = session.HTTPClient().Get(f.api.URL + "/?q=1")
	fail("url.Error of the HTTPClient", err)
	_, err = call[[]string](f.t.Context(), session, requestTo(writeNote))
	fail("MissingScopeError before the call", err)

	for name, answer := range map[string]http.HandlerFunc{
		"TenantError":           echoing(400, "application/json", `{"error":"invalid_request","error_description":"%s"}`),
		"ErrTemporary":          echoing(503, "application/json", `{"error":"temporarily_unavailable","error_description":"%s"}`),
		"reply of another type": echoing(502, "text/html", "%s"),
		"malformed reply":       echoing(200, "application/json", `{"access_token":["%s"]}`),
		"broken reply":          echoing(200, "application/json", `{"access_token":"%s`),
	} {
		f.set(func() { f.onToken, f.onRevoke, f.onUserInfo = answer, answer, answer })
		fail(name+" of a renewal", session.Refresh(f.t.Context()))
		_, err := session.UserInfo(f.t.Context())
		fail(name+" of userinfo", err)
		_, err = f.newOpenIDApp().Login(f.t.Context())
		fail(name+" of a sign-in", err)
	}
	f.set(func() { f.onToken = nil; f.claims = map[string]any{"nonce": "another-nonce"} })
	_, err = f.newOpenIDApp().Login(f.t.Context())
	fail("ID token", err)
	f.set(func() {
		f.onRevoke = echoing(400, "application/json", `{"error":"invalid_request","error_description":"%s"}`)
	})
	fail("sign-out", leaving.Logout(f.t.Context()))
	fail("ErrLoginRequired", left.Refresh(f.t.Context()))
	_, err = left.TokenSource(f.t.Context()).Token()
	fail("ErrLoginRequired of the TokenSource", err)
	return values
}

func requestTo(e Endpoint) request { return request{endpoint: e, query: url.Values{"q": {"1"}}} }

// echoChallenge wants a scope, and repeats the token in everything it says.
func echoChallenge(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="write:notes `+r.Header.Get("Authorization")+`"`)
	echoing(http.StatusForbidden, "text/plain", "%s")(w, r)
}

// wrapped returns a value, and the value within whatever people put it in.
func wrapped(value any) []any {
	type public struct{ V any }
	type private struct{ v any }
	values := []any{value, public{value}, &public{value}, private{value}, &private{value}, []any{value}, map[string]any{"v": value}, &value}
	if err, ok := value.(error); ok {
		values = append(values, fmt.Errorf("call the API: %w", err), errors.Join(io.EOF, err),
			&url.Error{Op: "Get", URL: "https://api.example.com", Err: err}, context.Cause(cancelled(err)))
	}
	return values
}

func cancelled(err error) context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(err)
	return ctx
}

// TestNoPublicValueShowsASecret is G-errors for everything that an application
// can get hold of, printed, marshalled and logged in every way. Three things
// hold a secret because they are for handing it over: the [oauth2.Token] of a
// TokenSource, and the record in the store.
func TestNoPublicValueShowsASecret(t *testing.T) {
	f := newFixture(t)
	values := publicValues(f)
	for name, value := range values {
		for _, holder := range wrapped(value) {
			for _, text := range everyRendering(holder) {
				if kinds := watched.find(text); kinds != nil {
					t.Errorf("G-errors: %s in a %T shows %q", name, holder, kinds)
				}
			}
		}
	}
	if len(values) < 35 {
		t.Errorf("only %d values", len(values))
	}
	t.Run("the token of a TokenSource is what shows one, by design", func(t *testing.T) {
		f := newFixture(t)
		token, err := f.login().TokenSource(t.Context()).Token()
		if err != nil {
			t.Fatal(err)
		}
		if kinds := watched.find(fmt.Sprintf("%+v", token)); !slices.Equal(kinds, []string{"access_token"}) {
			t.Errorf("it shows %q", kinds)
		}
	})
}

// panicSecretsFile names the environment variable by which a test process knows
// that it is to panic, and where it writes the secrets that it used.
const panicSecretsFile = "CLIENT_TEST_PANIC_SECRETS"

// TestPanicShowsNoSecret has another process of this test end by a real panic
// with every public value, whose text the runtime writes by itself.
func TestPanicShowsNoSecret(t *testing.T) {
	if path := os.Getenv(panicSecretsFile); path != "" {
		panicWithEverything(t, path)
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "secrets")
	child := exec.CommandContext(t.Context(), program, "-test.run=^TestPanicShowsNoSecret$")
	child.Env = append(os.Environ(), panicSecretsFile+"="+path, "GOTRACEBACK=all")
	output, err := child.CombinedOutput()
	if _, ok := errors.AsType[*exec.ExitError](err); !ok {
		t.Fatalf("the process did not end by a panic: %v", err)
	}
	secrets, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	count := 0
	for secret := range strings.Lines(string(secrets)) {
		if count++; strings.Contains(string(output), strings.TrimSuffix(secret, "\n")) {
			t.Error("G-errors: a panic shows a secret")
		}
	}
	if count < 20 {
		t.Errorf("only %d spellings of secrets", count)
	}
	for _, text := range []string{"session(auth0|ada)", "app(http", "login required", "invalid_request: ", "ListNotes: GET /notes: status 500"} {
		if !strings.Contains(string(output), text) {
			t.Errorf("the panic does not show %q", text)
		}
	}
}

// panicWithEverything ends the process, in a goroutine that nobody recovers.
func panicWithEverything(t *testing.T, path string) {
	values := slices.Collect(maps.Values(publicValues(newFixture(t))))
	if err := os.WriteFile(path, []byte(strings.Join(watched.secretTexts(), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	go panicWith(values)
	<-t.Context().Done()
}

// panicWith panics with the first value and, while that unwinds, with the rest:
// the runtime prints them all.
func panicWith(values []any) {
	if len(values) > 1 {
		defer panicWith(values[1:])
	}
	panic(values[0])
}
