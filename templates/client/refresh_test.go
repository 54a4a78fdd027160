package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

func TestRefreshInTime(t *testing.T) {
	t.Run("G10: a token with more than a minute to live is used as it is", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(59*time.Minute - time.Second)
		f.mustCall(session)
		if n := f.refreshes(); n != 0 {
			t.Errorf("%d refreshes", n)
		}
	})
	t.Run("G10: a minute before expiry one caller refreshes, the others go on", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(59*time.Minute + time.Second)
		arrived, release := make(chan struct{}), make(chan struct{})
		f.set(func() {
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				close(arrived)
				<-release
				writeJSON(w, f.tokens(false))
			}
		})
		first := make(chan error, 1)
		go func() { first <- callListNotes(t.Context(), session) }()
		<-arrived
		for range 10 {
			f.mustCall(session) // would wait for ever if it waited
		}
		close(release)
		if err := <-first; err != nil {
			t.Error(err)
		}
		want := append(slices.Repeat([]string{"Bearer the-access-token-A"}, 10), "Bearer the-access-token-B")
		if !slices.Equal(f.apiTokens, want) {
			t.Errorf("the API saw %q", f.apiTokens)
		}
	})
	t.Run("G10: when the early refresh fails for now, the caller goes on too", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(59*time.Minute + time.Second)
		f.tenantError(http.StatusServiceUnavailable, "temporarily_unavailable")
		for range 5 {
			f.mustCall(session)
		}
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes in a row", n)
		}
	})
	t.Run("a token that lives for seconds is not renewed at every call", func(t *testing.T) {
		f := newFixture(t)
		f.reply["expires_in"] = 40
		session := f.login()
		for range 5 {
			f.mustCall(session)
		}
		if n := f.refreshes(); n != 0 {
			t.Errorf("%d refreshes", n)
		}
	})
}

func TestRefreshReply(t *testing.T) {
	t.Run("G12: the rotated token is stored before the new access token is used", func(t *testing.T) {
		store := &gatedStore{CredentialStore: NewMemoryStore(), saving: make(chan []byte), saved: make(chan struct{})}
		f := newFixture(t)
		f.store = store
		f.app = f.newApp()
		go store.let()
		session := f.login()
		f.clock.move(2 * time.Hour)
		f.reply["id_token"] = nil
		done := make(chan error, 1)
		go func() { done <- callListNotes(t.Context(), session) }()
		record := <-store.saving
		f.mu.Lock()
		calls := len(f.apiTokens)
		f.mu.Unlock()
		if c, err := decodeCredentials(record); err != nil || calls != 0 || c.refreshToken.reveal() != "the-refresh-token-B" {
			t.Errorf("%d calls before the store had %v, %v", calls, c, err)
		}
		store.saved <- struct{}{}
		if err := <-done; err != nil || !slices.Equal(f.apiTokens, []string{"Bearer the-access-token-B"}) {
			t.Errorf("error %v, calls %q", err, f.apiTokens)
		}
	})
	t.Run("G12: a reply without refresh_token keeps the old one", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.set(func() { f.reply["refresh_token"] = nil })
		f.mustRefresh(session)
		f.mustRefresh(session)
		if form := f.tokenForms[2]; form.Get("refresh_token") != "the-refresh-token-A" {
			t.Errorf("form %v", form)
		}
	})
	t.Run("G7: a reply without scope keeps the scopes as they were", func(t *testing.T) {
		f := newFixture(t)
		f.reply["scope"] = "openid read:notes"
		session := f.login(ScopeWriteNotes)
		f.set(func() { f.reply["scope"] = nil })
		f.mustRefresh(session)
		if got := session.Granted(); !slices.Equal(got, []string{"openid", "read:notes"}) {
			t.Errorf("Granted() = %q", got)
		}
	})
	t.Run("G7: a narrower reply closes gates and says so", func(t *testing.T) {
		f := newFixture(t)
		session := f.login(ScopeWriteNotes)
		events := watch(session)
		f.set(func() { f.reply["scope"] = "openid profile email offline_access read:notes" })
		f.mustRefresh(session)
		event := <-events
		if session.Can(writeNote) || event.Kind != SessionDowngraded || !slices.Equal(event.Lost, []string{"write:notes"}) {
			t.Errorf("Can = %v, event %+v", session.Can(writeNote), event)
		}
	})
	t.Run("G8: an ID token about another user ends the session", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.set(func() { f.subject = "auth0|mallory" })
		if err := session.Refresh(t.Context()); !errors.Is(err, ErrLoginRequired) || session.live() {
			t.Errorf("error %v, session %v", err, session)
		}
	})
	for name, claims := range map[string]map[string]any{
		"another nonce":            {"nonce": "of-another-sign-in"},
		"another at_hash":          {"at_hash": "b3RoZXIgdG9rZW4ncyBoYXNo"},
		"another authorized party": {"azp": "other-client"},
	} {
		t.Run("G8: an ID token with "+name+" ends the session", func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			f.set(func() { f.claims = claims })
			if err := session.Refresh(t.Context()); !errors.Is(err, ErrLoginRequired) || session.live() {
				t.Errorf("error %v, session %v", err, session)
			}
		})
	}
	t.Run("G8: an ID token with the nonce of the sign-in renews the profile", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.set(func() { f.claims = map[string]any{"nonce": f.nonce, "name": "Ada King"} })
		f.mustRefresh(session)
		if name := session.User().Name; name != "Ada King" {
			t.Errorf("name %q", name)
		}
	})
	for _, jump := range []time.Duration{3 * time.Hour, 24 * time.Hour, -24 * time.Hour} {
		t.Run("a clock that jumps by "+jump.String()+" ends no session", func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			right := f.clock.now().Add(time.Hour)
			f.set(func() { f.claims = map[string]any{"iat": right.Unix(), "exp": right.Add(time.Hour).Unix()} })
			f.clock.move(time.Hour + jump)
			for range 3 {
				f.mustRefresh(session)
				f.mustCall(session)
			}
			if n := f.refreshes(); n != 3 || session.User().Name != "Ada Lovelace" {
				t.Errorf("%d refreshes, user %v", n, session.User())
			}
		})
	}
	t.Run("G12: the rotated token is stored even if the rest of the reply is malformed", func(t *testing.T) {
		for _, change := range []map[string]any{
			{"expires_in": 0}, {"expires_in": 3600.5}, {"id_token": ""}, {"scope": []string{"a"}}, {"token_type": "mac"}, {"access_token": nil},
		} {
			f := newFixture(t)
			session := f.login()
			f.set(func() { f.reply = change })
			if err := session.Refresh(t.Context()); !errors.Is(err, ErrTemporary) {
				t.Errorf("%v: error %v", change, err)
			}
			f.set(func() { f.reply = nil })
			theirs, err := f.newApp().Session(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			f.mustRefresh(theirs)
			f.mustRefresh(session)
			if form := f.tokenForms[2]; form.Get("refresh_token") != "the-refresh-token-B" || f.refreshes() != 2 {
				t.Errorf("%v: form %v, %d refreshes", change, form, f.refreshes())
			}
		}
	})
	t.Run("when the keys cannot be had, the validated profile stays", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		f.set(func() {
			f.signer, f.keysDown = newSigner(t, "k2"), true
			f.claims = map[string]any{"name": "not checked"}
		})
		f.mustCall(session)
		if name := session.User().Name; name != "Ada Lovelace" || f.apiTokens[0] != "Bearer the-access-token-B" {
			t.Errorf("name %q, calls %q", name, f.apiTokens)
		}
	})
	t.Run("a store that fails is said loudly, and the session lives on", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.app.store = failingStore{f.store}
		if err := session.Refresh(t.Context()); !errors.Is(err, errDiskFull) {
			t.Errorf("error %v", err)
		}
		f.mustCall(session)
		if f.apiTokens[0] != "Bearer the-access-token-B" {
			t.Errorf("calls %q", f.apiTokens)
		}
	})
}

func TestRefreshRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		code   string
	}{
		{"G14: invalid_grant ends the session", http.StatusBadRequest, "invalid_grant"},
		{"G14: so it does with Auth0's status 403", http.StatusForbidden, "invalid_grant"},
		{"G14: so it does with status 500", http.StatusInternalServerError, "invalid_grant"},
		{"G14: login_required ends it, too", http.StatusBadRequest, "login_required"},
		{"G14: so does interaction_required", http.StatusBadRequest, "interaction_required"},
		{"G14: so does consent_required", http.StatusBadRequest, "consent_required"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			events := watch(session)
			f.clock.move(2 * time.Hour)
			f.tenantError(test.status, test.code)
			err := callListNotes(t.Context(), session)
			if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonRevoked {
				t.Errorf("error %v", err)
			}
			if event := <-events; event.Kind != SessionEnded {
				t.Errorf("event %+v", event)
			}
			if _, err := f.newApp().Session(t.Context()); !errors.Is(err, ErrLoginRequired) || session.Can(listNotes) {
				t.Errorf("still signed in: %v", err)
			}
			if len(f.authorization) != 1 {
				t.Error("G16: a browser was opened")
			}
		})
	}
	t.Run("G14: a token that another process rotates meanwhile is taken over", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		other := f.newApp()
		f.set(func() {
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				f.set(func() { f.onToken = nil })
				theirs, err := other.Session(t.Context())
				if err != nil {
					t.Error(err)
				} else if err := theirs.Refresh(t.Context()); err != nil {
					t.Error(err)
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
			}
		})
		f.mustRefresh(session)
		f.mustCall(session)
		if f.apiTokens[0] != "Bearer the-access-token-B" {
			t.Errorf("calls %q", f.apiTokens)
		}
	})
	temporary := map[string]http.HandlerFunc{
		"G14: status 502 with HTML is temporary": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, "<html>bad gateway</html>")
		},
		"G14: a reply cut short is temporary": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"access_token":"ab`)
		},
		"G14: login_required with status 503 is temporary": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"error":"login_required"}`)
		},
		"G14: a broken connection is temporary": func(w http.ResponseWriter, _ *http.Request) {
			panic(http.ErrAbortHandler)
		},
		"G14: status 429 is temporary": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "315360000")
			w.WriteHeader(http.StatusTooManyRequests)
		},
	}
	for name, handler := range temporary {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			f.clock.move(2 * time.Hour)
			f.set(func() { f.onToken = handler })
			if err := callListNotes(t.Context(), session); !errors.Is(err, ErrTemporary) || !session.live() {
				t.Errorf("error %v, session %v", err, session)
			}
			// However long the tenant asks to wait, a minute is enough.
			f.set(func() { f.onToken = nil })
			f.clock.move(time.Minute)
			f.mustCall(session)
		})
	}
	t.Run("G14: Retry-After is honoured, even by the next caller", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		f.set(func() {
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "40")
				w.WriteHeader(http.StatusTooManyRequests)
			}
		})
		for range 2 {
			if err := callListNotes(t.Context(), session); !errors.Is(err, ErrTemporary) {
				t.Errorf("error %v", err)
			}
			f.clock.move(30 * time.Second)
		}
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes", n)
		}
		// A new sign-in is not held up by what its predecessor met.
		f.set(func() { f.onToken = nil })
		again := f.login()
		f.refuse("the-access-token-C")
		f.mustRefresh(again)
	})
	t.Run("without a refresh token an expired session ends", func(t *testing.T) {
		f := newFixture(t)
		f.reply["refresh_token"] = nil
		session := f.login()
		f.mustCall(session)
		f.clock.move(2 * time.Hour)
		err := callListNotes(t.Context(), session)
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonExpired {
			t.Errorf("error %v", err)
		}
	})
}

func callListNotes(ctx context.Context, s *Session) error {
	_, err := call[[]string](ctx, s, request{endpoint: listNotes})
	return err
}

func (f *fixture) mustCall(s *Session) {
	f.t.Helper()
	if err := callListNotes(f.t.Context(), s); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) mustRefresh(s *Session) {
	f.t.Helper()
	if err := s.Refresh(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

// gatedStore shows each record before it is saved, and waits for leave.
type gatedStore struct {
	CredentialStore
	saving chan []byte
	saved  chan struct{}
}

func (g *gatedStore) Save(ctx context.Context, profile string, record []byte) error {
	g.saving <- record
	<-g.saved
	return g.CredentialStore.Save(ctx, profile, record)
}

// let lets one record pass.
func (g *gatedStore) let() {
	<-g.saving
	g.saved <- struct{}{}
}
