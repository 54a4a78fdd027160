package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

const (
	lockDeadline   = 20 * time.Second // for the store's lock; less than a call takes that ends for want of time
	repairDeadline = time.Second      // for it, when all that waits is a repair
)

// lockChanges waits for its turn among those who change this App's credentials.
func (a *App) lockChanges(ctx context.Context) (unlock func(), err error) {
	if a.changing == nil {
		return nil, errors.New("the App was not made by New")
	}
	select {
	case a.changing <- struct{}{}:
		return func() { <-a.changing }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another change of the session: %w", context.Cause(ctx))
	}
}

// lockStore waits for its turn among those, in all processes, who change the
// stored credentials. A process that is stuck makes it fail with an
// [ErrTemporary], rather than have two refresh at once.
func (a *App) lockStore(ctx context.Context) (unlock func(), err error) {
	const doing = "lock the stored credentials"
	bounded, cancel := context.WithTimeout(ctx, a.lockDeadline)
	defer cancel()
	unlock, err = a.store.Lock(bounded, a.profile)
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	case bounded.Err() != nil:
		return nil, &temporaryError{doing: doing, problem: "another process has held them for too long"}
	}
	return nil, fmt.Errorf("%s: %w", doing, err)
}

// lockBoth takes the App's lock and then the store's.
func (a *App) lockBoth(ctx context.Context) (unlock func(), err error) {
	unlockApp, err := a.lockChanges(ctx)
	if err != nil {
		return nil, err
	}
	unlockStore, err := a.lockStore(ctx)
	if err != nil {
		unlockApp()
		return nil, err
	}
	return func() { unlockStore(); unlockApp() }, nil
}

// load returns the stored credentials. The error is [ErrLoginRequired] unless
// the store itself failed.
func (a *App) load(ctx context.Context) (*credentials, error) {
	data, err := a.store.Load(ctx, a.profile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &LoginRequiredError{Reason: ReasonNone}
	}
	var stored *credentials
	if err == nil {
		stored, err = decodeCredentials(data)
	}
	switch {
	case errors.Is(err, ErrRecordNewer):
		return nil, a.cannotUse(ctx, ReasonNewer, err)
	case errors.Is(err, ErrRecordDamaged):
		return nil, a.cannotUse(ctx, ReasonUnreadable, err)
	case err != nil:
		return nil, fmt.Errorf("read the stored credentials: %w", err)
	case !stored.belongTo(a.config):
		return nil, &LoginRequiredError{Reason: ReasonOtherTenant}
	}
	return stored, nil
}

// loadOf is load for the session of one user, which another's sign-in ends.
func (a *App) loadOf(ctx context.Context, user User) (*credentials, error) {
	stored, err := a.load(ctx)
	if err == nil && stored.user.Subject != user.Subject {
		return nil, &LoginRequiredError{Reason: ReasonSignedOut}
	}
	return stored, err
}

func (a *App) cannotUse(ctx context.Context, reason LoginReason, err error) error {
	a.logger.WarnContext(ctx, "the stored credentials cannot be used", "profile", a.profile, "error", err)
	return &LoginRequiredError{Reason: reason}
}

// loadAlone loads while nobody changes what is stored.
func (a *App) loadAlone(ctx context.Context) (*credentials, error) {
	bounded, cancel := context.WithTimeout(ctx, repairDeadline)
	defer cancel()
	unlock, err := a.lockStore(bounded)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return a.load(ctx)
}

// save puts credentials into the store, even if ctx has ended: they may be the
// only copy of a rotated refresh token. What it finds there and cannot use is
// set aside, not overwritten. The caller holds the store's lock.
func (a *App) save(ctx context.Context, c *credentials) error {
	ctx = context.WithoutCancel(ctx)
	data, err := c.encode()
	if err == nil {
		err = a.makeRoom(ctx)
	}
	if err == nil {
		err = a.store.Save(ctx, a.profile, data)
	}
	if err == nil {
		return nil
	}
	err = fmt.Errorf("store the credentials: %w", err)
	if stored, loadErr := a.store.Load(ctx, a.profile); loadErr == nil && bytes.Equal(stored, data) {
		// Whoever loads next has them, so they must not be revoked or renewed again.
		a.logger.WarnContext(ctx, "the credentials are stored, but may not outlast a crash of the system", "error", err)
		return nil
	}
	return err
}

// makeRoom sets aside what is stored if it is no credentials of this
// application: they may be wanted by another version or configuration of it.
func (a *App) makeRoom(ctx context.Context) error {
	_, unusable := a.load(ctx)
	if required, ok := errors.AsType[*LoginRequiredError](unusable); unusable == nil || ok && required.Reason == ReasonNone {
		return nil
	}
	where, err := a.store.SetAside(ctx, a.profile)
	if err != nil {
		// Without unusable, which would ask for a sign-in that fails, too.
		return fmt.Errorf("set aside what was stored before: %w", err)
	}
	a.logger.WarnContext(ctx, "what was stored before has been set aside", "profile", a.profile, "place", where, "error", unusable)
	return nil
}

// endReason returns why a session ends whose stored credentials could not be
// loaded, or "" if it goes on with what this process holds: a store that fails,
// or a record that was damaged, is no reason to sign anybody out.
func endReason(err error) LoginReason {
	required, ok := errors.AsType[*LoginRequiredError](err)
	switch {
	case !ok || required.Reason == ReasonUnreadable:
		return ""
	case required.Reason == ReasonNone:
		return ReasonSignedOut // elsewhere
	}
	return required.Reason
}
