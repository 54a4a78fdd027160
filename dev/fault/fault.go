// Package fault owns the faults that can be switched on at a local server, to
// see what a client does about them.
package fault

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/scaffold/internal/lazyregexp"
)

// Kind is what goes wrong.
type Kind string

// The kinds.
const (
	Slow        Kind = "slow"    // the answer comes late
	Unavailable Kind = "500"     // the server broke
	TooMany     Kind = "429"     // too many requests, with Retry-After
	Expired     Kind = "expired" // access tokens are expired when they are issued; an API finds them expired
	Revoked     Kind = "revoked" // refresh tokens are found revoked
)

// The endpoints of a tenant and, as one, an API. A server may have names of its
// own beside these.
const (
	Authorize  = "authorize"
	Token      = "token"
	Revocation = "revoke"
	Userinfo   = "userinfo"
	Discovery  = "discovery"
	Keys       = "jwks"
	Device     = "device"
	API        = "api"
)

// Endpoints returns the names above.
func Endpoints() []string {
	return []string{Authorize, Token, Revocation, Userinfo, Discovery, Keys, Device, API}
}

// Fault is one thing that goes wrong at one endpoint.
type Fault struct {
	Endpoint string // empty: Token and API, which a client that is signed in asks
	Kind     Kind
	Delay    time.Duration // of Slow
	After    time.Duration // of TooMany: what Retry-After says, in whole seconds
	Times    int           // how many requests it happens to; 0: all, until Clear
}

const (
	defaultDelay = 2 * time.Second
	defaultAfter = 2 * time.Second
	longest      = time.Hour // of a delay
)

// timesSuffix is "x3" at the end of a fault's text.
var timesSuffix = lazyregexp.New(`x([1-9][0-9]{0,5})$`)

// Parse reads a fault: [ENDPOINT:]KIND[=DURATION][xTIMES], such as "500",
// "slow=3s", "token:429=30sx2" or "api:expiredx1".
func Parse(text string) (Fault, error) {
	f := Fault{}
	rest := text
	if endpoint, after, has := strings.Cut(text, ":"); has {
		if !slices.Contains(Endpoints(), endpoint) {
			return f, fmt.Errorf("fault %q: there is no endpoint %q; there are %s", text, endpoint, strings.Join(Endpoints(), ", "))
		}
		f.Endpoint, rest = endpoint, after
	}
	if times := timesSuffix().FindStringSubmatch(rest); times != nil {
		f.Times, _ = strconv.Atoi(times[1]) // six digits at most
		rest = strings.TrimSuffix(rest, times[0])
	}
	kind, value, valued := strings.Cut(rest, "=")
	f.Kind = Kind(kind)
	duration, err := time.ParseDuration(value)
	if !valued {
		duration, err = 0, nil
	}
	switch {
	case err != nil || duration < 0 || duration > longest || valued && duration == 0:
		return f, fmt.Errorf("fault %q: %q is not a duration between 0 and %s, such as 2s", text, value, longest)
	case f.Kind == Slow:
		f.Delay = cmp.Or(duration, defaultDelay)
	case f.Kind == TooMany:
		f.After = cmp.Or(duration, defaultAfter)
	case !slices.Contains([]Kind{Unavailable, Expired, Revoked}, f.Kind):
		return f, fmt.Errorf("fault %q: there is no %q; there are slow, 500, 429, expired and revoked", text, kind)
	case valued:
		return f, fmt.Errorf("fault %q: %s takes no value", text, kind)
	}
	return f, f.check()
}

// check refuses a fault that could never happen.
func (f Fault) check() error {
	switch {
	case f.Kind == Revoked && f.Endpoint != "" && f.Endpoint != Token:
		return errors.New("fault revoked: it happens at the token endpoint only")
	case f.Kind == Expired && f.Endpoint != "" && f.Endpoint != Token && f.Endpoint != API:
		return errors.New("fault expired: it happens at the token endpoint and the API only")
	}
	return nil
}

// String is what Parse reads.
func (f Fault) String() string {
	text := string(f.Kind)
	if f.Endpoint != "" {
		text = f.Endpoint + ":" + text
	}
	if d := f.Delay + f.After; d > 0 {
		text += "=" + d.String()
	}
	if f.Times > 0 {
		text += "x" + strconv.Itoa(f.Times)
	}
	return text
}

// Happens is what is wrong with one request: all its faults together.
type Happens struct {
	Delay            time.Duration
	Status           int           // 500 or 429; 0: the request is answered
	After            time.Duration // with 429
	Expired, Revoked bool
}

// Wait lets the delay pass, or the request end.
func (h Happens) Wait(r *http.Request) {
	if h.Delay <= 0 {
		return
	}
	timer := time.NewTimer(h.Delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// Refuse answers the request, if it is to be refused by status, and says
// whether it did. The body is an OAuth error (RFC 6749 section 5.2).
func (h Happens) Refuse(w http.ResponseWriter) bool {
	body := `{"error":"server_error","error_description":"a fault that was switched on"}`
	switch h.Status {
	case 0:
		return false
	case http.StatusTooManyRequests:
		// RFC 9110 section 10.2.3: whole seconds; none would be no delay at all.
		w.Header().Set("Retry-After", strconv.Itoa(int((h.After+time.Second-1)/time.Second)))
		body = `{"error":"too_many_requests","error_description":"a fault that was switched on"}`
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(h.Status)
	_, _ = w.Write([]byte(body)) // the client may be gone
	return true
}
