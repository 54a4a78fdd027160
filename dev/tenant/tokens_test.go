package tenant_test

import (
	"net/http"
	"net/url"
	"reflect"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
)

func TestGrantedScopes(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	const erins = "openid profile email offline_access read:timesheets"
	first := a.tokens("erin@exampleco.com", nil)
	t.Run("the role narrows what is granted, and the reply says so", func(t *testing.T) {
		a := a.in(t)
		if first.Scope == nil || *first.Scope != erins || a.claims(first.AccessToken)["scope"] != erins {
			t.Errorf("reply: %v, token: %v", first.Scope, a.claims(first.AccessToken)["scope"])
		}
	})
	next := a.refresh(first.RefreshToken, nil)
	a.expect(next, http.StatusOK, "")
	if got := a.claims(next.AccessToken)["scope"]; got != erins {
		t.Errorf("after a refresh: %v", got)
	}
	t.Run("a role that grows counts at the next refresh", func(t *testing.T) {
		a := a.in(t)
		if err := a.tenant.SetScopes("erin@exampleco.com", []string{"approve:timesheets", "read:timesheets"}); err != nil {
			t.Fatal(err)
		}
		next = a.refresh(next.RefreshToken, nil)
		a.expect(next, http.StatusOK, "")
		if next.Scope == nil || *next.Scope != allAsked || a.claims(next.AccessToken)["scope"] != allAsked {
			t.Errorf("reply: %v, token: %v", next.Scope, a.claims(next.AccessToken)["scope"])
		}
	})
	t.Run("a refresh may ask for less", func(t *testing.T) {
		a := a.in(t)
		next = a.refresh(next.RefreshToken, url.Values{"scope": {"openid"}})
		a.expect(next, http.StatusOK, "")
		if got := a.claims(next.AccessToken)["scope"]; got != "openid" {
			t.Errorf("token: %v", got)
		}
	})
	t.Run("a refresh may not ask for more", func(t *testing.T) {
		a := a.in(t)
		a.expect(a.refresh(next.RefreshToken, url.Values{"scope": {"delete:timesheets"}}), http.StatusBadRequest, "invalid_scope")
	})
	t.Run("without offline_access there is no refresh token", func(t *testing.T) {
		a := a.in(t)
		r := a.tokens("erin@exampleco.com", url.Values{"scope": {"openid"}})
		if r.RefreshToken != "" || r.AccessToken == "" || r.IDToken == "" {
			t.Errorf("reply: %+v", r)
		}
	})
	t.Run("without openid there is no ID token", func(t *testing.T) {
		a := a.in(t)
		if r := a.tokens("erin@exampleco.com", url.Values{"scope": {"offline_access"}}); r.RefreshToken == "" || r.IDToken != "" {
			t.Errorf("reply: %+v", r)
		}
	})
	t.Run("nobody's scopes cannot be set", func(t *testing.T) {
		if err := a.tenant.SetScopes("nobody@exampleco.com", nil); err == nil {
			t.Error("no error")
		}
	})
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	at := newClock()
	a := start(t, func(c *tenant.Config) {
		c.Now, c.AccessTokenLifetime, c.RefreshTokenLifetime = at.now, 10*time.Minute, 24*time.Hour
	})
	t.Run("it rotates, with a new ID token of the same person and sign-in time, without a nonce", func(t *testing.T) {
		a := a.in(t)
		signedIn := float64(at.now().Unix())
		first := a.tokens("morgan@exampleco.com", nil)
		at.add(time.Hour)
		second := a.refresh(first.RefreshToken, nil)
		a.expect(second, http.StatusOK, "")
		if second.RefreshToken == "" || second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken || second.ExpiresIn != 600 {
			t.Errorf("reply: %+v", second)
		}
		id := a.claims(second.IDToken)
		for name, want := range map[string]any{
			"sub": "auth0|morgan", "aud": []any{clientID}, "nonce": nil, "auth_time": signedIn,
			"iat": signedIn + 3600, "exp": signedIn + 3600 + 36000, "name": "Morgan Lake",
		} {
			if !reflect.DeepEqual(id[name], want) {
				t.Errorf("ID token: %s is %v, want %v", name, id[name], want)
			}
		}
	})
	t.Run("a replay ends the family", func(t *testing.T) {
		a := a.in(t)
		first := a.tokens("morgan@exampleco.com", nil)
		second := a.refresh(first.RefreshToken, nil)
		a.expect(second, http.StatusOK, "")
		a.expect(a.refresh(first.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
		a.expect(a.refresh(second.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	})
	t.Run("rotation does not prolong the sign-in", func(t *testing.T) {
		a := a.in(t)
		r := a.tokens("morgan@exampleco.com", nil)
		at.add(23 * time.Hour)
		r = a.refresh(r.RefreshToken, nil)
		a.expect(r, http.StatusOK, "")
		at.add(time.Hour)
		a.expect(a.refresh(r.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	})
	t.Run("RevokeAll ends a person's sign-ins and nobody else's", func(t *testing.T) {
		a := a.in(t)
		erin, morgan := a.tokens("erin@exampleco.com", nil), a.tokens("morgan@exampleco.com", nil)
		a.tenant.RevokeAll("auth0|erin")
		a.expect(a.refresh(erin.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
		a.expect(a.refresh(morgan.RefreshToken, nil), http.StatusOK, "")
		for token, want := range map[string]int{erin.AccessToken: http.StatusUnauthorized, morgan.AccessToken: http.StatusOK} {
			if status, _, _ := a.userinfo(token); status != want {
				t.Errorf("userinfo answers %d, want %d", status, want)
			}
		}
	})
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	r := a.tokens("erin@exampleco.com", nil)
	second := a.refresh(r.RefreshToken, nil)
	a.expect(second, http.StatusOK, "")
	revoke := func(token, hint string) reply {
		return a.post(tenant.Revocation, url.Values{"client_id": {clientID}, "token": {token}, "token_type_hint": {hint}})
	}
	a.expect(revoke("unknown", "refresh_token"), http.StatusOK, "")
	a.expect(revoke(second.RefreshToken, "refresh_token"), http.StatusOK, "")
	a.expect(a.refresh(second.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	if got := a.tenant.RevocationRequests(); len(got) != 2 || got[1].Get("token") != second.RefreshToken {
		t.Errorf("written down: %v", got)
	}
	t.Run("an access token", func(t *testing.T) {
		a := a.in(t)
		for name, change := range map[string]url.Values{"JWT": nil, "opaque": {"audience": nil}} {
			r := a.tokens("erin@exampleco.com", change)
			a.expect(revoke(r.AccessToken, "access_token"), http.StatusOK, "")
			if status, _, _ := a.userinfo(r.AccessToken); status != http.StatusUnauthorized {
				t.Errorf("%s: userinfo answers %d after it was revoked", name, status)
			}
			a.expect(a.refresh(r.RefreshToken, nil), http.StatusOK, "")
		}
	})
}

func TestUserinfo(t *testing.T) {
	t.Parallel()
	at := newClock()
	at.add(-10 * 365 * 24 * time.Hour) // in the past: by the real time every token is expired
	a := start(t, func(c *tenant.Config) { c.Now = at.now })
	r, opaque := a.tokens("erin@exampleco.com", nil), a.tokens("erin@exampleco.com", url.Values{"audience": nil})
	if !isOpaque(opaque.AccessToken) {
		t.Errorf("without an audience the access token is not opaque: %s", opaque.AccessToken)
	}
	for name, token := range map[string]string{"JWT": r.AccessToken, "opaque": opaque.AccessToken} {
		status, claims, _ := a.userinfo(token)
		if status != http.StatusOK || claims["sub"] != "auth0|erin" || claims["email_verified"] != true || claims["name"] != "Erin Field" {
			t.Errorf("%s: status %d: %v", name, status, claims)
		}
	}
	if opaque.Scope == nil || *opaque.Scope != "openid profile email offline_access" {
		t.Errorf("without an audience the API's scopes are granted: %v", opaque.Scope)
	}
	noOpenID := a.tokens("erin@exampleco.com", url.Values{"scope": {"email"}}).AccessToken
	refused := func(tokens map[string]string) {
		t.Helper()
		for name, token := range tokens {
			status, claims, header := a.userinfo(token)
			if status != http.StatusUnauthorized || claims["error"] != "invalid_token" || header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
				t.Errorf("%s: status %d: %v, %v", name, status, claims, header)
			}
		}
	}
	refused(map[string]string{"junk": "junk", "no openid": noOpenID})
	at.add(time.Hour)
	refused(map[string]string{"expired JWT": r.AccessToken, "expired opaque": opaque.AccessToken})

	resp, err := http.Get(a.tenant.URL(tenant.Userinfo)) // with no token, which is no error (RFC 6750 section 3.1)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	if got := resp.Header.Get("WWW-Authenticate"); resp.StatusCode != http.StatusUnauthorized || got != "Bearer" {
		t.Errorf("without a token: status %d, %q", resp.StatusCode, got)
	}
}

func TestAnswerAndTokenRequests(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	code := a.signIn("erin@exampleco.com", nil).Get("code")
	a.tenant.Answer(tenant.Token, tenant.Reply{Status: 429, Header: http.Header{"Retry-After": {"7"}}, Body: `{"error":"slow_down"}`})
	a.tenant.Answer(tenant.Token, tenant.Reply{Body: `{}`})
	r := a.exchange(code, nil)
	a.expect(r, http.StatusTooManyRequests, "slow_down")
	if r.header.Get("Retry-After") != "7" || r.header.Get("Content-Type") != "application/json" {
		t.Errorf("header: %v", r.header)
	}
	if r = a.exchange(code, nil); r.status != http.StatusOK || r.AccessToken != "" {
		t.Errorf("the second reply: %+v", r)
	}
	a.expect(a.exchange(code, nil), http.StatusOK, "") // and the code is as good as new
	got := a.tenant.TokenRequests()
	if len(got) != 3 || got[0].Get("code_verifier") != verifier || got[0].Get("client_id") != clientID {
		t.Fatalf("written down: %v", got)
	}
	got[0].Set("code", "changed")
	if a.tenant.TokenRequests()[0].Get("code") != code {
		t.Error("what was written down is not a copy")
	}
}
