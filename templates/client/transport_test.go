package client

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestBearerGoesToTheAPIAlone(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	var seen []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	get := func(t *testing.T, address string) {
		t.Helper()
		resp, err := session.HTTPClient().Get(address)
		if err != nil {
			t.Fatal(err)
		}
		drain(resp)
	}

	t.Run("G15: the API's own origin gets the token", func(t *testing.T) {
		get(t, f.api.URL+"/anything")
		if !slices.Equal(f.apiTokens, []string{"Bearer the-access-token-A"}) {
			t.Errorf("the API saw %q", f.apiTokens)
		}
	})
	t.Run("G15: another origin does not", func(t *testing.T) {
		get(t, elsewhere.URL)
		if !slices.Equal(seen, []string{""}) {
			t.Errorf("the other saw %q", seen)
		}
	})
	t.Run("G15: a redirect to another origin drops it", func(t *testing.T) {
		seen = nil
		f.set(func() {
			f.onAPI = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
			}
		})
		get(t, f.api.URL)
		if !slices.Equal(seen, []string{""}) {
			t.Errorf("the other saw %q", seen)
		}
	})
	t.Run("G15: so does a redirect from there back to the API", func(t *testing.T) {
		back := httptest.NewServer(http.RedirectHandler(f.api.URL+"/chosen-elsewhere", http.StatusTemporaryRedirect))
		t.Cleanup(back.Close)
		f.set(func() {
			f.apiTokens = nil
			f.onAPI = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/chosen-elsewhere" {
					http.Redirect(w, r, back.URL, http.StatusTemporaryRedirect)
				}
			}
		})
		get(t, f.api.URL)
		if !slices.Equal(f.apiTokens, []string{"Bearer the-access-token-A", ""}) {
			t.Errorf("the API saw %q", f.apiTokens)
		}
	})
	t.Run("G15: a redirect within the API keeps it", func(t *testing.T) {
		f.set(func() {
			f.apiTokens = nil
			f.onAPI = func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/next" {
					http.Redirect(w, r, "/next", http.StatusFound)
				}
			}
		})
		get(t, f.api.URL)
		if !slices.Equal(f.apiTokens, []string{"Bearer the-access-token-A", "Bearer the-access-token-A"}) {
			t.Errorf("the API saw %q", f.apiTokens)
		}
	})
	t.Run("G15: the caller's own Authorization does not go out", func(t *testing.T) {
		f.set(func() { f.apiTokens, f.onAPI = nil, nil })
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.api.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Basic mine")
		req.Header["authorization"] = []string{"Basic mine"}
		resp, err := session.HTTPClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		drain(resp)
		if !slices.Equal(f.apiTokens, []string{"Bearer the-access-token-A"}) || f.headers != 1 {
			t.Errorf("the API saw %q and %d Authorization fields", f.apiTokens, f.headers)
		}
		if got := resp.Request.Header.Get("Authorization"); got != "Basic mine" {
			t.Errorf("the reply shows the Authorization %q", got)
		}
	})
	t.Run("a client that the caller changes is the caller's own", func(t *testing.T) {
		session.HTTPClient().Timeout = 1
		f.mustCall(session)
	})
	t.Run("the caller's request is left as it was", func(t *testing.T) {
		f.set(func() { f.onAPI = nil })
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.api.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := session.HTTPClient().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		drain(resp)
		if len(req.Header) != 0 {
			t.Errorf("header %v", req.Header)
		}
	})
}

func TestRedirectedCalls(t *testing.T) {
	tests := []struct {
		name     string
		endpoint Endpoint
		status   int
		abroad   bool   // to another origin
		want     string // the method that arrives there; empty: the redirect is the answer
	}{
		{"a GET follows", listNotes, http.StatusFound, false, "GET"},
		{"a GET follows to another origin", listNotes, http.StatusFound, true, "GET"},
		{"a POST is not turned into a GET", writeNote, http.StatusFound, false, ""},
		{"a POST stays one", writeNote, http.StatusTemporaryRedirect, false, "POST"},
		{"a body does not leave the API", writeNote, http.StatusTemporaryRedirect, true, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			session := f.login(ScopeWriteNotes)
			arrived := ""
			arrive := func(w http.ResponseWriter, r *http.Request) {
				arrived = r.Method
				writeJSON(w, "arrived")
			}
			elsewhere := httptest.NewServer(http.HandlerFunc(arrive))
			t.Cleanup(elsewhere.Close)
			f.onAPI = func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/target":
					arrive(w, r)
				case test.abroad:
					http.Redirect(w, r, elsewhere.URL+"/target", test.status)
				default:
					http.Redirect(w, r, "/target", test.status)
				}
			}
			r := request{endpoint: test.endpoint}
			if test.endpoint.method == http.MethodPost {
				r.body = "a note"
			}
			_, err := call[string](t.Context(), session, r)
			apiError, refused := errors.AsType[*APIError](err)
			if arrived != test.want || refused != (test.want == "") || refused && apiError.StatusCode != test.status {
				t.Errorf("arrived %q, error %v", arrived, err)
			}
		})
	}
}

func TestSameOrigin(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"https://api.example.com", "https://api.example.com/x?y", true},
		{"https://api.example.com", "https://API.example.com:443/", true},
		{"https://api.example.com", "http://api.example.com/", false},
		{"https://api.example.com", "https://api.example.com:8443/", false},
		{"https://api.example.com", "https://v2.api.example.com/", false},
		{"https://api.example.com", "https://api.example.com.evil.com/", false},
		{"http://[::1]:80/base", "http://[::1]/x", true},
	}
	for _, test := range tests {
		t.Run("G15: "+test.a+" and "+test.b, func(t *testing.T) {
			a, errA := url.Parse(test.a)
			b, errB := url.Parse(test.b)
			if err := errors.Join(errA, errB); err != nil {
				t.Fatal(err)
			}
			if got := sameOrigin(a, b); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

// refuse has the API answer 401 to all tokens but one.
func (f *fixture) refuse(allBut string) {
	f.set(func() {
		f.onAPI = func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+allBut {
				w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				f.t.Error(err)
			}
			writeJSON(w, string(body))
		}
	})
}

func TestRetryAfter401(t *testing.T) {
	t.Run("G15: one refresh, one retry, the body sent again", func(t *testing.T) {
		f := newFixture(t)
		session := f.login(ScopeWriteNotes)
		f.refuse("the-access-token-B")
		got, err := call[string](t.Context(), session, request{endpoint: writeNote, body: "hello"})
		if err != nil || got != `"hello"` || f.refreshes() != 1 {
			t.Errorf("reply %q, error %v, %d refreshes", got, err, f.refreshes())
		}
	})
	t.Run("G15: an API that always answers 401 gets two requests", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.refuse("no token at all")
		err := callListNotes(t.Context(), session)
		apiError, ok := errors.AsType[*APIError](err)
		if !ok || apiError.StatusCode != http.StatusUnauthorized || f.refreshes() != 1 || len(f.apiTokens) != 2 {
			t.Errorf("error %v, %d refreshes, calls %q", err, f.refreshes(), f.apiTokens)
		}
	})
	t.Run("G15: an API that always answers 401 uses up one refresh token a minute", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.refuse("no token at all")
		for range 5 {
			if _, ok := errors.AsType[*APIError](callListNotes(t.Context(), session)); !ok {
				t.Error("no APIError")
			}
		}
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes", n)
		}
		f.clock.move(time.Minute)
		if err := callListNotes(t.Context(), session); err == nil || f.refreshes() != 2 {
			t.Errorf("after a minute: error %v, %d refreshes", err, f.refreshes())
		}
		f.set(func() { f.onAPI = nil })
		f.mustCall(session)
	})
	t.Run("G15: a body that cannot be sent again is not", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.refuse("the-access-token-B")
		resp, err := session.HTTPClient().Post(f.api.URL, "text/plain", io.NopCloser(strings.NewReader("once")))
		if err != nil {
			t.Fatal(err)
		}
		drain(resp)
		if resp.StatusCode != http.StatusUnauthorized || f.refreshes() != 0 || len(f.apiTokens) != 1 {
			t.Errorf("status %d, %d refreshes, calls %q", resp.StatusCode, f.refreshes(), f.apiTokens)
		}
	})
	t.Run("G15: without a refresh token the 401 is the answer", func(t *testing.T) {
		f := newFixture(t)
		f.reply["refresh_token"] = nil
		session := f.login()
		f.refuse("the-access-token-B")
		err := callListNotes(t.Context(), session)
		if apiError, ok := errors.AsType[*APIError](err); !ok || apiError.StatusCode != http.StatusUnauthorized || !session.live() {
			t.Errorf("error %v", err)
		}
	})
	t.Run("G15: when the renewal fails, that is the error", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.refuse("the-access-token-B")
		f.tenantError(http.StatusForbidden, "invalid_grant")
		err := callListNotes(t.Context(), session)
		want := "ListNotes: " + (&LoginRequiredError{Reason: ReasonRevoked}).Error()
		if !errors.Is(err, ErrLoginRequired) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	})
}

// echo is a transport that does nothing, to measure what stands above it.
type echo struct{}

func (echo) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: req}, nil
}

func TestBearerTransportIsCheap(t *testing.T) {
	f := newFixture(t)
	transport := &bearerTransport{session: f.login(), base: echo{}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.api.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	roundTrip := func() {
		if _, err := transport.RoundTrip(req); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("G15: a valid token takes no lock", func(t *testing.T) {
		session := transport.session
		for _, lock := range []sync.Locker{&session.mu, &session.events.mu, &session.app.mu} {
			lock.Lock()
			defer lock.Unlock()
		}
		unlock, err := session.app.lockBoth(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		roundTrip() // would wait for ever
		if !session.Can(listNotes) || session.User().Subject == "" {
			t.Error("the gate is closed, or nobody is signed in")
		}
	})
	t.Run("G15: a valid token costs fewer than x/oauth2's 6 allocations", func(t *testing.T) {
		// One of them is echo's.
		if n := testing.AllocsPerRun(100, roundTrip) - 1; n >= 6 {
			t.Errorf("%v allocations", n)
		}
	})
}
