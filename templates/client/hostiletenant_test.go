package client

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// hostileTenant is a scripted OpenID Provider: it answers each path as it is
// told, and by default like a good one.
type hostileTenant struct {
	server  *httptest.Server
	tenant  *tenant
	clock   *testClock
	mu      sync.Mutex
	answers map[string]http.HandlerFunc
	hits    map[string]int
}

const (
	discoveryPath  = "/.well-known/openid-configuration"
	jwksPath       = "/jwks"
	tokenPath      = "/token"
	userInfoPath   = "/userinfo"
	revocationPath = "/revoke"
)

// testClock stands still until it is moved.
type testClock struct{ offset atomic.Int64 }

var testEpoch = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func (c *testClock) now() time.Time { return testEpoch.Add(time.Duration(c.offset.Load())) }

func (c *testClock) move(by time.Duration) { c.offset.Add(int64(by)) }

// newHostileTenant starts a provider and a tenant that speaks with it over TLS.
func newHostileTenant(t *testing.T, answers map[string]http.HandlerFunc) *hostileTenant {
	t.Helper()
	h := &hostileTenant{clock: &testClock{}, answers: answers, hits: map[string]int{}}
	h.server = httptest.NewUnstartedServer(h)
	h.server.Config.ErrorLog = log.New(io.Discard, "", 0) // of clients that go away on purpose
	h.server.StartTLS()
	t.Cleanup(h.server.Close)
	h.tenant = newTenant(h.config(), h.server.Client(), h.clock.now)
	return h
}

func (h *hostileTenant) config() Config {
	return Config{Provider: ProviderOIDC, Issuer: h.server.URL, ClientID: "client-1"}
}

func (h *hostileTenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	h.hits[r.URL.Path]++
	answer := h.answers[r.URL.Path]
	h.mu.Unlock()
	switch {
	case answer != nil:
		answer(w, r)
	case r.URL.Path == discoveryPath:
		replyJSON(mustJSON(goodDiscovery(h.server.URL)))(w, r)
	case r.URL.Path == jwksPath:
		replyJSON(keySetJSON(publicJWK(rsaKey(), "rsa-1", ""), publicJWK(ecKey(), "ec-1", "")))(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (h *hostileTenant) answer(path string, with http.HandlerFunc) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.answers == nil {
		h.answers = map[string]http.HandlerFunc{}
	}
	h.answers[path] = with
}

func (h *hostileTenant) hitCount(path string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hits[path]
}

func goodDiscovery(issuer string) map[string]any {
	return map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                issuer + "/authorize",
		"token_endpoint":                        issuer + tokenPath,
		"revocation_endpoint":                   issuer + revocationPath,
		"userinfo_endpoint":                     issuer + userInfoPath,
		"end_session_endpoint":                  issuer + "/logout",
		"jwks_uri":                              issuer + jwksPath,
		"response_types_supported":              []string{"code", "id_token"},
		"code_challenge_methods_supported":      []string{"plain", "S256"},
		"id_token_signing_alg_values_supported": []string{"HS256", "none", "RS256", "ES256", "PS256"},
	}
}

func replyWith(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func replyJSON(body string) http.HandlerFunc {
	return replyWith(http.StatusOK, "application/json", body)
}

func mustJSON(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// The keys are made once: an RSA key costs more than all tests together.
var (
	rsaKey      = sync.OnceValue(func() *rsa.PrivateKey { return mustKey(rsa.GenerateKey(rand.Reader, 2048)) })
	otherRSAKey = sync.OnceValue(func() *rsa.PrivateKey { return mustKey(rsa.GenerateKey(rand.Reader, 2048)) })
	weakRSAKey  = sync.OnceValue(func() *rsa.PrivateKey { return mustKey(rsa.GenerateKey(rand.Reader, 1024)) })
	ecKey       = sync.OnceValue(func() *ecdsa.PrivateKey {
		return mustKey(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	})
)

func mustKey[K any](key K, err error) K {
	if err != nil {
		panic(err)
	}
	return key
}

// publicJWK returns the JWK of a private key; algorithm may be empty.
func publicJWK(key crypto.Signer, id, algorithm string) string {
	return mustJSON(jose.JSONWebKey{Key: key.Public(), KeyID: id, Algorithm: algorithm})
}

func keySetJSON(keys ...string) string { return `{"keys":[` + strings.Join(keys, ",") + `]}` }

// signToken signs a payload, which need not be what it should be.
func signToken(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id, payload string) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// goodClaims are those of a token that was issued right now.
func (h *hostileTenant) goodClaims() map[string]any {
	now := h.clock.now().Unix()
	return map[string]any{
		"iss": h.server.URL, "sub": "user-1", "aud": "client-1", "nonce": "nonce-1",
		"iat": now, "exp": now + 3600, "name": "Ada Lovelace",
	}
}

func (h *hostileTenant) goodToken(t *testing.T) secret {
	t.Helper()
	return newSecret(signToken(t, jose.RS256, rsaKey(), "rsa-1", mustJSON(h.goodClaims())))
}

// expiredContext returns a context that ends while a reply drips.
func expiredContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	t.Cleanup(cancel)
	return ctx
}
