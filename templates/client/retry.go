package client

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"
)

const (
	maxRetries   = 2                // of a call, after its first attempt
	maxRetryWait = 30 * time.Second // before all retries of a call together
)

// WithoutRetries has the endpoints' methods return a reply of status 429 or 503
// as it is. They otherwise call again when it says after what time (RFC 9110
// section 10.2.3, Retry-After) and the method is idempotent: at most twice, and
// after at most 30 seconds in all. [Session.HTTPClient] never calls again.
func WithoutRetries() Option {
	return func(a *App) { a.retries = false }
}

// sendPatiently sends the request, and sends it again when the API asks for
// that. The error is of the connection, or says that ctx ended.
func (a *App) sendPatiently(ctx context.Context, client *http.Client, r request) (*http.Response, error) {
	patience := maxRetryWait
	for retry := 0; ; retry++ {
		resp, err := a.sendOnce(ctx, client, r)
		if err != nil || retry == maxRetries || !a.retries || !isIdempotent(r.endpoint.method) {
			return resp, err
		}
		pause, ok := a.pauseAfter(resp, patience)
		if !ok || endsWithin(ctx, pause) {
			return resp, nil
		}
		discardReply(resp)
		if err := a.wait(ctx, pause); err != nil {
			return nil, fmt.Errorf("wait until the API can be called again: %w", err)
		}
		patience -= pause
	}
}

// pauseAfter returns how long to wait before the next attempt, and whether to
// make one. All whom the API sent away at once must not come back at once: each
// waits a little longer than it was told, and in all no longer than patience.
func (a *App) pauseAfter(resp *http.Response, patience time.Duration) (pause time.Duration, ok bool) {
	if !isBusy(resp.StatusCode) {
		return 0, false
	}
	asked, ok := retryAfter(resp.Header, a.now())
	if !ok || asked > patience {
		return 0, false
	}
	jitter := rand.N(asked/10 + 100*time.Millisecond)
	return min(asked+jitter, patience), true
}

// isIdempotent reports whether a request may be sent twice (RFC 9110 section
// 9.2.2).
func isIdempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete:
		return true
	}
	return false
}

// discardReply gives up a reply. What is left of a short one is read, so that
// its connection can be used again.
func discardReply(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, maxErrorReply)
	_ = resp.Body.Close() // it was only read from
}
