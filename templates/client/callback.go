package client

import (
	"cmp"
	"context"
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
