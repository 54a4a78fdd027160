package client

import (
	"context"
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
