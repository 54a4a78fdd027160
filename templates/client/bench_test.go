package client

import (
	"context"
	"crypto"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// BenchmarkIDToken verifies an ID token beside go-oidc's verifier, which leaves
// checks out. Both have the tenant's keys already.
func BenchmarkIDToken(b *testing.B) {
	f := newFixture(b)
	f.login()
	raw := f.idToken(true, f.subject)
	want := idTokenExpectation{nonce: f.nonce}
	keys := &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{rsaKey().Public()}}
	verifier := oidc.NewVerifier(f.app.config.Issuer, keys, &oidc.Config{ClientID: f.app.config.ClientID, Now: f.clock.now})
	b.Run("go-oidc", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			token, err := verifier.Verify(b.Context(), raw)
			if err != nil {
				b.Fatal(err)
			}
			var claims struct{ Name, Email string }
			if err := token.Claims(&claims); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("session", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.app.tenant.verifyIDToken(b.Context(), newSecret(raw), want); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkExpired has 100 goroutines call the API at once when the token has
// expired, beside x/oauth2. The tenant is a server on loopback.
func BenchmarkExpired(b *testing.B) {
	const callers = 100
	together := func(b *testing.B, transport http.RoundTripper, address string) {
		var group sync.WaitGroup
		for range callers {
			group.Go(func() {
				req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := transport.RoundTrip(req); err != nil {
					b.Error(err)
				}
			})
		}
		group.Wait()
	}
	b.Run("session", func(b *testing.B) {
		f := newFixture(b)
		session := f.login()
		transport := &bearerTransport{session: session, base: echo{}}
		requests := 0
		for b.Loop() {
			f.clock.move(2 * time.Hour)
			f.set(func() { f.issued %= 20 }) // the tokens' names are letters
			together(b, transport, f.api.URL)
			requests++
		}
		if got := f.refreshes(); got != requests {
			b.Errorf("%d token requests for %d expired tokens", got, requests)
		}
	})
	b.Run("x/oauth2", func(b *testing.B) {
		f := newFixture(b)
		config := oauth2.Config{ClientID: f.app.config.ClientID, Endpoint: oauth2.Endpoint{
			TokenURL: f.tenant.URL + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams,
		}}
		for b.Loop() {
			expired := &oauth2.Token{AccessToken: "old", RefreshToken: "refresh", Expiry: time.Now().Add(-time.Hour)}
			together(b, &oauth2.Transport{Source: config.TokenSource(context.Background(), expired), Base: echo{}}, f.api.URL)
		}
	})
}

// BenchmarkBearer measures what a valid token costs a call, beside what
// x/oauth2's transport takes for the same.
func BenchmarkBearer(b *testing.B) {
	f := newFixture(b)
	session := f.login()
	transports := map[string]http.RoundTripper{
		"session":  &bearerTransport{session: session, base: echo{}},
		"x/oauth2": &oauth2.Transport{Source: oauth2.ReuseTokenSource(nil, session.TokenSource(b.Context())), Base: echo{}},
	}
	for name, transport := range transports {
		b.Run(name, func(b *testing.B) {
			req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, f.api.URL, nil)
			if err != nil {
				b.Fatal(err)
			}
			req.Header.Set("Accept", "application/json")
			b.ReportAllocs()
			for b.Loop() {
				if _, err := transport.RoundTrip(req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCan(b *testing.B) {
	f := newFixture(b)
	session := f.login()
	b.ReportAllocs()
	for b.Loop() {
		if !session.Can(listNotes) {
			b.Fatal("closed")
		}
	}
}
