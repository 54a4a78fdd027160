// Package clienttest has a tenant and an API on this machine, for tests of code
// that uses package client. People sign in there without a browser, access is
// granted and refused as in earnest, and time passes when the test says so:
//
//	tenant := clienttest.NewTenant(t)
//	app := tenant.Client(t)          // as client.New makes one; people sign in to it here
//	session := tenant.SessionWith(t) // somebody has signed in who has no scope of the API
//	tenant.Advance(2 * time.Hour)    // the access token has expired
//	tenant.Fault(t, "token:500")     // and cannot be renewed
//
// The people who can sign in are those of the spec's key dev ([Tenant.User]), and
// whom a test adds ([Tenant.NewUser]). At the start the API has no data.
package clienttest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/scaffold/dev"
	"example.com/scaffold/dev/api"
	"example.com/scaffold/dev/fault"
	"example.com/scaffold/templates/client"
)

// Tenant is a tenant, and the API behind it. It is safe for concurrent use.
type Tenant struct {
	server *dev.Server
	clock  dev.Clock
	http   *http.Client

	mu    sync.Mutex
	users []*User
}

// NewTenant starts a tenant and an API on ports of the loopback interface that
// are free, and ends them with the test. Tests may have one each, and run in
// parallel.
func NewTenant(t testing.TB) *Tenant {
	t.Helper()
	file, err := dev.Parse("spec.yaml", spec)
	if err != nil {
		t.Fatal(err)
	}
	tenant := &Tenant{}
	if tenant.server, err = dev.Start(dev.Config{Spec: file, Now: tenant.clock.Now, Empty: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tenant.server.Close)
	for _, person := range tenant.server.People() {
		tenant.users = append(tenant.users, &User{tenant: tenant, person: person})
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	tenant.http = &http.Client{Transport: transport, Timeout: 30 * time.Second}
	return tenant
}

// Config returns [client.DefaultConfig] with the addresses of this tenant and
// its API.
func (n *Tenant) Config() client.Config {
	config := client.DefaultConfig()
	config.Issuer = n.server.Issuer()
	if config.BaseURL != "" {
		config.BaseURL = n.server.BaseURL()
	}
	return config
}

// Client returns an application at this tenant, at which the first user of the
// spec signs in. [User.Client] has it be another.
func (n *Tenant) Client(t testing.TB, options ...client.Option) *client.App {
	t.Helper()
	return n.Users()[0].Client(t, options...)
}

// SessionWith returns the session of somebody new who has signed in, and has of
// the API's scopes been granted exactly these. To ask for others will be in vain.
func (n *Tenant) SessionWith(t testing.TB, scopes ...string) *client.Session {
	t.Helper()
	session := n.NewUser(t, scopes...).Session(t, scopes...)
	for _, scope := range scopes {
		if !session.HasScope(scope) {
			t.Fatalf("the scope %q cannot be granted: it is not declared, or the tokens are for no API", scope)
		}
	}
	return session
}

// Now returns the time at the tenant, at the API and in the applications: the
// time of day, and ahead of it by as much as Advance has moved it.
func (n *Tenant) Now() time.Time { return n.clock.Now() }

// Advance lets time pass for the tenant, the API and the applications. Access
// tokens are valid for an hour, and a sign-in can be renewed for thirty days.
func (n *Tenant) Advance(d time.Duration) { n.clock.Advance(d) }

// Fault has something go wrong from now on, until ClearFaults. A fault is
// written [ENDPOINT:]KIND[=DURATION][xTIMES]. The kinds are
//
//	slow     the answer comes late: slow=200ms
//	500      the server is broken
//	429      there are too many requests, with Retry-After: 429=1s
//	expired  access tokens have expired already
//	revoked  refresh tokens have been revoked
//
// and the endpoints authorize, token, revoke, userinfo, discovery, jwks, device
// and api; without one it is both token and api. With xTIMES it happens to so
// many requests: "token:500x1" is one failure to renew. Package
// [example.com/scaffold/dev/fault] says more.
func (n *Tenant) Fault(t testing.TB, faults ...string) {
	t.Helper()
	for _, text := range faults {
		f, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		n.server.Faults().Add(f)
	}
}

// ClearFaults ends what Fault began.
func (n *Tenant) ClearFaults() { n.server.Faults().Clear() }

// Calls returns what the API has been asked so far, and what it answered.
func (n *Tenant) Calls() []api.Call {
	if n.server.API() == nil { // the spec has no endpoints
		return nil
	}
	return n.server.API().Calls()
}

// Server returns what the tenant and the API are made of, for tests that look
// behind them: at the token requests, or with answers of their own.
func (n *Tenant) Server() *dev.Server { return n.server }

// Users returns everybody who can sign in, in the spec's order, and then those
// who were added.
func (n *Tenant) Users() []*User {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.users)
}

// User returns somebody who can sign in, by the id in the spec.
func (n *Tenant) User(t testing.TB, id string) *User {
	t.Helper()
	var ids []string
	for _, user := range n.Users() {
		if user.ID() == id {
			return user
		}
		ids = append(ids, user.ID())
	}
	t.Fatalf("there is no user %q; there are %s", id, strings.Join(ids, ", "))
	return nil
}

// NewUser adds somebody who is granted exactly these scopes, and the standard
// ones like openid.
func (n *Tenant) NewUser(t testing.TB, scopes ...string) *User {
	t.Helper()
	person, err := n.server.AddPerson(scopes...)
	if err != nil {
		t.Fatal(err)
	}
	user := &User{tenant: n, person: person}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.users = append(n.users, user)
	return user
}
