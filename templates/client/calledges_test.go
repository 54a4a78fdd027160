package client

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestCallSendsTheQuery(t *testing.T) {
	f := newFixture(t)
	var got url.Values
	f.onAPI = func(w http.ResponseWriter, r *http.Request) {
		got = r.URL.Query()
		writeJSON(w, "")
	}
	sent := url.Values{"q": {"a&b", "c d"}}
	if _, err := call[string](t.Context(), f.app, request{endpoint: health, query: sent}); err != nil || got.Encode() != sent.Encode() {
		t.Errorf("arrived %v, error %v", got, err)
	}
}

func TestCallThatTheAPIRefuses(t *testing.T) {
	t.Run("insufficient_scope counts with status 403 only", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="write:notes"`)
			w.WriteHeader(http.StatusBadRequest)
		}
		err := callListNotes(t.Context(), session)
		if _, missing := errors.AsType[*MissingScopeError](err); missing {
			t.Errorf("error %v", err)
		}
	})
	t.Run("no more than 64 KiB of its reply are kept", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = io.WriteString(w, strings.Repeat("x", 100<<10))
		}
		apiError, ok := errors.AsType[*APIError](callListNotes(t.Context(), session))
		if !ok || len(apiError.Body) != 64<<10 {
			t.Errorf("kept %d bytes", len(apiError.Body))
		}
	})
	t.Run("its reply is closed", func(t *testing.T) {
		body := &refusedBody{}
		transport := &scriptedTransport{replies: []*http.Response{{StatusCode: http.StatusTeapot, Body: body}}}
		f := newFixture(t, WithHTTPClient(&http.Client{Transport: transport}))
		if _, err := call[string](t.Context(), f.app, request{endpoint: health}); err == nil || !body.closed {
			t.Errorf("closed: %v, error %v", body.closed, err)
		}
	})
}

// sentBody tells whether it was closed.
type sentBody struct {
	io.Reader
	closed bool
}

func (b *sentBody) Close() error {
	b.closed = true
	return nil
}

func TestBodyOfARequestThatIsNotSent(t *testing.T) {
	t.Run("it is closed, as a RoundTripper must", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		client := session.HTTPClient()
		if err := f.app.Logout(t.Context()); err != nil {
			t.Fatal(err)
		}
		body := &sentBody{Reader: strings.NewReader("hello")}
		_, err := client.Post(f.api.URL, "text/plain", body)
		if !errors.Is(err, ErrLoginRequired) || !body.closed || len(f.apiTokens) != 0 {
			t.Errorf("error %v, closed: %v, %d calls", err, body.closed, len(f.apiTokens))
		}
	})
}

func TestEndpointTellsWhatItIs(t *testing.T) {
	e := listAll
	if e.Name() != "ListAll" || e.Method() != http.MethodGet || e.Path() != "/notes/all" || e.Public() || !health.Public() {
		t.Errorf("endpoint %v", e)
	}
	sets := e.Scopes()
	if len(sets) != 2 || !slices.Equal(sets[0], []string{ScopeWriteNotes, ScopeReadAll}) || !slices.Equal(sets[1], []string{ScopeReadAll}) {
		t.Errorf("scopes %q", sets)
	}
	sets[1][0] = "openid" // what the caller changes is the caller's
	if e.Scopes()[1][0] != ScopeReadAll {
		t.Error("the endpoint has changed")
	}
}
