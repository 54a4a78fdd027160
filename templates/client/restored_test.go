//go:build unix

package client

import (
	"net/http"
	"strconv"
	"testing"
)

// TestRestored puts the file of before back, as backups and tools that copy
// files between machines do, while a session lives.
func TestRestored(t *testing.T) {
	setUp := func(t *testing.T) (*strictTenant, *Session) {
		tenant := newStrictTenant(newFixture(t))
		session, err := tenant.f.app.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before, err := tenant.f.store.Load(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		tenant.f.mustRefresh(session)
		tenant.f.mustRefresh(session)
		save(t, tenant.f.store, "default", string(before))
		return tenant, session
	}
	t.Run("G11: a renewal presents no token that it has replaced, though the store holds it again", func(t *testing.T) {
		tenant, session := setUp(t)
		tenant.f.mustRefresh(session)
		tenant.mustSurvive()
	})
	t.Run("G11: App.Session stores the newest again", func(t *testing.T) {
		tenant, session := setUp(t)
		if again, err := tenant.f.app.Session(t.Context()); err != nil || again != session {
			t.Errorf("session %v, error %v", again, err)
		}
		tenant.mustSurvive()
	})
	t.Run("a sign-out revokes the newest", func(t *testing.T) {
		tenant, _ := setUp(t)
		if err := tenant.f.app.Logout(t.Context()); err != nil {
			t.Error(err)
		}
		newest, _ := tenant.refreshTokens()
		tenant.f.set(func() {
			if revoked := tenant.f.revoked; len(revoked) != 1 || revoked[0] != newest {
				t.Errorf("revoked %q, and not %s", revoked, newest)
			}
		})
	})
}

func TestReplacedTokensAreNotRememberedForEver(t *testing.T) {
	f := newFixture(t)
	session := f.login()
	renewals := 0
	f.set(func() {
		f.onToken = func(w http.ResponseWriter, _ *http.Request) {
			renewals++
			writeJSON(w, map[string]any{"access_token": "access", "token_type": "Bearer", "refresh_token": "refresh-" + strconv.Itoa(renewals)})
		}
	})
	for range maxSpent + 20 {
		f.mustRefresh(session)
	}
	newest := session.spent[len(session.spent)-1].reveal()
	if len(session.spent) != maxSpent || newest != f.tokenForms[len(f.tokenForms)-1].Get("refresh_token") {
		t.Errorf("%d are remembered", len(session.spent))
	}
}
