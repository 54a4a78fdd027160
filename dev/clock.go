package dev

import (
	"sync/atomic"
	"time"
)

// Clock is the time of day, and ahead of it by as much as Advance has moved it.
// The zero Clock is not ahead. It may be read and moved at the same time.
type Clock struct{ ahead atomic.Int64 }

// Now returns the clock's time.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Advance moves the clock ahead by d.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }
