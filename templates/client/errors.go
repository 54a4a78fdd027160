package client

import (
	"errors"
	"fmt"
	"strings"
)

// ErrLoginRequired reports that there is no usable session: call [App.Login].
// The error in hand is a [*LoginRequiredError], which says why.
var ErrLoginRequired = errors.New("login required")

// ErrTemporary reports a failure that may pass: no network, a busy or broken
// tenant. The session stays as it was; try again later.
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
	ReasonUnreadable  LoginReason = "the stored credentials cannot be read"
)

// LoginRequiredError is an [ErrLoginRequired] with its reason.
type LoginRequiredError struct {
	Reason LoginReason
}

func (e *LoginRequiredError) Error() string {
	return ErrLoginRequired.Error() + ": " + string(e.Reason)
}

// Is reports whether target is [ErrLoginRequired].
func (e *LoginRequiredError) Is(target error) bool { return target == ErrLoginRequired }

// MissingScopeError reports that a call needs scopes which were not granted.
// Pass Scopes to [App.Login] to ask for exactly those.
type MissingScopeError struct {
	Operation string   // the name of the endpoint, or the method and URL path of another request
	Scopes    []string // what is missing
}

func (e *MissingScopeError) Error() string {
	if len(e.Scopes) == 0 {
		return e.Operation + ": the API requires more scopes than were granted"
	}
	return fmt.Sprintf("%s: missing scope %s", e.Operation, strings.Join(e.Scopes, " "))
}

// TenantError is an error reply of the tenant (RFC 6749 sections 4.1.2.1 and 5.2).
type TenantError struct {
	Code        string // such as access_denied or invalid_grant
	Description string // for people; may be empty
	StatusCode  int    // of the HTTP reply; 0 when it came through the browser
}

func (e *TenantError) Error() string {
	text := "the tenant answered " + e.Code
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}
