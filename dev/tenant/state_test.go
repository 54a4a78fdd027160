package tenant_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
)

// restart ends the tenant and starts another at the same address, with the same
// state file.
func (a *app) restart() {
	a.Helper()
	address, err := url.Parse(a.tenant.Issuer())
	if err != nil {
		a.Fatal(err)
	}
	a.tenant.Close()
	a.cfg.Addr = address.Host
	if a.tenant, err = tenant.Start(a.cfg); err != nil {
		a.Fatal(err)
	}
	a.Cleanup(a.tenant.Close)
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	at := newClock()
	file := filepath.Join(t.TempDir(), "state.json")
	a := start(t, func(c *tenant.Config) {
		c.Now, c.StateFile, c.Addr = at.now, file, freeAddress(t)
	})
	first := a.signIn(morgan, nil)
	session := a.exchange(first.Get("code"), nil)
	opaque := a.tokens(erin, url.Values{"audience": nil})
	narrowed := a.exchange(a.visitBack(tenant.Browser{Email: erin, Decline: []string{"read:timesheets"}}, nil).Get("code"), nil)
	replayed, revoked := a.tokens(morgan, nil), a.tokens(morgan, nil)
	replayedNext := a.refresh(replayed.RefreshToken, nil)
	a.expect(a.post(tenant.Revocation, url.Values{"client_id": {clientID}, "token": {revoked.RefreshToken}}), http.StatusOK, "")
	if err := a.tenant.RotateKeys(); err != nil {
		t.Fatal(err)
	}
	keys := a.keys()
	a.signIn(erin, url.Values{"scope": {"openid create:timesheets"}}) // whose code is never redeemed
	a.restart()

	if got := a.keys(); strings.Join(got, " ") != strings.Join(keys, " ") || len(got) != 2 {
		t.Errorf("keys %q, before %q", got, keys)
	}
	for name, token := range map[string]string{"JWT": session.AccessToken, "opaque": opaque.AccessToken} {
		if status, _, _ := a.userinfo(token); status != http.StatusOK {
			t.Errorf("%s: userinfo answers %d", name, status)
		}
	}
	next := a.refresh(session.RefreshToken, nil)
	a.expect(next, http.StatusOK, "")
	if a.claims(next.IDToken)["auth_time"] != a.claims(session.IDToken)["auth_time"] {
		t.Error("the time of the sign-in is another")
	}
	a.expect(a.refresh(narrowed.RefreshToken, url.Values{"scope": {"read:timesheets"}}), http.StatusBadRequest, "invalid_scope")
	a.expect(a.refresh(revoked.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	a.expect(a.refresh(replayed.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	a.expect(a.refresh(replayedNext.RefreshToken, nil), http.StatusForbidden, "invalid_grant") // reuse is seen after a restart too
	for email, scope := range map[string]string{morgan: allAsked, erin: "openid create:timesheets"} {
		p := a.pager()
		if after := p.post(p.get(a.authorizationURL(url.Values{"scope": {scope}})), url.Values{"email": {email}}); after.at.Path != "/callback" {
			t.Fatalf("the consent of %s is forgotten: at %s", email, after.at)
		}
		<-a.returned
	}

	t.Run("the file is for its owner only, and nothing is left beside it", func(t *testing.T) {
		info, err := os.Stat(file)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		if all, err := os.ReadDir(filepath.Dir(file)); err != nil || len(all) != 1 {
			t.Errorf("%v, %v", all, err)
		}
	})
	t.Run("what is over is dropped", func(t *testing.T) {
		at.add(31 * 24 * time.Hour)
		if err := a.tenant.RotateKeys(); err != nil {
			t.Fatal(err)
		}
		if got := a.keys(); slices.Contains(got, keys[1]) {
			t.Error("the old key is published for ever")
		}
		text, err := os.ReadFile(file)
		if err != nil || strings.Contains(string(text), next.RefreshToken) || !strings.Contains(string(text), `"consents"`) {
			t.Errorf("%v: %s", err, text)
		}
	})
}

// A kill can come right after any answer.
func TestStateIsSavedWithEachAnswer(t *testing.T) {
	t.Parallel()
	a := start(t, func(c *tenant.Config) {
		c.StateFile, c.Addr = filepath.Join(t.TempDir(), "state.json"), freeAddress(t)
	})
	first := a.tokens(morgan, nil)
	a.restart() // after a code was redeemed
	second := a.refresh(first.RefreshToken, nil)
	a.restart() // after a refresh
	third := a.refresh(second.RefreshToken, nil)
	a.expect(third, http.StatusOK, "")
	a.expect(a.refresh(first.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	a.restart() // after a reuse
	a.expect(a.refresh(third.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	revoked := a.tokens(morgan, nil)
	a.expect(a.post(tenant.Revocation, url.Values{"client_id": {clientID}, "token": {revoked.RefreshToken}}), http.StatusOK, "")
	a.restart() // after a revocation
	a.expect(a.refresh(revoked.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	ended := a.tokens(erin, nil)
	a.tenant.RevokeAll("auth0|erin")
	a.restart() // after all was revoked
	a.expect(a.refresh(ended.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
}

func TestWithoutAStateFileNothingSurvives(t *testing.T) {
	t.Parallel()
	a := start(t, func(c *tenant.Config) { c.Addr = freeAddress(t) })
	session, keys := a.tokens(morgan, nil), a.keys()
	a.restart()
	a.expect(a.refresh(session.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	if a.keys()[0] == keys[0] {
		t.Error("the key is the same")
	}
}

func TestStateFileRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good := filepath.Join(folder, "good.json")
	a := start(t, func(c *tenant.Config) { c.StateFile = good })
	a.tokens(morgan, nil)
	text, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	whole := string(text)
	for name, c := range map[string]struct{ text, says string }{
		"an empty file":        {"", "damaged"},
		"a truncated file":     {whole[:len(whole)/2], "damaged"},
		"something after it":   {whole + "{}", "damaged"},
		"a newer version":      {strings.Replace(whole, `"version": 1`, `"version": 2`, 1), "its version is 2, and this program knows 1"},
		"another file":         {`{"version": 1, "name": "x"}`, "unknown field"},
		"no keys":              {`{"version": 1, "opaque_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}`, "there is no signing key"},
		"a broken signing key": {strings.Replace(whole, `"private": "MII`, `"private": "AAA`, 1), "signing key 1 is not one"},
		"a short opaque key":   {strings.Replace(whole, `"opaque_key": "`, `"opaque_key": "AAAA`, 1), "opaque tokens"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "state.json")
			if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
				t.Fatal(err)
			}
			cfg := a.cfg
			cfg.StateFile = path
			started, err := tenant.Start(cfg)
			if err == nil {
				started.Close()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "remove it") {
				t.Errorf("error %v", err)
			}
			if left, err := os.ReadFile(path); err != nil || string(left) != c.text {
				t.Errorf("the file was changed: %v", err)
			}
		})
	}
	t.Run("a folder that is not there is told at once", func(t *testing.T) {
		cfg := a.cfg
		cfg.StateFile = filepath.Join(folder, "missing", "state.json")
		if started, err := tenant.Start(cfg); err == nil {
			started.Close()
			t.Error("it started")
		} else if !strings.Contains(err.Error(), "save the state") {
			t.Errorf("error %v", err)
		}
	})
}

func FuzzStateFile(f *testing.F) {
	file := filepath.Join(f.TempDir(), "state.json")
	cfg := tenant.Config{ClientID: clientID, Callbacks: []string{"http://127.0.0.1:1/callback"}, StateFile: file}
	first, err := tenant.Start(cfg)
	if err != nil {
		f.Fatal(err)
	}
	first.Close()
	whole, err := os.ReadFile(file)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(whole))
	f.Add(`{"version": 1}`)
	f.Fuzz(func(t *testing.T, text string) {
		cfg := cfg
		cfg.StateFile = filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(cfg.StateFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		started, err := tenant.Start(cfg)
		if err != nil {
			if left, readErr := os.ReadFile(cfg.StateFile); readErr != nil || string(left) != text {
				t.Errorf("the file was changed: %v", readErr)
			}
			return
		}
		started.Close()
		if again, err := tenant.Start(cfg); err != nil {
			t.Errorf("what it wrote itself is refused: %v", err)
		} else {
			again.Close()
		}
	})
}
