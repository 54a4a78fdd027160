package client

import (
	"context"
	"errors"
	"time"
)

const (
	refreshEarly    = 60 * time.Second // a token is renewed this long before it expires
	refreshDeadline = 30 * time.Second // for a refresh once it has its turn, whoever waits for it
	earlyPatience   = time.Second      // of the caller that an early refresh belongs to
	failurePause    = 2 * time.Second  // no new attempt this long after a failed refresh; twice that after two, and so on
	maxFailurePause = 60 * time.Second // however many failed, and however long the tenant asks to wait
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
	at    time.Time
	pause time.Duration
}

// recent reports whether it is too early to try again. A clock that was set
// back must not make that last.
func (f refreshFailure) recent(of *credentials, now time.Time) bool {
	age := now.Sub(f.at)
	return f.of == of && age >= 0 && age < f.pause
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
// token has more than a minute to live, it takes no lock. In that last minute
// the first caller starts a refresh, which is early: that caller settles it
// when it has used the credentials.
func (s *Session) valid(ctx context.Context) (c *credentials, early *refreshFlight, err error) {
	c, err = s.current()
	if err != nil {
		return nil, nil, err
	}
	now := s.app.now()
	if now.Before(c.refreshAt) {
		return c, nil, nil
	}
	if now.Before(c.expiresAt) {
		return c, s.renewEarly(ctx, c), nil
	}
	c, err = s.renew(ctx, c)
	return c, nil, err
}

// renew returns credentials newer than old.
func (s *Session) renew(ctx context.Context, old *credentials) (*credentials, error) {
	flight, _ := s.joinRefresh(ctx, old, false)
	return flight.wait(ctx)
}

// renewEarly returns the refresh of a token that is about to expire, if it is
// this caller who started it.
func (s *Session) renewEarly(ctx context.Context, old *credentials) *refreshFlight {
	if old.refreshToken.empty() {
		return nil
	}
	flight, started := s.joinRefresh(ctx, old, false)
	if !started {
		return nil
	}
	return flight
}

// settle gives an early refresh a moment to end, for the sake of programs that
// end after their call: the rotated token would be lost. Without one, nothing
// is waited for.
func (f *refreshFlight) settle(ctx context.Context) {
	if f == nil {
		return
	}
	patience := time.NewTimer(earlyPatience)
	defer patience.Stop()
	select {
	case <-f.done:
	case <-ctx.Done():
	case <-patience.C:
	}
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
	if !force && s.failure.recent(old, s.app.now()) {
		return finishedFlight(nil, s.failure.err), false
	}
	flight = &refreshFlight{done: make(chan struct{})}
	s.refresh = flight
	// The refresh outlives its caller: once the request is sent, the tenant may
	// have used up the refresh token, and its reply must not be lost.
	ctx = context.WithoutCancel(ctx)
	go func() {
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
		return nil, interruptedError("wait for the renewal of the access token", context.Cause(ctx))
	}
}

// rememberFailure returns what to remember of a refresh: the caller holds s.mu.
func (s *Session) rememberFailure(err error) refreshFailure {
	of, ended := s.current()
	if err == nil || ended != nil {
		return refreshFailure{}
	}
	pause := failurePause
	if s.failure.err != nil {
		pause = 2 * s.failure.pause // it fails again and again
	}
	if temporary, ok := errors.AsType[*temporaryError](err); ok {
		pause = max(pause, temporary.retryAfter)
	}
	return refreshFailure{of: of, err: err, at: s.app.now(), pause: min(pause, maxFailurePause)}
}
