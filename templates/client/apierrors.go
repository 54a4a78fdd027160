package client

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// MissingScopeError reports that a call needs scopes which were not granted.
// Pass Scopes to [App.Login] to ask for exactly those.
type MissingScopeError struct {
	Endpoint Endpoint
	Scopes   []string // what is missing; empty if the API refused without saying what it wants

	refusal *APIError // nil: the call was not sent
}

// Error names the operation and the scopes.
func (e *MissingScopeError) Error() string {
	if len(e.Scopes) == 0 {
		return e.Endpoint.name + ": the API requires more scopes than were granted"
	}
	return fmt.Sprintf("%s: missing scope %s", e.Endpoint.name, strings.Join(e.Scopes, " "))
}

// Unwrap returns the [*APIError] of a call that the API refused; nil if no
// request was made.
func (e *MissingScopeError) Unwrap() error {
	if e.refusal == nil {
		return nil
	}
	return e.refusal
}

// APIError is a reply of the API that is not what the endpoint promises: its
// status is not 2xx, or its body cannot be decoded.
type APIError struct {
	Endpoint   Endpoint
	StatusCode int
	Header     http.Header
	Body       []byte // at most 64 KiB

	cause error // what is wrong with a reply of status 2xx
}

// Error names the endpoint and the status, and holds nothing of the body.
func (e *APIError) Error() string {
	text := fmt.Sprintf("%s: %s %s: status %d %s",
		e.Endpoint.name, e.Endpoint.method, e.Endpoint.path, e.StatusCode, http.StatusText(e.StatusCode))
	if e.cause != nil {
		text += fmt.Sprintf(" (%s): %v", cmp.Or(e.Header.Get("Content-Type"), "no content type"), e.cause)
	}
	return text
}

// redact removes a token that the reply repeats.
func (e *APIError) redact(token secret) {
	e.Body = []byte(token.redactFrom(string(e.Body)))
	e.Header = e.Header.Clone()
	for _, values := range e.Header {
		for i := range values {
			values[i] = token.redactFrom(values[i])
		}
	}
}

// Unwrap returns what is wrong with a reply of status 2xx; nil for others.
func (e *APIError) Unwrap() error { return e.cause }

// bearerChallenge returns the parameters of the first Bearer challenge in the
// WWW-Authenticate fields (RFC 9110 section 11.6.1), with names in lower case.
func bearerChallenge(header http.Header) map[string]string {
	for _, field := range header.Values("WWW-Authenticate") {
		for rest := field; rest != ""; {
			scheme, after := cutToken(strings.TrimLeft(rest, " \t,"))
			if scheme == "" {
				break
			}
			params, next := challengeParams(after)
			if strings.EqualFold(scheme, "Bearer") {
				return params
			}
			rest = next
		}
	}
	return nil
}

// challengeParams reads name=value pairs up to the next challenge, which begins
// with a token that no "=" follows.
func challengeParams(text string) (params map[string]string, rest string) {
	params = map[string]string{}
	for {
		text = strings.TrimLeft(text, " \t,")
		name, after := cutToken(text)
		after = strings.TrimLeft(after, " \t")
		if name == "" || !strings.HasPrefix(after, "=") {
			return params, text
		}
		value, after := cutValue(strings.TrimLeft(after[1:], " \t"))
		params[strings.ToLower(name)] = value
		text = after
	}
}

// cutToken splits off a token (RFC 9110 section 5.6.2).
func cutToken(text string) (token, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// cutValue splits off a token or a quoted string (RFC 9110 section 5.6.4).
func cutValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		return cutToken(text)
	}
	var unquoted strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return unquoted.String(), text[i+1:]
		case '\\':
			i++
			if i == len(text) {
				return unquoted.String(), ""
			}
		}
		unquoted.WriteByte(text[i])
	}
	return unquoted.String(), "" // the quote never ends
}
