package client

import (
	"cmp"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// authorizationRequest is one attempt to sign in. The state binds the answer
// to it, the nonce the ID token, and the verifier the code (RFC 7636).
type authorizationRequest struct {
	scopes      []string
	redirectURI string
	state       string
	nonce       string
	verifier    secret
}

func newAuthorizationRequest(scopes []string) authorizationRequest {
	return authorizationRequest{
		scopes:   scopes,
		state:    randomToken(),
		nonce:    randomToken(),
		verifier: newSecret(randomToken()),
	}
}

// randomToken returns 256 random bits as 43 characters.
func randomToken() string {
	var bits [32]byte
	_, _ = rand.Read(bits[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(bits[:])
}

// authorizationURL returns the address to open (OpenID Connect Core 1.0
// section 3.1.2.1).
func (a *App) authorizationURL(meta metadata, request authorizationRequest) string {
	query := url.Values{}
	for name, value := range a.config.Parameters {
		query.Set(name, value)
	}
	query.Set("response_type", "code")
	query.Set("client_id", a.config.ClientID)
	query.Set("redirect_uri", request.redirectURI)
	query.Set("scope", strings.Join(request.scopes, " "))
	query.Set("state", request.state)
	query.Set("nonce", request.nonce)
	query.Set("code_challenge", oauth2.S256ChallengeFromVerifier(request.verifier.reveal()))
	query.Set("code_challenge_method", "S256")
	a.addResource(query)
	a.addAudience(query)
	if a.config.Provider == ProviderOIDC && slices.Contains(request.scopes, "offline_access") && !query.Has("prompt") {
		query.Set("prompt", "consent") // or offline_access is ignored (OpenID Connect Core 1.0 section 11)
	}
	separator := "?"
	if strings.Contains(meta.authorizationEndpoint, "?") {
		separator = "&"
	}
	return meta.authorizationEndpoint + separator + query.Encode()
}

// addResource names the API whose access token is wanted (RFC 8707 section 2),
// to the endpoint where a sign-in begins and to the token endpoint.
func (a *App) addResource(form url.Values) {
	if a.config.Provider == ProviderOIDC && a.config.Audience != "" {
		form.Set("resource", a.config.Audience)
	}
}

// addAudience does so for Auth0, which has its own parameter, and only where a
// sign-in begins.
func (a *App) addAudience(form url.Values) {
	if a.config.Provider == ProviderAuth0 && a.config.Audience != "" {
		form.Set("audience", a.config.Audience)
	}
}

// maxCallbackQuery bounds, in bytes, the query of an authorization response.
// The longest codes seen in practice are about 2 KiB.
const maxCallbackQuery = 8 << 10

// authorizationResponse is what the tenant sent back through the browser
// (RFC 6749 section 4.1.2). Exactly one of code and errorCode is set.
type authorizationResponse struct {
	code             string
	iss              string // RFC 9207; not yet compared with the issuer
	issPresent       bool
	errorCode        string // printable and short, as is errorDescription
	errorDescription string
}

// String keeps the code out of whatever is printed.
func (authorizationResponse) String() string { return "authorization response (not shown)" }

// GoString keeps the code out of %#v too.
func (r authorizationResponse) GoString() string { return r.String() }

// parseAuthorizationResponse reads the query of a redirect (RFC 6749 sections
// 4.1.2 and 4.1.2.1). An error means that the query is not the answer to the
// sign-in that sent state; its text holds nothing from the query.
func parseAuthorizationResponse(rawQuery, state string) (authorizationResponse, error) {
	if len(rawQuery) > maxCallbackQuery {
		return authorizationResponse{}, errors.New("the address is too long")
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return authorizationResponse{}, errors.New("the address is malformed")
	}
	// RFC 6749 section 3.1: parameters must not be included more than once.
	for _, name := range []string{"state", "code", "error", "error_description", "iss"} {
		if len(query[name]) > 1 {
			return authorizationResponse{}, fmt.Errorf("the parameter %s is repeated", name)
		}
	}
	// Before all else, so that nobody can end a sign-in they did not begin.
	if state == "" || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(state)) != 1 {
		return authorizationResponse{}, errors.New("the address does not belong to this sign-in")
	}
	response := authorizationResponse{iss: query.Get("iss"), issPresent: query.Has("iss")}
	switch {
	case query.Get("error") != "": // also when there is a code: no honest server sends both
		response.errorCode = cmp.Or(printableText(query.Get("error"), 100), "unreadable_error")
		response.errorDescription = printableText(query.Get("error_description"), 500)
	case query.Get("code") != "":
		response.code = query.Get("code")
	default:
		return authorizationResponse{}, errors.New("the address holds neither a code nor an error")
	}
	return response, nil
}

// parseCallbackURL reads the callback URL that a redirector brought, such as one
// that a person copied from the browser. The rules are the listener's own. No
// error holds the URL, which may carry a code.
func parseCallbackURL(redirectURI, pasted, state string) (authorizationResponse, error) {
	redirect, err := url.Parse(redirectURI)
	if err != nil {
		return authorizationResponse{}, fmt.Errorf("redirect URI: %w", err)
	}
	callback, err := url.Parse(strings.TrimSpace(pasted))
	if err != nil {
		return authorizationResponse{}, errors.New("it is not a URL")
	}
	if callback.Scheme != redirect.Scheme || callback.Opaque != redirect.Opaque || callback.User != nil ||
		!strings.EqualFold(callbackHost(callback), callbackHost(redirect)) ||
		callbackPath(callback) != callbackPath(redirect) {
		return authorizationResponse{}, fmt.Errorf("it does not begin with %s", redirectURI)
	}
	return parseAuthorizationResponse(callback.RawQuery, state)
}

// checkResponse looks at everything but the state, which has been checked.
func (a *App) checkResponse(meta metadata, response authorizationResponse) error {
	// A response of another tenant must not have its code sent to this one
	// (mix-up, RFC 9207 section 2.4).
	if response.issPresent && response.iss != a.config.Issuer {
		return errors.New("the answer came from another issuer")
	}
	if meta.issInCallback && !response.issPresent {
		return errors.New("the answer does not name its issuer, as the tenant promises it would")
	}
	if response.errorCode != "" {
		return &TenantError{Code: response.errorCode, Description: response.errorDescription}
	}
	return nil
}
