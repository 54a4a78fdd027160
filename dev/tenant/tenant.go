// Package tenant owns a local OpenID Provider with people, roles and scopes,
// for the demo and the tests. It is github.com/zitadel/oidc with a small
// storage in memory, on loopback, in this process.
package tenant

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"

	"example.com/scaffold/dev/fault"
)

// Person is somebody who can sign in.
type Person struct {
	Subject       string // the sub claim, such as auth0|erin; holds no colon
	Email         string // what the person types at the login page
	Password      string // empty: the e-mail address is enough
	Name          string
	Nickname      string
	Picture       string
	EmailVerified bool
	UpdatedAt     time.Time
	Roles         []string // for people to read; what they grant is in Scopes
	Scopes        []string // what the person's roles grant, beside the standard ones, like openid
}

// Config says what a tenant is. ClientID and Callbacks must be set.
type Config struct {
	Addr      string // where to listen, on loopback; default 127.0.0.1 and any free port
	Layout    Layout
	ClientID  string
	Callbacks []string // compared exactly, the port too, as Auth0 does
	Logouts   []string // where a logout may return to
	Audience  string   // of the API; access tokens for it are JWTs
	AnyToken  bool     // access tokens are for Audience even if nobody asks for that, as at tenants that do not know of audiences
	People    []Person
	App       string            // what people know the application by; default the ClientID
	Scopes    map[string]string // what each scope means, for the consent page

	// SkipConsent has people asked for nothing, as Auth0's first-party
	// applications may: whatever their roles grant is granted.
	SkipConsent bool

	// Now is the clock of every time the tenant writes or compares; default
	// time.Now. See clock.go for how zitadel, which has no clock of its own,
	// follows it.
	Now func() time.Time

	AccessTokenLifetime  time.Duration // default one hour
	RefreshTokenLifetime time.Duration // from the sign-in, not prolonged by rotation; default 30 days

	NoRotation bool          // a refresh token stays the same
	Overlap    time.Duration // for how long a refresh token that was traded is taken again; default not at all

	Faults    *fault.Set  // what goes wrong; it may be changed at any time. Default one without faults
	StateFile string      // where grants, keys and consents survive a restart; empty: nowhere
	Log       func(Event) // is told of each request, by many goroutines; nil: nobody is
}

// Tenant is a running provider. Close ends it.
type Tenant struct {
	cfg      Config
	issuer   string
	port     string
	store    *store
	sessions *sessions
	desk     *desk
	server   *http.Server
	busy     sync.RWMutex // read-locked by each request
	stopped  chan struct{}
}

// Start listens on loopback and serves until Close.
func Start(cfg Config) (*Tenant, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("start tenant: %w", err)
	}
	listener, err := net.Listen("tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("start tenant: %w", err)
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start tenant: %w", err), listener.Close())
	}
	t := &Tenant{
		cfg:      cfg,
		issuer:   cfg.Layout.issuer("http://" + listener.Addr().String()),
		port:     port,
		sessions: newSessions(port, cfg.Now),
		desk:     newDesk(cfg.Faults),
		stopped:  make(chan struct{}),
	}
	handler, err := t.build()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start tenant: %w", err), listener.Close())
	}
	t.server = &http.Server{Handler: t.countedBusy(handler), ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() {
		defer close(t.stopped)
		_ = t.server.Serve(listener) // always an error: that of Close
	}()
	return t, nil
}

// complete fills in the defaults and refuses what cannot work.
func (c Config) complete() (Config, error) {
	if c.ClientID == "" || len(c.Callbacks) == 0 {
		return c, errors.New("a client id and a callback are needed")
	}
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return c, fmt.Errorf("address %q: %w", c.Addr, err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return c, fmt.Errorf("address %q is not a loopback address", c.Addr)
	}
	c.People = slices.Clone(c.People)
	for i, p := range c.People {
		// zitadel writes opaque tokens as "id:subject".
		if p.Subject == "" || strings.Contains(p.Subject, ":") {
			return c, fmt.Errorf("person %q: the subject %q is empty or holds a colon", p.Email, p.Subject)
		}
		c.People[i].Scopes = slices.Clone(p.Scopes)
	}
	c.App = cmp.Or(c.App, c.ClientID)
	if c.Faults == nil {
		c.Faults = new(fault.Set)
	}
	if c.Overlap < 0 {
		return c, fmt.Errorf("overlap %s: it must not be negative", c.Overlap)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.AccessTokenLifetime = cmp.Or(c.AccessTokenLifetime, time.Hour)
	c.RefreshTokenLifetime = cmp.Or(c.RefreshTokenLifetime, 30*24*time.Hour)
	if c.AccessTokenLifetime < time.Second {
		return c, fmt.Errorf("access token lifetime %s: it must be a second or more", c.AccessTokenLifetime)
	}
	return c, nil
}

// build puts the parts together: who is let in, the log and the desk in front,
// then our own pages, then zitadel.
func (t *Tenant) build() (http.Handler, error) {
	var err error
	if t.store, err = newStore(t.cfg); err != nil {
		return nil, err
	}
	if err := t.store.write(); err != nil {
		return nil, err
	}
	config := &op.Config{
		DefaultLogoutRedirectURI: strings.TrimSuffix(t.issuer, "/") + signedOutPath,
		CodeMethodS256:           true,
		GrantTypeRefreshToken:    true,
		SupportedScopes:          t.store.allScopes(),
		DeviceAuthorization:      deviceConfig(),
		CryptoKey:                t.store.opaque,
	}
	quiet := slog.New(slog.DiscardHandler)
	provider, err := op.NewProvider(config, t.store, op.StaticIssuer(t.issuer),
		op.WithAllowInsecure(), op.WithLogger(quiet),
		op.WithAccessTokenVerifierOpts(t.store.accessTokenClock),
		op.WithIDTokenHintVerifierOpts(t.store.idTokenClock))
	if err != nil {
		return nil, fmt.Errorf("set up the provider: %w", err)
	}
	endpoints := t.cfg.Layout.endpoints()
	oidcServer := &server{LegacyServer: op.NewLegacyServer(provider, endpoints), store: t.store, sessions: t.sessions, cfg: t.cfg}
	mux := http.NewServeMux()
	mux.Handle("/", op.RegisterServer(oidcServer, endpoints, op.WithFallbackLogger(quiet), op.WithServerCORSOptions(nil)))
	pages := &front{cfg: t.cfg, issuer: t.issuer, store: t.store, sessions: t.sessions, provider: provider}
	pages.register(mux)
	t.control(mux)
	withIssuer := op.NewIssuerInterceptor(provider.IssuerFromRequest).Handler(mux)
	return logged(OnlyHere(t.store.withSkew(t.desk.inFrontOf(withIssuer, t.cfg.Layout)), t.port), t.cfg), nil
}

// Close ends the tenant. It cuts what requests are under way, and waits for the
// last of them to be through, and logged.
func (t *Tenant) Close() {
	_ = t.server.Close() // the listener is closed whatever it says
	t.busy.Lock()
	defer t.busy.Unlock()
	<-t.stopped
}

// countedBusy has Close wait for each request.
func (t *Tenant) countedBusy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.busy.RLock()
		defer t.busy.RUnlock()
		next.ServeHTTP(w, r)
	})
}

// Issuer returns the issuer identifier; in the Auth0 layout it ends in a slash.
func (t *Tenant) Issuer() string { return t.issuer }

// URL returns the address of an endpoint.
func (t *Tenant) URL(e Endpoint) string {
	return strings.TrimSuffix(t.issuer, "/") + t.cfg.Layout.path(e)
}
