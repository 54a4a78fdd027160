package client

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"
)

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
