package tenant_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	on := func(text string) {
		t.Helper()
		f, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		a.tenant.Faults().Clear()
		a.tenant.Faults().Add(f)
	}
	session := a.tokens(morgan, nil)
	t.Run("500, once", func(t *testing.T) {
		a := a.in(t)
		on("token:500x1")
		a.expect(a.refresh(session.RefreshToken, nil), http.StatusInternalServerError, "server_error")
		session = a.refresh(session.RefreshToken, nil) // the token was not used up
		a.expect(session, http.StatusOK, "")
	})
	t.Run("429 with Retry-After", func(t *testing.T) {
		a := a.in(t)
		on("429=7sx1")
		r := a.refresh(session.RefreshToken, nil)
		a.expect(r, http.StatusTooManyRequests, "too_many_requests")
		if r.header.Get("Retry-After") != "7" {
			t.Errorf("header: %v", r.header)
		}
	})
	t.Run("revoked: a refresh finds nothing, a code is not touched", func(t *testing.T) {
		a := a.in(t)
		on("revokedx1")
		a.tokens(morgan, nil)
		a.expect(a.refresh(session.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
		session = a.refresh(session.RefreshToken, nil)
		a.expect(session, http.StatusOK, "")
	})
	t.Run("expired: the access token is, from the beginning", func(t *testing.T) {
		a := a.in(t)
		on("token:expired")
		for name, change := range map[string]url.Values{"JWT": nil, "opaque": {"audience": nil}} {
			r := a.tokens(morgan, change)
			if status, _, _ := a.userinfo(r.AccessToken); status != http.StatusUnauthorized || r.ExpiresIn != 3600 {
				t.Errorf("%s: userinfo answers %d, it is said to be good for %d s", name, status, r.ExpiresIn)
			}
		}
		r := a.refresh(session.RefreshToken, nil)
		if exp := a.claims(r.AccessToken)["exp"].(float64); exp > float64(time.Now().Add(-30*time.Minute).Unix()) {
			t.Errorf("exp %v", exp)
		}
		if exp := a.claims(r.IDToken)["exp"].(float64); exp < float64(time.Now().Unix()) {
			t.Errorf("the ID token is expired too: %v", exp)
		}
		session = r
	})
	t.Run("slow: a client that gives up has lost nothing", func(t *testing.T) {
		a := a.in(t)
		on("token:slow=1h")
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		form := url.Values{"grant_type": {"refresh_token"}, "client_id": {clientID}, "refresh_token": {session.RefreshToken}}
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.tenant.URL(tenant.Token), strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if resp, err := http.DefaultClient.Do(r); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("%v, %v", resp, err)
		}
		a.tenant.Faults().Clear()
		session = a.refresh(session.RefreshToken, nil)
		a.expect(session, http.StatusOK, "")
	})
	for endpoint, at := range map[string]tenant.Endpoint{
		fault.Discovery: tenant.Metadata, fault.Authorize: tenant.Authorization, fault.Keys: tenant.Keys, fault.Userinfo: tenant.Userinfo,
	} {
		t.Run("500 at "+endpoint, func(t *testing.T) {
			on(endpoint + ":500x1")
			if got := a.in(t).pager().get(a.tenant.URL(at)); got.status != http.StatusInternalServerError {
				t.Errorf("status %d", got.status)
			}
		})
	}
}

func TestFaultsOverHTTP(t *testing.T) {
	t.Parallel()
	faults := new(fault.Set)
	a := start(t, func(c *tenant.Config) { c.Faults = faults })
	address := strings.TrimSuffix(a.tenant.Issuer(), "/") + tenant.FaultsPath
	do := func(method, body string) page {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(r)
		return a.pager().read(resp, err)
	}
	for _, c := range []struct {
		method, body string
		status       int
		says         string
	}{
		{http.MethodGet, "", 200, `{"faults":[]}`},
		{http.MethodPost, "fault=token:429=30sx2", 200, `{"faults":["token:429=30sx2"]}`},
		{http.MethodPost, "fault=api:500", 200, `{"faults":["token:429=30sx2","api:500"]}`},
		{http.MethodPost, "fault=404", 400, `there is no "404"`},
		{http.MethodPut, "", 405, ""},
		{http.MethodGet, "", 200, `{"faults":["token:429=30sx2","api:500"]}`},
		{http.MethodDelete, "", 200, `{"faults":[]}`},
	} {
		if got := do(c.method, c.body); got.status != c.status || !strings.Contains(got.body, c.says) {
			t.Errorf("%s %s: status %d: %s", c.method, c.body, got.status, got.body)
		}
	}
	for _, header := range []string{"Origin", "Sec-Fetch-Site"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(header, map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}[header])
		resp, err := http.DefaultClient.Do(r)
		if got := a.pager().read(resp, err); got.status != http.StatusForbidden {
			t.Errorf("another site's page, told by %s: status %d", header, got.status)
		}
	}
	do(http.MethodPost, "fault=500x1")
	if list := faults.List(); len(list) != 1 || list[0].Kind != fault.Unavailable {
		t.Errorf("the set that was given holds %v", list)
	}
}
