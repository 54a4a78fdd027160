package client

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
)

// maxCallbackQuery bounds, in bytes, the query of an authorization response.
// The longest codes seen in practice are about 2 KiB.
const maxCallbackQuery = 8 << 10

// callbackListener receives the authorization response on the loopback
// interface (RFC 8252 section 7.3). It is used once: listenForCallback, then
// wait, then finish; close may be called at any time and more than once.
type callbackListener struct {
	registered string   // the redirect URI to the letter, so that the tenant finds it equal
	redirect   *url.URL // the same, parsed
	socket     net.Listener
	server     *http.Server

	outcomeTimeout time.Duration // how long the browser waits for finish
	lingerTimeout  time.Duration // how long finish waits for the page to be written

	taken   atomic.Bool                // set by the request that brought the response
	claimed chan authorizationResponse // carries that one response to wait

	decide  sync.Once
	decided chan struct{} // closed once outcome is set
	outcome pageOutcome

	// answering is read-locked by each request being answered, so that finish
	// knows by locking it that the pages are out. Server.Shutdown would wait
	// five seconds for the connections that browsers open ahead of need.
	answering sync.RWMutex
}

// listenForCallback binds the loopback address of the first redirect URI whose
// port is free. All of them are checked first: a wrong one is found today, not
// on the day when a port is busy.
//
// The redirect URIs must be loopback IP literals with a port. Never localhost:
// it may resolve to an interface that others can reach (RFC 8252 section 8.3).
func listenForCallback(redirectURIs []string) (*callbackListener, error) {
	if len(redirectURIs) == 0 {
		return nil, errors.New("listen for the sign-in callback: no redirect URI is registered")
	}
	redirects := make([]*url.URL, 0, len(redirectURIs))
	for _, uri := range redirectURIs {
		redirect, err := parseLoopbackRedirect(uri)
		if err != nil {
			return nil, fmt.Errorf("listen for the sign-in callback: %w", err)
		}
		redirects = append(redirects, redirect)
	}
	var tried []string
	var lastErr error
	for i, redirect := range redirects {
		socket, err := net.Listen("tcp", redirect.Host)
		if err == nil {
			return newCallbackListener(redirectURIs[i], redirect, socket), nil
		}
		tried, lastErr = append(tried, redirect.Host), err
	}
	return nil, fmt.Errorf("listen for the sign-in callback: none of the registered ports is free (%s): %w",
		strings.Join(tried, ", "), lastErr)
}

func parseLoopbackRedirect(uri string) (*url.URL, error) {
	redirect, err := url.Parse(uri)
	if err != nil {
		return nil, fmt.Errorf("redirect URI: %w", err)
	}
	if redirect.Scheme != "http" || redirect.User != nil || strings.Contains(uri, "#") {
		return nil, fmt.Errorf("redirect URI %q is not of the form http://127.0.0.1:PORT/PATH", uri)
	}
	// Browsers send the address in its canonical form, so no other form could
	// ever pass the check of the Host header.
	addr, err := netip.ParseAddr(redirect.Hostname())
	if err != nil || !addr.IsLoopback() || addr.Unmap().WithZone("").String() != redirect.Hostname() {
		return nil, fmt.Errorf("redirect URI %q does not name a loopback address such as 127.0.0.1 or [::1]", uri)
	}
	if port := redirect.Port(); port == "" || strings.HasPrefix(port, "0") {
		return nil, fmt.Errorf("redirect URI %q does not name a port", uri)
	}
	return redirect, nil
}

func newCallbackListener(registered string, redirect *url.URL, socket net.Listener) *callbackListener {
	server := &http.Server{
		ReadHeaderTimeout:            5 * time.Second,
		ReadTimeout:                  10 * time.Second,
		WriteTimeout:                 10 * time.Second,
		MaxHeaderBytes:               16 << 10,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(io.Discard, "", 0), // the terminal belongs to the application
	}
	server.SetKeepAlivesEnabled(false)
	return &callbackListener{
		registered:     registered,
		redirect:       redirect,
		socket:         socket,
		server:         server,
		outcomeTimeout: 2 * time.Minute,
		lingerTimeout:  2 * time.Second,
		claimed:        make(chan authorizationResponse, 1),
		decided:        make(chan struct{}),
	}
}

// redirectURI is the registered redirect URI that the listener is bound to.
func (l *callbackListener) redirectURI() string { return l.registered }

// wait returns the first authorization response that carries state. Any other
// request is answered and forgotten. The browser is kept waiting for its page
// until finish; a browser that comes before wait is called waits in the
// socket's queue. When ctx ends first, the port is free once wait returns.
func (l *callbackListener) wait(ctx context.Context, state string) (authorizationResponse, error) {
	l.server.BaseContext = func(net.Listener) context.Context { return ctx }
	l.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		l.answer(w, r, state)
	})
	stopped := make(chan error, 1)
	go func() { stopped <- l.server.Serve(l.socket) }()

	select {
	case response := <-l.claimed:
		return response, nil
	case <-ctx.Done():
		l.close()
		return authorizationResponse{}, fmt.Errorf("wait for the sign-in callback: %w", context.Cause(ctx))
	case err := <-stopped:
		l.close()
		return authorizationResponse{}, fmt.Errorf("wait for the sign-in callback: %w", err)
	}
}

// finish shows the outcome of the sign-in to the waiting browser and closes the
// listener once the page has been written. Only the first outcome counts.
func (l *callbackListener) finish(outcome pageOutcome) {
	l.decide.Do(func() {
		l.outcome = outcome
		close(l.decided)
	})
	// Closing twice is allowed, and there is nobody to tell of an error.
	_ = l.socket.Close()
	cutoff := time.AfterFunc(l.lingerTimeout, func() { _ = l.server.Close() })
	defer cutoff.Stop()
	l.answering.Lock()
	defer l.answering.Unlock()
	_ = l.server.Close()
}

// close frees the port. A browser still waiting is told that the sign-in was
// not finished.
func (l *callbackListener) close() { l.finish(unfinishedSignInPage()) }

func (l *callbackListener) answer(w http.ResponseWriter, r *http.Request, state string) {
	l.answering.RLock()
	defer l.answering.RUnlock()

	setCallbackHeaders(w.Header())
	if status := l.refusal(r); status != 0 {
		if status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", http.MethodGet)
		}
		w.WriteHeader(status)
		return
	}
	response, err := parseAuthorizationResponse(r.URL.RawQuery, state)
	if err != nil {
		writeCallbackPage(w, strayCallbackPage(err))
		return
	}
	if l.taken.CompareAndSwap(false, true) {
		l.claimed <- response
	}
	writeCallbackPage(w, l.awaitOutcome(w, r))
}

// refusal is the status for a request that cannot be the browser coming back
// from the tenant, and 0 for one that can.
func (l *callbackListener) refusal(r *http.Request) int {
	switch {
	case r.Host != callbackHost(l.redirect):
		return http.StatusMisdirectedRequest // DNS rebinding
	case r.URL.EscapedPath() != callbackPath(l.redirect):
		return http.StatusNotFound
	case r.Method != http.MethodGet:
		return http.StatusMethodNotAllowed
	case isPrefetch(r.Header):
		return http.StatusNoContent
	}
	return 0
}

// isPrefetch reports whether the browser asks ahead of need. The page must not
// be spent on that: the person would never see it.
func isPrefetch(header http.Header) bool {
	for _, name := range []string{"Sec-Purpose", "Purpose", "X-Moz"} {
		if strings.Contains(strings.ToLower(strings.Join(header.Values(name), ",")), "prefetch") {
			return true
		}
	}
	return false
}

// awaitOutcome keeps the browser waiting until the sign-in has ended, so that
// the page tells what really happened.
func (l *callbackListener) awaitOutcome(w http.ResponseWriter, r *http.Request) pageOutcome {
	// The server's deadline is for a quick answer. An error of setting it shows
	// when the page is written.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(l.outcomeTimeout + l.server.WriteTimeout))

	timeout := time.NewTimer(l.outcomeTimeout)
	defer timeout.Stop()
	select {
	case <-l.decided:
		return l.outcome
	case <-r.Context().Done(): // the caller of wait gave up, or the browser did
	case <-timeout.C:
	}
	return unfinishedSignInPage()
}

// authorizationResponse is what the tenant sent back through the browser
// (RFC 6749 section 4.1.2). Exactly one of code and errorCode is set.
type authorizationResponse struct {
	code             string
	iss              string // RFC 9207; not yet compared with the issuer
	issPresent       bool
	errorCode        string // printable and short, as is errorDescription
	errorDescription string
}

// String keeps the code out of whatever is printed.
func (authorizationResponse) String() string { return "authorization response (not shown)" }

// GoString keeps the code out of %#v too.
func (r authorizationResponse) GoString() string { return r.String() }

// parseAuthorizationResponse reads the query of a redirect (RFC 6749 sections
// 4.1.2 and 4.1.2.1). An error means that the query is not the answer to the
// sign-in that sent state; its text holds nothing from the query.
func parseAuthorizationResponse(rawQuery, state string) (authorizationResponse, error) {
	if len(rawQuery) > maxCallbackQuery {
		return authorizationResponse{}, errors.New("the address is too long")
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return authorizationResponse{}, errors.New("the address is malformed")
	}
	// RFC 6749 section 3.1: parameters must not be included more than once.
	for _, name := range []string{"state", "code", "error", "error_description", "iss"} {
		if len(query[name]) > 1 {
			return authorizationResponse{}, fmt.Errorf("the parameter %s is repeated", name)
		}
	}
	// Before all else, so that nobody can end a sign-in they did not begin.
	if state == "" || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(state)) != 1 {
		return authorizationResponse{}, errors.New("the address does not belong to this sign-in")
	}
	response := authorizationResponse{iss: query.Get("iss"), issPresent: query.Has("iss")}
	switch {
	case query.Get("error") != "": // also when there is a code: no honest server sends both
		response.errorCode = cmp.Or(printableText(query.Get("error"), 100), "unreadable_error")
		response.errorDescription = printableText(query.Get("error_description"), 500)
	case query.Get("code") != "":
		response.code = query.Get("code")
	default:
		return authorizationResponse{}, errors.New("the address holds neither a code nor an error")
	}
	return response, nil
}

// parseCallbackURL reads the callback URL that a redirector brought, such as one
// that a person copied from the browser. The rules are the listener's own. No
// error holds the URL, which may carry a code.
func parseCallbackURL(redirectURI, pasted, state string) (authorizationResponse, error) {
	redirect, err := url.Parse(redirectURI)
	if err != nil {
		return authorizationResponse{}, fmt.Errorf("redirect URI: %w", err)
	}
	callback, err := url.Parse(strings.TrimSpace(pasted))
	if err != nil {
		return authorizationResponse{}, errors.New("it is not a URL")
	}
	if callback.Scheme != redirect.Scheme || callback.Opaque != redirect.Opaque || callback.User != nil ||
		!strings.EqualFold(callbackHost(callback), callbackHost(redirect)) ||
		callbackPath(callback) != callbackPath(redirect) {
		return authorizationResponse{}, fmt.Errorf("it does not begin with %s", redirectURI)
	}
	return parseAuthorizationResponse(callback.RawQuery, state)
}

// callbackHost is the host and port as they are sent: browsers leave out the
// default port.
func callbackHost(u *url.URL) string {
	switch u.Scheme {
	case "http":
		return strings.TrimSuffix(u.Host, ":80")
	case "https":
		return strings.TrimSuffix(u.Host, ":443")
	}
	return u.Host
}

// callbackPath is the path as it is sent: an empty one becomes "/".
func callbackPath(u *url.URL) string { return cmp.Or(u.EscapedPath(), "/") }

// printableText makes text from outside safe to show: in a terminal it could
// move the cursor or reverse the writing direction. The result has at most
// limit characters.
func printableText(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit-1]) + "…"
	}
	return strings.TrimSpace(text)
}
