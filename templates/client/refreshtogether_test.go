package client

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"testing"
	"time"
)

func TestRefreshTogether(t *testing.T) {
	const callers = 100
	run := func(f *fixture, session *Session) []error {
		errs := make([]error, callers)
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() { errs[i] = callListNotes(f.t.Context(), session) })
		}
		group.Wait()
		return errs
	}
	t.Run("G11: a hundred callers make one token request", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		if err := errors.Join(run(f, session)...); err != nil {
			t.Error(err)
		}
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes", n)
		}
	})
	t.Run("G11: its failure is shared, and not repeated by each", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		f.tenantError(http.StatusServiceUnavailable, "temporarily_unavailable")
		for _, err := range run(f, session) {
			if !errors.Is(err, ErrTemporary) {
				t.Errorf("error %v", err)
			}
		}
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes", n)
		}
		f.clock.move(failurePause)
		if err := callListNotes(t.Context(), session); !errors.Is(err, ErrTemporary) || f.refreshes() != 2 {
			t.Errorf("after the pause: error %v, %d refreshes", err, f.refreshes())
		}
	})
	t.Run("G14: the pause doubles while it fails again and again", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		f.tenantError(http.StatusServiceUnavailable, "temporarily_unavailable")
		for range 600 {
			if err := callListNotes(t.Context(), session); !errors.Is(err, ErrTemporary) {
				t.Errorf("error %v", err)
			}
			f.clock.move(time.Second)
		}
		if n := f.refreshes(); n != 14 { // after 2, 4, 8, 16, 32 seconds, then each minute
			t.Errorf("%d refreshes in ten minutes", n)
		}
		f.set(func() { f.onToken = nil })
		f.mustRefresh(session) // who asks for it does not wait
	})
	t.Run("G14: a clock that is set back does not make the pause last", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(48 * time.Hour)
		f.tenantError(http.StatusServiceUnavailable, "temporarily_unavailable")
		if err := callListNotes(t.Context(), session); !errors.Is(err, ErrTemporary) {
			t.Errorf("error %v", err)
		}
		f.set(func() { f.onToken = nil })
		f.clock.move(-24 * time.Hour)
		f.mustCall(session)
	})
	t.Run("G13: a caller that gives up loses nothing", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		arrived, release := make(chan struct{}), make(chan struct{})
		f.set(func() {
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				close(arrived)
				<-release
				writeJSON(w, f.tokens(false))
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		events := watch(session)
		gaveUp := make(chan error, 1)
		go func() { gaveUp <- callListNotes(ctx, session) }()
		<-arrived
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		close(release)
		<-events
		again := f.newApp()
		stored, err := again.load(t.Context())
		if err != nil || stored.refreshToken.reveal() != "the-refresh-token-B" {
			t.Errorf("the rotated token was lost: %v, %v", stored, err)
		}
	})
	t.Run("G14: a call whose time is up while it waits for a renewal has met with a temporary failure", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		release := make(chan struct{})
		f.set(func() {
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				<-release
				writeJSON(w, f.tokens(false))
			}
		})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		events := watch(session)
		err := callListNotes(ctx, session)
		if !errors.Is(err, ErrTemporary) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
		close(release)
		<-events
	})
}
