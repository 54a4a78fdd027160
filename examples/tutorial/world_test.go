package tutorial_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/scaffold/dev"
	"example.com/scaffold/dev/api"
	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/examples"
	"example.com/scaffold/examples/people"
	"example.com/scaffold/generated/timesheets"
	"example.com/scaffold/internal/freeport"
)

const (
	erin   = "erin@exampleco.com"   // an employee
	morgan = "morgan@exampleco.com" // a manager

	landing = "https://exampleco.com/bye" // where a sign-out in the browser may lead
)

// world is a tenant, the API that trusts it, one clock, and a user's folder,
// person and browser: all that an installed application meets.
type world struct {
	*testing.T
	layout   tenant.Layout
	clock    *clock
	apiAhead *atomic.Int64 // nanoseconds by which the API's clock is ahead
	tenant   *tenant.Tenant
	api      *api.API
	stricter *atomic.Bool // the API asks for more than the spec says
	config   timesheets.Config
	folder   string
	sent     *counter // what applications sent, to anybody
	output   *output  // what applications logged and told the user

	browser *browser
	secrets map[string]string // what must never be printed, and what it is
}

// eachLayout runs a test against a tenant of either kind.
func eachLayout(t *testing.T, test func(w *world)) {
	t.Helper()
	for name, layout := range map[string]tenant.Layout{"Auth0": tenant.Auth0, "OpenID Connect": tenant.Discovery} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newWorld(t, layout))
		})
	}
}

func newWorld(t *testing.T, layout tenant.Layout) *world {
	t.Helper()
	w := &world{
		T: t, layout: layout, clock: newClock(), apiAhead: new(atomic.Int64), stricter: new(atomic.Bool),
		// The application makes its folder itself.
		folder: filepath.Join(t.TempDir(), "timesheets"),
		sent:   new(counter), output: new(output),
		browser: &browser{visits: make(chan visit, 1)},
		secrets: map[string]string{},
	}
	w.config = timesheets.DefaultConfig()
	w.config.Callbacks = freeCallbacks(t, 3)
	w.tenant = w.startTenant()
	w.config.Issuer = w.tenant.Issuer()
	if layout == tenant.Discovery {
		w.config.Provider = timesheets.ProviderOIDC
	}
	w.api = w.newAPI()
	server := httptest.NewServer(http.HandlerFunc(w.serveAPI))
	t.Cleanup(server.Close)
	w.config.BaseURL = server.URL
	return w
}

func (w *world) startTenant() *tenant.Tenant {
	w.Helper()
	started, err := tenant.Start(tenant.Config{
		Layout: w.layout, ClientID: w.config.ClientID, Callbacks: w.config.Callbacks, Logouts: []string{landing},
		Audience: w.config.Audience, People: people.Timesheets(), Now: w.clock.now,
		App: "Timesheets", Scopes: map[string]string{
			timesheets.ScopeReadTimesheets:    "Read your own timesheets",
			timesheets.ScopeCreateTimesheets:  "Add an entry",
			timesheets.ScopeDeleteTimesheets:  "Delete an entry",
			timesheets.ScopeApproveTimesheets: "Approve the timesheets of your team",
		},
	})
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(started.Close)
	return started
}

func (w *world) newAPI() *api.API {
	w.Helper()
	file, err := dev.Parse("timesheets.yaml", examples.Timesheets)
	if err != nil {
		w.Fatal(err)
	}
	a, err := api.New(api.Config{
		Spec: file, Issuer: w.tenant.Issuer(), KeysURL: w.tenant.URL(tenant.Keys),
		Subjects: []string{"auth0|erin", "auth0|morgan"}, // who have three entries each
		Now:      func() time.Time { return w.clock.now().Add(time.Duration(w.apiAhead.Load())) },
	})
	if err != nil {
		w.Fatal(err)
	}
	return a
}

// apiSaw returns the calls from a number on, as METHOD PATH STATUS.
func (w *world) apiSaw(from int) []string {
	var calls []string
	for _, c := range w.api.Calls()[from:] {
		if !c.Bearer {
			w.Errorf("%s %s came without a token", c.Method, c.Path)
		}
		calls = append(calls, fmt.Sprintf("%s %s %d", c.Method, c.Path, c.Status))
	}
	return calls
}

// serveAPI is the API, or a newer one that asks for more to delete an entry.
func (w *world) serveAPI(rw http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete && w.stricter.Load() {
		rw.Header().Set("WWW-Authenticate", `Bearer error="insufficient_scope", scope="delete:timesheets approve:timesheets"`)
		rw.WriteHeader(http.StatusForbidden)
		return
	}
	w.api.ServeHTTP(rw, r)
}

// in is the world with its failures on a subtest.
func (w world) in(t *testing.T) *world {
	w.T = t
	return &w
}

// start starts the application. Every App is a new process as far as the
// stored credentials go.
func (w *world) start(options ...timesheets.Option) *timesheets.App {
	w.Helper()
	app, err := timesheets.New(append([]timesheets.Option{
		timesheets.WithConfig(w.config),
		timesheets.WithStore(timesheets.NewFileStore(w.folder)),
		timesheets.WithClock(w.clock.now),
		timesheets.WithHTTPClient(&http.Client{Transport: w.sent, Timeout: 10 * time.Second}),
		timesheets.WithBrowser(w.browser.open),
		timesheets.WithMessages(w.output),
		timesheets.WithLogger(slog.New(slog.NewTextHandler(w.output, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}, options...)...)
	if err != nil {
		w.Fatal(err)
	}
	return app
}

// login signs in as a person who must succeed.
func (w *world) login(app *timesheets.App, email string, scopes ...string) (*timesheets.Session, tenant.Page) {
	w.Helper()
	session, page, err := w.tryLogin(app, tenant.Browser{Email: email}, scopes...)
	if err != nil {
		w.Fatal(err)
	}
	return session, page
}

func (w *world) tryLogin(app *timesheets.App, person tenant.Browser, scopes ...string) (*timesheets.Session, tenant.Page, error) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	defer cancel()
	w.browser.person = person
	session, err := app.Login(ctx, scopes...)
	v := <-w.browser.visits
	if v.err != nil {
		w.Fatalf("the browser: %v (and the application: %v)", v.err, err)
	}
	return session, v.page, err
}

// record is what a profile's file holds, read as a thief would.
type record struct {
	Version      int       `json:"version"`
	Granted      []string  `json:"granted_scopes"`
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token"`
	IDToken      string    `json:"id_token"`
	ExpiresAt    time.Time `json:"expires_at"`
}

func (w *world) file(profile string) string {
	return filepath.Join(w.folder, "credentials-"+profile+".json")
}

func (w *world) stored(profile string) record {
	w.Helper()
	text, err := os.ReadFile(w.file(profile))
	if err != nil {
		w.Fatal(err)
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		w.Fatal(err)
	}
	for kind, secret := range map[string]string{"access token": r.AccessToken, "refresh token": r.RefreshToken, "ID token": r.IDToken} {
		if secret == "" {
			w.Fatalf("the file holds no %s", kind)
		}
		w.secrets[secret] = kind
	}
	return r
}

// last is the newest of the requests that the tenant wrote down.
func last(requests []url.Values) url.Values { return requests[len(requests)-1] }

// tradeAtTenant presents a refresh token past the client, and tells the error.
func (w *world) tradeAtTenant(refreshToken string) string {
	w.Helper()
	resp, err := http.PostForm(w.tenant.URL(tenant.Token), url.Values{
		"grant_type": {"refresh_token"}, "client_id": {w.config.ClientID}, "refresh_token": {refreshToken},
	})
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var reply struct {
		Error string `json:"error"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		w.Fatal(err)
	}
	return reply.Error
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

// browser is the user's, with a person in front of it.
type browser struct {
	person  tenant.Browser
	opened  int                  // how often an application opened it
	visits  chan visit           // where each visit ended
	goodbye func(address string) // when set, the person is at a sign-out
}

type visit struct {
	page tenant.Page
	err  error
}

// open sends the person to an address, and does not wait for them.
func (b *browser) open(ctx context.Context, address string) error {
	b.opened++
	if b.goodbye != nil {
		b.goodbye(address)
		return nil
	}
	person := b.person
	go func() {
		page, err := person.SignIn(ctx, address)
		b.visits <- visit{page, err}
	}()
	return nil
}

// counter counts the requests that pass through it.
type counter struct{ n atomic.Int64 }

func (c *counter) RoundTrip(r *http.Request) (*http.Response, error) {
	c.n.Add(1)
	return http.DefaultTransport.RoundTrip(r)
}

// output is a buffer for many goroutines.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// clock is the time of the tenant, the API and the applications.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
