package clienttest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/templates/client"
)

// User is somebody who can sign in at a [Tenant].
type User struct {
	tenant *Tenant
	person tenant.Person

	mu       sync.Mutex
	denies   bool
	declines []string
}

// ID returns the user's id, which is the subject of the user's tokens.
func (u *User) ID() string { return u.person.Subject }

// Client returns an application with which the user signs in without a browser,
// and which keeps the credentials in memory. Options change it further, such as
// [client.WithStore] with the store of an application before it.
func (u *User) Client(t testing.TB, options ...client.Option) *client.App {
	t.Helper()
	app, err := client.New(append(u.Options(), options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// Options returns what makes [client.New] make an application as Client does: for
// code that calls New itself.
func (u *User) Options() []client.Option {
	return []client.Option{
		client.WithConfig(u.tenant.Config()),
		client.WithStore(client.NewMemoryStore()),
		client.WithClock(u.tenant.Now),
		client.WithHTTPClient(u.tenant.http),
		client.WithRedirector(client.RedirectorFunc(u.redirect)),
	}
}

// redirect is what the user does with a browser.
func (u *User) redirect(ctx context.Context, authorizationURL string) (callbackURL string, err error) {
	u.mu.Lock()
	browser := tenant.Browser{Email: u.person.Email, Deny: u.denies, Decline: u.declines}
	u.denies, u.declines = false, nil
	u.mu.Unlock()
	return u.tenant.server.SignIn(ctx, browser, authorizationURL)
}

// Session has the user sign in at an application of its own, as
// [client.App.Login] does with these scopes. What is granted depends on the
// user.
func (u *User) Session(t testing.TB, scopes ...string) *client.Session {
	t.Helper()
	session, err := u.Client(t).Login(t.Context(), scopes...)
	if err != nil {
		t.Fatalf("sign in as %s: %v", u.ID(), err)
	}
	return session
}

// Grant changes what the user may be granted to exactly these scopes, and the
// standard ones. Sessions learn of it when they renew their access token.
func (u *User) Grant(t testing.TB, scopes ...string) {
	t.Helper()
	if err := u.tenant.server.Tenant().SetScopes(u.person.Email, scopes); err != nil {
		t.Fatal(err)
	}
}

// Revoke ends all of the user's sign-ins, as an administrator of the tenant
// would. Access tokens stay valid until they expire; they cannot be renewed.
func (u *User) Revoke() { u.tenant.server.Tenant().RevokeAll(u.ID()) }

// Deny has the user refuse to sign in, the next time that an application asks.
// [client.App.Login] then returns a [*client.TenantError].
func (u *User) Deny() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.denies = true
}

// Decline has the user not allow these scopes at the next sign-in. They are not
// granted then, whatever the user may.
func (u *User) Decline(scopes ...string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.declines = slices.Clone(scopes)
}
