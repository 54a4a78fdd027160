package calls

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/scaffold/generated/timesheets"
	"github.com/go-jose/go-jose/v4"
)

const token = "eyJhbGciOiJSUzI1NiJ9.an-access-token-is-about-as-long-as-this-one.c2lnbmF0dXJl"

const entry = `{"id":4711,"user_id":"auth0|5f7c8ec7c33c6c004bbafe82","project":"Apollo","date":"2026-03-02","hours":7.5,"status":"submitted","note":"On site"}`

// entries is what the API lists.
const entries = 20

// api answers in memory, always the same.
type api struct {
	list, one []byte
	served    atomic.Int64
}

func newAPI() *api {
	return &api{list: []byte("[" + strings.Repeat(entry+",", entries-1) + entry + "]"), one: []byte(entry)}
}

func (a *api) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Header.Get("Authorization") != "Bearer "+token {
		return answer(req, http.StatusUnauthorized, nil), nil
	}
	a.served.Add(1)
	if req.Method == http.MethodGet {
		return answer(req, http.StatusOK, a.list), nil
	}
	if _, err := io.Copy(io.Discard, req.Body); err != nil {
		return nil, err
	}
	return answer(req, http.StatusOK, a.one), req.Body.Close()
}

func answer(req *http.Request, status int, body []byte) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(body)),
		Body: io.NopCloser(bytes.NewReader(body)), Request: req,
	}
}

// tenant is the tenant and the API, in memory.
type tenant struct {
	t      testing.TB
	api    *api
	key    *rsa.PrivateKey
	config timesheets.Config
	nonce  string
}

func (m *tenant) RoundTrip(req *http.Request) (*http.Response, error) {
	switch req.URL.Path {
	case "/oauth/token":
		return m.json(req, map[string]any{
			"access_token": token, "refresh_token": "refresh", "token_type": "Bearer", "expires_in": 86400, "id_token": m.idToken(),
		}), nil
	case "/.well-known/jwks.json":
		return m.json(req, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: m.key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}}), nil
	}
	return m.api.RoundTrip(req)
}

func (m *tenant) json(req *http.Request, value any) *http.Response {
	body, err := json.Marshal(value)
	if err != nil {
		m.t.Error(err)
	}
	return answer(req, http.StatusOK, body)
}

func (m *tenant) idToken() string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: m.key, KeyID: "k"}}, nil)
	if err != nil {
		m.t.Fatal(err)
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"iss": m.config.Issuer, "sub": "auth0|ada", "aud": m.config.ClientID, "nonce": m.nonce,
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "name": "Ada Lovelace", "email": "ada@example.com",
	})
	if err != nil {
		m.t.Fatal(err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		m.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		m.t.Fatal(err)
	}
	return text
}

// signIn returns a session of the generated client whose API is in memory.
func signIn(t testing.TB, a *api) *timesheets.Session {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	memory := &tenant{t: t, api: a, key: key, config: timesheets.DefaultConfig()}
	consent := timesheets.RedirectorFunc(func(_ context.Context, address string) (string, error) {
		asked, err := url.Parse(address)
		if err != nil {
			return "", err
		}
		query := asked.Query()
		memory.nonce = query.Get("nonce")
		return query.Get("redirect_uri") + "?code=c&state=" + url.QueryEscape(query.Get("state")), nil
	})
	app, err := timesheets.New(
		timesheets.WithHTTPClient(&http.Client{Transport: memory}),
		timesheets.WithStore(timesheets.NewMemoryStore()),
		timesheets.WithRedirector(consent),
	)
	if err != nil {
		t.Fatal(err)
	}
	session, err := app.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return session
}
