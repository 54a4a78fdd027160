//go:build unix && long

package main

import "testing"

// 800 kills of a run, of which 600 are to leave the old package or the new one.
func TestKilledOften(t *testing.T) { killAtRandom(t, 200) }
