package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/scaffold/dev/api"
	"example.com/scaffold/dev/tenant"
	client "example.com/scaffold/generated/timesheets"
	"example.com/scaffold/internal/freeport"
)

// TestGeneratedClient calls every endpoint with the client that is generated
// from the same spec, against a tenant of either kind.
func TestGeneratedClient(t *testing.T) {
	t.Parallel()
	for name, layout := range map[string]tenant.Layout{"Auth0": tenant.Auth0, "OpenID Connect": tenant.Discovery} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, layout)
			erin := w.signIn("erin@exampleco.com")
			entries, err := erin.ListTimesheets(t.Context(), client.ListTimesheetsParams{})
			if err != nil || len(entries) != 3 {
				t.Fatalf("%v, error %v", entries, err)
			}
			today := client.DateOf(time.Now())
			added, err := erin.CreateTimesheet(t.Context(), client.NewTimesheet{Project: "Apollo", Date: today, Hours: 7.25, Note: new("x")})
			if err != nil || added.Hours != 7.25 || added.Date != today || added.Status != client.StatusDraft || *added.Note != "x" {
				t.Fatalf("%+v, error %v", added, err)
			}
			entries, err = erin.ListTimesheets(t.Context(), client.ListTimesheetsParams{From: &today})
			if err != nil || len(entries) != 1 || entries[0].ID != added.ID {
				t.Errorf("%v, error %v", entries, err)
			}
			morgan := w.signIn("morgan@exampleco.com", client.ScopeApproveTimesheets)
			approved, err := morgan.ApproveTimesheet(t.Context(), added.ID)
			if err != nil || approved.Status != client.StatusApproved || approved.UserID != erin.User().Subject {
				t.Errorf("%+v, error %v", approved, err)
			}
			if err := erin.DeleteTimesheet(t.Context(), added.ID); err != nil {
				t.Error(err)
			}
			err = erin.DeleteTimesheet(t.Context(), added.ID)
			if refusal, ok := errors.AsType[*client.APIError](err); !ok || refusal.StatusCode != 404 {
				t.Errorf("error %v", err)
			}
			w.refused(erin)
		})
	}
}

// refused calls an API of a later spec, which asks for more than the client was
// generated for.
func (w *world) refused(s *client.Session) {
	w.Helper()
	w.later.Store(true)
	err := s.DeleteTimesheet(w.Context(), 1)
	missing, ok := errors.AsType[*client.MissingScopeError](err)
	if !ok || !slices.Equal(missing.Scopes, []string{client.ScopeApproveTimesheets}) {
		w.Errorf("error %v", err)
	}
}

// world is a tenant and two APIs that trust it: of the client's spec, and of a
// later one.
type world struct {
	*testing.T
	tenant *tenant.Tenant
	config client.Config
	later  atomic.Bool
}

func newWorld(t *testing.T, layout tenant.Layout) *world {
	t.Helper()
	w := &world{T: t, config: client.DefaultConfig()}
	w.config.Callbacks = freeCallbacks(t, 2)
	employee := []string{client.ScopeReadTimesheets, client.ScopeCreateTimesheets, client.ScopeDeleteTimesheets}
	var err error
	w.tenant, err = tenant.Start(tenant.Config{
		Layout: layout, ClientID: w.config.ClientID, Callbacks: w.config.Callbacks, Audience: w.config.Audience,
		People: []tenant.Person{
			{Subject: "erin", Email: "erin@exampleco.com", Scopes: employee},
			{Subject: "morgan", Email: "morgan@exampleco.com", Scopes: append([]string{client.ScopeApproveTimesheets}, employee...)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.tenant.Close)
	w.config.Issuer = w.tenant.Issuer()
	if layout == tenant.Discovery {
		w.config.Provider = client.ProviderOIDC
	}
	now := w.newAPI(timesheets(t))
	later := w.newAPI(strings.Replace(timesheets(t), "scopes: [delete:timesheets]", "scopes: [delete:timesheets, approve:timesheets]", 1))
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.later.Load() {
			later.ServeHTTP(rw, r)
			return
		}
		now.ServeHTTP(rw, r)
	}))
	t.Cleanup(server.Close)
	w.config.BaseURL = server.URL
	return w
}

func (w *world) newAPI(text string) *api.API {
	w.Helper()
	a, err := api.New(api.Config{Spec: load(w.T, text), Issuer: w.tenant.Issuer(), KeysURL: w.tenant.URL(tenant.Keys)})
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// signIn signs a person in, who has a browser.
func (w *world) signIn(email string, scopes ...string) *client.Session {
	w.Helper()
	visited := make(chan error, 1)
	app, err := client.New(client.WithConfig(w.config), client.WithStore(client.NewMemoryStore()),
		client.WithBrowser(func(ctx context.Context, address string) error {
			go func() {
				_, err := tenant.Browser{Email: email}.SignIn(ctx, address)
				visited <- err
			}()
			return nil
		}))
	if err != nil {
		w.Fatal(err)
	}
	session, err := app.Login(w.Context(), scopes...)
	if err := errors.Join(err, <-visited); err != nil {
		w.Fatal(err)
	}
	return session
}

// freeCallbacks returns redirect URIs whose ports were free a moment ago.
func freeCallbacks(t *testing.T, n int) []string {
	t.Helper()
	callbacks, err := freeport.Callbacks(n)
	if err != nil {
		t.Fatal(err)
	}
	return callbacks
}
