// Package tenant owns a local OpenID Provider with people, roles and scopes,
// for the demo and the tests. It is github.com/zitadel/oidc with a small
// storage in memory, on loopback, in this process.
package tenant

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
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
	Scopes        []string // what the person's role grants, beside openid, profile, email and offline_access
}

// Config says what a tenant is. ClientID and Callbacks must be set.
type Config struct {
	Addr      string // where to listen, on loopback; default 127.0.0.1 and any free port
	Layout    Layout
	ClientID  string
	Callbacks []string // compared exactly, the port too, as Auth0 does
	Logouts   []string // where a logout may return to
	Audience  string   // of the API; access tokens for it are JWTs
	People    []Person

	// Now is the clock of every time the tenant writes or compares; default
	// time.Now. See clock.go for how zitadel, which has no clock of its own,
	// follows it.
	Now func() time.Time

	AccessTokenLifetime  time.Duration // default one hour
	RefreshTokenLifetime time.Duration // from the sign-in, not prolonged by rotation; default 30 days
}

// Tenant is a running provider. Close ends it.
type Tenant struct {
	cfg     Config
	issuer  string
	store   *store
	desk    *desk
	server  *http.Server
	stopped chan struct{}
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
	t := &Tenant{
		cfg:     cfg,
		issuer:  cfg.Layout.issuer("http://" + listener.Addr().String()),
		desk:    newDesk(),
		stopped: make(chan struct{}),
	}
	handler, err := t.build()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start tenant: %w", err), listener.Close())
	}
	t.server = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
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
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.AccessTokenLifetime == 0 {
		c.AccessTokenLifetime = time.Hour
	}
	if c.RefreshTokenLifetime == 0 {
		c.RefreshTokenLifetime = 30 * 24 * time.Hour
	}
	return c, nil
}

// build puts the parts together: the desk in front, then our own pages, then
// zitadel.
func (t *Tenant) build() (http.Handler, error) {
	var err error
	if t.store, err = newStore(t.cfg); err != nil {
		return nil, err
	}
	config := &op.Config{
		DefaultLogoutRedirectURI: t.issuer + signedOutPath[1:],
		CodeMethodS256:           true,
		GrantTypeRefreshToken:    true,
		SupportedScopes:          t.store.allScopes(),
		DeviceAuthorization:      deviceConfig(),
	}
	if t.cfg.Layout == Discovery {
		config.DefaultLogoutRedirectURI = t.issuer + signedOutPath
	}
	if _, err := rand.Read(config.CryptoKey[:]); err != nil {
		return nil, fmt.Errorf("make a key for opaque tokens: %w", err)
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
	oidcServer := &server{LegacyServer: op.NewLegacyServer(provider, endpoints), store: t.store, cfg: t.cfg}
	mux := http.NewServeMux()
	mux.Handle("/", op.RegisterServer(oidcServer, endpoints,
		op.WithFallbackLogger(quiet),
		op.WithServerCORSOptions(nil),
		op.WithHTTPMiddleware(op.NewIssuerInterceptor(provider.IssuerFromRequest).Handler)))
	pages := &pages{store: t.store, cfg: t.cfg, provider: provider}
	pages.register(mux)
	return t.store.withSkew(t.desk.inFrontOf(mux, t.cfg.Layout)), nil
}

// Close ends the tenant and waits for its server to be gone.
func (t *Tenant) Close() {
	_ = t.server.Close() // the listener is closed whatever it says
	<-t.stopped
}

// Issuer returns the issuer identifier; in the Auth0 layout it ends in a slash.
func (t *Tenant) Issuer() string { return t.issuer }

// URL returns the address of an endpoint.
func (t *Tenant) URL(e Endpoint) string {
	return strings.TrimSuffix(t.issuer, "/") + t.cfg.Layout.path(e)
}

// AuthorizationRequests returns the parameters of every request that the
// authorization endpoint received, in order.
func (t *Tenant) AuthorizationRequests() []url.Values { return t.desk.requests(Authorization) }

// TokenRequests returns the form of every request that the token endpoint
// received, in order, those that Answer answered too.
func (t *Tenant) TokenRequests() []url.Values { return t.desk.requests(Token) }

// DeviceRequests returns the form of every request that the device
// authorization endpoint received, in order.
func (t *Tenant) DeviceRequests() []url.Values { return t.desk.requests(Device) }

// RevocationRequests returns the form of every request that the revocation
// endpoint received, in order.
func (t *Tenant) RevocationRequests() []url.Values { return t.desk.requests(Revocation) }

// Answer makes the next request to the endpoint get this reply and reach
// nothing else. Replies queue: each is given once.
func (t *Tenant) Answer(e Endpoint, reply Reply) { t.desk.answer(e, reply) }

// RevokeAll ends every sign-in of a person: refresh tokens and, where the
// tenant is asked, access tokens.
func (t *Tenant) RevokeAll(subject string) { t.store.revokeAll(subject) }

// SetScopes changes what a person's role grants. It takes effect at the next
// refresh or sign-in; tokens that were issued keep their scopes.
func (t *Tenant) SetScopes(email string, scopes []string) error {
	return t.store.setScopes(email, scopes)
}
