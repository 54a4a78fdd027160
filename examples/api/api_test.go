package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/examples/api"
	"example.com/scaffold/examples/people"
)

const (
	audience = "https://api.exampleco.com/timesheets"
	verifier = "a-code-verifier-of-forty-three-characters-or-more"
)

// rig is a tenant, the API that trusts it, and plain HTTP.
type rig struct {
	*testing.T
	tenant  *tenant.Tenant
	api     *api.API
	url     string
	later   *atomic.Int64 // how far the clock is ahead, in nanoseconds
	sign    string        // the callback's address
	arrived chan url.Values
}

func start(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, later: new(atomic.Int64), arrived: make(chan url.Values, 1)}
	callback := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) { r.arrived <- req.URL.Query() }))
	t.Cleanup(callback.Close)
	r.sign = callback.URL + "/callback"
	r.tenant = r.newTenant()
	r.api = api.New(r.tenant.Issuer(), r.tenant.URL(tenant.Keys), audience, func() time.Time { return time.Now().Add(time.Duration(r.later.Load())) })
	server := httptest.NewServer(r.api)
	t.Cleanup(server.Close)
	r.url = server.URL
	return r
}

func (r rig) in(t *testing.T) *rig {
	r.T = t
	return &r
}

func (r *rig) newTenant() *tenant.Tenant {
	r.Helper()
	started, err := tenant.Start(tenant.Config{
		Layout: tenant.Auth0, ClientID: "native", Callbacks: []string{r.sign}, Audience: audience, People: people.Timesheets(),
	})
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(started.Close)
	return started
}

// tokens signs a person in for the scopes and returns the access and ID tokens.
func (r *rig) tokens(at *tenant.Tenant, email, scope string) (access, id string) {
	r.Helper()
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {"native"}, "redirect_uri": {r.sign}, "audience": {audience},
		"scope": {"openid " + scope}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
	}
	if _, err := (tenant.Browser{Email: email}).SignIn(r.Context(), at.URL(tenant.Authorization)+"?"+q.Encode()); err != nil {
		r.Fatal(err)
	}
	resp, err := http.PostForm(at.URL(tenant.Token), url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"native"}, "redirect_uri": {r.sign},
		"code": {(<-r.arrived).Get("code")}, "code_verifier": {verifier},
	})
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var reply struct {
		AccessToken string `json:"access_token"`
		IDToken     string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || reply.AccessToken == "" {
		r.Fatalf("status %d, error %v", resp.StatusCode, err)
	}
	return reply.AccessToken, reply.IDToken
}

type answer struct {
	status    int
	challenge string
	body      string
}

// do calls the API; authorization is the whole header, or empty.
func (r *rig) do(authorization, method, path, body string) answer {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header.Get("WWW-Authenticate"), strings.TrimSpace(string(text))}
}

const (
	erins1   = `{"id":1,"user_id":"auth0|erin","project":"Apollo","date":"2026-03-02","hours":7.5,"status":"submitted","note":"Kick-off"}`
	erins2   = `{"id":2,"user_id":"auth0|erin","project":"Apollo","date":"2026-03-03","hours":8,"status":"draft"}`
	morgans  = `{"id":3,"user_id":"auth0|morgan","project":"Gemini","date":"2026-03-03","hours":4,"status":"approved"}`
	added    = `{"id":4,"user_id":"auth0|erin","project":"Apollo","date":"2026-03-04","hours":6,"status":"submitted"}`
	approved = `{"id":4,"user_id":"auth0|erin","project":"Apollo","date":"2026-03-04","hours":6,"status":"approved"}`
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	r := start(t)
	access, _ := r.tokens(r.tenant, "erin@exampleco.com", "read:timesheets create:timesheets delete:timesheets")
	erin := "Bearer " + access
	access, _ = r.tokens(r.tenant, "morgan@exampleco.com", "read:timesheets delete:timesheets approve:timesheets")
	morgan := "bearer " + access // the scheme has no case
	for _, c := range []struct {
		name, as, method, path, body string
		status                       int
		want                         string // the whole body; empty: not compared
	}{
		{"an employee sees their own", erin, "GET", "/timesheets", "", 200, "[" + erins1 + "," + erins2 + "]"},
		{"from is included", erin, "GET", "/timesheets?from=2026-03-03", "", 200, "[" + erins2 + "]"},
		{"to is included", erin, "GET", "/timesheets?to=2026-03-02", "", 200, "[" + erins1 + "]"},
		{"no entry is an empty list", erin, "GET", "/timesheets?from=2027-01-01&to=2027-01-31", "", 200, "[]"},
		{"a manager sees the team's", morgan, "GET", "/timesheets", "", 200, "[" + erins1 + "," + erins2 + "," + morgans + "]"},
		{"from must be a date", erin, "GET", "/timesheets?from=yesterday", "", 400, ""},
		{"to must be a date", erin, "GET", "/timesheets?to=2026-02-30", "", 400, ""},
		{"an entry is added", erin, "POST", "/timesheets", `{"project":"Apollo","date":"2026-03-04","hours":6}`, 201, added},
		{"a body that is not JSON is refused", erin, "POST", "/timesheets", `project=Apollo`, 400, ""},
		{"an unknown field is refused", erin, "POST", "/timesheets", `{"project":"A","date":"2026-03-04","hours":6,"user_id":"auth0|morgan"}`, 400, ""},
		{"two values are refused", erin, "POST", "/timesheets", `{"project":"A","date":"2026-03-04","hours":6}{}`, 400, ""},
		{"a date that is none is refused", erin, "POST", "/timesheets", `{"project":"A","date":"2026-02-30","hours":6}`, 400, ""},
		{"25 hours are refused", erin, "POST", "/timesheets", `{"project":"A","date":"2026-03-04","hours":25}`, 400, ""},
		{"no project is refused", erin, "POST", "/timesheets", `{"date":"2026-03-04","hours":5}`, 400, ""},
		{"no body is refused", erin, "POST", "/timesheets", "", 415, ""},
		{"a manager approves", morgan, "POST", "/timesheets/4/approval", "", 200, approved},
		{"what is absent cannot be approved", morgan, "POST", "/timesheets/99/approval", "", 404, ""},
		{"an id that is no number is absent", morgan, "POST", "/timesheets/x/approval", "", 404, ""},
		{"another's entry cannot be deleted", morgan, "DELETE", "/timesheets/4", "", 404, ""},
		{"one's own entry can be deleted", erin, "DELETE", "/timesheets/4", "", 204, ""},
		{"but once", erin, "DELETE", "/timesheets/4", "", 404, ""},
		{"there is no other endpoint", erin, "GET", "/timesheets/1", "", 405, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := r.in(t).do(c.as, c.method, c.path, c.body)
			if got.status != c.status || c.want != "" && got.body != c.want || c.status == 204 && got.body != "" {
				t.Errorf("status %d: %s, want %d: %s", got.status, got.body, c.status, c.want)
			}
		})
	}
}

func TestTokensThatAreNoGood(t *testing.T) {
	t.Parallel()
	r := start(t)
	access, id := r.tokens(r.tenant, "erin@exampleco.com", "read:timesheets")
	foreign, _ := r.tokens(r.newTenant(), "erin@exampleco.com", "read:timesheets")
	parts := strings.Split(access, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	const invalid = `Bearer error="invalid_token"`
	for _, c := range []struct{ name, authorization, challenge string }{
		{"no token", "", "Bearer"},
		{"another scheme", "Basic " + access, "Bearer"},
		{"an empty token", "Bearer ", "Bearer"},
		{"junk", "Bearer junk", invalid},
		{"an ID token", "Bearer " + id, invalid},
		{"a token of another tenant", "Bearer " + foreign, invalid},
		{"a changed signature", "Bearer " + parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])), invalid},
		{"no signature", "Bearer " + none, invalid},
	} {
		t.Run(c.name+" gets 401", func(t *testing.T) {
			if got := r.in(t).do(c.authorization, "GET", "/timesheets", ""); got.status != 401 || got.challenge != c.challenge {
				t.Errorf("status %d, challenge %q, want 401, %q", got.status, got.challenge, c.challenge)
			}
		})
	}
	t.Run("a token is good until it expires", func(t *testing.T) {
		r := r.in(t)
		if got := r.do("Bearer "+access, "GET", "/timesheets", ""); got.status != 200 {
			t.Errorf("before: status %d: %s", got.status, got.body)
		}
		r.later.Store(int64(time.Hour))
		if got := r.do("Bearer "+access, "GET", "/timesheets", ""); got.status != 401 || got.challenge != invalid {
			t.Errorf("after: status %d, challenge %q", got.status, got.challenge)
		}
	})
}

func TestMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	r := start(t)
	// Without any of them; read:timesheets-all is not read:timesheets.
	if err := r.tenant.SetScopes("erin@exampleco.com", []string{"read:timesheets-all"}); err != nil {
		t.Fatal(err)
	}
	access, _ := r.tokens(r.tenant, "erin@exampleco.com", "read:timesheets-all approve:timesheets")
	for _, c := range []struct{ method, path, scope string }{
		{"GET", "/timesheets", "read:timesheets"},
		{"POST", "/timesheets", "create:timesheets"},
		{"DELETE", "/timesheets/1", "delete:timesheets"},
		{"POST", "/timesheets/1/approval", "approve:timesheets"},
	} {
		t.Run(c.scope, func(t *testing.T) {
			got := r.in(t).do("Bearer "+access, c.method, c.path, "")
			want := `Bearer error="insufficient_scope", scope="` + c.scope + `"`
			if got.status != 403 || got.challenge != want {
				t.Errorf("status %d, challenge %q, want 403, %q", got.status, got.challenge, want)
			}
		})
	}
	t.Run("and every call is written down", func(t *testing.T) {
		r.in(t).do("", "GET", "/timesheets", "")
		calls := r.api.Calls()
		want := []api.Call{{Method: "POST", Path: "/timesheets/1/approval", Bearer: true, Status: 403}, {Method: "GET", Path: "/timesheets", Status: 401}}
		if len(calls) != 5 || !reflect.DeepEqual(calls[3:], want) {
			t.Errorf("calls: %+v", calls)
		}
	})
}
