package client

import "errors"

// ErrLoginRequired reports that there is no usable session: call [App.Login].
// The error in hand is a [*LoginRequiredError], which says why.
var ErrLoginRequired = errors.New("login required")

// ErrTemporary reports a failure that may pass: no network, a busy or broken
// tenant, another process that holds the stored credentials for too long. The
// session stays as it was; try again later.
var ErrTemporary = errors.New("temporary failure")

// LoginReason says why a login is required.
type LoginReason string

// The reasons of a [LoginRequiredError].
const (
	ReasonNone        LoginReason = "nobody is signed in"
	ReasonExpired     LoginReason = "the credentials have expired"
	ReasonRevoked     LoginReason = "the tenant no longer accepts the credentials"
	ReasonOtherTenant LoginReason = "the stored credentials are for another tenant, client or audience"
	ReasonSignedOut   LoginReason = "the session has been signed out"
	ReasonUnreadable  LoginReason = "the stored credentials are damaged"
	ReasonNewer       LoginReason = "the stored credentials are of a newer version of this application"
)

// LoginRequiredError is an [ErrLoginRequired] with its reason.
type LoginRequiredError struct {
	Reason LoginReason
}

// Error says that a login is required, and why.
func (e *LoginRequiredError) Error() string {
	return ErrLoginRequired.Error() + ": " + string(e.Reason)
}

// Is reports whether target is [ErrLoginRequired].
func (e *LoginRequiredError) Is(target error) bool { return target == ErrLoginRequired }

// TenantError is an error reply of the tenant (RFC 6749 sections 4.1.2.1 and 5.2).
type TenantError struct {
	Code        string // such as access_denied or invalid_grant
	Description string // for people; may be empty
	StatusCode  int    // of the HTTP reply; 0 when it came through the browser
}

// Error names the code, and the description if there is one.
func (e *TenantError) Error() string {
	text := "the tenant answered " + e.Code
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}
