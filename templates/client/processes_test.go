//go:build unix

package client

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestProcessesTogether(t *testing.T) {
	// together has all processes do a command at one instant, and returns the
	// token requests that they made.
	together := func(tenant *strictTenant, processes int, command string) int {
		t := tenant.f.t
		tenant.f.clock.move(2 * time.Hour)
		workers := make([]*worker, processes)
		for i := range workers {
			workers[i] = tenant.startWorker(nil)
			workers[i].tell("session")
		}
		for _, w := range workers {
			if answer := w.answered(); answer.Error != "" || !answer.Live {
				t.Fatalf("the session: %+v", answer)
			}
		}
		for _, w := range workers {
			w.tell(command)
		}
		for _, w := range workers {
			if answer := w.answered(); answer.Error != "" || !answer.Live {
				t.Errorf("a call: %+v", answer)
			}
		}
		return tenant.f.refreshes()
	}
	for store, newTenant := range strictTenants() {
		t.Run("G11: 50 processes with 100 callers make one token request, "+store, func(t *testing.T) {
			tenant := newTenant(newFixture(t))
			if n := together(tenant, 50, "call twice"); n != 1 {
				t.Errorf("%d token requests", n)
			}
			tenant.mustSurvive()
		})
		t.Run("G11: so do 100 callers in one process, "+store, func(t *testing.T) {
			tenant := newTenant(newFixture(t))
			if n := together(tenant, 1, "call a hundred times"); n != 1 {
				t.Errorf("%d token requests", n)
			}
			tenant.mustSurvive()
		})
	}
}

func TestProcessHangs(t *testing.T) {
	t.Run("G11: a process that hangs in its refresh makes others wait for so long, and not refresh", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		tenant.f.clock.move(2 * time.Hour)
		stuck := tenant.signedInWorker(nil)
		arrived, letGo := tenant.hold(requestArrived)
		stuck.tell("call")
		<-arrived
		stuck.signal(syscall.SIGSTOP)
		others := []*worker{tenant.signedInWorker(impatient), tenant.signedInWorker(impatient)}
		for _, other := range others {
			if answer := other.ask("call"); !answer.Temporary || !answer.Live || !strings.Contains(answer.Error, "held them for too long") {
				t.Errorf("beside a process that hangs: %+v", answer)
			}
		}
		if n := tenant.f.refreshes(); n != 1 {
			t.Errorf("%d token requests", n)
		}
		letGo()
		stuck.signal(syscall.SIGCONT)
		if answer := stuck.answered(); answer.Error != "" {
			t.Errorf("once it goes on: %+v", answer)
		}
		for _, other := range others {
			other.must("let a minute pass") // in which it would not try again
			other.must("call")
		}
		if n := tenant.f.refreshes(); n != 1 {
			t.Errorf("%d token requests", n)
		}
		tenant.mustSurvive()
	})
	t.Run("G11: when a process that hangs is killed, the others go on at once", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		tenant.f.clock.move(2 * time.Hour)
		stuck := tenant.signedInWorker(nil)
		arrived, lose := tenant.holdAndLose(requestArrived)
		stuck.tell("call")
		<-arrived
		stuck.signal(syscall.SIGSTOP)
		other := tenant.signedInWorker(nil)
		other.tell("call")
		if answer, ok := other.read(); !ok || !answer.Locking {
			t.Errorf("the other process does not wait: %+v", answer)
		}
		stuck.kill()
		lose()
		if answer := other.answered(); answer.Error != "" {
			t.Errorf("the other process: %+v", answer)
		}
		tenant.mustSurvive()
	})
}

// impatient is a worker that does not wait for the store's lock for long.
func impatient(spec *workerSpec) { spec.LockDeadline = 50 * time.Millisecond }

func TestLogoutBesideRefresh(t *testing.T) {
	t.Run("a sign-out while another process refreshes leaves nobody's credentials", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		tenant.f.clock.move(2 * time.Hour)
		refreshing, leaving := tenant.signedInWorker(nil), tenant.signedInWorker(nil)
		arrived, letGo := tenant.hold(requestArrived)
		refreshing.tell("call")
		<-arrived
		leaving.tell("log out")
		if answer, ok := leaving.read(); !ok || !answer.Locking {
			t.Errorf("the sign-out does not wait: %+v", answer)
		}
		letGo()
		if answer := leaving.answered(); answer.Error != "" || answer.Live {
			t.Errorf("the sign-out: %+v", answer)
		}
		if answer := refreshing.answered(); answer.Error != "" {
			t.Errorf("the call before it: %+v", answer)
		}
		if answer := refreshing.ask("refresh"); answer.Reason != ReasonSignedOut || answer.Live {
			t.Errorf("the other process still is signed in: %+v", answer)
		}
		if _, err := tenant.f.store.Load(t.Context(), "default"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("something is stored: error %v", err)
		}
		newest, _ := tenant.refreshTokens()
		tenant.f.set(func() {
			if revoked := tenant.f.revoked; len(revoked) != 1 || revoked[0] != newest {
				t.Errorf("revoked %q and not %s", revoked, newest)
			}
		})
	})
	t.Run("so does one that cannot wait for a process that hangs, and says so", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		tenant.f.clock.move(2 * time.Hour)
		stuck, leaving := tenant.signedInWorker(nil), tenant.signedInWorker(impatient)
		arrived, letGo := tenant.hold(tokenRotated)
		stuck.tell("call")
		<-arrived
		stuck.signal(syscall.SIGSTOP)
		if answer := leaving.ask("log out"); !answer.Temporary || answer.Live {
			t.Errorf("the sign-out: %+v", answer)
		}
		letGo()
		stuck.signal(syscall.SIGCONT)
		if answer := stuck.answered(); answer.Reason != ReasonSignedOut || answer.Live {
			t.Errorf("the process that hung: %+v", answer)
		}
		if _, err := tenant.f.store.Load(t.Context(), "default"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("something is stored: error %v", err)
		}
		tenant.f.set(func() {
			if revoked := fmt.Sprint(tenant.f.revoked); revoked != "[the-refresh-token-1 the-refresh-token-2]" {
				t.Errorf("revoked %s", revoked)
			}
		})
	})
}
