package tenant

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

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
	keys      []signingKey // the newest first; it signs
	accessFor time.Duration
	signInFor time.Duration

	writing sync.Mutex // of the state file; taken before mu

	mu       sync.Mutex
	people   []Person
	signIns  map[string]*signIn
	codes    map[string]*signIn
	devices  map[string]deviceSignIn // by device code
	grants   []*grant
	refresh  map[string]*refreshToken
	access   map[string]accessToken // by the jti
	consents map[consentOf][]string
	opaque   [32]byte // the key of opaque tokens
}

func newStore(cfg Config) (*store, error) {
	s := &store{
		layout:    cfg.Layout,
		client:    cfg,
		now:       cfg.Now,
		accessFor: cfg.AccessTokenLifetime,
		signInFor: cfg.RefreshTokenLifetime,
		people:    cfg.People,
		signIns:   map[string]*signIn{},
		codes:     map[string]*signIn{},
		devices:   map[string]deviceSignIn{},
		refresh:   map[string]*refreshToken{},
		access:    map[string]accessToken{},
		consents:  map[consentOf][]string{},
	}
	_, _ = rand.Read(s.opaque[:]) // it never fails
	if err := s.load(); err != nil {
		return nil, err
	}
	if len(s.keys) == 0 {
		return s, s.rotateKeys()
	}
	return s, nil
}

// begin remembers an authorization request.
func (s *store) begin(r *oidc.AuthRequest, audience, hinted string) signIn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetOld()
	in := &signIn{id: rand.Text(), request: *r, audience: audience, hinted: hinted, begun: s.now()}
	s.signIns[in.id] = in
	return *in
}

const (
	signInLifetime = time.Hour        // from the authorization request to the code
	codeLifetime   = 10 * time.Minute // RFC 6749 section 4.1.2 recommends this as the longest
)

// forgetOld drops sign-ins that nobody will end, and codes that nobody may
// redeem any more. The caller holds the lock.
func (s *store) forgetOld() {
	maps.DeleteFunc(s.signIns, func(_ string, in *signIn) bool { return s.over(in) })
	maps.DeleteFunc(s.codes, func(_ string, in *signIn) bool { return s.over(in) })
}

func (s *store) over(in *signIn) bool { return !s.now().Before(in.begun.Add(signInLifetime)) }

var errOver = errors.New("this sign-in is over or was never begun; go back to the application")

// pending returns a sign-in that waits for a person.
func (s *store) pending(id string) (signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.waiting(id)
	if err != nil {
		return signIn{}, err
	}
	return *in, nil
}

// waiting finds a sign-in that waits for a person. The caller holds the lock.
func (s *store) waiting(id string) (*signIn, error) {
	in, ok := s.signIns[id]
	if !ok || in.subject != "" || s.over(in) {
		return nil, errOver
	}
	return in, nil
}

// authenticate finds the person of the login page. With a wrong password it
// returns the person too.
func (s *store) authenticate(email, password string) (Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.byEmail(email)
	if i < 0 && !slices.ContainsFunc(s.people, func(p Person) bool { return p.Password != "" }) {
		return Person{}, errNobody // the page asks for no password, so that none can be wrong
	}
	if i < 0 {
		return Person{}, errWrongLogin
	}
	if s.people[i].Password != password {
		return s.people[i], errWrongLogin
	}
	return s.people[i], nil
}

var (
	errWrongLogin = errors.New("wrong e-mail address or password")
	errNobody     = errors.New("nobody here has this e-mail address")
)

// signedInBy notes that the person has signed in for this request, and not
// before it.
func (s *store) signedInBy(id, session string) (signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.waiting(id)
	if err != nil {
		return signIn{}, err
	}
	in.signedInBy = session
	return *in, nil
}

// complete ends a sign-in well: the person is known, and has consented to all
// but the declined scopes.
func (s *store) complete(id string, by session, declined []string) (signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.waiting(id)
	if err != nil {
		return signIn{}, err
	}
	in.subject, in.authTime, in.declined = by.subject, by.authTime, declined
	return *in, nil
}

// deny ends a sign-in and returns it for the error that goes back.
func (s *store) deny(id string) (signIn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	in, err := s.waiting(id)
	if err != nil {
		return signIn{}, err
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
	in.codeAt = s.now()
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
	if !ok || !s.now().Before(in.codeAt.Add(codeLifetime)) {
		return nil, oidc.ErrInvalidGrant().WithDescription("unknown code")
	}
	if in.taken {
		say(ctx, "the code was used before: what it opened is revoked")
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

// person returns a copy of what is known of a person.
func (s *store) person(subject string) (Person, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bySubject(subject)
}

// nameOf is a person's name for the log.
func (s *store) nameOf(subject string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name(subject)
}

// name is nameOf for a caller that holds the lock.
func (s *store) name(subject string) string {
	p, _ := s.bySubject(subject)
	return cmp.Or(p.Name, p.Email, subject)
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
	scopes = slices.AppendSeq(scopes, maps.Keys(s.client.Scopes))
	for _, p := range s.people {
		scopes = append(scopes, p.Scopes...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}
