package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
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
	profile    string
	now        func() time.Time
	browser    func(ctx context.Context, authorizationURL string) error
	redirector Redirector                                         // nil: browser and listener
	device     func(ctx context.Context, login DeviceLogin) error // nil: no sign-in on another device
	wait       func(ctx context.Context, d time.Duration) error
	messages   io.Writer
	logger     *slog.Logger

	// changing is held, as the one element in the channel, by whoever changes
	// the stored credentials: a refresh, a sign-in or a sign-out.
	changing chan struct{}

	mu      sync.Mutex
	session *Session // whoever is signed in, once known
}

// New returns an App for [DefaultConfig], as changed by the options. It reads
// no credentials and makes no request.
func New(options ...Option) (*App, error) {
	a := &App{
		config:     DefaultConfig(),
		httpClient: &http.Client{Timeout: 30 * time.Second},
		profile:    "default",
		now:        time.Now,
		browser:    openBrowser,
		wait:       waitFor,
		messages:   os.Stderr,
		logger:     slog.New(slog.DiscardHandler),
		changing:   make(chan struct{}, 1),
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
	if a.store == nil {
		dir, err := os.UserConfigDir()
		if err != nil {
			return nil, fmt.Errorf("find a folder for the credentials (or choose a store by WithStore): %w", err)
		}
		a.store = NewFileStore(filepath.Join(dir, a.config.Name))
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

// reload makes the stored credentials the session.
func (a *App) reload(ctx context.Context, known *Session) (*Session, error) {
	held, _ := known.current()
	stored, err := a.load(ctx)
	if err == nil && stored.refreshToken.empty() && !a.now().Before(stored.expiresAt) {
		err = &LoginRequiredError{Reason: ReasonExpired}
	}
	switch {
	case errors.Is(err, ErrLoginRequired) && known.live():
		known.end(elsewhere(err))
		return nil, err
	case err != nil && known.live():
		a.logger.WarnContext(ctx, "the session goes on without its stored credentials", "error", err)
		return known, nil
	case err != nil:
		return nil, err
	}
	if held != nil && held.inStore().sameTokens(stored) {
		if held.stale != nil {
			known.saveAgain(ctx, held)
		}
		return known, nil
	}
	_, session := a.switchTo(stored)
	return session, nil
}

// load returns the stored credentials. The error is [ErrLoginRequired] unless
// the store itself failed.
func (a *App) load(ctx context.Context) (*credentials, error) {
	data, err := a.store.Load(ctx, a.profile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &LoginRequiredError{Reason: ReasonNone}
	}
	if err != nil {
		return nil, fmt.Errorf("read the stored credentials: %w", err)
	}
	stored, err := decodeCredentials(data)
	if err != nil {
		a.logger.WarnContext(ctx, "the stored credentials cannot be read", "profile", a.profile, "error", err)
		return nil, &LoginRequiredError{Reason: ReasonUnreadable}
	}
	if !stored.belongTo(a.config) {
		return nil, &LoginRequiredError{Reason: ReasonOtherTenant}
	}
	return stored, nil
}

// save puts credentials into the store, even if ctx has ended: they may be the
// only copy of a rotated refresh token.
func (a *App) save(ctx context.Context, c *credentials) error {
	data, err := c.encode()
	if err == nil {
		err = a.store.Save(context.WithoutCancel(ctx), a.profile, data)
	}
	if err != nil {
		return fmt.Errorf("store the credentials: %w", err)
	}
	return nil
}

// lockChanges waits for its turn to change the stored credentials. Nobody takes
// longer than refreshDeadline.
func (a *App) lockChanges(ctx context.Context) (unlock func(), err error) {
	if a.changing == nil {
		return nil, errors.New("the App was not made by New")
	}
	select {
	case a.changing <- struct{}{}:
		return func() { <-a.changing }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another change of the session: %w", context.Cause(ctx))
	}
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
