package api_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"example.com/scaffold/dev/api"
	"example.com/scaffold/spec"
)

// begin is when the tests begin.
var begin = time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)

// issuer signs access tokens and publishes its key.
type issuer struct {
	key    *ecdsa.PrivateKey
	server *httptest.Server
}

func newIssuer(t testing.TB) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	i.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		keys := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "1", Algorithm: "ES256", Use: "sig"}}}
		_ = json.NewEncoder(w).Encode(keys)
	}))
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) sign(t testing.TB, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.key, KeyID: "1"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// rig is an API, the issuer that it trusts, and plain HTTP.
type rig struct {
	*testing.T
	issuer   *issuer
	api      *api.API
	url      string
	audience string
	later    *atomic.Int64 // how far the clock is ahead, in nanoseconds
}

// timesheets is the example's spec.
func timesheets(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/timesheets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func load(t testing.TB, text string) *spec.File {
	t.Helper()
	f, problems := spec.Load("spec.yaml", []byte(text))
	for _, p := range append(problems, spec.Validate(f)...) {
		if !p.Warning {
			t.Fatalf("%d:%d: %s", p.Pos.Line, p.Pos.Col, p.Message)
		}
	}
	return f
}

func start(t *testing.T, text string, change func(*api.Config)) *rig {
	t.Helper()
	r := &rig{T: t, issuer: newIssuer(t), later: new(atomic.Int64)}
	cfg := api.Config{
		Spec: load(t, text), Issuer: "https://id.example.com/", KeysURL: r.issuer.server.URL,
		Now: func() time.Time { return begin.Add(time.Duration(r.later.Load())) },
	}
	if change != nil {
		change(&cfg)
	}
	r.audience = cfg.Spec.Audience.Value
	var err error
	if r.api, err = api.New(cfg); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(r.api)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r rig) in(t *testing.T) *rig {
	r.T = t
	return &r
}

// as is an Authorization header of somebody with scopes.
func (r *rig) as(subject string, scopes ...string) string {
	return r.with(map[string]any{"sub": subject, "scope": strings.Join(scopes, " ")})
}

// with is an Authorization header with other claims than usual; nil removes one.
func (r *rig) with(claims map[string]any) string {
	r.Helper()
	all := map[string]any{
		"iss": "https://id.example.com/", "aud": r.audience, "sub": "ada", "scope": "",
		"iat": begin.Unix(), "exp": begin.Add(time.Hour).Unix(),
	}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return "Bearer " + r.issuer.sign(r.T, all)
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, a.body) }

// do sends a request; authorization is the whole header, or empty. A body is
// sent as JSON.
func (r *rig) do(authorization, method, path, body string) answer {
	r.Helper()
	req := r.request(method, path, body)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return r.send(req)
}

func (r *rig) request(method, path, body string) *http.Request {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return req
}

func (r *rig) send(req *http.Request) answer {
	r.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, strings.TrimSpace(string(text))}
}

// details returns the problem of an answer, of which each part must be right.
func (r *rig) details(a answer) (detail string, faults []map[string]string) {
	r.Helper()
	var p struct {
		Title, Detail string
		Status        int
		Errors        []map[string]string
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil || a.header.Get("Content-Type") != "application/problem+json" {
		r.Fatalf("%s of %s is no problem: %v", a, a.header.Get("Content-Type"), err)
	}
	if p.Status != a.status || p.Title != http.StatusText(a.status) || p.Detail == "" {
		r.Errorf("the problem does not say what it is: %s", a)
	}
	return p.Detail, p.Errors
}
