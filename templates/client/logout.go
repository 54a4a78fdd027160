package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	revokeDeadline = 30 * time.Second // for a revocation as a whole
	revokeRetries  = 2                // of a revocation, when the tenant is busy
	revokePause    = time.Second      // before a retry, unless the tenant asks for more
	maxRevokeWait  = 5 * time.Second  // before all retries together
)

// LogoutOption changes what [App.Logout] does. A nil one changes nothing.
type LogoutOption func(*logoutRequest)

type logoutRequest struct {
	browser  bool
	returnTo string
}

// EndBrowserSession has [App.Logout] open the system browser as well, at the
// address where the tenant ends its session with that browser (OpenID Connect
// RP-Initiated Logout 1.0; /v2/logout at Auth0). Otherwise the next sign-in may
// ask for no password. returnTo is an address that is registered at the tenant,
// to which the browser goes on, or empty. When no browser can be opened, or the
// sign-in does without one, the address is shown where [WithMessages] says.
func EndBrowserSession(returnTo string) LogoutOption {
	return func(r *logoutRequest) { r.browser, r.returnTo = true, returnTo }
}

// Logout signs out: it forgets the credentials on this machine, then asks the
// tenant to revoke the refresh token (RFC 7009), for at most 30 seconds, and
// opens a browser if [EndBrowserSession] asks it to. Each is tried whatever
// became of the others, and the error says what failed: [ErrTemporary], too,
// when the tenant could not revoke now. To sign out when nobody is signed in is
// no error.
func (a *App) Logout(ctx context.Context, options ...LogoutOption) error {
	var request logoutRequest
	for _, option := range options {
		if option != nil {
			option(&request)
		}
	}
	// Forgetting is what matters here: it is done even if ctx has ended.
	local := context.WithoutCancel(ctx)
	unlock, err := a.lockChanges(local)
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	// So it is if another process is stuck with the store's lock: once that goes
	// on, it finds the credentials gone.
	unlockStore, lockErr := a.lockStore(local)
	a.mu.Lock()
	session := a.session
	a.session = nil
	a.mu.Unlock()
	forgotten, err := a.forget(local, session)
	if unlockStore != nil {
		unlockStore()
	}
	unlock()
	if session != nil {
		session.events.deliver()
	}
	problems := []error{lockErr, err, a.revokeForgotten(ctx, forgotten)}
	if request.browser {
		problems = append(problems, a.endBrowserSession(ctx, forgotten, request.returnTo))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// forget ends the session, removes the credentials, and returns the newest, for
// the tenant to revoke; nil for none. Those of another tenant are neither
// returned nor removed.
//
// It comes before the tenant is asked: a sign-out that is killed while the
// tenant takes its time must not leave somebody signed in.
func (a *App) forget(local context.Context, session *Session) (newest *credentials, err error) {
	newest, loadErr := a.load(local)
	if held, err := session.current(); err == nil {
		if loadErr != nil || held.inStore().sameTokens(newest) || session.isSpent(newest) {
			newest = held
		}
		session.end(ReasonSignedOut)
	}
	var problems []error
	required, _ := errors.AsType[*LoginRequiredError](loadErr)
	if newest == nil && (required == nil || required.Reason == ReasonUnreadable || required.Reason == ReasonNewer) {
		problems = append(problems, fmt.Errorf("revoke the credentials at the tenant: %w", loadErr))
	}
	if required == nil || required.Reason != ReasonOtherTenant {
		if err := a.store.Delete(local, a.profile); err != nil {
			problems = append(problems, fmt.Errorf("forget the stored credentials: %w", err))
		}
	}
	a.logger.InfoContext(local, "signed out", "profile", a.profile)
	return newest, errors.Join(problems...)
}

// revokeForgotten has the tenant revoke credentials. A tenant that is busy still
// knows the token, and may be asked again (RFC 7009 section 2.2.1).
func (a *App) revokeForgotten(ctx context.Context, c *credentials) error {
	if c == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, revokeDeadline)
	defer cancel()
	patience := maxRevokeWait
	for retry := 0; ; retry++ {
		err := a.revoke(ctx, c)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("revoke the credentials at the tenant: %w", err)
		refusal, ok := errors.AsType[*temporaryError](err)
		if !ok || !isBusy(refusal.status) || retry == revokeRetries {
			return err
		}
		pause := max(refusal.retryAfter, revokePause)
		if pause > patience || endsWithin(ctx, pause) {
			return err
		}
		if waitErr := a.wait(ctx, pause); waitErr != nil {
			return errors.Join(err, fmt.Errorf("wait until the tenant can be asked again: %w", waitErr))
		}
		patience -= pause
	}
}

// revoke has the tenant revoke the refresh token, and with it the grant. Without
// one there is the access token; Auth0 cannot revoke that, it expires by itself.
func (a *App) revoke(ctx context.Context, c *credentials) error {
	if !c.refreshToken.empty() {
		return a.tenant.revoke(ctx, c.refreshToken, "refresh_token")
	}
	if a.config.Provider == ProviderAuth0 {
		return nil
	}
	err := a.tenant.revoke(ctx, c.accessToken, "access_token")
	if refusal, ok := errors.AsType[*TenantError](err); ok && refusal.Code == "unsupported_token_type" {
		return nil // a self-contained token, which expires by itself (RFC 7009 section 2.2.1)
	}
	return err
}

// endBrowserSession opens the address at which the tenant ends its session with
// the browser. The ID token in it tells the tenant who signs out. It is for the
// browser alone: the address that is shown to the user does without.
func (a *App) endBrowserSession(ctx context.Context, c *credentials, returnTo string) error {
	var idToken secret
	if c != nil {
		idToken = c.idToken
	}
	if err := a.openEndSession(ctx, idToken, returnTo); err != nil {
		return fmt.Errorf("sign out in the browser: %w", err)
	}
	return nil
}

func (a *App) openEndSession(ctx context.Context, idToken secret, returnTo string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	address, err := a.tenant.endSessionURL(ctx, idToken, returnTo)
	if err != nil {
		return err
	}
	// Who signs in by other means may have no browser on this machine.
	if a.browser != nil || a.redirector == nil && a.device == nil {
		err := a.openInBrowser(ctx, address)
		if err == nil {
			return nil
		}
		problem := idToken.redactFrom(err.Error()) // it may quote the address
		a.logger.InfoContext(ctx, "no browser could be opened", "error", problem)
	}
	address, err = a.tenant.endSessionURL(ctx, secret{}, returnTo)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.messages, "To sign out in the browser, too, open this address:\n\n%s\n\n", address)
	if err != nil {
		return fmt.Errorf("show the address to open: %w", err)
	}
	return nil
}

// revoke makes the tenant forget a token (RFC 7009). A token that it does not
// know is a success. hint is "refresh_token" or "access_token".
func (t *tenant) revoke(ctx context.Context, token secret, hint string) error {
	provider, err := t.metadata(ctx)
	if err != nil {
		return err
	}
	if provider.revocationEndpoint == "" {
		return errors.New("the tenant has no revocation endpoint")
	}
	const doing = "ask the revocation endpoint"
	form := url.Values{
		"client_id":       {t.config.ClientID},
		"token":           {token.reveal()},
		"token_type_hint": {hint},
	}
	reply, err := t.postForm(ctx, doing, provider.revocationEndpoint, form)
	if err != nil {
		return err
	}
	if reply.status == http.StatusOK || reply.status == http.StatusNoContent {
		return nil // the body means nothing (section 2.2)
	}
	if reply.isJSON() {
		_, err := parseOAuthReply(reply.body, nil, form)
		if refusal, ok := errors.AsType[*TenantError](err); ok {
			return t.tenantFailure(doing, reply, refusal)
		}
	}
	return t.statusError(doing, reply)
}

// endSessionURL returns where a browser ends the session at the tenant
// (OpenID Connect RP-Initiated Logout 1.0 section 2; at Auth0 /v2/logout).
// The URL holds the ID token: it is for the browser, not for a log.
func (t *tenant) endSessionURL(ctx context.Context, idToken secret, returnTo string) (string, error) {
	provider, err := t.metadata(ctx)
	if err != nil {
		return "", err
	}
	const doing = "build the sign-out URL"
	if provider.endSessionEndpoint == "" {
		return "", fmt.Errorf("%s: the tenant has no end_session_endpoint", doing)
	}
	address, err := url.Parse(provider.endSessionEndpoint)
	if err != nil {
		return "", fmt.Errorf("%s: the end_session_endpoint is not a URL", doing)
	}
	query := address.Query()
	query.Set("client_id", t.config.ClientID)
	returnName := "post_logout_redirect_uri"
	if t.config.Provider == ProviderAuth0 {
		returnName = "returnTo"
	} else if !idToken.empty() {
		query.Set("id_token_hint", idToken.reveal())
	}
	if returnTo != "" {
		query.Set(returnName, returnTo)
	}
	address.RawQuery = query.Encode()
	return address.String(), nil
}
