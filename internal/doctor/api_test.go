package doctor_test

import (
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/scaffold/internal/doctor"
)

func TestAPI(t *testing.T) {
	test(t, false, []rule{
		{"a call that needs no token", serving("/notes", 200, "application/json", "[]"), doctor.Warn, "API guard", "GET /notes without a token is answered with HTTP 200 -> the spec says that it needs a scope"},
		{"a path that is not there", serving("/notes", 404, "text/html", ""), doctor.Warn, "API guard", "check base_url and the endpoint's path"},
		{"another status than 401", serving("/notes", 403, "text/html", ""), doctor.Warn, "API guard", "HTTP 403 and not 401"},
		{"a call that breaks off", func(w *world) {
			w.handlers["/notes"] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, doctor.Warn, "API guard", "EOF"},
	})
	t.Run("an API that is not there is a failure", func(t *testing.T) {
		w := newWorld(t, false)
		w.api.Close()
		findings := w.examine()
		if !slices.ContainsFunc(findings, func(f doctor.Finding) bool {
			return f.Check == "API" && f.Status == doctor.Fail && strings.Contains(f.Detail, "connection refused")
		}) {
			t.Errorf("\n%s", doctor.Text(findings, false))
		}
	})
	t.Run("a certificate that nobody knows is a failure", func(t *testing.T) {
		w := newWorld(t, false)
		api := httptest.NewUnstartedServer(http.NotFoundHandler())
		api.Config.ErrorLog = log.New(io.Discard, "", 0)
		api.StartTLS()
		t.Cleanup(api.Close)
		w.changes = []string{w.api.URL, api.URL}
		findings := w.examine()
		if !slices.ContainsFunc(findings, func(f doctor.Finding) bool {
			return f.Check == "API" && f.Status == doctor.Fail && strings.Contains(f.Detail, "certificate")
		}) {
			t.Errorf("\n%s", doctor.Text(findings, false))
		}
	})
	t.Run("no API is fine", func(t *testing.T) {
		w := newWorld(t, false)
		w.changes = []string{"\napi: ", "\n# ", "\ntypes: ", "\n# ", "\nendpoints:", "\n# ", "\n  GetNote: ", "\n# ", "\n  ListNotes: ", "\n# ", "\n  DeleteNote: ", "\n# "}
		if findings := w.examine(); doctor.Worst(findings) != doctor.OK {
			t.Errorf("\n%s", doctor.Text(findings, false))
		}
	})
}

// slowTenant answers discovery late, and nothing else ever.
type slowTenant struct{ document string }

func (s slowTenant) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/openid-configuration") {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case <-time.After(9 * time.Second):
	}
	rec := httptest.NewRecorder()
	say(200, "application/json", s.document)(rec, r)
	return rec.Result(), nil
}

func TestNobodyWaitsLongerThan15Seconds(t *testing.T) {
	w := newWorld(t, false)
	document, err := json.Marshal(w.document)
	if err != nil {
		t.Fatal(err)
	}
	file := w.file()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		findings := doctor.Examine(t.Context(), file, doctor.Options{Transport: slowTenant{string(document)}, Now: time.Now})
		if took := time.Since(began); took < 10*time.Second || took > 15*time.Second {
			t.Errorf("took %s", took)
		}
		for _, check := range []string{"signing keys", "sign-in", "API"} {
			if !slices.ContainsFunc(findings, func(f doctor.Finding) bool {
				return f.Check == check && f.Status == doctor.Fail && strings.HasSuffix(f.Detail, "there is no answer in time")
			}) {
				t.Errorf("nothing of %s in\n%s", check, doctor.Text(findings, false))
			}
		}
	})
}
