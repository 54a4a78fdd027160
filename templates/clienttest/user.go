package clienttest

import (
	"context"
	"sync/atomic"
	"testing"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/templates/client"
)

// User is somebody who can sign in at a [Tenant].
type User struct {
	tenant *Tenant
	id     string
	denies atomic.Bool
}

// ID returns the user's id, which is the subject of the user's tokens.
func (u *User) ID() string { return u.id }

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
	browser := tenant.Browser{Email: u.tenant.server.Email(u.id), Deny: u.denies.Swap(false)}
	return u.tenant.server.SignIn(ctx, browser, authorizationURL)
}

// Session has the user sign in at an application of its own, as
// [client.App.Login] does with these scopes. What is granted depends on the
// user.
func (u *User) Session(t testing.TB, scopes ...string) *client.Session {
	t.Helper()
	session, err := u.Client(t).Login(t.Context(), scopes...)
	if err != nil {
		t.Fatalf("sign in as %s: %v", u.id, err)
	}
	return session
}

// Grant changes what the user may be granted to exactly these scopes, and the
// standard ones. Sessions learn of it when they renew their access token.
func (u *User) Grant(t testing.TB, scopes ...string) {
	t.Helper()
	if err := u.tenant.server.Grant(u.id, scopes...); err != nil {
		t.Fatal(err)
	}
}

// Revoke ends all of the user's sign-ins, as an administrator of the tenant
// would. Access tokens stay valid until they expire; they cannot be renewed.
func (u *User) Revoke() { u.tenant.server.Tenant().RevokeAll(u.id) }

// Deny has the user press Deny at the next sign-in.
func (u *User) Deny() { u.denies.Store(true) }
