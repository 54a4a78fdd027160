package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"
)

const (
	refreshEarly    = 60 * time.Second // a token is renewed this long before it expires
	refreshDeadline = 30 * time.Second // for a refresh as a whole, whoever waits for it
	failurePause    = 2 * time.Second  // no new attempt this long after a failed refresh
	maxFailurePause = 60 * time.Second // however long the tenant asks to wait
)

// refreshFlight is one refresh, which everybody who needs it waits for.
type refreshFlight struct {
	done  chan struct{}
	fresh *credentials
	err   error
}

// refreshFailure is a failed refresh, remembered so that a crowd of callers
// does not repeat it one after the other.
type refreshFailure struct {
	of    *credentials // that it failed to renew
	err   error
	until time.Time
}

// Refresh renews the access token now, even though it may still be valid. It
// also brings what the tenant changed meanwhile: scopes, and the profile.
func (s *Session) Refresh(ctx context.Context) error {
	c, err := s.current()
	if err != nil {
		return err
	}
	flight, _ := s.joinRefresh(ctx, c, true)
	_, err = flight.wait(ctx)
	return err
}

// valid returns credentials with an access token that is valid now. While the
// token has more than a minute to live, it takes no lock.
func (s *Session) valid(ctx context.Context) (*credentials, error) {
	c, err := s.current()
	if err != nil {
		return nil, err
	}
	now := s.app.now()
	if now.Before(c.refreshAt) {
		return c, nil
	}
	if now.Before(c.expiresAt) {
		return s.renewEarly(ctx, c)
	}
	return s.renew(ctx, c)
}

// renew returns credentials newer than old.
func (s *Session) renew(ctx context.Context, old *credentials) (*credentials, error) {
	flight, _ := s.joinRefresh(ctx, old, false)
	return flight.wait(ctx)
}

// renewEarly has one caller renew a token that is about to expire, while the
// others go on with it. So does that one when the refresh fails for now.
func (s *Session) renewEarly(ctx context.Context, old *credentials) (*credentials, error) {
	if old.refreshToken.empty() {
		return old, nil
	}
	flight, started := s.joinRefresh(ctx, old, false)
	if !started {
		return old, nil
	}
	fresh, err := flight.wait(ctx)
	if err != nil && ctx.Err() == nil && s.live() {
		return old, nil
	}
	return fresh, err
}

// joinRefresh returns the refresh that replaces old: the one that is done, the
// one under way, the one that has just failed, or else one that it starts. A
// forced refresh does not mind an earlier failure.
func (s *Session) joinRefresh(ctx context.Context, old *credentials, force bool) (flight *refreshFlight, started bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refresh != nil {
		return s.refresh, false
	}
	now, err := s.current()
	if err != nil || now != old {
		return finishedFlight(now, err), false
	}
	if !force && s.failure.of == old && s.app.now().Before(s.failure.until) {
		return finishedFlight(nil, s.failure.err), false
	}
	flight = &refreshFlight{done: make(chan struct{})}
	s.refresh = flight
	// The refresh outlives its caller: once the request is sent, the tenant may
	// have used up the refresh token, and its reply must not be lost.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refreshDeadline)
	go func() {
		defer cancel()
		flight.fresh, flight.err = s.runRefresh(ctx, old)
		s.mu.Lock()
		s.refresh = nil
		s.failure = s.rememberFailure(flight.err)
		s.mu.Unlock()
		close(flight.done)
		s.events.deliver()
	}()
	return flight, true
}

func finishedFlight(fresh *credentials, err error) *refreshFlight {
	flight := &refreshFlight{done: make(chan struct{}), fresh: fresh, err: err}
	close(flight.done)
	return flight
}

func (f *refreshFlight) wait(ctx context.Context) (*credentials, error) {
	select {
	case <-f.done:
		return f.fresh, f.err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the renewal of the access token: %w", context.Cause(ctx))
	}
}

func (s *Session) rememberFailure(err error) refreshFailure {
	of, ended := s.current()
	if err == nil || ended != nil {
		return refreshFailure{}
	}
	pause := failurePause
	if temporary, ok := errors.AsType[*temporaryError](err); ok {
		pause = min(max(pause, temporary.retryAfter), maxFailurePause)
	}
	return refreshFailure{of: of, err: err, until: s.app.now().Add(pause)}
}

// runRefresh renews the credentials, alone among all who change them. The
// order is lock, reload, recheck, refresh, store, use, unlock: nobody presents
// a refresh token that has been rotated, and a rotated one is stored before
// anything else can fail.
func (s *Session) runRefresh(ctx context.Context, old *credentials) (*credentials, error) {
	unlock, err := s.app.lockChanges(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if now, err := s.current(); err != nil || now != old {
		return now, err // a sign-out or a sign-in came first
	}
	latest, err := s.latest(ctx, old)
	if err != nil {
		return nil, err
	}
	fresh, err := s.renewFrom(ctx, old, latest)
	if !refused(err) {
		return fresh, err
	}
	// Another process may have rotated the token while it was presented.
	rotated, err := s.latest(ctx, latest)
	if err != nil {
		return nil, err
	}
	if rotated != latest {
		fresh, err = s.renewFrom(ctx, latest, rotated)
		if !refused(err) {
			return fresh, err
		}
	}
	return nil, s.giveUp(ctx, ReasonRevoked)
}

// renewFrom takes over the latest credentials if they are newer than old and
// good for a while, and renews them if not.
func (s *Session) renewFrom(ctx context.Context, old, latest *credentials) (*credentials, error) {
	if latest != old && s.app.now().Before(latest.refreshAt) {
		s.replace(latest)
		return latest, nil
	}
	if latest.refreshToken.empty() {
		if s.app.now().Before(latest.expiresAt) {
			return nil, errors.New("renew the access token: the tenant gave no refresh token: ask for the scope offline_access, and with prompt=consent if the tenant wants that")
		}
		return nil, s.giveUp(ctx, ReasonExpired)
	}
	form := url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {latest.refreshToken.reveal()},
	}
	s.app.addResource(form)
	reply, err := s.app.tenant.requestTokens(ctx, form)
	if err != nil {
		if !reply.refreshToken.empty() {
			s.keepRotated(ctx, latest, reply.refreshToken)
		}
		return nil, fmt.Errorf("renew the access token: %w", err)
	}
	return s.accept(ctx, latest, reply)
}

// keepRotated keeps the refresh token of a reply that is otherwise malformed.
func (s *Session) keepRotated(ctx context.Context, old *credentials, refreshToken secret) {
	rotated := *old
	rotated.refreshToken = refreshToken
	rotated.stale = nil
	if err := s.app.save(ctx, &rotated); err != nil {
		s.app.logger.ErrorContext(ctx, "the rotated refresh token lives in this process only", "error", err)
		rotated.stale = old.inStore()
	}
	s.state.Store(&sessionState{credentials: &rotated})
}

// latest returns the credentials as stored, if another process has changed
// them, and old if not. When they are gone, or another user's, the session
// ends; when the store cannot be read, old has to do.
func (s *Session) latest(ctx context.Context, old *credentials) (*credentials, error) {
	stored, err := s.app.load(ctx)
	if err == nil && stored.user.Subject != old.user.Subject {
		err = &LoginRequiredError{Reason: ReasonSignedOut}
	}
	switch {
	case errors.Is(err, ErrLoginRequired):
		reason := elsewhere(err)
		s.end(reason)
		return nil, &LoginRequiredError{Reason: reason}
	case err != nil:
		s.app.logger.WarnContext(ctx, "the stored credentials cannot be read before a refresh", "error", err)
		return old, nil
	case old.inStore().sameTokens(stored):
		return old, nil
	}
	return stored, nil
}

// elsewhere returns why a session ends whose stored credentials are not there
// any more: somebody has signed out elsewhere, unless the error says otherwise.
func elsewhere(err error) LoginReason {
	if required, ok := errors.AsType[*LoginRequiredError](err); ok && required.Reason != ReasonNone {
		return required.Reason
	}
	return ReasonSignedOut
}

// refused reports whether the tenant said that the grant itself is over. The
// error code decides, not the status: some answer 400, some 403.
func refused(err error) bool {
	tenantError, ok := errors.AsType[*TenantError](err)
	if !ok || errors.Is(err, ErrTemporary) {
		return false
	}
	// The other three are OpenID Connect Core 1.0 section 3.1.2.6.
	return slices.Contains([]string{"invalid_grant", "login_required", "interaction_required", "consent_required"}, tenantError.Code)
}

// giveUp forgets the credentials and ends the session.
func (s *Session) giveUp(ctx context.Context, reason LoginReason) error {
	s.app.logger.WarnContext(ctx, "the session has ended", "profile", s.app.profile, "reason", string(reason))
	err := s.app.store.Delete(context.WithoutCancel(ctx), s.app.profile)
	s.end(reason)
	ended := &LoginRequiredError{Reason: reason}
	if err != nil {
		return errors.Join(ended, fmt.Errorf("forget the stored credentials: %w", err))
	}
	return ended
}

// accept stores the reply to a refresh, then checks its ID token, then lets
// everybody use it.
func (s *Session) accept(ctx context.Context, old *credentials, reply tokenReply) (*credentials, error) {
	fresh, err := old.renewed(reply, s.app.now())
	if err != nil {
		return nil, fmt.Errorf("renew the access token: %w", err)
	}
	inStore := old.inStore()
	storeErr := s.app.save(ctx, fresh)
	if storeErr == nil {
		inStore = fresh
	}
	if !reply.idToken.empty() {
		updated, err := s.checkRefreshedIDToken(ctx, fresh, reply)
		foreign, ok := errors.AsType[*idTokenError](err)
		switch {
		case ok && foreign.foreign:
			return nil, errors.Join(s.giveUp(ctx, ReasonRevoked), fmt.Errorf("renew the access token: %w", err))
		case err != nil:
			// The keys cannot be had now, or this machine's clock is wrong. The
			// profile of before was validated, and stays.
			s.app.logger.WarnContext(ctx, "the renewed ID token could not be validated", "error", err)
		default:
			fresh = updated
			storeErr = s.app.save(ctx, fresh)
		}
	}
	if storeErr != nil {
		fresh.stale = inStore // not shared yet: this is the last change
	}
	s.replace(fresh)
	if storeErr != nil {
		s.app.logger.ErrorContext(ctx, "the renewed credentials live in this process only", "error", storeErr)
		return nil, storeErr
	}
	s.app.logger.DebugContext(ctx, "the access token was renewed", "profile", s.app.profile, "expires", fresh.expiresAt)
	return fresh, nil
}

// renewed returns the credentials after a refresh. What the reply leaves out
// stays as it was: the refresh token and the scopes (RFC 6749 section 6).
func (c *credentials) renewed(reply tokenReply, now time.Time) (*credentials, error) {
	fresh := *c
	fresh.stale = nil
	fresh.accessToken = reply.accessToken
	fresh.obtainedAt = now.Round(0)
	fresh.expiresAt = now.Round(0).Add(reply.expiresIn)
	if !reply.refreshToken.empty() {
		fresh.refreshToken = reply.refreshToken
	}
	if reply.scopesGiven {
		fresh.granted = reply.scopes
	}
	return &fresh, fresh.complete()
}

// checkRefreshedIDToken validates the ID token of a refresh, which must be
// about the same user (OpenID Connect Core 1.0 section 12.2).
func (s *Session) checkRefreshedIDToken(ctx context.Context, c *credentials, reply tokenReply) (*credentials, error) {
	user, err := s.app.tenant.verifyIDToken(ctx, reply.idToken, idTokenExpectation{
		nonce:         c.nonce,
		nonceOptional: true,
		accessToken:   reply.accessToken,
		subject:       c.user.Subject,
	})
	if err != nil {
		return nil, err
	}
	updated := *c
	updated.idToken = reply.idToken
	updated.claims = user.claims
	return &updated, updated.complete()
}
