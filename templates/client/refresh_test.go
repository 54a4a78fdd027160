package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
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
		f.mustCall(session)
		want := append(slices.Repeat([]string{"Bearer the-access-token-A"}, 11), "Bearer the-access-token-B")
		if !slices.Equal(f.apiTokens, want) {
			t.Errorf("the API saw %q", f.apiTokens)
		}
	})
	t.Run("G10: the caller who starts it is not held up by a tenant that hangs", func(t *testing.T) {
		f := newFixture(t)
		f.login()
		f.clock.move(59*time.Minute + time.Second)
		record, err := f.store.Load(t.Context(), "default")
		if err != nil {
			t.Fatal(err)
		}
		reply := mustJSON(f.tokens(false))
		synctest.Test(t, func(t *testing.T) { // without a network, for the sake of its clock
			release := make(chan struct{})
			store := NewMemoryStore()
			save(t, store, "default", string(record))
			session, err := f.newApp(WithConfig(f.app.config), WithStore(store), WithHTTPClient(&http.Client{
				Transport: handlerTransport{func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodPost {
						<-release
						replyJSON(reply)(w, r)
						return
					}
					replyJSON(`["a note"]`)(w, r)
				}},
			})).Session(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			events, start := watch(session), time.Now()
			if err := callListNotes(t.Context(), session); err != nil { // the tenant answers only after this
				t.Error(err)
			}
			if waited := time.Since(start); waited > earlyPatience {
				t.Errorf("the caller waited for %s", waited)
			}
			close(release)
			if event := <-events; event.Kind != SessionRefreshed {
				t.Errorf("event %+v", event)
			}
		})
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
	t.Run("G10: a program that ends after its call has the rotated token stored", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(59*time.Minute + time.Second)
		f.mustCall(session)
		stored, err := f.newApp().load(t.Context())
		if err != nil || stored.refreshToken.reveal() != "the-refresh-token-B" {
			t.Errorf("stored %v, error %v", stored, err)
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
	t.Run("a token's life begins before a suspension that the refresh slept through", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.set(func() {
			f.onToken = func(w http.ResponseWriter, _ *http.Request) {
				reply := f.tokens(false)
				f.clock.move(24 * time.Hour)
				writeJSON(w, reply)
			}
		})
		f.mustRefresh(session)
		f.set(func() { f.onToken = nil })
		for range 3 {
			f.mustCall(session)
		}
		if n := f.refreshes(); n != 2 { // and no storm of them
			t.Errorf("%d refreshes", n)
		}
	})
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
	t.Run("a malformed reply is not asked for again by each caller", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		f.clock.move(2 * time.Hour)
		f.set(func() { f.reply["expires_in"] = "soon" })
		for range 5 {
			if err := callListNotes(t.Context(), session); !errors.Is(err, ErrTemporary) {
				t.Errorf("error %v", err)
			}
		}
		if n := f.refreshes(); n != 1 {
			t.Errorf("%d refreshes", n)
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

// handlerTransport answers without a network.
type handlerTransport struct{ answer http.HandlerFunc }

func (h handlerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	h.answer(w, r)
	return w.Result(), nil
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
