//go:build unix

package client

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestKilledWhileSealing kills the first process that seals a record that was
// plain before, and so makes the key.
func TestKilledWhileSealing(t *testing.T) {
	for _, test := range []struct {
		name   string
		dies   func(*workerSpec)
		hasKey bool
		sealed bool
	}{
		{"before the keyring has the key", func(spec *workerSpec) { spec.DiesAtKey = 1 }, false, false},
		{"after the keyring has the key", func(spec *workerSpec) { spec.DiesAtKey = 2 }, true, false},
		{"after the sealed record is stored", func(spec *workerSpec) { spec.DiesAt = 2 }, true, true},
	} {
		setUp := func(t *testing.T) (tenant *strictTenant, file string) {
			tenant = newStrictTenant(newFixture(t)) // plain
			tenant.keyring = t.TempDir()
			tenant.f.store = newProcessStore(tenant.folder, dyingKeyring{folderKeyring(tenant.keyring), &dying{}})
			tenant.f.app = tenant.f.newApp()
			tenant.f.app.lockDeadline = time.Second // the lock of the dead must be free
			tenant.overlap = true                   // what is lost with its process can be had again
			victim := tenant.signedInWorker(test.dies)
			victim.tell("refresh")
			victim.died()
			file = filepath.Join(tenant.folder, "credentials-default.json")
			if isSealed := bytes.Contains(readFile(t, file), []byte("sealed_version")); isSealed != test.sealed {
				t.Errorf("sealed: %v", isSealed)
			}
			if keys, err := os.ReadDir(tenant.keyring); err != nil || (len(keys) == 1) != test.hasKey {
				t.Errorf("%d keys, error %v", len(keys), err)
			}
			return tenant, file
		}
		t.Run("G12: a process killed "+test.name+" leaves a session, which the next seals", func(t *testing.T) {
			tenant, file := setUp(t)
			next := tenant.signedInWorker(nil)
			next.must("refresh")
			tenant.mustSurvive()
			tenant.mustBeTidy()
			if !bytes.Contains(readFile(t, file), []byte("sealed_version")) {
				t.Error("the record is plain")
			}
		})
		t.Run("G17: and a sign-in can follow, when it was killed "+test.name, func(t *testing.T) {
			tenant, _ := setUp(t)
			tenant.f.login()
			tenant.mustSurvive()
			if err := tenant.f.app.Logout(t.Context()); err != nil {
				t.Error(err)
			}
			if keys, err := os.ReadDir(tenant.keyring); err != nil || len(keys) != 0 {
				t.Errorf("%d keys, error %v", len(keys), err)
			}
		})
	}
}
