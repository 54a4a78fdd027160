package client

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"example.com/scaffold/internal/freeport"
)

// fixture is an application with a tenant at Auth0's paths and an API, each a
// real HTTP server on loopback whose answers a test can change.
type fixture struct {
	t      testing.TB
	app    *App
	clock  *testClock
	store  CredentialStore
	tenant *httptest.Server
	api    *httptest.Server
	signer jose.Signer

	pages chan string // that the person has seen

	mu            sync.Mutex
	subject       string                      // who signs in
	reply         map[string]any              // changes of the token replies; nil value: field left out
	onToken       http.HandlerFunc            // answers token requests instead, if set
	onAPI         http.HandlerFunc            // answers API requests
	device        map[string]any              // changes of the device authorization reply, as reply
	onAuthorize   func(url.Values) url.Values // the callback's query, from the authorization request's
	promisesIss   bool                        // in discovery (RFC 9207)
	nonce         string
	headers       int              // Authorization fields of the last API request
	claims        map[string]any   // added to the ID tokens
	onRevoke      http.HandlerFunc // answers revocations instead, if set
	noUserInfo    bool             // the userinfo endpoint takes no token
	authAge       time.Duration    // how long ago the ID token says that the user signed in; 0: it does not
	keysDown      bool             // the tenant's keys cannot be fetched
	onDiscovery   http.HandlerFunc // answers discovery instead, if set
	discovery     map[string]any   // changes of the discovery document; nil value: left out
	onKeys        http.HandlerFunc // answers for the keys instead, if set
	onUserInfo    http.HandlerFunc // answers userinfo instead, if set
	signIDToken   func(claims string) string
	issued        int // counts tokens, to name them
	tokenForms    []url.Values
	deviceForms   []url.Values
	authorization []url.Values
	revoked       []string
	apiTokens     []string // Authorization headers that the API saw
}

func newFixture(t testing.TB, options ...Option) *fixture {
	t.Helper()
	f := &fixture{
		t:       t,
		clock:   &testClock{},
		store:   NewMemoryStore(),
		subject: "auth0|ada",
		reply:   map[string]any{},
		device:  map[string]any{},
		pages:   make(chan string, 100),
	}
	f.signer = newSigner(t, "k1")
	f.tenant = httptest.NewServer(f.tenantHandler())
	t.Cleanup(f.tenant.Close)
	f.api = httptest.NewServer(http.HandlerFunc(f.serveAPI))
	t.Cleanup(f.api.Close)
	f.app = f.newApp(options...)
	return f
}

func newSigner(t testing.TB, keyID string) jose.Signer {
	t.Helper()
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: rsaKey(), KeyID: keyID}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// newApp returns another App on the same store, as another process would.
func (f *fixture) newApp(options ...Option) *App {
	f.t.Helper()
	config := f.config()
	app, err := New(append([]Option{
		WithConfig(config), WithStore(f.store), WithClock(f.clock.now), WithBrowser(f.browse),
		WithMessages(watched.place("messages")), WithLogger(watched.logger()),
	}, options...)...)
	if err != nil {
		f.t.Fatal(err)
	}
	return app
}

func (f *fixture) config() Config {
	config := DefaultConfig()
	config.Issuer = f.tenant.URL + "/"
	config.BaseURL = f.api.URL
	config.Callbacks = freeCallbacks(f.t, 2)
	return config
}

// newOpenIDApp returns an App that finds the tenant's endpoints by discovery.
func (f *fixture) newOpenIDApp() *App {
	config := f.config()
	config.Provider = ProviderOIDC
	return f.newApp(WithConfig(config))
}

// freeCallbacks returns redirect URIs whose ports were free a moment ago.
func freeCallbacks(t testing.TB, n int) []string {
	t.Helper()
	callbacks, err := freeport.Callbacks(n)
	if err != nil {
		t.Fatal(err)
	}
	return callbacks
}

// browse is the person: it goes to the authorization endpoint and on to the
// callback.
func (f *fixture) browse(ctx context.Context, address string) error {
	go func() {
		req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, address, nil)
		if err != nil {
			f.t.Error(err)
			return
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			f.t.Error(err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			f.t.Error(err)
		}
		_, _ = watched.place("pages").Write(page)
		f.pages <- string(page)
	}()
	return nil
}

func (f *fixture) login(scopes ...string) *Session {
	f.t.Helper()
	session, err := f.app.Login(f.t.Context(), scopes...)
	if err != nil {
		f.t.Fatal(err)
	}
	return session
}

// set changes what the tenant and the API do.
func (f *fixture) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

// refreshes returns how many refresh requests the tenant saw.
func (f *fixture) refreshes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, form := range f.tokenForms {
		if form.Get("grant_type") == "refresh_token" {
			n++
		}
	}
	return n
}

func (f *fixture) tenantHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", f.serveDiscovery)
	mux.HandleFunc("GET /authorize", f.serveAuthorize)
	mux.HandleFunc("POST /oauth/token", f.serveToken)
	mux.HandleFunc("POST /oauth/device/code", f.serveDevice)
	mux.HandleFunc("POST /oauth/revoke", func(w http.ResponseWriter, r *http.Request) {
		if f.answered(&f.onRevoke, w, r) {
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.revoked = append(f.revoked, r.PostFormValue("token"))
	})
	mux.HandleFunc("GET /.well-known/jwks.json", func(w http.ResponseWriter, r *http.Request) {
		if f.answered(&f.onKeys, w, r) {
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.keysDown {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
			{Key: rsaKey().Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"},
		}})
	})
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		if f.answered(&f.onUserInfo, w, r) {
			return
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.noUserInfo {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		writeJSON(w, map[string]any{"sub": f.subject, "name": "Ada of userinfo"})
	})
	return mux
}

// answered has a hook answer, if it is set. It may take its time: nothing is
// locked.
func (f *fixture) answered(hook *http.HandlerFunc, w http.ResponseWriter, r *http.Request) bool {
	f.mu.Lock()
	answer := *hook
	f.mu.Unlock()
	if answer != nil {
		answer(w, r)
	}
	return answer != nil
}

func (f *fixture) serveDiscovery(w http.ResponseWriter, r *http.Request) {
	if f.answered(&f.onDiscovery, w, r) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	writeJSON(w, changed(map[string]any{
		"issuer":                        f.tenant.URL + "/",
		"authorization_endpoint":        f.tenant.URL + "/authorize",
		"token_endpoint":                f.tenant.URL + "/oauth/token",
		"revocation_endpoint":           f.tenant.URL + "/oauth/revoke",
		"userinfo_endpoint":             f.tenant.URL + "/userinfo",
		"jwks_uri":                      f.tenant.URL + "/.well-known/jwks.json",
		"device_authorization_endpoint": f.tenant.URL + "/oauth/device/code",
		"authorization_response_iss_parameter_supported": f.promisesIss,
	}, f.discovery))
}

// changed returns the object with changes made; nil leaves a member out.
func changed(object, changes map[string]any) map[string]any {
	maps.Copy(object, changes)
	maps.DeleteFunc(object, func(_ string, value any) bool { return value == nil })
	return object
}

func (f *fixture) serveAuthorize(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	query := r.URL.Query()
	f.authorization = append(f.authorization, query)
	f.nonce = query.Get("nonce")
	answer := url.Values{"code": {"the-code"}, "state": {query.Get("state")}}
	if f.onAuthorize != nil {
		answer = f.onAuthorize(query)
	}
	watched.secret("code", answer["code"]...)
	http.Redirect(w, r, query.Get("redirect_uri")+"?"+answer.Encode(), http.StatusFound)
}

func (f *fixture) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	f.mu.Lock()
	f.tokenForms = append(f.tokenForms, r.PostForm)
	watched.secret("code_verifier", r.PostForm.Get("code_verifier"))
	f.mu.Unlock()
	if f.answered(&f.onToken, w, r) {
		return
	}
	writeJSON(w, f.tokens(r.PostForm.Get("grant_type") == "authorization_code"))
}

// tokens is the next reply of the token endpoint.
func (f *fixture) tokens(withNonce bool) map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.issued++
	reply := map[string]any{
		"access_token":  f.tokenName("access"),
		"refresh_token": f.tokenName("refresh"),
		"token_type":    "Bearer",
		"expires_in":    3600,
		"id_token":      f.idToken(withNonce, f.subject),
	}
	for _, kind := range []string{"access_token", "refresh_token", "id_token"} {
		for _, value := range []any{reply[kind], f.reply[kind]} {
			if token, ok := value.(string); ok {
				watched.secret(kind, token, token[strings.LastIndex(token, ".")+1:]) // a signature is enough
			}
		}
	}
	return changed(reply, f.reply)
}

func (f *fixture) tokenName(kind string) string {
	return "the-" + kind + "-token-" + string(rune('A'+f.issued-1))
}

// lastToken is the access token that was issued last.
func (f *fixture) lastToken() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.tokenName("access")
}

func (f *fixture) idToken(withNonce bool, subject string) string {
	now := f.clock.now()
	claims := map[string]any{
		"iss": f.tenant.URL + "/", "sub": subject, "aud": "notes-client",
		"iat": now.Unix(), "exp": now.Add(time.Hour).Unix(), "name": "Ada Lovelace", "email": "ada@example.com",
	}
	if withNonce {
		claims["nonce"] = f.nonce
	}
	changed(claims, f.claims)
	if f.authAge > 0 {
		claims["auth_time"] = now.Add(-f.authAge).Unix()
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		f.t.Error(err)
	}
	if f.signIDToken != nil {
		return f.signIDToken(string(payload))
	}
	signed, err := f.signer.Sign(payload)
	if err != nil {
		f.t.Error(err)
		return ""
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		f.t.Error(err)
	}
	return token
}

func (f *fixture) serveAPI(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.apiTokens = append(f.apiTokens, r.Header.Get("Authorization"))
	f.headers = len(r.Header.Values("Authorization"))
	f.mu.Unlock()
	if f.answered(&f.onAPI, w, r) {
		return
	}
	writeJSON(w, []string{"a note"})
}

func writeJSON(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // the client may have gone
}

// tenantError has the token endpoint answer with an error.
func (f *fixture) tenantError(status int, code string) {
	f.set(func() {
		f.onToken = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"error":"`+code+`"}`)
		}
	})
}

// listNotes and its like are what a spec with endpoints would render.
var (
	listNotes  = Endpoint{name: "ListNotes", method: http.MethodGet, path: "/notes", scopes: [][]string{{ScopeReadNotes}}}
	listAll    = Endpoint{name: "ListAll", method: http.MethodGet, path: "/notes/all", scopes: [][]string{{ScopeWriteNotes, ScopeReadAll}, {ScopeReadAll}}}
	writeNote  = Endpoint{name: "WriteNote", method: http.MethodPost, path: "/notes", scopes: [][]string{{ScopeWriteNotes}}}
	anyoneHere = Endpoint{name: "Me", method: http.MethodGet, path: "/me"}
	health     = Endpoint{name: "Health", method: http.MethodGet, path: "/health", public: true}
)

// drain reads a reply to its end, as a caller does.
func drain(resp *http.Response) {
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
}
