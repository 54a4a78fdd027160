//go:build unix

package client

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func TestKilledInRefresh(t *testing.T) {
	const old, renewed = "the-refresh-token-1", "the-refresh-token-2"
	setUp := func(t *testing.T, overlap bool) *strictTenant {
		tenant := newStrictTenant(newFixture(t))
		tenant.overlap = overlap
		tenant.f.clock.move(2 * time.Hour)
		tenant.f.app.lockDeadline = time.Second // the lock of the dead must be free
		return tenant
	}
	check := func(t *testing.T, tenant *strictTenant, stored string) {
		t.Helper()
		if got := tenant.inStore(); got != stored {
			t.Errorf("the store holds %s", got)
		}
		next := tenant.signedInWorker(nil)
		next.must("call")
		tenant.mustSurvive()
	}
	for _, test := range []struct {
		step    tenantStep
		overlap bool // without it a token is lost with its process, whatever that does
	}{
		{requestArrived, false},
		{tokenRotated, true},
		{halfAnswered, true},
	} {
		t.Run("G12: a process killed "+string(test.step)+" leaves the old token", func(t *testing.T) {
			tenant := setUp(t, test.overlap)
			victim := tenant.signedInWorker(nil)
			tenant.when(test.step, func() {
				victim.kill()
				panic(http.ErrAbortHandler)
			})
			victim.tell("call")
			victim.died()
			check(t, tenant, old)
		})
	}
	for _, test := range []struct {
		name    string
		diesAt  int
		overlap bool
		stored  string
	}{
		{"before it stores the reply leaves the old token", 1, true, old},
		{"after it has stored the reply leaves the new token", 2, false, renewed},
		{"before it stores the renewed profile leaves the new token", 3, false, renewed},
		{"after it has stored the renewed profile leaves the new token", 4, false, renewed},
	} {
		t.Run("G12: a process killed "+test.name, func(t *testing.T) {
			tenant := setUp(t, test.overlap)
			victim := tenant.signedInWorker(func(spec *workerSpec) { spec.DiesAt = test.diesAt })
			victim.tell("call")
			victim.died()
			check(t, tenant, test.stored)
			if calls := tenant.f.apiTokens; strings.HasSuffix(calls[0], "-2") != (test.stored == renewed) {
				t.Errorf("calls %q", calls)
			}
		})
	}
	t.Run("G12: a process killed before the tenant rotates, and a tenant without overlap, sign nobody out who waits", func(t *testing.T) {
		tenant := setUp(t, false)
		victim, waiting := tenant.signedInWorker(nil), tenant.signedInWorker(nil)
		arrived, lose := tenant.holdAndLose(requestArrived)
		victim.tell("call")
		<-arrived
		waiting.tell("call")
		if answer, ok := waiting.read(); !ok || !answer.Locking {
			t.Errorf("the other process does not wait: %+v", answer)
		}
		victim.kill()
		lose()
		if answer := waiting.answered(); answer.Error != "" {
			t.Errorf("the other process: %+v", answer)
		}
		check(t, tenant, renewed)
	})
}

// killings is what a loop of kills left in the store.
type killings struct{ old, renewed int }

// killAtRandom starts a process that does something for ever, and kills it at any
// instant, again and again. After each kill the store must be readable, not
// locked, and hold a token that the tenant takes; the next process goes on with
// what it finds.
func killAtRandom(tenant *strictTenant, doing string, kills int, within time.Duration) {
	t := tenant.f.t
	t.Helper()
	tenant.overlap = true // what is lost with its process can be had again
	tenant.f.app.lockDeadline = time.Second
	var left killings
	for range kills {
		connections := tenant.open()
		victim := tenant.signedInWorker(nil)
		victim.must(doing)
		<-time.After(rand.N(within)) // any instant is what this is about
		victim.kill()
		for answer, ok := victim.outcome(); ok; answer, ok = victim.outcome() {
			t.Fatalf("%s failed after %+v: %+v", doing, left, answer)
		}
		tenant.settle(connections)
		newest, previous := tenant.refreshTokens()
		switch stored := tenant.inStore(); stored {
		case newest:
			left.renewed++
		case previous:
			left.old++
		default:
			t.Fatalf("after %+v the store holds %s, and the tenant takes %s and %s", left, stored, newest, previous)
		}
	}
	t.Logf("%+v, %d token requests", left, tenant.f.refreshes())
	tenant.mustSurvive()
	tenant.mustBeTidy()
}

// mustBeTidy fails the test if there are more files than the record, the file
// that is locked, and what the last process left of a record that it had not
// finished.
func (s *strictTenant) mustBeTidy() {
	s.f.t.Helper()
	files, err := os.ReadDir(s.folder)
	if err != nil {
		s.f.t.Fatal(err)
	}
	if len(files) > 3 {
		s.f.t.Errorf("%d files, such as %s", len(files), files[len(files)/2])
	}
}

// makeLarge makes the record of 120 KiB, so that writing it takes a while, and
// keeps it so: the tenant sends no new profile.
func (s *strictTenant) makeLarge() {
	s.f.t.Helper()
	s.f.set(func() { s.f.reply["id_token"] = nil })
	large, err := s.f.app.load(s.f.t.Context())
	if err != nil {
		s.f.t.Fatal(err)
	}
	large.claims, err = json.Marshal(map[string]any{"sub": s.f.subject, "note": strings.Repeat("a long note.", 10<<10)})
	if err != nil {
		s.f.t.Fatal(err)
	}
	if err := s.f.app.save(s.f.t.Context(), large); err != nil {
		s.f.t.Fatal(err)
	}
}

func TestKilledAtRandom(t *testing.T) {
	for store, newTenant := range strictTenants() {
		t.Run("G12: a process killed at any instant leaves a session, "+store, func(t *testing.T) {
			killAtRandom(newTenant(newFixture(t)), "refresh for ever", 10, 50*time.Millisecond)
		})
		t.Run("G12: so does one killed while it writes, "+store, func(t *testing.T) {
			tenant := newTenant(newFixture(t))
			tenant.makeLarge()
			killAtRandom(tenant, "store for ever", 10, 50*time.Millisecond)
		})
	}
}
