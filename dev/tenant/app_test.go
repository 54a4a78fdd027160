package tenant_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/examples/people"
	"example.com/scaffold/internal/freeport"
)

const (
	clientID = "q2hnj2iuPZ4XnV1sYhY0T6mK9wLrB3Dc"
	audience = "https://api.exampleco.com/timesheets"
	verifier = "a-code-verifier-of-forty-three-characters-or-more"
	allAsked = "openid profile email offline_access read:timesheets approve:timesheets"
)

// app is an application written by hand: a callback, a tenant and plain HTTP.
type app struct {
	*testing.T
	tenant   *tenant.Tenant
	cfg      tenant.Config // that it was started with
	callback string
	returned chan url.Values // what came to the callback
}

// start runs a tenant of the Timesheets people with changes on top.
func start(t *testing.T, change func(*tenant.Config)) *app {
	t.Helper()
	a := &app{T: t, returned: make(chan url.Values, 1)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.returned <- r.URL.Query()
		_, _ = io.WriteString(w, "back at the application")
	}))
	t.Cleanup(server.Close)
	a.callback = server.URL + "/callback"
	cfg := tenant.Config{
		Layout: tenant.Auth0, ClientID: clientID, Callbacks: []string{a.callback},
		Audience: audience, People: people.Timesheets(),
	}
	if change != nil {
		change(&cfg)
	}
	a.cfg = cfg
	var err error
	if a.tenant, err = tenant.Start(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.tenant.Close)
	return a
}

// in is the app with its failures on a subtest.
func (a app) in(t *testing.T) *app {
	a.T = t
	return &a
}

// authorizationURL asks for everything; a change of nil values removes.
func (a *app) authorizationURL(change url.Values) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {a.callback},
		"scope": {allAsked}, "audience": {audience}, "state": {"the-state"}, "nonce": {"the-nonce"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
	}
	for name, values := range change {
		q.Del(name)
		if values != nil {
			q[name] = values
		}
	}
	return a.tenant.URL(tenant.Authorization) + "?" + q.Encode()
}

// signIn returns what the tenant sent to the callback.
func (a *app) signIn(email string, change url.Values) url.Values {
	a.Helper()
	if _, err := (tenant.Browser{Email: email}).SignIn(a.Context(), a.authorizationURL(change)); err != nil {
		a.Fatal(err)
	}
	return <-a.returned
}

type reply struct {
	status       int
	header       http.Header
	AccessToken  string  `json:"access_token"`
	IDToken      string  `json:"id_token"`
	RefreshToken string  `json:"refresh_token"`
	TokenType    string  `json:"token_type"`
	ExpiresIn    int     `json:"expires_in"`
	Scope        *string `json:"scope"`
	Error        string  `json:"error"`
}

func (a *app) post(e tenant.Endpoint, form url.Values) reply {
	a.Helper()
	resp, err := http.PostForm(a.tenant.URL(e), form)
	return a.read(resp, err)
}

func (a *app) read(resp *http.Response, err error) reply {
	a.Helper()
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	r := reply{status: resp.StatusCode, header: resp.Header}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		a.Fatal(err)
	}
	if len(body) > 0 {
		if err := json.Unmarshal(body, &r); err != nil {
			a.Fatalf("status %d: %v: %s", r.status, err, body)
		}
	}
	return r
}

func (a *app) exchange(code string, change url.Values) reply {
	a.Helper()
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {clientID}, "code": {code},
		"redirect_uri": {a.callback}, "code_verifier": {verifier},
	}
	for name, values := range change {
		form[name] = values
	}
	return a.post(tenant.Token, form)
}

func (a *app) refresh(token string, change url.Values) reply {
	a.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "client_id": {clientID}, "refresh_token": {token}}
	for name, values := range change {
		form[name] = values
	}
	return a.post(tenant.Token, form)
}

// tokens signs in and redeems the code.
func (a *app) tokens(email string, change url.Values) reply {
	a.Helper()
	r := a.exchange(a.signIn(email, change).Get("code"), nil)
	a.expect(r, http.StatusOK, "")
	return r
}

func (a *app) expect(r reply, status int, code string) {
	a.Helper()
	if r.status != status || r.Error != code {
		a.Fatalf("status %d, error %q; want %d, %q", r.status, r.Error, status, code)
	}
}

// published are the keys that the tenant publishes.
func (a *app) published() jose.JSONWebKeySet {
	a.Helper()
	resp, err := http.Get(a.tenant.URL(tenant.Keys))
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var keys jose.JSONWebKeySet
	if err := json.NewDecoder(resp.Body).Decode(&keys); err != nil {
		a.Fatal(err)
	}
	return keys
}

// keys are the ids of the published keys.
func (a *app) keys() []string {
	a.Helper()
	var ids []string
	for _, key := range a.published().Keys {
		ids = append(ids, key.KeyID)
	}
	return ids
}

// kid is the id of the key that signed a token.
func (a *app) kid(token string) string {
	a.Helper()
	return a.parse(token).Signatures[0].Header.KeyID
}

func (a *app) parse(token string) *jose.JSONWebSignature {
	a.Helper()
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		a.Fatal(err)
	}
	return signed
}

// claims verifies a JWT by the keys that the tenant publishes.
func (a *app) claims(token string) map[string]any {
	a.Helper()
	payload, err := a.parse(token).Verify(a.published())
	if err != nil {
		a.Fatal(err)
	}
	claims := map[string]any{}
	if err := json.Unmarshal(payload, &claims); err != nil {
		a.Fatal(err)
	}
	return claims
}

func (a *app) userinfo(token string) (int, map[string]any, http.Header) {
	a.Helper()
	r, err := http.NewRequestWithContext(a.Context(), http.MethodGet, a.tenant.URL(tenant.Userinfo), nil)
	if err != nil {
		a.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	claims := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&claims); err != nil {
		a.Fatal(err)
	}
	return resp.StatusCode, claims, resp.Header
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func isOpaque(token string) bool { return token != "" && strings.Count(token, ".") != 2 }

// pager is a browser that goes page by page, without a person in it.
type pager struct {
	*testing.T
	client *http.Client
}

func (a *app) pager() *pager {
	a.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		a.Fatal(err)
	}
	return &pager{a.T, &http.Client{Jar: jar}}
}

// page is where a pager is.
type page struct {
	at     *url.URL
	status int
	header http.Header
	body   string
}

// hidden are the hidden fields of a page's forms.
func (p page) hidden() url.Values {
	values := url.Values{}
	for _, field := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
		values.Set(field[1], field[2])
	}
	values.Del("action")
	return values
}

func (p *pager) get(address string) page {
	p.Helper()
	resp, err := p.client.Get(address)
	return p.read(resp, err)
}

// post sends the form of a page to where that page is.
func (p *pager) post(from page, change url.Values) page {
	p.Helper()
	values := from.hidden()
	for name, value := range change {
		values[name] = value
	}
	to := *from.at
	to.RawQuery = ""
	resp, err := p.client.PostForm(to.String(), values)
	return p.read(resp, err)
}

func (p *pager) read(resp *http.Response, err error) page {
	p.Helper()
	if err != nil {
		p.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.Fatal(err)
	}
	return page{resp.Request.URL, resp.StatusCode, resp.Header, string(body)}
}

// freeAddress returns an address whose port was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	addresses, err := freeport.Addresses(1)
	if err != nil {
		t.Fatal(err)
	}
	return addresses[0]
}
