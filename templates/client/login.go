package client

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/oauth2"
)

// Login signs somebody in: it opens the system browser at the tenant and waits
// for the answer on a loopback port, until ctx ends. [WithRedirector] and
// [WithDeviceLogin] choose other ways. It asks for the scopes of
// [Config]. With scopes given it asks for these too, and for all that the user
// was asked for before, which is how to step up to what a call lacked. The
// granted scopes can be fewer, see [Session.Granted]; asking again and again for
// what a user may not have opens the browser again and again. When the user or
// the tenant declines, the error is a [*TenantError].
//
// When the same user signs in again, the session that the application already
// holds is updated and returned.
func (a *App) Login(ctx context.Context, scopes ...string) (*Session, error) {
	session, err := a.login(ctx, scopes)
	if err != nil {
		return nil, fmt.Errorf("sign in: %w", err)
	}
	return session, nil
}

func (a *App) login(ctx context.Context, scopes []string) (*Session, error) {
	for _, scope := range scopes {
		if !isScopeToken(scope) {
			return nil, fmt.Errorf("%q is not a scope", scope)
		}
	}
	// Nobody should sign in, and learn only then that it cannot be stored.
	unlock, err := a.lockBoth(ctx)
	if err != nil {
		return nil, err
	}
	unlock()
	meta, err := a.tenant.metadata(ctx)
	if err != nil {
		return nil, err
	}
	asked := a.scopesToRequest(ctx, scopes)
	switch {
	case a.device != nil:
		return a.loginByDevice(ctx, meta, asked)
	case a.redirector != nil:
		return a.loginByRedirector(ctx, meta, newAuthorizationRequest(asked))
	}
	return a.loginByBrowser(ctx, meta, newAuthorizationRequest(asked))
}

func (a *App) loginByBrowser(ctx context.Context, meta metadata, request authorizationRequest) (*Session, error) {
	callbacks := a.config.loopbackCallbacks()
	if len(callbacks) == 0 {
		return nil, fmt.Errorf("the callback %s does not come to a port of this machine, so it needs WithRedirector", a.config.Callbacks[0])
	}
	listener, err := listenForCallback(callbacks)
	if err != nil {
		return nil, err
	}
	defer listener.close()
	request.redirectURI = listener.redirectURI()
	address := a.authorizationURL(meta, request)
	if err := a.openInBrowser(ctx, address); err != nil {
		a.logger.InfoContext(ctx, "no browser could be opened", "error", err)
		_, err := fmt.Fprintf(a.messages, "To sign in, open this address in a browser on this machine:\n\n%s\n\n", address)
		if err != nil {
			return nil, fmt.Errorf("show the address to open: %w", err)
		}
	}
	response, err := listener.wait(ctx, request.state)
	if err != nil {
		return nil, err
	}
	session, err := a.complete(ctx, meta, request, response)
	if err != nil {
		listener.finish(signInFailedPage(err.Error()))
		return nil, err
	}
	listener.finish(signedInPage())
	return session, nil
}

func (a *App) loginByRedirector(ctx context.Context, meta metadata, request authorizationRequest) (*Session, error) {
	request.redirectURI = a.config.Callbacks[0]
	callback, err := a.redirector.Redirect(ctx, a.authorizationURL(meta, request))
	if err != nil {
		return nil, fmt.Errorf("redirector: %w", err)
	}
	response, err := parseCallbackURL(request.redirectURI, callback, request.state)
	if err != nil {
		return nil, fmt.Errorf("read the callback URL: %w", err)
	}
	return a.complete(ctx, meta, request, response)
}

// scopesToRequest returns what a sign-in asks for. A tenant may grant exactly
// what the last request named, so a step-up names what it already has, too. A
// plain sign-in does not: somebody else may be about to sign in.
func (a *App) scopesToRequest(ctx context.Context, extra []string) []string {
	asked := slices.Clone(a.config.Scopes)
	if len(extra) > 0 {
		known, err := a.known().current()
		if err != nil {
			known, err = a.load(ctx)
		}
		if err == nil {
			asked = append(asked, known.requested...)
		}
	}
	asked = append(asked, extra...)
	var once []string
	for _, scope := range asked {
		if !slices.Contains(once, scope) {
			once = append(once, scope)
		}
	}
	return once
}

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

// complete redeems the authorization response.
func (a *App) complete(ctx context.Context, meta metadata, request authorizationRequest, response authorizationResponse) (*Session, error) {
	if err := a.checkResponse(meta, response); err != nil {
		return nil, err
	}
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {response.code},
		"redirect_uri":  {request.redirectURI},
		"code_verifier": {request.verifier.reveal()},
	}
	a.addResource(form)
	reply, err := a.tenant.requestTokens(ctx, form)
	if err != nil {
		return nil, fmt.Errorf("exchange the code: %w", err)
	}
	return a.signedIn(ctx, request.scopes, request.nonce, reply)
}

// signedIn turns the reply to a sign-in that asked for scopes into a stored
// session. Tokens that nobody will use it revokes.
func (a *App) signedIn(ctx context.Context, scopes []string, nonce string, reply tokenReply) (*Session, error) {
	fresh, err := a.validated(ctx, scopes, nonce, reply)
	var session *Session
	if err == nil {
		session, err = a.adopt(ctx, fresh)
	}
	if err == nil {
		return session, nil
	}
	unused := &credentials{accessToken: reply.accessToken, refreshToken: reply.refreshToken}
	if err := a.revoke(ctx, unused); err != nil {
		a.logger.WarnContext(ctx, "the tokens of a sign-in that failed were not revoked", "error", err)
	}
	return nil, err
}

// validated returns the credentials in a reply, once its ID token is validated.
// Without a nonce, the ID token must have none.
func (a *App) validated(ctx context.Context, scopes []string, nonce string, reply tokenReply) (*credentials, error) {
	if reply.idToken.empty() {
		return nil, errors.New("the tenant's reply has no id_token")
	}
	maxAge, err := a.config.maxAge()
	if err != nil {
		return nil, err
	}
	user, err := a.tenant.verifyIDToken(ctx, reply.idToken, idTokenExpectation{
		nonce:         nonce,
		nonceOptional: nonce == "",
		accessToken:   reply.accessToken,
		maxAge:        maxAge,
	})
	if err != nil {
		return nil, err
	}
	now := a.now().Round(0) // a stored time has no monotonic clock
	fresh := &credentials{
		issuer:       a.config.Issuer,
		clientID:     a.config.ClientID,
		audience:     a.config.Audience,
		requested:    scopes,
		granted:      scopes, // unless the reply says otherwise (RFC 6749 section 5.1)
		accessToken:  reply.accessToken,
		refreshToken: reply.refreshToken,
		idToken:      reply.idToken,
		nonce:        nonce,
		obtainedAt:   now,
		expiresAt:    now.Add(reply.expiresIn),
		claims:       user.claims,
	}
	if reply.scopesGiven {
		fresh.granted = reply.scopes
	}
	return fresh, fresh.complete()
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

// adopt stores the credentials of a sign-in and makes them the session.
func (a *App) adopt(ctx context.Context, fresh *credentials) (*Session, error) {
	unlock, err := a.lockBoth(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.save(ctx, fresh); err != nil {
		unlock()
		return nil, err
	}
	old, session := a.switchTo(fresh)
	unlock()
	a.sayUnencrypted(ctx)
	a.logger.InfoContext(ctx, "signed in", "profile", a.profile, "subject", fresh.user.Subject, "granted", fresh.granted)
	if old != nil {
		old.events.deliver()
	}
	return session, nil
}

// switchTo makes the credentials the session: the old one, if it is the same
// user's, or else a new one, which ends the old.
func (a *App) switchTo(fresh *credentials) (old, session *Session) {
	a.mu.Lock()
	defer a.mu.Unlock()
	old = a.session
	if old.live() && old.User().Subject == fresh.user.Subject {
		old.replace(fresh)
		return old, old
	}
	if old.live() {
		old.end(ReasonSignedOut)
	}
	a.session = newSession(a, fresh)
	return old, a.session
}

// isScopeToken reports whether text is one scope (RFC 6749 section 3.3).
func isScopeToken(text string) bool {
	return text != "" && !strings.Contains(text, " ") && isUnquotedText(text)
}
