package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"
)

// runRefresh renews the credentials, alone among all who change them, in this
// process and in others. The order is lock, reload, recheck, refresh, store,
// use, unlock: nobody presents a refresh token that has been rotated, and a
// rotated one is stored before anything else can fail.
func (s *Session) runRefresh(ctx context.Context, old *credentials) (*credentials, error) {
	unlock, err := s.app.lockBoth(ctx)
	if err != nil {
		return nil, fmt.Errorf("renew the access token: %w", err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(ctx, refreshDeadline)
	defer cancel()
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
	return nil, s.giveUp(ctx, rotated)
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
		s.end(ReasonExpired) // and no more: this machine's clock may be wrong
		return nil, &LoginRequiredError{Reason: ReasonExpired}
	}
	form := url.Values{
		"grant_type":    {"refresh_token"},
		"refresh_token": {latest.refreshToken.reveal()},
	}
	s.app.addResource(form)
	asked := s.app.now()
	reply, err := s.app.tenant.requestTokens(ctx, form)
	if err != nil {
		if !reply.refreshToken.empty() {
			s.keepRotated(ctx, latest, reply.refreshToken)
		}
		return nil, fmt.Errorf("renew the access token: %w", err)
	}
	return s.accept(ctx, latest, reply, asked)
}

// keepRotated keeps the refresh token of a reply that is otherwise malformed.
func (s *Session) keepRotated(ctx context.Context, old *credentials, refreshToken secret) {
	rotated := *old
	rotated.refreshToken = refreshToken
	rotated.stale = nil
	if err := s.keep(ctx, &rotated); err != nil {
		s.app.logger.ErrorContext(ctx, "the rotated refresh token lives in this process only", "error", err)
		rotated.stale = old.inStore()
	}
	if s.live() {
		s.noteSpent(old, &rotated)
		s.state.Store(&sessionState{credentials: &rotated})
	}
}

// keep stores what a refresh brought, unless the credentials that it replaces
// are gone, or are another user's: a sign-out or sign-in elsewhere has then not
// waited for the store's lock, and must not be undone. The session ends, and the
// tenant learns of it.
func (s *Session) keep(ctx context.Context, fresh *credentials) error {
	_, err := s.app.loadOf(context.WithoutCancel(ctx), fresh.user)
	if reason := endReason(err); reason != ReasonSignedOut {
		return s.app.save(ctx, fresh)
	}
	s.end(ReasonSignedOut)
	if err := s.app.revoke(ctx, fresh); err != nil {
		s.app.logger.WarnContext(ctx, "a renewal that came after the sign-out was not revoked", "error", err)
	}
	return &LoginRequiredError{Reason: ReasonSignedOut}
}

// latest returns the credentials as stored, if another process has changed
// them, and old if not. When they are gone, or another user's, the session
// ends; when the store cannot be read, old has to do. The caller holds the
// store's lock.
func (s *Session) latest(ctx context.Context, old *credentials) (*credentials, error) {
	stored, err := s.app.loadOf(ctx, old.user)
	switch reason := endReason(err); {
	case reason != "":
		s.end(reason)
		return nil, &LoginRequiredError{Reason: reason}
	case err != nil:
		s.app.logger.WarnContext(ctx, "the stored credentials cannot be read before a refresh", "error", err)
		return old, nil
	case old.inStore().sameTokens(stored), s.isSpent(stored):
		return old, nil
	}
	return stored, nil
}

// refused reports whether the tenant said that the grant itself is over.
func refused(err error) bool {
	refusal, ok := errors.AsType[*TenantError](err)
	return ok && refusalOutcome(refusal.Code, refusal.StatusCode) == outcomeEnded
}

// giveUp ends the session, and forgets the credentials that are over. What
// cannot be read, or is another sign-in's, may be good.
func (s *Session) giveUp(ctx context.Context, over *credentials) error {
	s.app.logger.WarnContext(ctx, "the session has ended", "profile", s.app.profile, "reason", string(ReasonRevoked))
	s.end(ReasonRevoked)
	ended := &LoginRequiredError{Reason: ReasonRevoked}
	ctx = context.WithoutCancel(ctx)
	stored, err := s.app.load(ctx)
	if err != nil || !over.inStore().sameTokens(stored) {
		return ended
	}
	if err := s.app.store.Delete(ctx, s.app.profile); err != nil {
		return errors.Join(ended, fmt.Errorf("forget the stored credentials: %w", err))
	}
	return ended
}

// accept stores the reply to a refresh, then checks its ID token, then lets
// everybody use it.
func (s *Session) accept(ctx context.Context, old *credentials, reply tokenReply, asked time.Time) (*credentials, error) {
	fresh, err := old.renewed(reply, earlier(asked, s.app.now()))
	if err != nil {
		return nil, fmt.Errorf("renew the access token: %w", err)
	}
	inStore := old.inStore()
	storeErr := s.keep(ctx, fresh)
	if storeErr == nil {
		inStore = fresh
	}
	if !reply.idToken.empty() && s.live() {
		updated, err := s.checkRefreshedIDToken(ctx, fresh, reply)
		foreign, ok := errors.AsType[*idTokenError](err)
		switch {
		case ok && foreign.foreign:
			return nil, errors.Join(s.giveUp(ctx, inStore), fmt.Errorf("renew the access token: %w", err))
		case err != nil:
			// The keys cannot be had now, or this machine's clock is wrong. The
			// profile of before was validated, and stays.
			s.app.logger.WarnContext(ctx, "the renewed ID token could not be validated", "error", err)
		default:
			fresh = updated
			storeErr = s.keep(ctx, fresh)
		}
	}
	if _, ended := s.current(); ended != nil {
		return nil, ended
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

// earlier returns when a token's life began at the latest: between the request
// and the reply this machine may have slept, or its clock been set back.
func earlier(asked, answered time.Time) time.Time {
	if answered.Round(0).Before(asked.Round(0)) {
		return answered
	}
	return asked
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

// outcome is what a refused renewal means for the session.
type outcome string

// The outcomes.
const (
	outcomeEnded     outcome = "ended"     // the grant is over: ErrLoginRequired
	outcomeTemporary outcome = "temporary" // the session stays, and the same request may succeed later: ErrTemporary
	outcomeKept      outcome = "kept"      // the session stays, and somebody has to set the tenant or the application right: *TenantError
)

// refreshOutcomes says what the error codes of the token endpoint mean, at any
// status: Auth0 answers invalid_grant with 403, others with 401, and a few with
// 500. Where notIfTrouble is set, a status that speaks of trouble outweighs the
// code. What is in no row is judged by its status alone.
var refreshOutcomes = []struct {
	code         string
	outcome      outcome
	notIfTrouble bool
	source       string
}{
	{"invalid_grant", outcomeEnded, false, "RFC 6749 section 5.2"},
	{"login_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"interaction_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"consent_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"account_selection_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"mfa_required", outcomeEnded, true, "Auth0: a second factor is wanted, which only a sign-in can ask for"},
	{"temporarily_unavailable", outcomeTemporary, false, "RFC 6749 section 4.1.2.1"},
	{"server_error", outcomeTemporary, false, "RFC 6749 section 4.1.2.1"},
	{"slow_down", outcomeTemporary, false, "RFC 8628 section 3.5"},
	{"invalid_request", outcomeKept, false, "RFC 6749 section 5.2"},
	{"invalid_client", outcomeKept, false, "RFC 6749 section 5.2"},
	{"unauthorized_client", outcomeKept, false, "RFC 6749 section 5.2"},
	{"unsupported_grant_type", outcomeKept, false, "RFC 6749 section 5.2"},
	{"invalid_scope", outcomeKept, false, "RFC 6749 section 5.2"},
	{"invalid_target", outcomeKept, true, "RFC 8707 section 2"},
}

// refusalOutcome returns what an error code means that came with a status.
func refusalOutcome(code string, status int) outcome {
	trouble := temporaryStatus(status)
	for _, row := range refreshOutcomes {
		if row.code == code && (!trouble || !row.notIfTrouble) {
			return row.outcome
		}
	}
	if trouble {
		return outcomeTemporary
	}
	return outcomeKept
}
