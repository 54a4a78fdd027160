package tenant_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"example.com/scaffold/dev/tenant"
)

// standard is a client of golang.org/x/oauth2 and coreos/go-oidc: nothing of
// ours, and all that it knows of the tenant is the issuer.
type standard struct {
	*app
	provider *oidc.Provider
	config   oauth2.Config
	audience oauth2.AuthCodeOption
}

func newStandard(t *testing.T, layout tenant.Layout, change func(*tenant.Config)) *standard {
	t.Helper()
	a := start(t, func(c *tenant.Config) {
		c.Layout = layout
		if change != nil {
			change(c)
		}
	})
	provider, err := oidc.NewProvider(t.Context(), a.tenant.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	parameter := "resource"
	if layout == tenant.Auth0 {
		parameter = "audience"
	}
	return &standard{a, provider, oauth2.Config{
		ClientID: clientID, Endpoint: provider.Endpoint(), RedirectURL: a.callback, Scopes: strings.Fields(allAsked),
	}, oauth2.SetAuthURLParam(parameter, audience)}
}

// code signs in, and returns what came back.
func (s *standard) code(verifier string, options ...oauth2.AuthCodeOption) url.Values {
	s.Helper()
	options = append([]oauth2.AuthCodeOption{s.audience, oauth2.S256ChallengeOption(verifier), oidc.Nonce("n")}, options...)
	if _, err := (tenant.Browser{Email: morgan}).SignIn(s.Context(), s.config.AuthCodeURL("s", options...)); err != nil {
		s.Fatal(err)
	}
	return <-s.returned
}

func (s *standard) tokens() *oauth2.Token {
	s.Helper()
	verifier := oauth2.GenerateVerifier()
	token, err := s.config.Exchange(s.Context(), s.code(verifier).Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		s.Fatal(err)
	}
	return token
}

func (s *standard) refreshed(token string) (*oauth2.Token, error) {
	return s.config.TokenSource(s.Context(), &oauth2.Token{RefreshToken: token}).Token()
}

// refusedAs tells the code of the tenant's error.
func refusedAs(err error) string {
	if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok {
		return refused.ErrorCode
	}
	return "not refused"
}

func TestStandardClient(t *testing.T) {
	t.Parallel()
	for name, layout := range map[string]tenant.Layout{"Auth0": tenant.Auth0, "Discovery": tenant.Discovery} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStandard(t, layout, nil)
			token := s.tokens()
			text, _ := token.Extra("id_token").(string)
			id, err := s.provider.Verifier(&oidc.Config{ClientID: clientID}).Verify(t.Context(), text)
			if err != nil {
				t.Fatal(err)
			}
			if id.Subject != "auth0|morgan" || id.Nonce != "n" || id.VerifyAccessToken(token.AccessToken) != nil || time.Until(token.Expiry) < 50*time.Minute {
				t.Errorf("ID token %+v, expiry %s", id, token.Expiry)
			}
			access, err := s.provider.Verifier(&oidc.Config{ClientID: audience}).Verify(t.Context(), token.AccessToken)
			if err != nil || !slices.Equal(access.Audience, []string{audience}) {
				t.Errorf("access token: %v, %v", access, err)
			}
			info, err := s.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
			if err != nil || info.Subject != id.Subject || info.Email != morgan {
				t.Errorf("userinfo: %+v, %v", info, err)
			}

			next, err := s.refreshed(token.RefreshToken)
			if err != nil || next.RefreshToken == token.RefreshToken || next.RefreshToken == "" {
				t.Fatalf("it does not rotate: %v", err)
			}
			if _, err := s.refreshed(token.RefreshToken); refusedAs(err) != "invalid_grant" {
				t.Errorf("reuse: %v", err)
			}
			if _, err := s.refreshed(next.RefreshToken); refusedAs(err) != "invalid_grant" {
				t.Errorf("after a reuse the family is good: %v", err)
			}
		})
	}
}

func TestStandardClientIsRefused(t *testing.T) {
	t.Parallel()
	for name, layout := range map[string]tenant.Layout{"Auth0": tenant.Auth0, "Discovery": tenant.Discovery} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStandard(t, layout, nil)
			t.Run("a verifier that does not fit", func(t *testing.T) {
				code := s.code(oauth2.GenerateVerifier()).Get("code")
				if _, err := s.config.Exchange(t.Context(), code, oauth2.VerifierOption(oauth2.GenerateVerifier())); refusedAs(err) != "invalid_grant" {
					t.Errorf("error %v", err)
				}
			})
			t.Run("another redirect URI at the token endpoint", func(t *testing.T) {
				verifier := oauth2.GenerateVerifier()
				code := s.code(verifier).Get("code")
				other := s.config
				other.RedirectURL += "/other"
				if _, err := other.Exchange(t.Context(), code, oauth2.VerifierOption(verifier)); refusedAs(err) != "invalid_grant" {
					t.Errorf("error %v", err)
				}
			})
			t.Run("another redirect URI at the authorization endpoint", func(t *testing.T) {
				other := s.config
				other.RedirectURL = strings.Replace(other.RedirectURL, "/callback", "/elsewhere", 1)
				page, err := (tenant.Browser{Email: morgan}).SignIn(t.Context(), other.AuthCodeURL("s", oauth2.S256ChallengeOption(verifier)))
				if !errors.Is(err, tenant.ErrNotReturned) || page.Status != http.StatusBadRequest {
					t.Errorf("status %d, error %v", page.Status, err)
				}
			})
			t.Run("another audience", func(t *testing.T) {
				for _, parameter := range []string{"audience", "resource"} {
					if (parameter == "audience") != (layout == tenant.Auth0) {
						continue
					}
					back := s.code(verifier, oauth2.SetAuthURLParam(parameter, "https://other.example"))
					if want := map[string]string{"audience": "access_denied", "resource": "invalid_target"}[parameter]; back.Get("error") != want || back.Get("state") != "s" {
						t.Errorf("the callback got %v", back)
					}
				}
			})
			t.Run("a token that was revoked", func(t *testing.T) {
				token := s.tokens()
				var metadata struct {
					Revocation string `json:"revocation_endpoint"`
				}
				if err := s.provider.Claims(&metadata); err != nil {
					t.Fatal(err)
				}
				for range 2 { // the second time there is nothing to revoke, which is no error (RFC 7009 section 2.2)
					resp, err := http.PostForm(metadata.Revocation, url.Values{"client_id": {clientID}, "token": {token.RefreshToken}})
					if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK {
						t.Errorf("status %d, %v", resp.StatusCode, err)
					}
				}
				if _, err := s.refreshed(token.RefreshToken); refusedAs(err) != "invalid_grant" {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

// A client that caches keys has to see new ones, and go on with tokens of the old.
func TestStandardClientSeesNewKeys(t *testing.T) {
	t.Parallel()
	s := newStandard(t, tenant.Auth0, nil)
	verify := s.provider.Verifier(&oidc.Config{ClientID: clientID}).Verify
	before := s.tokens()
	if err := s.tenant.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	for when, token := range map[string]*oauth2.Token{"before": before, "after": s.tokens()} {
		text, _ := token.Extra("id_token").(string)
		if _, err := verify(context.WithoutCancel(t.Context()), text); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
}
