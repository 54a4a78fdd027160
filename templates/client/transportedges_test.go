package client

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFutileRenewal(t *testing.T) {
	refused := func(t *testing.T) (*fixture, *Session) {
		f := newFixture(t)
		session := f.login()
		f.refuse("no token at all")
		if err := callListNotes(t.Context(), session); err == nil || f.refreshes() != 1 {
			t.Fatalf("error %v, %d refreshes", err, f.refreshes())
		}
		return f, session
	}
	t.Run("G15: another token that the API refuses is renewed, even within the minute", func(t *testing.T) {
		f, session := refused(t)
		f.mustRefresh(session)
		if err := callListNotes(t.Context(), session); err == nil || f.refreshes() != 3 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
	})
	t.Run("G15: a clock that is set back does not make the minute last", func(t *testing.T) {
		f, session := refused(t)
		f.clock.move(-time.Hour)
		if err := callListNotes(t.Context(), session); err == nil || f.refreshes() != 2 {
			t.Errorf("error %v, %d refreshes", err, f.refreshes())
		}
	})
}

func TestBodyOfARetry(t *testing.T) {
	setUp := func(t *testing.T) (client *http.Client, bodies *[]string) {
		f := newFixture(t)
		bodies = new([]string)
		client = f.login().HTTPClient()
		// A transport that, other than net/http's, does not help itself to the body.
		client.Transport.(*bearerTransport).base = handlerTransport{func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Error(err)
			}
			*bodies = append(*bodies, string(body))
			if r.Header.Get("Authorization") != "Bearer the-access-token-B" {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}}
		return client, bodies
	}
	post := func(t *testing.T, client *http.Client, change func(*http.Request)) int {
		t.Helper()
		base := client.Transport.(*bearerTransport).session.app.config.BaseURL
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base, strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		change(req)
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		drain(resp)
		return resp.StatusCode
	}
	t.Run("G15: the retry has a body of its own", func(t *testing.T) {
		client, bodies := setUp(t)
		status := post(t, client, func(*http.Request) {})
		if status != http.StatusOK || !slices.Equal(*bodies, []string{"hello", "hello"}) {
			t.Errorf("status %d, bodies %q", status, *bodies)
		}
	})
	t.Run("G15: a body that cannot be had again makes the 401 the answer", func(t *testing.T) {
		client, bodies := setUp(t)
		status := post(t, client, func(req *http.Request) {
			req.GetBody = func() (io.ReadCloser, error) { return nil, errors.New("it is gone") }
		})
		if status != http.StatusUnauthorized || !slices.Equal(*bodies, []string{"hello"}) {
			t.Errorf("status %d, bodies %q", status, *bodies)
		}
	})
}

func TestClientWithoutAnAPI(t *testing.T) {
	t.Run("G15: without a base URL no server gets the token", func(t *testing.T) {
		f := newFixture(t)
		config := f.config()
		config.BaseURL = ""
		session, err := f.newApp(WithConfig(config)).Login(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		sent := []string{"nothing"}
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			sent = r.Header.Values("Authorization")
		}))
		defer server.Close()
		resp, err := session.HTTPClient().Get(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		drain(resp)
		if len(sent) != 0 {
			t.Errorf("sent %d headers", len(sent))
		}
	})
}
