//go:build unix

package client

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestDiskFull(t *testing.T) {
	const old, renewed, third = "the-refresh-token-1", "the-refresh-token-2", "the-refresh-token-3"
	// full returns a process whose disk was full when it renewed the token.
	full := func(t *testing.T) (*strictTenant, *worker) {
		tenant := newStrictTenant(newFixture(t))
		w := tenant.signedInWorker(nil)
		w.must("fill the disk")
		answer := w.ask("refresh")
		if !strings.Contains(answer.Error, "store the credentials: ") || !answer.Live || answer.Reason != "" {
			t.Errorf("with a full disk: %+v", answer)
		}
		if !strings.Contains(answer.Log, "level=ERROR") || !strings.Contains(answer.Log, "live in this process only") {
			t.Errorf("the log does not say it: %q", answer.Log)
		}
		return tenant, w
	}
	t.Run("G12: when the disk is full the renewed session lives in memory, and says so", func(t *testing.T) {
		tenant, w := full(t)
		w.must("call")
		if calls := tenant.f.apiTokens; !strings.HasSuffix(calls[0], "-2") {
			t.Errorf("calls %q", calls)
		}
		if stored := tenant.inStore(); stored != old {
			t.Errorf("the store holds %s", stored)
		}
		tenant.mustBeTidy()
	})
	t.Run("G12: when there is room again, App.Session stores it", func(t *testing.T) {
		tenant, w := full(t)
		w.must("session")
		if stored := tenant.inStore(); stored != old {
			t.Errorf("before there is room: the store holds %s", stored)
		}
		w.must("make room")
		w.must("session")
		if stored := tenant.inStore(); stored != renewed {
			t.Errorf("the store holds %s", stored)
		}
		if n := tenant.f.refreshes(); n != 1 {
			t.Errorf("%d token requests", n)
		}
		tenant.mustSurvive()
	})
	t.Run("G12: and so does the next refresh, from the token in memory", func(t *testing.T) {
		tenant, w := full(t)
		w.must("make room")
		w.must("refresh")
		if stored := tenant.inStore(); stored != third {
			t.Errorf("the store holds %s", stored)
		}
		tenant.mustSurvive()
	})
	t.Run("G18: a damaged record and a full disk end no session, here or in another process", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		w, other := tenant.signedInWorker(nil), tenant.signedInWorker(nil)
		file := filepath.Join(tenant.folder, "credentials-default.json")
		if err := os.WriteFile(file, []byte("damaged"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.must("fill the disk")
		for range 3 {
			if answer := w.ask("refresh"); !answer.Live || !strings.Contains(answer.Error, "store the credentials: ") {
				t.Errorf("with a full disk: %+v", answer)
			}
		}
		other.must("session")
		w.must("make room")
		w.must("refresh")
		if aside := readFile(t, file+".aside-1"); string(aside) != "damaged" || len(tenant.f.revoked) != 0 {
			t.Errorf("set aside %q, revoked %q", aside, tenant.f.revoked)
		}
		tenant.mustBeTidy()
		other.must("refresh")
		tenant.mustSurvive()
	})
	t.Run("G12: a disk that stays full ends no session", func(t *testing.T) {
		tenant, w := full(t)
		for range 3 {
			w.must("let the token expire")
			if answer := w.ask("call"); !answer.Live || answer.Reason != "" || !strings.Contains(answer.Error, "store the credentials: ") {
				t.Errorf("the call that renews: %+v", answer)
			}
			w.must("call")
		}
		w.must("make room")
		w.must("session")
		tenant.mustSurvive()
	})
}

func TestTwoVersions(t *testing.T) {
	t.Run("G18: a session ends when a newer version has stored its credentials, and leaves them alone", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		tenant.f.clock.move(2 * time.Hour)
		present, newer := tenant.signedInWorker(nil), tenant.signedInWorker(nil)
		newer.must("store as a newer version")
		for _, command := range []string{"call", "refresh", "session"} {
			if answer := present.ask(command); answer.Reason != ReasonNewer || answer.Live {
				t.Errorf("%s: %+v", command, answer)
			}
		}
		record, err := tenant.f.store.Load(t.Context(), "default")
		if err != nil || string(record) != newerRecord || tenant.f.refreshes() != 0 {
			t.Errorf("record %s, error %v, %d token requests", record, err, tenant.f.refreshes())
		}
	})
	t.Run("G14: the token that an older version without locks rotates meanwhile is taken over", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		tenant.mild = true // it is the older version's fault, for which many tenants end the grant
		tenant.f.clock.move(2 * time.Hour)
		present := tenant.signedInWorker(nil)
		older := tenant.signedInWorker(func(spec *workerSpec) { spec.WithoutLocks = true })
		arrived, letGo := tenant.hold(requestArrived)
		present.tell("call")
		<-arrived
		older.must("call")
		letGo()
		if answer := present.answered(); answer.Error != "" {
			t.Errorf("the present version: %+v", answer)
		}
		want := fmt.Sprint([]string{"Bearer the-access-token-2", "Bearer the-access-token-2"})
		if calls := fmt.Sprint(tenant.f.apiTokens); calls != want || tenant.f.refreshes() != 2 {
			t.Errorf("calls %s, %d token requests", calls, tenant.f.refreshes())
		}
		tenant.mustSurvive()
	})
	t.Run("G11: what the present version has renewed, an older one without locks takes from the store", func(t *testing.T) {
		tenant := newStrictTenant(newFixture(t))
		tenant.f.clock.move(2 * time.Hour)
		present := tenant.signedInWorker(nil)
		older := tenant.signedInWorker(func(spec *workerSpec) { spec.WithoutLocks = true })
		present.must("call")
		older.must("call")
		if n := tenant.f.refreshes(); n != 1 {
			t.Errorf("%d token requests", n)
		}
	})
}
