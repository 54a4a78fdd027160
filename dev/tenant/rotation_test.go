package tenant_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
)

func TestOverlap(t *testing.T) {
	t.Parallel()
	at := newClock()
	a := start(t, func(c *tenant.Config) { c.Now, c.Overlap = at.now, 30*time.Second })
	t.Run("a traded refresh token is good within the overlap, and gives a new one", func(t *testing.T) {
		a := a.in(t)
		first := a.tokens(morgan, nil)
		second := a.refresh(first.RefreshToken, nil)
		at.add(29 * time.Second)
		third := a.refresh(first.RefreshToken, nil)
		a.expect(third, http.StatusOK, "")
		if third.RefreshToken == second.RefreshToken || third.RefreshToken == first.RefreshToken || third.RefreshToken == "" {
			t.Error("it gives no new refresh token")
		}
		for _, r := range []reply{second, third} {
			a.expect(a.refresh(r.RefreshToken, nil), http.StatusOK, "")
		}
	})
	t.Run("after it, reuse ends the whole family", func(t *testing.T) {
		a := a.in(t)
		first := a.tokens(morgan, nil)
		second := a.refresh(first.RefreshToken, nil)
		third := a.refresh(first.RefreshToken, nil)
		at.add(30 * time.Second)
		a.expect(a.refresh(first.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
		for _, r := range []reply{second, third} {
			a.expect(a.refresh(r.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
			if status, _, _ := a.userinfo(r.AccessToken); status != http.StatusUnauthorized {
				t.Errorf("userinfo answers %d", status)
			}
		}
	})
	t.Run("a use within the overlap does not prolong it", func(t *testing.T) {
		a := a.in(t)
		first := a.tokens(morgan, nil)
		for _, want := range []int{200, 200, 403} {
			if got := a.refresh(first.RefreshToken, nil); got.status != want {
				t.Errorf("status %d, want %d", got.status, want)
			}
			at.add(20 * time.Second)
		}
	})
}

func TestNoRotation(t *testing.T) {
	t.Parallel()
	a := start(t, func(c *tenant.Config) { c.NoRotation = true })
	first := a.tokens(morgan, nil)
	for range 3 {
		r := a.refresh(first.RefreshToken, nil)
		a.expect(r, http.StatusOK, "")
		if r.RefreshToken != "" || r.AccessToken == "" {
			t.Errorf("reply: %+v", r)
		}
	}
	a.expect(a.post(tenant.Revocation, url.Values{"client_id": {clientID}, "token": {first.RefreshToken}}), http.StatusOK, "")
	a.expect(a.refresh(first.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
}

func TestCodesAndSignInsEnd(t *testing.T) {
	t.Parallel()
	at := newClock()
	a := start(t, func(c *tenant.Config) { c.Now = at.now })
	t.Run("a code is good for ten minutes", func(t *testing.T) {
		a := a.in(t)
		early, late := a.signIn(erin, nil).Get("code"), a.signIn(erin, nil).Get("code")
		at.add(10*time.Minute - time.Second)
		a.expect(a.exchange(early, nil), http.StatusOK, "")
		at.add(time.Second)
		a.expect(a.exchange(late, nil), http.StatusForbidden, "invalid_grant")
	})
	t.Run("a sign-in is good for an hour", func(t *testing.T) {
		a := a.in(t)
		p := a.pager()
		login := p.get(a.authorizationURL(nil))
		at.add(time.Hour)
		if got := p.post(login, url.Values{"email": {erin}}); got.status != http.StatusBadRequest || !strings.Contains(got.body, "go back to the application") {
			t.Errorf("status %d: %s", got.status, got.body)
		}
	})
}

func TestKeyRotation(t *testing.T) {
	t.Parallel()
	at := newClock()
	a := start(t, func(c *tenant.Config) { c.Now, c.RefreshTokenLifetime = at.now, 90*24*time.Hour })
	before := a.tokens(morgan, nil)
	if err := a.tenant.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	after := a.refresh(before.RefreshToken, nil)
	a.expect(after, http.StatusOK, "")
	if a.kid(before.AccessToken) == a.kid(after.AccessToken) || a.kid(after.AccessToken) != a.kid(after.IDToken) {
		t.Error("new tokens are signed by the old key")
	}
	for _, token := range []string{before.AccessToken, before.IDToken, after.AccessToken, after.IDToken} {
		a.claims(token) // which fails if the key is not published
	}
	if status, _, _ := a.userinfo(before.AccessToken); status != http.StatusOK {
		t.Errorf("userinfo answers %d to a token of the old key", status)
	}
	at.add(10*time.Hour + 4*time.Minute)
	if got := a.keys(); len(got) != 2 {
		t.Errorf("%d keys are published while ID tokens of the old one are good", len(got))
	}
	at.add(time.Minute)
	if got := a.keys(); len(got) != 1 || got[0] != a.kid(after.AccessToken) {
		t.Errorf("published: %q", got)
	}
}

func TestKeyRotationOverHTTP(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	address := strings.TrimSuffix(a.tenant.Issuer(), "/") + tenant.RotateKeysPath
	post := func(header, value string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if header != "" {
			r.Header.Set(header, value)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode
	}
	for _, c := range []struct {
		name, header, value string
		status, keys        int
	}{
		{"another site's page may not", "Origin", "https://evil.example", 403, 1},
		{"nor one that says so", "Sec-Fetch-Site", "cross-site", 403, 1},
		{"a program may", "", "", 204, 2},
	} {
		if got := post(c.header, c.value); got != c.status || len(a.keys()) != c.keys {
			t.Errorf("%s: status %d, %d keys", c.name, got, len(a.keys()))
		}
	}
	if got := a.pager().get(address); got.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: status %d", got.status)
	}
}
