package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/zalando/go-keyring"
)

// keyringLimit is for one call of the keyring, which may wait for a service
// that never answers, or for a person to unlock it.
const keyringLimit = 3 * time.Second

// errNoKeyring reports that the system's keyring cannot be used now. That
// something is not in it is [keyring.ErrNotFound].
var errNoKeyring = errors.New("no system keyring")

// secretKeeper is the system's keyring, so far as it is needed here.
type secretKeeper interface {
	Get(service, account string) (string, error)
	Set(service, account, text string) error
	Delete(service, account string) error
}

// systemKeyring is the Keychain of macOS, the Credential Manager of Windows, or
// the Secret Service of a Linux desktop.
type systemKeyring struct{}

// Get returns a text, or [keyring.ErrNotFound].
func (systemKeyring) Get(service, account string) (string, error) {
	return keyring.Get(service, account)
}

// Set stores a text.
func (systemKeyring) Set(service, account, text string) error {
	return keyring.Set(service, account, text)
}

// Delete removes a text, or returns [keyring.ErrNotFound].
func (systemKeyring) Delete(service, account string) error {
	return keyring.Delete(service, account)
}

// limitedKeyring makes one call at a time, and gives up on one that takes too
// long. The call itself cannot be stopped, even if its caller has gone; until it
// ends, the keyring is not called again.
type limitedKeyring struct {
	keeper  secretKeeper
	limit   time.Duration
	busy    chan struct{} // holds one element while a call is under way
	hanging atomic.Bool   // that call has been given up
}

func newLimitedKeyring(keeper secretKeeper, limit time.Duration) *limitedKeyring {
	return &limitedKeyring{keeper: keeper, limit: limit, busy: make(chan struct{}, 1)}
}

func (k *limitedKeyring) get(ctx context.Context, service, account string) (secret, error) {
	return k.call(ctx, func() (string, error) { return k.keeper.Get(service, account) })
}

func (k *limitedKeyring) set(ctx context.Context, service, account string, value secret) error {
	_, err := k.call(ctx, func() (string, error) { return "", k.keeper.Set(service, account, value.reveal()) })
	return err
}

func (k *limitedKeyring) remove(ctx context.Context, service, account string) error {
	_, err := k.call(ctx, func() (string, error) { return "", k.keeper.Delete(service, account) })
	return err
}

type keyringAnswer struct {
	value secret
	err   error
}

func (k *limitedKeyring) call(ctx context.Context, do func() (string, error)) (secret, error) {
	if k.hanging.Load() {
		return secret{}, fmt.Errorf("%w: it has not answered an earlier call yet", errNoKeyring)
	}
	timer := time.NewTimer(k.limit)
	defer timer.Stop()
	select {
	case k.busy <- struct{}{}:
	case <-ctx.Done():
		return secret{}, fmt.Errorf("wait for the keyring: %w", context.Cause(ctx))
	case <-timer.C:
		return secret{}, fmt.Errorf("%w: it has not answered an earlier call within %s", errNoKeyring, k.limit)
	}
	answers := make(chan keyringAnswer, 1)
	go func() {
		value, err := do()
		<-k.busy
		answers <- keyringAnswer{newSecret(value), err}
	}()
	select {
	case answer := <-answers:
		return answer.result()
	case <-ctx.Done():
		return secret{}, fmt.Errorf("wait for the keyring: %w", context.Cause(ctx))
	case <-timer.C:
	}
	k.hanging.Store(true)
	go func() {
		<-answers
		k.hanging.Store(false)
	}()
	return secret{}, fmt.Errorf("%w: no answer within %s", errNoKeyring, k.limit)
}

func (a keyringAnswer) result() (secret, error) {
	if a.err == nil || errors.Is(a.err, keyring.ErrNotFound) {
		return a.value, a.err
	}
	return secret{}, fmt.Errorf("%w: %w", errNoKeyring, a.err)
}
