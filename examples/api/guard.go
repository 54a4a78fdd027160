package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// guard lets a request through that carries an access token of the issuer, for
// this API, with the scope of the endpoint (RFC 6750).
type guard struct{ verifier *oidc.IDTokenVerifier }

// caller is who calls.
type caller struct {
	subject string
	scopes  []string
}

func (c caller) has(scope string) bool { return slices.Contains(c.scopes, scope) }

func newGuard(issuer, jwksURL, audience string, now func() time.Time) *guard {
	ctx := oidc.ClientContext(context.Background(), &http.Client{Timeout: 10 * time.Second})
	// An access token of this kind is checked as an ID token is: signature,
	// iss, aud and exp. Its audience is the API, where an ID token's is the
	// client, so that the one is never taken for the other.
	return &guard{verifier: oidc.NewVerifier(issuer, oidc.NewRemoteKeySet(ctx, jwksURL), &oidc.Config{
		ClientID:             audience,
		SupportedSigningAlgs: []string{oidc.RS256},
		Now:                  now,
	})}
}

// need wraps a handler of an endpoint that asks for a scope.
func (g *guard) need(scope string, next func(http.ResponseWriter, *http.Request, caller)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, ok := bearer(r)
		if !ok {
			refuse(w, http.StatusUnauthorized, "Bearer", "a bearer token is needed") // no error code: RFC 6750 section 3.1
			return
		}
		c, err := g.caller(r.Context(), token)
		if err != nil {
			refuse(w, http.StatusUnauthorized, `Bearer error="invalid_token"`, err.Error())
			return
		}
		if !c.has(scope) {
			refuse(w, http.StatusForbidden, fmt.Sprintf("Bearer error=%q, scope=%q", "insufficient_scope", scope), "the scope "+scope+" is needed")
			return
		}
		next(w, r, c)
	})
}

func (g *guard) caller(ctx context.Context, token string) (caller, error) {
	verified, err := g.verifier.Verify(ctx, token)
	if err != nil {
		return caller{}, fmt.Errorf("verify the access token: %w", err)
	}
	var claims struct {
		Scope string `json:"scope"`
	}
	if err := verified.Claims(&claims); err != nil {
		return caller{}, fmt.Errorf("read the access token's scope: %w", err)
	}
	return caller{subject: verified.Subject, scopes: strings.Fields(claims.Scope)}, nil
}

// bearer reads the token; the scheme's case does not matter (RFC 9110 section 11.1).
func bearer(r *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}

func refuse(w http.ResponseWriter, status int, challenge, message string) {
	w.Header().Set("WWW-Authenticate", challenge)
	problem(w, status, message)
}
