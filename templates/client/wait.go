package client

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// waitFor waits, or returns why ctx ended first.
func waitFor(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	return context.Cause(ctx) // nil when ctx goes on
}

// isBusy reports whether a reply with this status may say when to come back
// (RFC 6585 section 4, RFC 9110 section 15.6.4).
func isBusy(status int) bool {
	return status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable
}

// maxRetryAfter bounds how long a server can make us wait.
const maxRetryAfter = 5 * time.Minute

// retryAfter reads Retry-After (RFC 9110 section 10.2.3): seconds or a date, and
// whether there is one. Whatever the server or the clock says, the time is
// between 0 and maxRetryAfter.
func retryAfter(header http.Header, now time.Time) (pause time.Duration, ok bool) {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(maxRetryAfter/time.Second))) * time.Second, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return min(max(date.Sub(now), 0), maxRetryAfter), true
}

// endsWithin reports whether ctx will have ended when a pause is over. Its
// deadline is by the system's clock, whatever the App's says.
func endsWithin(ctx context.Context, pause time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) <= pause
}
