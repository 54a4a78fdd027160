package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync"
	"time"
)

// App signs people in at one tenant and holds the session of one profile. It
// is safe for concurrent use. Make it with [New].
type App struct {
	config     Config
	baseURL    *url.URL // of the API; nil when the configuration has none
	tenant     *tenant
	httpClient *http.Client
	calls      *http.Client // the same, for public endpoints
	store      CredentialStore
	storage    storage
	profile    string
	now        func() time.Time
	wait       func(ctx context.Context, d time.Duration) error
	retries    bool                                               // of calls, when the API asks for them
	browser    func(ctx context.Context, address string) error    // nil: the system's
	redirector Redirector                                         // nil: browser and listener
	device     func(ctx context.Context, login DeviceLogin) error // nil: no sign-in on another device
	messages   io.Writer
	logger     *slog.Logger

	// changing is held, as the one element in the channel, by whoever in this App
	// changes the credentials: a refresh, a sign-in or a sign-out. Who also
	// changes the stored ones then takes the store's lock.
	changing     chan struct{}
	lockDeadline time.Duration // for the store's lock

	mu      sync.Mutex
	session *Session // whoever is signed in, once known
}

// New returns an App for [DefaultConfig], as changed by the options. It reads
// no credentials and makes no request.
func New(options ...Option) (*App, error) {
	a := &App{
		config:     DefaultConfig(),
		httpClient: &http.Client{Timeout: 30 * time.Second},
		storage:    storage{policy: StoreKeyringOrFile, keyring: systemKeyring{}},
		profile:    "default",
		now:        time.Now,
		wait:       waitFor,
		retries:    true,
		messages:   os.Stderr,
		logger:     slog.New(slog.DiscardHandler),
		changing:   make(chan struct{}, 1),

		lockDeadline: lockDeadline,
	}
	for _, option := range options {
		if option != nil {
			option(a)
		}
	}
	if err := a.config.validate(); err != nil {
		return nil, err
	}
	if err := validateName(a.profile); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	if a.config.BaseURL != "" {
		baseURL, err := url.Parse(a.config.BaseURL)
		if err != nil {
			return nil, fmt.Errorf("configuration: base URL: %w", err)
		}
		a.baseURL = baseURL
	}
	if err := a.openStore(); err != nil {
		return nil, err
	}
	a.calls = withoutRewriting(a.httpClient)
	a.tenant = newTenant(a.config, a.httpClient, a.now)
	return a, nil
}

// Session returns the session of whoever is signed in, from the stored
// credentials. It makes no request and opens no browser: when nobody is signed
// in the error is [ErrLoginRequired]. A session that the application already
// holds learns here what another process has stored meanwhile.
func (a *App) Session(ctx context.Context) (*Session, error) {
	if known := a.known(); known.live() && len(a.changing) > 0 {
		return known, nil // whoever is changing the credentials will tell it
	}
	unlock, err := a.lockChanges(ctx)
	if err != nil {
		return nil, err
	}
	before := a.known()
	session, err := a.reload(ctx, before)
	unlock()
	if before != nil {
		before.events.deliver()
	}
	return session, err
}

// known returns the session that the App holds, or nil.
func (a *App) known() *Session {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.session
}

// reload makes the stored credentials the session. The caller holds the App's
// lock.
func (a *App) reload(ctx context.Context, known *Session) (*Session, error) {
	stored, err := a.load(ctx)
	if known.live() && errors.Is(err, ErrLoginRequired) {
		// Whoever holds the store's lock may just be replacing them.
		stored, err = a.loadAlone(ctx)
	}
	if err == nil && stored.refreshToken.empty() && !a.now().Before(stored.expiresAt) {
		err = &LoginRequiredError{Reason: ReasonExpired}
	}
	if !known.live() {
		if err != nil {
			return nil, err
		}
		_, session := a.switchTo(stored)
		return session, nil
	}
	switch reason := endReason(err); {
	case reason != "":
		known.end(reason)
		return nil, err
	case err != nil:
		a.logger.WarnContext(ctx, "the session goes on without its stored credentials", "error", err)
		return known, nil
	}
	held, err := known.current()
	older := known.isSpent(stored)
	if err == nil && (older || held.inStore().sameTokens(stored)) {
		if older || held.stale != nil {
			known.storeAgain(ctx, held)
		}
		return known, nil
	}
	_, session := a.switchTo(stored)
	return session, nil
}

// String returns the issuer, the client and the profile.
func (a *App) String() string {
	return fmt.Sprintf("app(%s, client %s, profile %s)", a.config.Issuer, a.config.ClientID, a.profile)
}

// Format implements fmt.Formatter: with every verb it prints String, rather than
// what the App holds.
func (a *App) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, a.String()) }

// LogValue implements slog.LogValuer.
func (a *App) LogValue() slog.Value { return slog.StringValue(a.String()) }

// Option changes how [New] makes an [App]. An option whose argument is nil
// changes nothing, but for [WithDeviceLogin].
type Option func(*App)

// WithConfig replaces what the spec declared, for another tenant or API. Start
// from [DefaultConfig].
func WithConfig(config Config) Option {
	return func(a *App) { a.config = config }
}

// WithHTTPClient replaces the HTTP client for the tenant and the API. That of
// New ends each request after 30 seconds. Towards the tenant a copy is used that
// always does so, follows no redirect and keeps no cookies.
func WithHTTPClient(client *http.Client) Option {
	return func(a *App) {
		if client != nil {
			a.httpClient = client
		}
	}
}

// WithStore keeps the credentials in a store of the application's own, such as a
// [MemoryStore] for tests. Otherwise [WithStorePolicy] says where they are. Of
// WithStore and WithStorePolicy the last one counts.
func WithStore(store CredentialStore) Option {
	return func(a *App) {
		if store != nil {
			a.store = store
		}
	}
}

// WithProfile names the account, so that several can stay signed in side by
// side. The name is "default" otherwise. It has 1 to 64 letters, digits or any of
// _ @ + - . and no leading dot.
func WithProfile(name string) Option {
	return func(a *App) { a.profile = name }
}

// WithClock replaces [time.Now], by which tokens expire. It is for tests.
func WithClock(now func() time.Time) Option {
	return func(a *App) {
		if now != nil {
			a.now = now
		}
	}
}

// WithBrowser replaces the opening of the system browser at a sign-in, and at a
// sign-out with [EndBrowserSession]. The context is that of [App.Login] or
// [App.Logout]. open must return once the browser has the address; when it
// fails, the address is shown where [WithMessages] says. Do not log the address:
// that of a sign-out can hold the user's ID token.
func WithBrowser(open func(ctx context.Context, address string) error) Option {
	return func(a *App) {
		if open != nil {
			a.browser = open
		}
	}
}

// WithRedirector replaces both the browser and the loopback listener at a
// sign-in: for a mobile app, whose answer comes by a link to the app, and for a
// machine that has no browser ([PasteRedirector]). The first of
// [Config].Callbacks is used. [WithDeviceLogin] outweighs it.
func WithRedirector(redirector Redirector) Option {
	return func(a *App) {
		if redirector != nil {
			a.redirector = redirector
		}
	}
}

// WithMessages replaces standard error as the place for what the user has to
// read: the address to open when no browser could be started, or on another
// device.
func WithMessages(w io.Writer) Option {
	return func(a *App) {
		if w != nil {
			a.messages = w
		}
	}
}

// WithLogger logs sign-ins, refreshes and sign-outs, never a token. Nothing is
// logged otherwise.
func WithLogger(logger *slog.Logger) Option {
	return func(a *App) {
		if logger != nil {
			a.logger = logger
		}
	}
}

// WithDeviceLogin has [App.Login] sign in by means of another device (RFC 8628),
// for a television or a machine reached by SSH: the user opens an address on a
// phone and enters a code there. No browser, callback or [Redirector] is used
// then, and none of [Config].Parameters is sent. The tenant must offer it; at
// Auth0 the application needs the grant type Device Code.
//
// show tells the user, and returns at once: the tenant is asked for the outcome
// afterwards. Its context is that of [App.Login]. When show is nil, the address
// and the code are printed where [WithMessages] says.
func WithDeviceLogin(show func(ctx context.Context, login DeviceLogin) error) Option {
	return func(a *App) {
		a.device = show
		if show == nil {
			a.device = a.showDeviceLogin
		}
	}
}
