package client

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// hostileCase is one thing that a tenant or an API may do, and what has to come
// of it. What a kind of failure means for the session and the store is the same
// for all cases, see [hostileRun.checkAftermath]; the exceptions are fields.
type hostileCase struct {
	rule  string            // a guarantee, or a section of a standard
	does  string            // what the tenant does
	step  *hostileStep      // what the application does
	given func(*hostileRun) // has the tenant do it; after the sign-in, unless that is the step

	want    errorKind // empty: accepted
	says    string    // part of the error's text
	ends    bool      // the session ends, and the store is empty
	rotates bool      // the store changes though the step failed
	keeps   bool      // the store stays as it was though the step succeeded
	tokens  *int      // token requests that the step makes, if not the usual number
	check   func(*hostileRun)
}

// errorKind is what an application can find out about an error.
type errorKind string

const (
	accepted      errorKind = ""
	plainError    errorKind = "plain"
	temporary     errorKind = "ErrTemporary"
	loginRequired errorKind = "ErrLoginRequired"
	tenantRefused errorKind = "*TenantError"
	apiRefused    errorKind = "*APIError"
	scopeMissing  errorKind = "*MissingScopeError"
)

func kindOf(err error) errorKind {
	if err == nil {
		return accepted
	}
	if _, ok := errors.AsType[*MissingScopeError](err); ok {
		return scopeMissing
	}
	if _, ok := errors.AsType[*APIError](err); ok {
		return apiRefused
	}
	if errors.Is(err, ErrLoginRequired) {
		return loginRequired
	}
	if errors.Is(err, ErrTemporary) {
		return temporary
	}
	if _, ok := errors.AsType[*TenantError](err); ok {
		return tenantRefused
	}
	return plainError
}

// hostileStep is what an application does with the tenant or the API.
type hostileStep struct {
	name   string
	tokens int // token requests that it makes if all is well
	run    func(*hostileRun) error
}

var (
	signIn = &hostileStep{"sign-in", 1, func(r *hostileRun) (err error) {
		r.session, err = r.app.Login(r.ctx)
		return err
	}}
	renewal  = &hostileStep{"renewal", 1, func(r *hostileRun) error { return r.session.Refresh(r.ctx) }}
	userInfo = &hostileStep{"userinfo", 0, func(r *hostileRun) (err error) {
		r.user, err = r.session.UserInfo(r.ctx)
		return err
	}}
	apiCall = &hostileStep{"call", 0, func(r *hostileRun) (err error) {
		r.notes, err = call[[]string](r.ctx, r.session, request{endpoint: listNotes})
		return err
	}}
	signOut = &hostileStep{"sign-out", 0, func(r *hostileRun) error { return r.app.Logout(r.ctx) }}
)

// hostileRun is one case under way.
type hostileRun struct {
	*fixture
	ctx       context.Context
	app       *App
	session   *Session
	elsewhere *httptest.Server // of somebody else: no secret may get there
	visits    func() []string  // the requests that did
	strays    []func(*http.Request) (status int)
	statuses  int // of strays, that were as they should be

	err   error
	user  User
	notes []string
}

// TestHostileProvider holds the client, through its public surface, against
// every odd thing that a tenant or an API is known to do. What needs more than
// one process, a damaged store or a clock that jumps has tests of its own:
// TestOtherProcess, TestFileStore, TestRefreshReply; so has what shows only in
// the listener's sockets, TestCallbackBinding and TestCallbackEnding.
func TestHostileProvider(t *testing.T) {
	t.Parallel() // to TestRealKeyring, which waits for others
	cases := slices.Concat(callbackCases(), discoveryCases(), keyCases(), idTokenCases(), claimCases(),
		tokenCases(), tokenTransportCases(), renewalCases(), userInfoCases(), revocationCases(), apiCases())
	seen := map[string]bool{}
	for _, test := range cases {
		name := test.rule + ": " + test.step.name + ": " + test.does
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
		t.Run(name, func(t *testing.T) { newHostileRun(t).play(test) })
	}
	if len(cases) < 60 {
		t.Errorf("only %d cases", len(cases))
	}
}

func newHostileRun(t *testing.T) *hostileRun {
	r := &hostileRun{fixture: newFixture(t), ctx: t.Context()}
	visits := make(chan string, 100)
	r.elsewhere = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		dump, err := httputil.DumpRequest(req, true)
		if err != nil {
			t.Error(err)
		}
		visits <- string(dump)
	}))
	t.Cleanup(r.elsewhere.Close)
	r.visits = func() (all []string) {
		for len(visits) > 0 {
			all = append(all, <-visits)
		}
		return all
	}
	r.useProvider(ProviderOIDC, nil)
	return r
}

// useProvider replaces the App.
func (r *hostileRun) useProvider(provider Provider, parameters map[string]string) {
	config := r.config()
	config.Provider, config.Parameters = provider, parameters
	r.app = r.newApp(WithConfig(config), WithBrowser(r.visit))
	r.app.wait = func(context.Context, time.Duration) error { return nil } // no case is about how long
}

// expireOnDemand has the step's deadline pass when it is told, for a reply that
// has no end.
func (r *hostileRun) expireOnDemand() (expire func()) {
	ctx := expiringContext{Context: r.ctx, expired: make(chan struct{})}
	r.ctx = ctx
	return sync.OnceFunc(func() { close(ctx.expired) })
}

// expiringContext is one whose deadline passes when expired is closed.
type expiringContext struct {
	context.Context
	expired chan struct{}
}

func (c expiringContext) Done() <-chan struct{} { return c.expired }

func (c expiringContext) Err() error {
	select {
	case <-c.expired:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// visit is the person's browser, which other requests come before.
func (r *hostileRun) visit(_ context.Context, address string) error {
	callback, _, err := r.fetch(address, nil)
	if err != nil {
		return err
	}
	go func() {
		for i, stray := range r.strays {
			var want int
			_, reply, err := r.fetch(callback, func(req *http.Request) { want = stray(req) })
			if err != nil || reply.StatusCode != want {
				r.t.Errorf("stray request %d: %v, error %v, want status %d", i, reply, err, want)
				continue
			}
			r.statuses++
		}
		if _, _, err := r.fetch(callback, nil); err != nil {
			r.t.Error(err)
		}
	}()
	return nil
}

// fetch makes a request and reads the reply; location is where it redirects to.
func (r *hostileRun) fetch(address string, change func(*http.Request)) (location string, reply *http.Response, err error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", nil, err
	}
	if change != nil {
		change(req)
	}
	reply, err = http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "", nil, err
	}
	var page bytes.Buffer
	_, err = page.ReadFrom(reply.Body)
	if location = reply.Header.Get("Location"); location == "" { // not the tenant's own page
		_, _ = watched.place("pages").Write(page.Bytes())
		if change == nil {
			r.pages <- page.String()
		}
	}
	return location, reply, errors.Join(err, reply.Body.Close())
}

func (r *hostileRun) play(test hostileCase) {
	if test.step != signIn {
		if err := signIn.run(r); err != nil {
			r.t.Fatal(err)
		}
		<-r.pages
	}
	r.set(func() { test.given(r) })
	before := r.stored()
	exchanges, browsers := r.requests()

	r.err = test.step.run(r)
	if kind := kindOf(r.err); kind != test.want || test.want != accepted && !strings.Contains(r.err.Error(), test.says) {
		r.t.Fatalf("got %q: %v\nwant %q that says %q", kind, r.err, test.want, test.says)
	}
	r.checkAftermath(test, before)
	usual := test.step.tokens
	if test.tokens != nil {
		usual = *test.tokens
	}
	exchangesAfter, browsersAfter := r.requests()
	if made := exchangesAfter - exchanges; made != usual {
		r.t.Errorf("%d token requests, want %d", made, usual)
	}
	if test.step != signIn && browsersAfter != browsers {
		r.t.Error("G16: a browser was opened")
	}
	if r.statuses != len(r.strays) {
		r.t.Errorf("%d of %d stray requests were answered rightly", r.statuses, len(r.strays))
	}
	if test.check != nil {
		test.check(r)
	}
	r.checkSecrecy()
}

// requests counts what the tenant has seen.
func (r *hostileRun) requests() (exchanges, browsers int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tokenForms), len(r.authorization)
}

// stored is the record in the store, or empty.
func (r *hostileRun) stored() string {
	record, err := r.store.Load(r.t.Context(), "default")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.t.Error(err)
	}
	return string(record)
}

// checkAftermath checks what is left of the session, here and in the store.
func (r *hostileRun) checkAftermath(test hostileCase, before string) {
	r.t.Helper()
	after := r.stored()
	signedIn := r.session.live()
	_, err := r.newApp(WithConfig(r.app.config)).Session(r.t.Context())
	switch {
	case test.ends || test.step == signOut || test.step == signIn && test.want != accepted:
		if signedIn || after != "" || !errors.Is(err, ErrLoginRequired) {
			r.t.Errorf("still signed in: here %t, in the store %t", signedIn, after != "")
		}
		return
	case !signedIn || err != nil || r.session.User().Subject != "auth0|ada":
		r.t.Fatalf("signed out, or somebody else: %v, in the store %v", r.session, err)
	}
	changes := test.rotates || (test.step == signIn || test.step == renewal) && test.want == accepted && !test.keeps
	if changed := after != before; changed != changes {
		r.t.Errorf("the store has changed: %t, want %t", changed, changes)
	}
}

// checkSecrecy looks for secrets where none may be.
func (r *hostileRun) checkSecrecy() {
	for _, visit := range r.visits() {
		if kinds := watched.find(visit); kinds != nil {
			r.t.Errorf("another server was told %q", kinds)
		}
	}
	if r.err == nil {
		return
	}
	for _, text := range everyRendering(r.err) {
		if kinds := watched.find(text); kinds != nil {
			r.t.Errorf("the error shows %q", kinds)
		}
		if strings.ContainsAny(r.err.Error(), "\x00\x1b\r\u202e") {
			r.t.Errorf("the error's text could change a terminal: %q", r.err)
		}
	}
}

// redirectAway is an answer that sends whoever asked to somebody else's server.
func (r *hostileRun) redirectAway(status int) http.HandlerFunc {
	address := r.elsewhere.URL + "/?x=1"
	return func(w http.ResponseWriter, req *http.Request) { http.Redirect(w, req, address, status) }
}

// answerQuery changes the authorization response; nil leaves a parameter out.
func answerQuery(changes map[string][]string) func(*hostileRun) {
	return func(r *hostileRun) {
		r.onAuthorize = func(request url.Values) url.Values {
			answer := url.Values{"code": {"the-code-of-the-case"}, "state": {request.Get("state")}}
			for name, values := range changes {
				answer[name] = values
				if values == nil {
					delete(answer, name)
				}
			}
			return answer
		}
	}
}
