//go:build unix && long

package client

import (
	"testing"
	"time"
)

func TestKilledOften(t *testing.T) {
	for store, newTenant := range strictTenants() {
		t.Run("G12: 300 kills at any instant lose no session, "+store, func(t *testing.T) {
			killAtRandom(newTenant(newFixture(t)), "refresh for ever", 300, 50*time.Millisecond)
		})
		t.Run("G12: nor do 100 in the middle of large records, "+store, func(t *testing.T) {
			tenant := newTenant(newFixture(t))
			tenant.makeLarge()
			killAtRandom(tenant, "store for ever", 100, 50*time.Millisecond)
		})
		t.Run("G12: nor do 30 with a refresh of large records, "+store, func(t *testing.T) {
			tenant := newTenant(newFixture(t))
			tenant.makeLarge()
			killAtRandom(tenant, "refresh for ever", 30, 500*time.Millisecond)
		})
	}
}
