package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// CredentialStore keeps one record of credentials a profile. The record holds
// tokens: whoever reads it is the user. Implementations are safe for concurrent
// use.
type CredentialStore interface {
	// Load returns the record of a profile. Without one, the error is
	// [fs.ErrNotExist]. For one that is there and cannot be used, it is
	// [ErrRecordDamaged], [ErrRecordNewer] or [ErrRecordRefused], wrapped or not.
	Load(ctx context.Context, profile string) ([]byte, error)
	// Save replaces the record of a profile as a whole: whatever happens
	// meanwhile, a later Load returns the old record or the new one.
	Save(ctx context.Context, profile string, record []byte) error
	// Delete removes the record of a profile. Removing none is no error.
	Delete(ctx context.Context, profile string) error
	// SetAside keeps the record of a profile in a place where a person can find it,
	// and says where, so that Save can replace the record. It is for one that
	// cannot be used and must not be lost. Until then Load had better still find
	// it: without a record, sessions end. Without a record it does nothing.
	SetAside(ctx context.Context, profile string) (where string, err error)
	// Lock waits until nobody else holds the lock of the profile, in this process
	// or in another on the same store, or until ctx ends. Whoever calls Save,
	// Delete or SetAside holds it. The lock of a process that dies is free.
	Lock(ctx context.Context, profile string) (unlock func(), err error)
}

// ErrRecordDamaged reports that the record of a profile is there and cannot be
// read, now or later: it was cut short or changed, or its key is lost. A
// [CredentialStore] returns it; [App.Session] then returns [ErrLoginRequired]
// with [ReasonUnreadable].
var ErrRecordDamaged = errors.New("the stored record is damaged")

// ErrRecordNewer reports that the record of a profile was written by a newer
// version of this application, which can read it. A [CredentialStore] returns
// it; [App.Session] then returns [ErrLoginRequired] with [ReasonNewer].
var ErrRecordNewer = errors.New("the stored record is of a newer version of this application")

// ErrRecordRefused reports that what stands in the record's place could have
// been read or put there by somebody else: it is neither read nor replaced.
// [App.Session] returns it, wrapped, so that the user can be told what to look
// at; the next sign-in sets it aside.
var ErrRecordRefused = errors.New("the stored record is refused")

// validateName keeps the name of a profile, or of the application's folder,
// usable as a part of a path.
func validateName(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@+-."
	if name == "" || len(name) > 64 || name[0] == '.' || strings.Trim(name, letters) != "" {
		return fmt.Errorf("name %q: want 1 to 64 letters, digits or any of _ @ + - . and no leading dot", name)
	}
	return nil
}
