package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/api"
)

const realm = `Bearer realm="https://api.exampleco.com/timesheets"`

func TestTokensThatAreNoGood(t *testing.T) {
	t.Parallel()
	r := start(t, timesheets(t), nil)
	good := strings.TrimPrefix(r.as("ada", "read:timesheets"), "Bearer ")
	parts := strings.Split(good, ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	foreign := (&rig{T: t, issuer: newIssuer(t), audience: r.audience}).as("ada", "read:timesheets")
	const notSigned = "the access token is not a JWT that is signed with a key of the tenant"
	for _, c := range []struct {
		name, authorization string
		status              int
		code, description   string // of the challenge
	}{
		{"no token: a challenge without an error", "", 401, "", ""},
		{"another scheme", "Basic " + good, 401, "", ""},
		{"an empty token", "Bearer ", 400, "invalid_request", "what follows Bearer is not a token"},
		{"two words", "Bearer a b", 400, "invalid_request", "what follows Bearer is not a token"},
		{"junk", "Bearer junk", 401, "invalid_token", notSigned},
		{"a changed signature", "Bearer " + parts[0] + "." + parts[1] + "." + strings.Repeat("A", len(parts[2])), 401, "invalid_token", notSigned},
		{"no signature", "Bearer " + unsigned, 401, "invalid_token", notSigned},
		{"another's key", foreign, 401, "invalid_token", notSigned},
		{"another issuer", r.with(map[string]any{"iss": "https://id.example.com"}), 401, "invalid_token", "the access token is of the issuer https://id.example.com, not of https://id.example.com/"},
		{"another audience", r.with(map[string]any{"aud": []string{"client"}}), 401, "invalid_token", "the access token is for the audience client, not for https://api.exampleco.com/timesheets"},
		{"no audience", r.with(map[string]any{"aud": nil}), 401, "invalid_token", "the access token has no audience"},
		{"expired a second ago", r.with(map[string]any{"exp": begin.Add(-time.Second).Unix()}), 401, "invalid_token", "the access token expired at 2026-03-31T08:59:59Z"},
		{"expired now", r.with(map[string]any{"exp": begin.Unix()}), 401, "invalid_token", "the access token expired at 2026-03-31T09:00:00Z"},
		{"no expiry", r.with(map[string]any{"exp": nil}), 401, "invalid_token", "the access token does not say when it expires"},
		{"not valid yet", r.with(map[string]any{"nbf": begin.Unix() + 1}), 401, "invalid_token", "the access token is not valid yet"},
		{"nobody's", r.with(map[string]any{"sub": nil}), 401, "invalid_token", "the access token does not say who calls"},
		{"scopes in a list", r.with(map[string]any{"scope": []string{"read:timesheets"}}), 401, "invalid_token", "a claim of the access token is not of its type: iss, sub and scope are text, exp and nbf numbers"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := r.in(t)
			got := r.do(c.authorization, "GET", "/timesheets", "")
			want := realm
			if c.code != "" {
				want += `, error="` + c.code + `", error_description="` + c.description + `"`
			}
			if got.status != c.status || got.header.Get("WWW-Authenticate") != want {
				t.Errorf("%s, challenge\n%s, want %d,\n%s", got, got.header.Get("WWW-Authenticate"), c.status, want)
			}
			if detail, _ := r.details(got); strings.Contains(detail, good) {
				t.Errorf("the token is repeated: %s", detail)
			}
		})
	}
}

func TestTokensThatAreGood(t *testing.T) {
	t.Parallel()
	r := start(t, timesheets(t), nil)
	good := r.as("ada", "openid", "read:timesheets")
	for name, authorization := range map[string]string{
		"of the issuer, for the audience, with the scope": good,
		"the scheme in another case":                      "bearer" + strings.TrimPrefix(good, "Bearer"),
		"one audience of several":                         r.with(map[string]any{"aud": []string{"other", r.audience}, "scope": "read:timesheets"}),
		"valid from now on":                               r.with(map[string]any{"nbf": begin.Unix(), "scope": "read:timesheets"}),
	} {
		t.Run(name, func(t *testing.T) {
			if got := r.in(t).do(authorization, "GET", "/timesheets", ""); got.status != 200 {
				t.Error(got, got.header)
			}
		})
	}
	t.Run("but not for longer than they say", func(t *testing.T) {
		r.later.Store(int64(time.Hour))
		if got := r.in(t).do(good, "GET", "/timesheets", ""); got.status != 401 {
			t.Error(got)
		}
	})
}

func TestTokenIsTakenFromOneHeaderOnly(t *testing.T) {
	t.Parallel()
	r := start(t, timesheets(t), nil)
	good := r.as("ada", "read:timesheets")
	t.Run("not from the query", func(t *testing.T) {
		got := r.in(t).do(good, "GET", "/timesheets?access_token="+strings.TrimPrefix(good, "Bearer "), "")
		if got.status != 400 || !strings.Contains(got.header.Get("WWW-Authenticate"), `error="invalid_request"`) {
			t.Error(got, got.header)
		}
	})
	t.Run("not from two headers", func(t *testing.T) {
		r := r.in(t)
		req := r.request("GET", "/timesheets", "")
		req.Header["Authorization"] = []string{good, good}
		if got := r.send(req); got.status != 400 || !strings.Contains(got.header.Get("WWW-Authenticate"), `error="invalid_request"`) {
			t.Error(got, got.header)
		}
	})
}

const scopesSpec = `
version: 1
package: scopes
tenant: {domain: exampleco.eu.auth0.com, client_id: abc, callbacks: [http://127.0.0.1:8484/callback]}
audience: urn:api
scopes: {openid: , offline_access: , a: , b: , c: , a-all: }
api: {base_url: https://api.example.com/v1}
endpoints:
  Both: {post: /both, scopes: [a, b]}
  Either: {post: /either, scopes: {any_of: [[a, b], [c]]}}
  First: {post: /first, scopes: {any_of: [[a], [b]]}}
  Signed: {post: /signed}
  Public: {post: /public, auth: none}
`

func TestScopes(t *testing.T) {
	t.Parallel()
	r := start(t, scopesSpec, nil)
	for _, c := range []struct {
		name, path, granted string
		scope               string // of the challenge; empty: 204
		outcome             string
	}{
		{"all of the scopes", "/both", "b a", "", "no content"},
		{"one of two is missing: all that are needed are named", "/both", "a", "a b", "needs b"},
		{"a scope is a whole word", "/both", "a-all b", "a b", "needs a"},
		{"a scope has its case", "/both", "A b", "a b", "needs a"},
		{"none", "/both", "", "a b", "needs a b"},
		{"the second alternative", "/either", "c", "", "no content"},
		{"the first alternative", "/either", "a b", "", "no content"},
		{"the alternative that lacks least is named", "/either", "", "c", "needs c"},
		{"of two that lack the same, the first", "/either", "b", "a b", "needs a"},
		{"the first of equals", "/first", "", "a", "needs a"},
		{"no scope is needed by an endpoint without", "/signed", "", "", "no content"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := r.in(t)
			got := r.do(r.as("ada", strings.Fields(c.granted)...), "POST", "/v1"+c.path, "")
			challenge := got.header.Get("WWW-Authenticate")
			switch {
			case c.scope == "" && got.status != 204:
				t.Error(got)
			case c.scope != "" && (got.status != 403 || !strings.Contains(challenge, `error="insufficient_scope"`) || !strings.HasSuffix(challenge, `, scope="`+c.scope+`"`)):
				t.Errorf("%s, challenge %s", got, challenge)
			}
			calls := r.api.Calls()
			if last := calls[len(calls)-1]; last.Outcome != c.outcome || last.Subject != "ada" {
				t.Errorf("the log: %+v", last)
			}
		})
	}
	t.Run("a public endpoint takes anything for a token", func(t *testing.T) {
		for _, authorization := range []string{"", "Bearer junk", "Basic x"} {
			if got := r.in(t).do(authorization, "POST", "/v1/public", ""); got.status != 204 {
				t.Errorf("%q: %s", authorization, got)
			}
		}
	})
}

func TestTenantThatIsGone(t *testing.T) {
	t.Parallel()
	r := start(t, scopesSpec, nil)
	token := r.as("ada")
	r.issuer.server.Close()
	got := r.do(token, "POST", "/v1/signed", "")
	if detail, _ := r.details(got); got.status != 503 || !strings.HasPrefix(detail, "the tenant cannot be asked about the access token") {
		t.Error(got)
	}
}

func TestOpaqueTokensAreWhatTheTenantAccepts(t *testing.T) {
	t.Parallel()
	tenant := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer good" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"sub": "ada"})
	}))
	t.Cleanup(tenant.Close)
	r := start(t, strings.Replace(scopesSpec, "audience: urn:api\n", "", 1), func(cfg *api.Config) { cfg.UserinfoURL = tenant.URL })
	for _, c := range []struct {
		name, token, path string
		status            int
	}{
		{"one that it knows", "good", "/signed", 204},
		{"one that it does not", "bad", "/signed", 401},
		{"without scopes of an API", "good", "/first", 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := r.in(t).do("Bearer "+c.token, "POST", "/v1"+c.path, ""); got.status != c.status {
				t.Error(got)
			}
		})
	}
	t.Run("nobody is let in by a tenant that is gone", func(t *testing.T) {
		tenant.Close()
		if got := r.in(t).do("Bearer good", "POST", "/v1/signed", ""); got.status != 503 {
			t.Error(got)
		}
	})
	t.Run("nobody is let in where no tenant can be asked", func(t *testing.T) {
		r := start(t, strings.Replace(scopesSpec, "audience: urn:api\n", "", 1), nil)
		if got := r.do("Bearer good", "POST", "/v1/signed", ""); got.status != 401 {
			t.Error(got)
		}
	})
}
