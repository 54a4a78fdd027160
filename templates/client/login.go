package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Login signs somebody in: it opens the system browser at the tenant and waits
// for the answer on a loopback port, until ctx ends. [WithRedirector] and
// [WithDeviceLogin] choose other ways. When the user or the tenant declines, the
// error is a [*TenantError].
//
// It asks for the scopes of [Config]. With scopes given it asks for these too,
// and for all that the user was asked for before, which is how to step up to
// what a call lacked. The granted scopes can be fewer, see [Session.Granted];
// asking again and again for what a user may not have opens the browser again
// and again.
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
	if err := a.checkStore(ctx); err != nil {
		return nil, err
	}
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
		listener.finish(signInEndedPage(err))
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

// unusedDeadline is for the revocation of what a sign-in leaves unused: its
// caller waits for it, and may have gone.
const unusedDeadline = 5 * time.Second

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
	brief, cancel := context.WithTimeout(context.WithoutCancel(ctx), unusedDeadline)
	defer cancel()
	if err := a.revoke(brief, unused); err != nil {
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
