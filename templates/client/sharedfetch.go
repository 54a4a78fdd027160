package client

import (
	"context"
	"sync"
)

// sharedFetch fetches once for all who ask at the same time. It remembers
// neither value nor failure: what is kept, and for how long, is the caller's.
type sharedFetch[T any] struct {
	mu      sync.Mutex
	running *runningFetch[T]
}

type runningFetch[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// do returns what fetch returns, or ctx's error when ctx ends first. The fetch
// itself goes on then, because others may be waiting for it.
func (s *sharedFetch[T]) do(ctx context.Context, fetch func(context.Context) (T, error)) (T, error) {
	s.mu.Lock()
	run := s.running
	if run == nil {
		run = &runningFetch[T]{done: make(chan struct{})}
		s.running = run
		go func() {
			run.value, run.err = fetch(context.WithoutCancel(ctx))
			s.mu.Lock()
			s.running = nil
			s.mu.Unlock()
			close(run.done)
		}()
	}
	s.mu.Unlock()
	select {
	case <-run.done:
		return run.value, run.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
