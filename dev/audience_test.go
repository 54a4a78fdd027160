package dev_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/scaffold/dev"
	"example.com/scaffold/dev/tenant"
)

// accessToken signs Ada in, as an application that asks for no audience.
func accessToken(t *testing.T, s *dev.Server, callback string) string {
	t.Helper()
	verifier := strings.Repeat("v", 43)
	sum := sha256.Sum256([]byte(verifier))
	address := strings.Replace(authorizationURL(s, callback, "openid read:notes"),
		"code_challenge="+strings.Repeat("c", 43), "code_challenge="+base64.RawURLEncoding.EncodeToString(sum[:]), 1)
	back, err := s.SignIn(t.Context(), tenant.Browser{Email: "ada@example.com"}, address)
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(back)
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"notes"}, "redirect_uri": {callback},
		"code": {at.Query().Get("code")}, "code_verifier": {verifier},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Tenant().URL(tenant.Token), strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read from
	var reply struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil || reply.AccessToken == "" {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	return reply.AccessToken
}

// A spec need not name an audience: most providers but Auth0 give tokens for the
// API all the same.
func TestWithoutAnAudience(t *testing.T) {
	t.Parallel()
	without := strings.Replace(notes, "audience: https://api.exampleco.com/notes\n", "", 1)
	for name, test := range map[string]struct {
		tenant, callback string
		want             int
	}{
		"at most providers": {oidcTenant, "com.exampleco.notes:/callback", http.StatusOK},
		"at Auth0":          {auth0Tenant, "http://127.0.0.1:8484/callback", http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, dev.Config{Spec: parse(t, without+test.tenant)})
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.BaseURL()+"/notes", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Authorization", "Bearer "+accessToken(t, server, test.callback))
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil || resp.StatusCode != test.want {
				t.Errorf("status %d (%s), %v; want %d", resp.StatusCode, resp.Header.Get("WWW-Authenticate"), err, test.want)
			}
		})
	}
}
