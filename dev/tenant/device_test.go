package tenant_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/dev/tenant"
)

// deviceReply is what the device shows and keeps.
type deviceReply struct {
	DeviceCode string `json:"device_code"`
	UserCode   string `json:"user_code"`
	Page       string `json:"verification_uri"`
	Complete   string `json:"verification_uri_complete"`
}

func (a *app) askForCode(change url.Values) deviceReply {
	a.Helper()
	form := url.Values{"client_id": {clientID}, "scope": {allAsked}, "audience": {audience}, "resource": {audience}}
	for name, values := range change {
		form[name] = values
	}
	resp, err := http.PostForm(a.tenant.URL(tenant.Device), form)
	if err != nil {
		a.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var r deviceReply
	if err := json.NewDecoder(resp.Body).Decode(&r); err != nil || resp.StatusCode != http.StatusOK || r.DeviceCode == "" {
		a.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return r
}

func (a *app) askForTokens(deviceCode string) reply {
	a.Helper()
	return a.post(tenant.Token, url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "client_id": {clientID}, "device_code": {deviceCode},
	})
}

// visit is the person at a page of the tenant, who is not sent elsewhere.
func (a *app) visit(person tenant.Browser, address string, says string) {
	a.Helper()
	page, err := person.SignIn(a.Context(), address)
	if !errors.Is(err, tenant.ErrNotReturned) || page.Status != http.StatusOK || !strings.Contains(page.Body, says) {
		a.Fatalf("the page says %s (%v)", page.Body, err)
	}
}

func TestDevice(t *testing.T) {
	t.Parallel()
	for name, layout := range map[string]tenant.Layout{"Auth0": tenant.Auth0, "Discovery": tenant.Discovery} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, func(c *tenant.Config) { c.Layout = layout })
			t.Run("a device gets tokens once its person has signed in, and once only", func(t *testing.T) {
				a := a.in(t)
				r := a.askForCode(nil)
				a.expect(a.askForTokens(r.DeviceCode), http.StatusBadRequest, "authorization_pending")
				a.visit(tenant.Browser{Email: "erin@exampleco.com"}, r.Complete, "Signed in")
				tokens := a.askForTokens(r.DeviceCode)
				a.expect(tokens, http.StatusOK, "")
				if got := a.claims(tokens.AccessToken); !slices.Equal(got["aud"].([]any), []any{audience}) || got["sub"] != "auth0|erin" {
					t.Errorf("access token: %v", got)
				}
				if _, has := a.claims(tokens.IDToken)["nonce"]; has || tokens.RefreshToken == "" {
					t.Errorf("nonce: %t, refresh token %q", has, tokens.RefreshToken)
				}
				if again := a.askForTokens(r.DeviceCode); again.status == http.StatusOK {
					t.Error("the device code is good twice")
				}
				a.expect(a.refresh(tokens.RefreshToken, nil), http.StatusOK, "")
			})
			t.Run("the person may enter the code", func(t *testing.T) {
				a := a.in(t)
				r := a.askForCode(nil)
				page, err := http.Get(r.Page)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = page.Body.Close() }()
				if page.StatusCode != http.StatusOK {
					t.Errorf("status %d", page.StatusCode)
				}
				a.visit(tenant.Browser{Email: "erin@exampleco.com"}, strings.Replace(r.Page, "/device", "/login", 1)+"?id="+r.UserCode, "Signed in")
				a.expect(a.askForTokens(r.DeviceCode), http.StatusOK, "")
			})
			t.Run("a person who declines ends it", func(t *testing.T) {
				a := a.in(t)
				r := a.askForCode(nil)
				a.visit(tenant.Browser{Email: "erin@exampleco.com", Deny: true}, r.Complete, "Denied")
				if got := a.askForTokens(r.DeviceCode); got.Error != "access_denied" {
					t.Errorf("status %d, error %q", got.status, got.Error)
				}
			})
			t.Run("a user code is not a device code", func(t *testing.T) {
				a := a.in(t)
				if got := a.askForTokens(a.askForCode(nil).UserCode); got.status == http.StatusOK || got.Error == "authorization_pending" {
					t.Errorf("status %d, error %q", got.status, got.Error)
				}
			})
			t.Run("another audience is refused", func(t *testing.T) {
				a := a.in(t)
				form := url.Values{"client_id": {clientID}, "scope": {"openid"}, "audience": {"https://other.example"}, "resource": {"https://other.example"}}
				a.expect(a.post(tenant.Device, form), http.StatusBadRequest, "invalid_target")
			})
		})
	}
}
