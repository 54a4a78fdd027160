package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"
)

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

// temporaryError is an ErrTemporary with its circumstances. It never holds
// text of a reply, which may echo a token.
type temporaryError struct {
	doing      string
	problem    string
	status     int           // of the reply; 0: there was none
	retryAfter time.Duration // what the tenant asked for; 0: nothing
	cause      error         // may be nil
}

func (e *temporaryError) Error() string {
	text := ErrTemporary.Error() + ": " + e.doing + ": " + e.problem
	if e.cause != nil {
		text += ": " + e.cause.Error()
	}
	return text
}

// Is reports whether target is [ErrTemporary].
func (e *temporaryError) Is(target error) bool { return target == ErrTemporary }

// Unwrap returns what is known of the cause.
func (e *temporaryError) Unwrap() error { return e.cause }

// httpStatusError is a reply whose status alone says that it failed for good.
type httpStatusError struct {
	doing  string
	status int
}

func (e *httpStatusError) Error() string {
	return fmt.Sprintf("%s: answered HTTP %d", e.doing, e.status)
}

// interruptedError reports that ctx ended. A cancellation is the caller's own
// wish; a deadline is a tenant that is too slow today.
func interruptedError(doing string, err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &temporaryError{doing: doing, problem: "took too long", cause: context.DeadlineExceeded}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// connectionError reports that there is no reply. Of err it keeps what cannot
// hold a piece of one: net/http quotes a malformed status line or header.
func connectionError(doing string, err error) error {
	failed := &temporaryError{doing: doing, problem: "the connection failed"}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		failed.problem = "took too long"
	}
	if broken, ok := errors.AsType[*net.OpError](err); ok {
		failed.cause = broken
		return failed
	}
	if untrusted, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		failed.cause = untrusted
		return failed
	}
	for _, known := range []error{context.DeadlineExceeded, io.ErrUnexpectedEOF, io.EOF} {
		if errors.Is(err, known) {
			failed.cause = known
			return failed
		}
	}
	return failed
}

// statusError reports a reply that says nothing usable but its status.
func (t *tenant) statusError(doing string, reply tenantReply) error {
	if !temporaryStatus(reply.status) {
		return &httpStatusError{doing: doing, status: reply.status}
	}
	return t.troubleWith(doing, reply)
}

// troubleWith reports a reply that is the tenant's trouble, whatever its status.
func (t *tenant) troubleWith(doing string, reply tenantReply) *temporaryError {
	asked, _ := retryAfter(reply.header, t.now())
	return &temporaryError{
		doing:      doing,
		problem:    fmt.Sprintf("answered HTTP %d", reply.status),
		status:     reply.status,
		retryAfter: asked,
	}
}

// temporaryStatus reports whether the same request may succeed later.
func temporaryStatus(status int) bool {
	switch status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
		return true
	}
	return status >= http.StatusInternalServerError
}

// tenantFailure sorts an OAuth error reply, by refreshOutcomes.
func (t *tenant) tenantFailure(doing string, reply tenantReply, refusal *TenantError) error {
	refusal.StatusCode = reply.status
	if refusalOutcome(refusal.Code, reply.status) != outcomeTemporary {
		return fmt.Errorf("%s: %w", doing, refusal)
	}
	trouble := t.troubleWith(doing, reply)
	trouble.cause = refusal
	return trouble
}

// parseOAuthReply parses the JSON of a reply whose members named read are about
// to be read. An error that the reply reports (RFC 6749 section 5.2) is a
// *TenantError without a status; what it repeats of the sent form is blacked
// out. Other errors are as parseStrictObject's.
func parseOAuthReply(body []byte, read []string, sent url.Values) (strictObject, error) {
	object, err := parseStrictObject(body, slices.Concat(read, []string{"error", "error_description"}))
	if err != nil || !object.has("error") {
		return object, err
	}
	code, err := object.text("error")
	if err != nil || !isErrorCode(code) {
		return nil, malformedMember(errors.New("error is not an error code"))
	}
	description, err := object.text("error_description")
	if err != nil {
		description = "" // only for people; the code is what counts
	}
	return nil, &TenantError{
		Code:        redactSent(code, sent),
		Description: printableText(redactSent(description, sent), 200),
	}
}

// isErrorCode checks the characters of a code and for a sane length.
func isErrorCode(code string) bool {
	return code != "" && len(code) <= 64 && isUnquotedText(code)
}

// redactSent blacks out the secrets of a form: every value but those that are
// known to be none.
func redactSent(text string, sent url.Values) string {
	public := []string{"grant_type", "client_id", "redirect_uri", "scope", "resource", "audience", "token_type_hint"}
	for name, values := range sent {
		if slices.Contains(public, name) {
			continue
		}
		for _, value := range values {
			text = newSecret(value).redactFrom(text)
		}
	}
	return text
}
