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
	err = errors.Join(lockErr, a.forget(ctx, local, session))
	if unlockStore != nil {
		unlockStore()
	}
	unlock()
	if session != nil {
		session.events.deliver()
	}
	if err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

// forget revokes the newest credentials, removes them and ends the session.
// Credentials of another tenant are neither sent nor removed.
func (a *App) forget(ctx, local context.Context, session *Session) error {
	newest, loadErr := a.load(local)
	if held, err := session.current(); err == nil {
		if loadErr != nil || held.inStore().sameTokens(newest) {
			newest = held
		}
		session.end(ReasonSignedOut)
	}
	var problems []error
	required, _ := errors.AsType[*LoginRequiredError](loadErr)
	switch {
	case newest != nil:
		if err := a.revoke(ctx, newest); err != nil {
			problems = append(problems, fmt.Errorf("revoke the credentials at the tenant: %w", err))
		}
	case required == nil || required.Reason == ReasonUnreadable:
		problems = append(problems, fmt.Errorf("revoke the credentials at the tenant: %w", loadErr))
	}
	if required == nil || required.Reason != ReasonOtherTenant {
		if err := a.store.Delete(local, a.profile); err != nil {
			problems = append(problems, fmt.Errorf("forget the stored credentials: %w", err))
		}
	}
	a.logger.InfoContext(ctx, "signed out", "profile", a.profile)
	return errors.Join(problems...)
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
