package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

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
		{"G14: so does Auth0's mfa_required", http.StatusForbidden, "mfa_required"},
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
	t.Run("G14: a refusal forgets no other sign-in, though the store cannot be read", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		if _, err := f.newApp().Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.app.store = unreadableStore{f.store}
		f.tenantError(http.StatusForbidden, "invalid_grant") // for the first sign-in
		if err := session.Refresh(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
		if _, err := f.newApp().Session(t.Context()); err != nil {
			t.Errorf("the other sign-in: %v", err)
		}
	})
	t.Run("G14: a token that a process without locks rotates meanwhile is taken over", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		other := f.newApp(WithStore(unlockedStore{f.store}))
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
		f.clock.move(59*time.Minute + time.Second)
		f.mustCall(session)
		if session.failure.err != nil {
			t.Errorf("a refresh was tried: %v", session.failure.err)
		}
		f.clock.move(time.Hour)
		err := callListNotes(t.Context(), session)
		if login, ok := errors.AsType[*LoginRequiredError](err); !ok || login.Reason != ReasonExpired {
			t.Errorf("error %v", err)
		}
		f.clock.move(-time.Hour) // it was wrong
		if _, err := f.app.Session(t.Context()); err != nil {
			t.Errorf("once the clock is right: %v", err)
		}
	})
}

// unlockedStore is what a program sees that knows of no locks.
type unlockedStore struct{ CredentialStore }

func (unlockedStore) Lock(context.Context, string) (unlock func(), err error) {
	return func() {}, nil
}

func TestRefreshOutcomes(t *testing.T) {
	for _, row := range refreshOutcomes {
		for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusServiceUnavailable} {
			want := row.outcome
			if row.notIfTrouble && status == http.StatusServiceUnavailable {
				want = outcomeTemporary
			}
			t.Run(fmt.Sprintf("G14: %s with status %d: %s", row.code, status, want), func(t *testing.T) {
				f := newFixture(t)
				session := f.login()
				f.tenantError(status, row.code)
				err := session.Refresh(t.Context())
				got := outcomeKept
				switch {
				case errors.Is(err, ErrLoginRequired):
					got = outcomeEnded
				case errors.Is(err, ErrTemporary):
					got = outcomeTemporary
				}
				if got != want || session.live() != (want != outcomeEnded) {
					t.Errorf("outcome %s, session %v, error %v", got, session, err)
				}
				if _, err := f.newApp().Session(t.Context()); (err == nil) != (want != outcomeEnded) {
					t.Errorf("after it: error %v", err)
				}
			})
		}
	}
}

// TestOutcomesAreDocumented compares the code's table with that of the documentation.
func TestOutcomesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/sessions.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, "|"); len(cells) == 5 && strings.HasPrefix(cells[1], " `") {
			code, condition, _ := strings.Cut(strings.TrimPrefix(cells[1], " `"), "`")
			documented[code] = condition + cells[2] + cells[3]
		}
	}
	errorOf := map[outcome]string{outcomeEnded: "`ErrLoginRequired`", outcomeTemporary: "`ErrTemporary`", outcomeKept: "`*TenantError`"}
	for _, row := range refreshOutcomes {
		got := documented[row.code]
		if !strings.Contains(got, string(row.outcome)) || !strings.Contains(got, errorOf[row.outcome]) ||
			strings.Contains(got, "at any status") == row.notIfTrouble {
			t.Errorf("%s is %s (trouble outweighs it: %v), documented as %q", row.code, row.outcome, row.notIfTrouble, got)
		}
		delete(documented, row.code)
	}
	if len(documented) > 0 {
		t.Errorf("documented, and not in the code: %v", documented)
	}
}
