package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"
)

func TestKeyringLimit(t *testing.T) {
	t.Run("G17: a call that never ends is given up after 3 s, and no other is made meanwhile", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := &fakeKeyring{hang: make(chan struct{})}
			limited := newLimitedKeyring(fake, keyringLimit)
			start := time.Now()
			if _, err := limited.get(t.Context(), "notes", "default"); !errors.Is(err, errNoKeyring) || time.Since(start) != 3*time.Second {
				t.Errorf("error %v after %s", err, time.Since(start))
			}
			for _, err := range []error{
				limited.set(t.Context(), "notes", "default", newSecret("x")),
				limited.remove(t.Context(), "notes", "default"),
			} {
				if !errors.Is(err, errNoKeyring) || time.Since(start) != 3*time.Second {
					t.Errorf("error %v after %s", err, time.Since(start))
				}
			}
			if calls := fake.made(); len(calls) != 1 {
				t.Errorf("calls %v", calls)
			}
			close(fake.hang) // somebody has unlocked it
			synctest.Wait()
			if _, err := limited.get(t.Context(), "notes", "default"); !errors.Is(err, keyring.ErrNotFound) || errors.Is(err, errNoKeyring) {
				t.Errorf("after the answer: %v", err)
			}
		})
	})
	t.Run("G17: a slow answer counts until then", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := &fakeKeyring{hang: make(chan struct{}), items: map[string]string{"notes/default": "key"}}
			time.AfterFunc(keyringLimit-time.Millisecond, func() { close(fake.hang) })
			limited := newLimitedKeyring(fake, keyringLimit)
			if key, err := limited.get(t.Context(), "notes", "default"); err != nil || key.reveal() != "key" {
				t.Errorf("%q, %v", key.reveal(), err)
			}
		})
	})
	t.Run("G17: callers that go away leave one call, and others wait for its end", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := &fakeKeyring{hang: make(chan struct{}), items: map[string]string{"notes/default": "key"}}
			limited := newLimitedKeyring(fake, keyringLimit)
			for range 3 {
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				if _, err := limited.get(ctx, "notes", "default"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, errNoKeyring) {
					t.Errorf("error %v", err)
				}
				cancel()
			}
			if calls := fake.made(); len(calls) != 1 {
				t.Errorf("calls %v", calls)
			}
			time.AfterFunc(time.Second, func() { close(fake.hang) })
			if key, err := limited.get(t.Context(), "notes", "default"); err != nil || key.reveal() != "key" {
				t.Errorf("%q, %v", key.reveal(), err)
			}
			if calls := fake.made(); len(calls) != 2 {
				t.Errorf("calls %v", calls)
			}
		})
	})
}
