package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestCall(t *testing.T) {
	t.Run("a call without its scope is not sent", func(t *testing.T) {
		f := newFixture(t)
		_, err := call[string](t.Context(), f.login(), request{endpoint: writeNote})
		missing, ok := errors.AsType[*MissingScopeError](err)
		if !ok || !slices.Equal(missing.Scopes, []string{ScopeWriteNotes}) || len(f.apiTokens) != 0 {
			t.Errorf("error %v, %d calls", err, len(f.apiTokens))
		}
	})
	t.Run("of several sets of scopes the nearest is named", func(t *testing.T) {
		f := newFixture(t)
		_, err := call[string](t.Context(), f.login(), request{endpoint: listAll})
		if missing, ok := errors.AsType[*MissingScopeError](err); !ok || !slices.Equal(missing.Scopes, []string{ScopeReadAll}) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the API's insufficient_scope is a missing scope", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Add("WWW-Authenticate", `Basic realm="x, y", Bearer realm="notes", error="insufficient_scope", scope="read:notes write:notes write:notes admin:all `+f.lastToken()+`"`)
			w.WriteHeader(http.StatusForbidden)
		}
		err := callListNotes(t.Context(), session)
		missing, ok := errors.AsType[*MissingScopeError](err)
		if !ok || !slices.Equal(missing.Scopes, []string{ScopeWriteNotes}) { // what the spec declares and was not granted
			t.Errorf("error %v", err)
		}
		if refusal, ok := errors.AsType[*APIError](err); !ok || refusal.StatusCode != http.StatusForbidden {
			t.Errorf("the API's reply is not within: %v", err)
		}
	})
	t.Run("status 403 for another reason is an APIError", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_request", scope="admin:all"`)
			w.WriteHeader(http.StatusForbidden)
		}
		err := callListNotes(t.Context(), session)
		if _, missing := errors.AsType[*MissingScopeError](err); missing {
			t.Errorf("error %v", err)
		}
	})
	t.Run("another refusal is an APIError without the token", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, r *http.Request) {
			http.Error(w, "no: "+r.Header.Get("Authorization"), http.StatusConflict)
		}
		err := callListNotes(t.Context(), session)
		apiError, ok := errors.AsType[*APIError](err)
		if !ok || apiError.StatusCode != http.StatusConflict || string(apiError.Body) != "no: Bearer [redacted]\n" {
			t.Fatalf("error %v", err)
		}
		if want := "ListNotes: GET /notes: status 409 Conflict"; err.Error() != want {
			t.Errorf("error %q, want %q", err, want)
		}
	})
	t.Run("a token that the API repeats is nowhere in the error", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		token := f.lastToken()
		f.onAPI = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Debug", "you sent "+token)
			w.WriteHeader(http.StatusConflict)
			// The end of what is kept would cut the second in two.
			_, _ = io.WriteString(w, token+strings.Repeat(".", maxErrorReply-len(token)-5)+token)
		}
		err := callListNotes(t.Context(), session)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if text := fmt.Sprintf(verb, err); strings.Contains(text, "the-access") {
				t.Errorf("%s shows it", verb)
			}
		}
		apiError, ok := errors.AsType[*APIError](err)
		if !ok || strings.Contains(string(apiError.Body), "the-a") || len(apiError.Body) > maxErrorReply || apiError.Header.Get("X-Debug") != "you sent [redacted]" {
			t.Errorf("header %v, %d bytes of body", apiError.Header, len(apiError.Body))
		}
	})
	t.Run("an error of decoding quotes nothing of the reply", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, r *http.Request) { writeJSON(w, r.Header.Get("Authorization")) }
		_, err := call[Date](t.Context(), session, request{endpoint: listNotes})
		if err == nil || strings.Contains(err.Error(), "the-access") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a public endpoint needs nobody and sends no token", func(t *testing.T) {
		f := newFixture(t)
		if _, err := call[[]string](t.Context(), f.app, request{endpoint: health}); err != nil {
			t.Error(err)
		}
		if !slices.Equal(f.apiTokens, []string{""}) {
			t.Errorf("the API saw %q", f.apiTokens)
		}
	})
	for name, test := range map[string]struct{ body, want string }{
		"of another type": {`{"a":1}`, "decode the reply: the value is not of the type []string"},
		"empty":           {" \n", "the reply is empty"},
		"cut short":       {`["a"`, "decode the reply: it is cut short"},
		"not JSON":        {`<html>`, "decode the reply: not JSON at byte 1"},
		"with more to it": {`["a"]["b"]`, "decode the reply: there is something after its end"},
	} {
		t.Run("a reply that is "+name+" says that the call was made", func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			f.onAPI = func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/x-test")
				_, _ = io.WriteString(w, test.body)
			}
			notes, err := call[[]string](t.Context(), session, request{endpoint: listNotes})
			apiError, ok := errors.AsType[*APIError](err)
			if !ok || notes != nil || apiError.StatusCode != http.StatusOK || string(apiError.Body) != test.body {
				t.Fatalf("%q, error %v", notes, err)
			}
			if want := "ListNotes: GET /notes: status 200 OK (text/x-test): " + test.want; err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
		})
	}
	t.Run("a long number keeps its digits in an any", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":9007199254740993}`) }
		got, err := call[map[string]any](t.Context(), session, request{endpoint: listNotes, keepDigits: true})
		if err != nil || got["id"] != json.Number("9007199254740993") {
			t.Errorf("%v, %v", got, err)
		}
	})
	t.Run("an endpoint without a result takes any success", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.onAPI = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }
		if err := session.send(t.Context(), request{endpoint: listNotes}); err != nil {
			t.Error(err)
		}
	})
	t.Run("an error of the connection does not show the URL", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.api.Close()
		_, err := call[[]string](t.Context(), session, request{endpoint: listNotes, query: url.Values{"name": {"private"}}})
		if err == nil || strings.Contains(err.Error(), "private") || !strings.HasPrefix(err.Error(), "ListNotes: ") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("a reply without end is cut", func(t *testing.T) {
		transport := &scriptedTransport{replies: []*http.Response{{StatusCode: http.StatusOK, Body: &refusedBody{}}}}
		f := newFixture(t, WithHTTPClient(&http.Client{Transport: transport}))
		_, err := call[string](t.Context(), f.app, request{endpoint: health})
		if err == nil || !strings.Contains(err.Error(), "larger than") {
			t.Errorf("error %v", err)
		}
	})
}
