package tenant

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// store holds everything a tenant remembers, in memory. It is the storage that
// zitadel asks for; unused.go holds the part of that which this tenant has no
// use for.
type store struct {
	unused
	layout    Layout
	client    Config // for its client's part
	now       func() time.Time
	key       signingKey
	accessFor time.Duration
	signInFor time.Duration

	mu      sync.Mutex
	people  []Person
	signIns map[string]*signIn
	codes   map[string]*signIn
	devices map[string]deviceSignIn // by device code
	grants  []*grant
	refresh map[string]*refreshToken
	access  map[string]accessToken // by the jti
}

func newStore(cfg Config) (*store, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make a signing key: %w", err)
	}
	return &store{
		layout:    cfg.Layout,
		client:    cfg,
		now:       cfg.Now,
		key:       signingKey{id: rand.Text(), private: private},
		accessFor: cfg.AccessTokenLifetime,
		signInFor: cfg.RefreshTokenLifetime,
		people:    cfg.People,
		signIns:   map[string]*signIn{},
		codes:     map[string]*signIn{},
		devices:   map[string]deviceSignIn{},
		refresh:   map[string]*refreshToken{},
		access:    map[string]accessToken{},
	}, nil
}

// begin remembers an authorization request and returns its id.
func (s *store) begin(r *oidc.AuthRequest, audience string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rand.Text()
	s.signIns[id] = &signIn{id: id, request: *r, audience: audience}
	return id
}

var errOver = errors.New("this sign-in is over or was never begun; go back to the application")

// pending returns a sign-in that waits for a person.
func (s *store) pending(id string) (signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.signIns[id]
	if !ok || in.subject != "" {
		return signIn{}, errOver
	}
	return *in, nil
}

// authenticate says who signs in. The email and the password are those of the
// login page.
func (s *store) authenticate(id, email, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.signIns[id]
	if !ok || in.subject != "" {
		return errOver
	}
	i := s.byEmail(email)
	if i < 0 || s.people[i].Password != password {
		return errors.New("wrong e-mail address or password")
	}
	in.subject = s.people[i].Subject
	in.authTime = s.now()
	return nil
}

// deny ends a sign-in and returns it for the error that goes back.
func (s *store) deny(id string) (signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.signIns[id]
	if !ok || in.subject != "" {
		return signIn{}, errOver
	}
	in.denied = true
	delete(s.signIns, id)
	return *in, nil
}

// AuthRequestByID gives zitadel its view of a sign-in: a copy.
func (s *store) AuthRequestByID(ctx context.Context, id string) (op.AuthRequest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.signIns[id]
	if !ok {
		return nil, errOver
	}
	return in.view(ctx), nil
}

// SaveAuthCode remembers the code that zitadel made for a sign-in.
func (s *store) SaveAuthCode(_ context.Context, id, code string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.signIns[id]
	if !ok {
		return errOver
	}
	s.codes[code] = in
	return nil
}

// DeleteAuthRequest forgets a sign-in; its code stays, so that a second use is
// seen.
func (s *store) DeleteAuthRequest(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.signIns, id)
	return nil
}

// takeCode claims a code. A second claim ends what the first one opened
// (RFC 6749 section 4.1.2).
func (s *store) takeCode(ctx context.Context, code string) (*signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, ok := s.codes[code]
	if !ok {
		return nil, oidc.ErrInvalidGrant().WithDescription("unknown code")
	}
	if in.taken {
		if in.grant != nil {
			in.grant.revoked = true
		}
		return nil, oidc.ErrInvalidGrant().WithDescription("the code was used before")
	}
	in.taken = true
	delete(s.signIns, in.id)
	return in.view(ctx), nil
}

// GetClientByClientID returns the only client.
func (s *store) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	if id != s.client.ClientID {
		return nil, oidc.ErrInvalidClient().WithDescription("unknown client")
	}
	return client{id: id, callbacks: s.client.Callbacks, logouts: s.client.Logouts, skew: skew(ctx)}, nil
}

// byEmail returns the index of a person, or -1. The caller holds the lock.
func (s *store) byEmail(email string) int {
	return slices.IndexFunc(s.people, func(p Person) bool { return strings.EqualFold(p.Email, strings.TrimSpace(email)) })
}

// bySubject returns a person. The caller holds the lock.
func (s *store) bySubject(subject string) (Person, bool) {
	i := slices.IndexFunc(s.people, func(p Person) bool { return p.Subject == subject })
	if i < 0 {
		return Person{}, false
	}
	return s.people[i], true
}

func (s *store) setScopes(email string, scopes []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.byEmail(email)
	if i < 0 {
		return fmt.Errorf("set scopes: nobody has the e-mail address %q", email)
	}
	s.people[i].Scopes = slices.Clone(scopes)
	return nil
}

// allScopes is what discovery tells.
func (s *store) allScopes() []string {
	scopes := standardScopes()
	for _, p := range s.people {
		scopes = append(scopes, p.Scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// SigningKey returns the key of every token.
func (s *store) SigningKey(context.Context) (op.SigningKey, error) { return s.key, nil }

// SignatureAlgorithms is what discovery tells.
func (s *store) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet is what the keys endpoint tells.
func (s *store) KeySet(context.Context) ([]op.Key, error) { return []op.Key{publicKey{s.key}}, nil }

type signingKey struct {
	id      string
	private *rsa.PrivateKey
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                    { return k.private }

type publicKey struct{ signingKey }

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.private.PublicKey }
