package client

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestLogoutOfWhatIsHeld(t *testing.T) {
	t.Run("when the store cannot be read, what this process holds is revoked", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.app.store = unreadableStore{f.store}
		if err := f.app.Logout(t.Context()); err != nil || session.live() {
			t.Errorf("error %v, session %v", err, session)
		}
		if !slices.Equal(f.revoked, []string{"the-refresh-token-A"}) {
			t.Errorf("revoked %q", f.revoked)
		}
		f.wantNothingStored()
	})
	t.Run("when this process holds nothing, either, it says that nothing was revoked", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		app := f.newApp(WithStore(unreadableStore{f.store}))
		err := app.Logout(t.Context())
		if err == nil || !strings.Contains(err.Error(), "revoke the credentials at the tenant") || len(f.revoked) != 0 {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
		f.wantNothingStored()
	})
}

func TestLogoutWithoutARefreshToken(t *testing.T) {
	signedIn := func(t *testing.T, provider Provider) (*fixture, *App) {
		f := newFixture(t)
		f.reply["refresh_token"] = nil
		app := f.app
		if provider == ProviderOIDC {
			app = f.newOpenIDApp()
		}
		if _, err := app.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		return f, app
	}
	t.Run("an OpenID provider revokes the access token", func(t *testing.T) {
		f, app := signedIn(t, ProviderOIDC)
		if err := app.Logout(t.Context()); err != nil || !slices.Equal(f.revoked, []string{"the-access-token-A"}) {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
	t.Run("another refusal than that it cannot revoke one is an error", func(t *testing.T) {
		f, app := signedIn(t, ProviderOIDC)
		f.set(func() {
			f.onRevoke = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, `{"error":"invalid_client"}`)
			}
		})
		refusal, ok := errors.AsType[*TenantError](app.Logout(t.Context()))
		if !ok || refusal.Code != "invalid_client" {
			t.Errorf("error %v", refusal)
		}
		f.wantNothingStored()
	})
	t.Run("Auth0, which cannot, is not asked", func(t *testing.T) {
		f, app := signedIn(t, ProviderAuth0)
		if err := app.Logout(t.Context()); err != nil || len(f.revoked) != 0 {
			t.Errorf("error %v, revoked %q", err, f.revoked)
		}
	})
}
