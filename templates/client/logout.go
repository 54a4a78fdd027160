package client

import (
	"context"
	"errors"
	"fmt"
)

// Logout signs out: it asks the tenant to revoke the refresh token (RFC 7009),
// and forgets the credentials on this machine whether or not that worked. The
// error says what did not. When nobody is signed in it does nothing.
//
// The browser may still be signed in at the tenant; see [App.EndSessionURL].
func (a *App) Logout(ctx context.Context) error {
	unlock, err := a.lockChanges(ctx)
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	session, err := a.forget(ctx)
	unlock()
	if session != nil {
		session.events.deliver()
	}
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// forget revokes and removes the credentials, and returns the session that it
// ended.
func (a *App) forget(ctx context.Context) (*Session, error) {
	a.mu.Lock()
	session := a.session
	a.session = nil
	a.mu.Unlock()

	c, err := session.current()
	if err != nil {
		c, err = a.load(ctx)
	}
	if login, ok := errors.AsType[*LoginRequiredError](err); ok && login.Reason != ReasonUnreadable {
		return session, nil // nobody is signed in, or not at this tenant
	}
	var problems []error
	if err != nil {
		problems = append(problems, err)
	} else if err := a.revoke(ctx, c); err != nil {
		problems = append(problems, fmt.Errorf("revoke the credentials at the tenant: %w", err))
	}
	// Forgetting is what matters here: it is done even if ctx has ended.
	if err := a.store.Delete(context.WithoutCancel(ctx), a.profile); err != nil {
		problems = append(problems, fmt.Errorf("forget the stored credentials: %w", err))
	}
	if session.live() {
		session.end(ReasonSignedOut)
	}
	a.logger.InfoContext(ctx, "signed out", "profile", a.profile)
	return session, errors.Join(problems...)
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
	return a.tenant.revoke(ctx, c.accessToken, "access_token")
}

// EndSessionURL returns the address at which the user's browser signs out of
// the tenant as well (OpenID Connect RP-Initiated Logout 1.0). The application
// opens it, before [App.Logout]; returnTo is a registered address to go on to,
// or empty. The address can hold the user's ID token: do not log it.
func (a *App) EndSessionURL(ctx context.Context, returnTo string) (string, error) {
	session, err := a.Session(ctx)
	if err != nil && !errors.Is(err, ErrLoginRequired) {
		return "", err
	}
	var idToken secret
	if c, err := session.current(); err == nil {
		idToken = c.idToken
	}
	return a.tenant.endSessionURL(ctx, idToken, returnTo)
}
