package client

import (
	"context"
	"errors"
	"fmt"
	"sync"
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
	keeper secretKeeper
	limit  time.Duration

	mu   sync.Mutex
	last *keyringCall // the keyring is busy until it has ended
}

// keyringCall is one call of the keyring.
type keyringCall struct {
	ended   chan struct{} // closed when there is an answer
	givenUp bool          // it has taken too long; guarded by limitedKeyring.mu
	value   secret
	err     error
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

func (k *limitedKeyring) call(ctx context.Context, do func() (string, error)) (secret, error) {
	timer := time.NewTimer(k.limit)
	defer timer.Stop()
	for {
		call, started, err := k.begin(do)
		if err != nil {
			return secret{}, err
		}
		select {
		case <-call.ended:
		case <-ctx.Done():
			return secret{}, fmt.Errorf("wait for the keyring: %w", context.Cause(ctx))
		case <-timer.C:
			return secret{}, k.giveUp(call)
		}
		if started {
			return call.result()
		}
	}
}

// begin starts a call, or returns the one that has to end before.
func (k *limitedKeyring) begin(do func() (string, error)) (call *keyringCall, started bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last != nil && !k.last.hasEnded() {
		if k.last.givenUp {
			return nil, false, fmt.Errorf("%w: it has not answered an earlier call yet", errNoKeyring)
		}
		return k.last, false, nil
	}
	call = &keyringCall{ended: make(chan struct{})}
	k.last = call
	go func() {
		value, err := do()
		call.value, call.err = newSecret(value), err
		close(call.ended)
	}()
	return call, true, nil
}

// giveUp has the next callers not wait for a call.
func (k *limitedKeyring) giveUp(call *keyringCall) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	call.givenUp = true
	return fmt.Errorf("%w: no answer within %s", errNoKeyring, k.limit)
}

func (c *keyringCall) hasEnded() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

func (c *keyringCall) result() (secret, error) {
	if c.err == nil || errors.Is(c.err, keyring.ErrNotFound) {
		return c.value, c.err
	}
	return secret{}, fmt.Errorf("%w: %w", errNoKeyring, c.err)
}
