//go:build unix && long

package main

import "testing"

func TestKilledOften(t *testing.T) {
	t.Run("200 kills at any instant of a run", func(t *testing.T) { killAtRandom(t, 200, false) })
	t.Run("400 kills while it writes", func(t *testing.T) { killAtRandom(t, 400, true) })
}
