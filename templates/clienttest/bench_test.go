package clienttest

import "testing"

// What a test pays for a tenant and somebody who has signed in.
func BenchmarkSessionWith(b *testing.B) {
	for b.Loop() {
		NewTenant(b).SessionWith(b, "read:notes")
	}
}
