package tenant_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"example.com/scaffold/dev/tenant"
)

func TestLayouts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		layout tenant.Layout
		slash  bool
		paths  map[string]string
	}{
		{"Auth0", tenant.Auth0, true, map[string]string{
			"authorization_endpoint": "/authorize", "token_endpoint": "/oauth/token", "revocation_endpoint": "/oauth/revoke",
			"userinfo_endpoint": "/userinfo", "jwks_uri": "/.well-known/jwks.json",
			"device_authorization_endpoint": "/oauth/device/code",
		}},
		{"Discovery", tenant.Discovery, false, map[string]string{
			"authorization_endpoint": "/authorize", "token_endpoint": "/oauth/token", "revocation_endpoint": "/revoke",
			"userinfo_endpoint": "/userinfo", "jwks_uri": "/keys", "end_session_endpoint": "/end_session",
			"device_authorization_endpoint": "/device_authorization",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t, func(cfg *tenant.Config) { cfg.Layout = c.layout })
			origin := strings.TrimSuffix(a.tenant.Issuer(), "/")
			if strings.HasSuffix(a.tenant.Issuer(), "/") != c.slash {
				t.Errorf("issuer %s", a.tenant.Issuer())
			}
			resp, err := http.Get(a.tenant.URL(tenant.Metadata))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			metadata := map[string]any{}
			if err := json.NewDecoder(resp.Body).Decode(&metadata); err != nil {
				t.Fatal(err)
			}
			if metadata["issuer"] != a.tenant.Issuer() || !reflect.DeepEqual(metadata["code_challenge_methods_supported"], []any{"S256"}) {
				t.Errorf("metadata: %v", metadata)
			}
			for name, path := range c.paths {
				if metadata[name] != origin+path {
					t.Errorf("%s is %v, want %s", name, metadata[name], origin+path)
				}
			}
			if _, has := metadata["end_session_endpoint"]; has != (c.paths["end_session_endpoint"] != "") {
				t.Errorf("end_session_endpoint is there: %t", has)
			}
			if r := a.tokens("erin@exampleco.com", url.Values{"resource": {audience}}); isOpaque(r.AccessToken) {
				t.Error("with audience and resource the access token is opaque")
			}
		})
	}
}

func TestDiscoveryLayoutTakesTheResourceParameter(t *testing.T) {
	t.Parallel()
	a := start(t, func(c *tenant.Config) { c.Layout = tenant.Discovery })
	resource := url.Values{"resource": {audience}, "audience": nil}
	t.Run("in the authorization request, and says the scopes each time", func(t *testing.T) {
		a := a.in(t)
		r := a.tokens("morgan@exampleco.com", resource)
		if got := a.claims(r.AccessToken)["aud"]; !reflect.DeepEqual(got, []any{audience}) || r.Scope == nil || *r.Scope != allAsked {
			t.Errorf("aud %v, scope %v", got, r.Scope)
		}
		if got, is := a.claims(r.IDToken)["updated_at"].(float64); !is || got != 1772443800 {
			t.Errorf("updated_at is %v", got)
		}
	})
	t.Run("at the token endpoint too", func(t *testing.T) {
		a := a.in(t)
		r := a.exchange(a.signIn("morgan@exampleco.com", url.Values{"audience": nil}).Get("code"), url.Values{"resource": {audience}})
		a.expect(r, http.StatusOK, "")
		r = a.refresh(r.RefreshToken, url.Values{"resource": {audience}})
		a.expect(r, http.StatusOK, "")
		if got := a.claims(r.AccessToken)["aud"]; !reflect.DeepEqual(got, []any{audience}) {
			t.Errorf("aud %v", got)
		}
		a.expect(a.refresh(r.RefreshToken, url.Values{"resource": {"https://other.example"}}), http.StatusBadRequest, "invalid_target")
	})
	t.Run("and not Auth0's audience", func(t *testing.T) {
		a := a.in(t)
		if r := a.tokens("morgan@exampleco.com", nil); !isOpaque(r.AccessToken) {
			t.Error("the access token is not opaque")
		}
	})
	t.Run("and refuses an unknown one", func(t *testing.T) {
		a := a.in(t)
		if back := a.signIn("morgan@exampleco.com", url.Values{"resource": {"https://other.example"}}); back.Get("error") != "invalid_target" {
			t.Errorf("the callback got %v", back)
		}
	})
	t.Run("invalid_grant is a 400 there", func(t *testing.T) {
		a := a.in(t)
		a.expect(a.refresh("unknown", nil), http.StatusBadRequest, "invalid_grant")
	})
}

func TestLogout(t *testing.T) {
	t.Parallel()
	const home = "http://127.0.0.1:1/signed-out-here"
	for _, c := range []struct {
		name   string
		layout tenant.Layout
		query  url.Values
		status int
		to     string
	}{
		{"Auth0: back to a registered address", tenant.Auth0, url.Values{"client_id": {clientID}, "returnTo": {home}}, 302, home},
		{"Auth0: another address is refused", tenant.Auth0, url.Values{"client_id": {clientID}, "returnTo": {"http://evil.example"}}, 400, ""},
		{"Auth0: another client is refused", tenant.Auth0, url.Values{"client_id": {"someone"}}, 400, ""},
		{"Auth0: nowhere to go", tenant.Auth0, nil, 302, "/signed-out"},
		{"Discovery: back to a registered address", tenant.Discovery, url.Values{"client_id": {clientID}, "post_logout_redirect_uri": {home}, "state": {"s"}}, 302, home + "?state=s"},
		{"Discovery: another address is refused", tenant.Discovery, url.Values{"client_id": {clientID}, "post_logout_redirect_uri": {"http://evil.example"}}, 400, ""},
		{"Discovery: nowhere to go", tenant.Discovery, nil, 302, "/signed-out"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t, func(cfg *tenant.Config) { cfg.Layout, cfg.Logouts = c.layout, []string{home} })
			client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			resp, err := client.Get(a.tenant.URL(tenant.Logout) + "?" + c.query.Encode())
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil {
				t.Fatal(err)
			}
			if to := resp.Header.Get("Location"); resp.StatusCode != c.status || !strings.HasSuffix(to, c.to) || (to == "") != (c.to == "") {
				t.Errorf("status %d, to %q", resp.StatusCode, to)
			}
		})
	}
}
