package doctor_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/doctor"
	"example.com/scaffold/internal/freeport"
	"example.com/scaffold/spec"
	"github.com/go-jose/go-jose/v4"
)

// world is a spec, its tenant and its API, all of them good until a test
// changes something.
type world struct {
	t         *testing.T
	tenant    *httptest.Server
	api       *httptest.Server
	auth0     bool
	issuer    string
	document  map[string]any
	callbacks []string
	changes   []string // of the spec's text: old, new, ...
	handlers  map[string]http.HandlerFunc
	offline   bool
	now       func() time.Time
	requests  chan *http.Request // to the tenant and the API
}

func newWorld(t *testing.T, auth0 bool) *world {
	t.Helper()
	w := &world{
		t: t, auth0: auth0, handlers: map[string]http.HandlerFunc{}, now: time.Now,
		callbacks: []string{freeCallback(t), freeCallback(t)}, requests: make(chan *http.Request, 100),
	}
	w.api = httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(w.api.Close)
	if auth0 {
		// Its client sends what is for example.com to the server.
		w.tenant = httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
		w.tenant.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that were not needed in the end
		w.tenant.StartTLS()
		w.issuer = "https://tenant.example.com/"
	} else {
		w.tenant = httptest.NewServer(http.HandlerFunc(w.serve))
		w.issuer = w.tenant.URL
	}
	t.Cleanup(w.tenant.Close)
	base := strings.TrimSuffix(w.issuer, "/")
	w.document = map[string]any{
		"issuer": w.issuer, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/oauth/token",
		"revocation_endpoint": base + "/oauth/revoke", "userinfo_endpoint": base + "/userinfo",
		"device_authorization_endpoint": base + "/oauth/device/code", "end_session_endpoint": base + "/logout",
		"jwks_uri": base + "/.well-known/jwks.json", "response_types_supported": []string{"code"},
		"grant_types_supported":            []string{"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"},
		"scopes_supported":                 []string{"openid", "profile", "offline_access"},
		"code_challenge_methods_supported": []string{"plain", "S256"}, "id_token_signing_alg_values_supported": []string{"HS256", "RS256"},
		"authorization_response_iss_parameter_supported": true,
	}
	keys := say(200, "application/json", keySet(t))
	w.handlers["/.well-known/openid-configuration"] = func(rw http.ResponseWriter, r *http.Request) {
		text, err := json.Marshal(w.document)
		if err != nil {
			t.Error(err)
		}
		say(200, "application/json", string(text))(rw, r)
	}
	w.handlers["/.well-known/jwks.json"] = keys
	w.handlers["/authorize"] = http.RedirectHandler("/login?state=1", http.StatusFound).ServeHTTP
	w.handlers["/oauth/token"] = say(403, "application/json", `{"error": "access_denied"}`)
	w.handlers["/oauth/revoke"] = say(400, "application/json", `{"error": "invalid_request"}`)
	w.handlers["/notes"] = say(401, "text/plain", "who are you?")
	return w
}

func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	select {
	case w.requests <- r:
	default:
		w.t.Error("more requests than anybody expected")
	}
	if handler, ok := w.handlers[r.URL.Path]; ok {
		handler(rw, r)
		return
	}
	http.NotFound(rw, r)
}

func say(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func keySet(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Use: "sig"}}})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// freeCallback returns a redirect URI whose port was free a moment ago.
func freeCallback(t *testing.T) string {
	t.Helper()
	callbacks, err := freeport.Callbacks(1)
	if err != nil {
		t.Fatal(err)
	}
	return callbacks[0]
}

// occupy takes the port of a callback until the test ends.
func (w *world) occupy(callback string) {
	w.t.Helper()
	u, err := url.Parse(callback)
	if err != nil {
		w.t.Fatal(err)
	}
	listener, err := net.Listen("tcp", u.Host)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = listener.Close() })
}

func (w *world) examine() []doctor.Finding {
	w.t.Helper()
	return doctor.Examine(w.t.Context(), w.file(), doctor.Options{Transport: w.tenant.Client().Transport, Now: w.now, Offline: w.offline})
}

// file returns the spec.
func (w *world) file() *spec.File {
	w.t.Helper()
	tenant := "{provider: oidc, issuer: " + w.issuer
	if w.auth0 {
		tenant = "{provider: auth0, domain: tenant.example.com"
	}
	text := fmt.Sprintf(`version: 1
package: notes
tenant: %s, client_id: notes, callbacks: ["%s"], parameters: {ui_locales: de}}
audience: https://api.example.com/notes
scopes: {openid: , profile: , offline_access: , read:notes: , delete:notes: {request: on-demand}}
api: {base_url: %s/}
types: {Note: {id: integer}}
endpoints:
  GetNote: {get: "/notes/{id}", path: {id: integer}, scopes: [read:notes], returns: Note}
  ListNotes: {get: /notes, scopes: [read:notes], returns: [Note]}
  DeleteNote: {delete: "/notes/{id}", path: {id: integer}, scopes: [delete:notes]}
`, tenant, strings.Join(w.callbacks, `", "`), w.api.URL)
	text = strings.NewReplacer(w.changes...).Replace(text)
	file, problems := spec.Load("notes.yaml", []byte(text))
	problems = append(problems, spec.Validate(file)...)
	if slices.ContainsFunc(problems, func(p spec.Problem) bool { return !p.Warning }) {
		w.t.Fatal(spec.Format("notes.yaml", []byte(text), problems))
	}
	return file
}
