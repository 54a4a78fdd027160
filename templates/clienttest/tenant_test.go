package clienttest

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/templates/client"
)

// get asks the API, which the stand-in has no methods for.
func get(t *testing.T, tenant *Tenant, session *client.Session, path string) (status int) {
	t.Helper()
	status, _ = read(t, tenant, session, path)
	return status
}

func read(t *testing.T, tenant *Tenant, session *client.Session, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tenant.Config().BaseURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := session.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Error(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(text))
}

// granted are the scopes of the API that a session has.
func granted(session *client.Session) []string {
	return slices.DeleteFunc(session.Granted(), func(scope string) bool { return !strings.Contains(scope, ":") })
}

func wantGranted(t *testing.T, session *client.Session, want ...string) {
	t.Helper()
	if got := granted(session); !slices.Equal(got, want) {
		t.Errorf("granted %q, want %q", got, want)
	}
}

func TestSessionWithHasExactlyTheseScopes(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	for _, scopes := range [][]string{nil, {client.ScopeReadNotes}, {client.ScopeWriteNotes}, {client.ScopeReadNotes, client.ScopeReadAll}} {
		session := tenant.SessionWith(t, scopes...)
		wantGranted(t, session, scopes...)
		if !session.HasScope(client.ScopeOfflineAccess) {
			t.Errorf("with %q, offline_access is not granted", scopes)
		}
	}
	t.Run("and others are asked for in vain", func(t *testing.T) {
		user := tenant.NewUser(t)
		app := user.Client(t)
		if _, err := app.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		session, err := app.Login(t.Context(), client.ScopeWriteNotes)
		if err != nil {
			t.Fatal(err)
		}
		wantGranted(t, session)
	})
}

func TestTheAPIEnforcesTheScopes(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	may, mayNot := tenant.SessionWith(t, client.ScopeReadNotes), tenant.SessionWith(t)
	if status, body := read(t, tenant, may, "/notes"); status != http.StatusOK || body != "[]" {
		t.Errorf("with the scope: status %d, %s; there is no data at the start", status, body)
	}
	if status := get(t, tenant, mayNot, "/notes"); status != http.StatusForbidden {
		t.Errorf("without the scope: status %d", status)
	}
	calls := tenant.Calls()
	if len(calls) != 2 || calls[0].Endpoint != "ListNotes" || calls[0].Subject != may.User().Subject || calls[1].Status != http.StatusForbidden {
		t.Errorf("calls: %+v", calls)
	}
}

func TestUsersAreThoseOfTheSpec(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	session, err := tenant.Client(t).Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if user := session.User(); user.Subject != "ada" || user.Name != "Ada Lovelace" || user.Email != "ada@example.com" {
		t.Errorf("the first user is %+v", user)
	}
	wantGranted(t, session, client.ScopeReadNotes)
	wantGranted(t, tenant.User(t, "ada").Session(t, client.ScopeWriteNotes), client.ScopeReadNotes, client.ScopeWriteNotes)
	wantGranted(t, tenant.User(t, "ben").Session(t, client.ScopeWriteNotes), client.ScopeReadNotes)
	added := tenant.NewUser(t)
	if users := tenant.Users(); len(users) != 3 || users[1].ID() != "ben" || users[2] != added {
		t.Errorf("%d users", len(users))
	}
}

func TestTimePassesForAll(t *testing.T) {
	t.Parallel()
	tenant := NewTenant(t)
	session := tenant.SessionWith(t, client.ScopeReadNotes)
	begun := tenant.Now()
	tenant.Advance(2 * time.Hour)
	if passed := tenant.Now().Sub(begun); passed < 2*time.Hour || passed > 3*time.Hour {
		t.Errorf("%v have passed", passed)
	}
	if status := get(t, tenant, session, "/notes"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	if n := len(tenant.Server().Tenant().TokenRequests()); n != 2 {
		t.Errorf("%d token requests, want a sign-in and a renewal", n)
	}
	if n := len(tenant.Calls()); n != 1 {
		t.Errorf("%d calls, want none before the renewal", n)
	}
	tenant.Advance(40 * 24 * time.Hour)
	if err := session.Refresh(t.Context()); !errors.Is(err, client.ErrLoginRequired) {
		t.Errorf("after forty days: %v", err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault  string
		failed error // of Refresh
	}{
		{"token:500", client.ErrTemporary},
		{"token:429=1s", client.ErrTemporary},
		{"token:revoked", client.ErrLoginRequired},
		{"token:slow=10ms", nil},
		{"api:500", nil},
	} {
		t.Run(test.fault, func(t *testing.T) {
			t.Parallel()
			tenant := NewTenant(t)
			session := tenant.SessionWith(t, client.ScopeReadNotes)
			tenant.Fault(t, test.fault)
			if err := session.Refresh(t.Context()); !errors.Is(err, test.failed) {
				t.Errorf("Refresh: %v, want %v", err, test.failed)
			}
		})
	}
	t.Run("of the API, until they are cleared", func(t *testing.T) {
		t.Parallel()
		tenant := NewTenant(t)
		session := tenant.SessionWith(t, client.ScopeReadNotes)
		tenant.Fault(t, "api:500")
		if status := get(t, tenant, session, "/notes"); status != http.StatusInternalServerError {
			t.Errorf("status %d", status)
		}
		tenant.ClearFaults()
		if status := get(t, tenant, session, "/notes"); status != http.StatusOK {
			t.Errorf("after ClearFaults: status %d", status)
		}
	})
	t.Run("a token that the API finds expired is renewed, once", func(t *testing.T) {
		t.Parallel()
		tenant := NewTenant(t)
		session := tenant.SessionWith(t, client.ScopeReadNotes)
		tenant.Fault(t, "api:expiredx1")
		if status := get(t, tenant, session, "/notes"); status != http.StatusOK {
			t.Errorf("status %d", status)
		}
		if calls := tenant.Calls(); len(calls) != 2 || calls[0].Status != http.StatusUnauthorized {
			t.Errorf("calls: %+v", calls)
		}
	})
}

func TestWhatAUserDoes(t *testing.T) {
	t.Parallel()
	t.Run("Deny", func(t *testing.T) {
		t.Parallel()
		user := NewTenant(t).User(t, "ada")
		app := user.Client(t)
		user.Deny()
		_, err := app.Login(t.Context())
		if refused, ok := errors.AsType[*client.TenantError](err); !ok || refused.Code != "access_denied" {
			t.Errorf("Login: %v", err)
		}
		if _, err := app.Login(t.Context()); err != nil {
			t.Errorf("the next time: %v", err)
		}
	})
	t.Run("Decline", func(t *testing.T) {
		t.Parallel()
		user := NewTenant(t).User(t, "ada")
		user.Decline(client.ScopeReadNotes)
		wantGranted(t, user.Session(t, client.ScopeWriteNotes), client.ScopeWriteNotes)
	})
}

func TestWhatAnAdministratorDoes(t *testing.T) {
	t.Parallel()
	user := NewTenant(t).User(t, "ada")
	session := user.Session(t)
	user.Grant(t)
	if err := session.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantGranted(t, session)
	user.Revoke()
	if err := session.Refresh(t.Context()); !errors.Is(err, client.ErrLoginRequired) {
		t.Errorf("after Revoke: %v", err)
	}
}

// fails runs a part of a test that has to end by failing, on a stand-in for t.
func fails(t *testing.T, part func(t testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		part(r)
		t.Error("it goes on")
	}()
	<-done
	return r.said
}
