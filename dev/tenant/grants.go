package tenant

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// grant is what one sign-in gave: the family of its refresh tokens and all its
// access tokens live and die with it.
type grant struct {
	subject, clientID string
	audience          string
	authTime, expires time.Time
	asked             []string // at the sign-in
	declined          []string // of those, by the person
	told              []string // what the client was last told to have
	revoked           bool
}

type refreshToken struct {
	grant  *grant
	usedAt time.Time // zero: it was not
}

type accessToken struct {
	grant   *grant
	scopes  []string
	expires time.Time
}

// tokens is what a token request leads to.
type tokens struct {
	issue
	refresh  string // empty: none
	sayScope bool   // the scopes are not what the client expects (RFC 6749 sections 5.1 and 6)
}

func standardScopes() []string {
	return []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail, oidc.ScopeAddress, oidc.ScopePhone, oidc.ScopeOfflineAccess}
}

// grantable returns those of the scopes that the person may have, in the order
// they were asked for. The role's scopes belong to the API: without an
// audience there are none.
func grantable(asked []string, p Person, audience string) []string {
	var granted []string
	for _, scope := range asked {
		if slices.Contains(granted, scope) {
			continue
		}
		if slices.Contains(standardScopes(), scope) || audience != "" && slices.Contains(p.Scopes, scope) {
			granted = append(granted, scope)
		}
	}
	return granted
}

// open turns a redeemed sign-in into a grant. The code is empty for one on
// another device.
func (s *store) open(in *signIn, code, audience string) (tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	person, ok := s.bySubject(in.subject)
	if !ok {
		return tokens{}, oidc.ErrInvalidGrant().WithDescription("the person is gone")
	}
	g := &grant{
		subject: in.subject, clientID: in.request.ClientID, audience: audience,
		authTime: in.authTime, expires: in.authTime.Add(s.signInFor),
		asked: slices.Clone(in.request.Scopes), declined: slices.Clone(in.declined),
	}
	g.told = grantable(g.allowed(), person, audience)
	if redeemed, ok := s.codes[code]; ok {
		redeemed.grant = g
	}
	s.grants = append(s.grants, g)
	t := tokens{issue: g.issue(g.told, audience, in.skew), sayScope: !sameScopes(g.told, g.asked)}
	if slices.Contains(g.told, oidc.ScopeOfflineAccess) {
		t.refresh = s.mint(g)
	}
	return t, nil
}

// allowed is what was asked for and not declined.
func (g *grant) allowed() []string { return without(g.asked, g.declined) }

func without(scopes, declined []string) []string {
	return slices.DeleteFunc(slices.Clone(scopes), func(scope string) bool { return slices.Contains(declined, scope) })
}

// trade is what a client asks for with a refresh token.
type trade struct {
	token, clientID, resource string
	scopes                    []string // empty: as before
}

// rotate trades a refresh token for tokens, the next refresh token among them.
// A token that was traded before, and longer ago than the overlap, ends its
// family (RFC 9700 section 2.2.2).
func (s *store) rotate(ctx context.Context, r trade) (tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, person, err := s.tradable(ctx, r)
	if err != nil {
		return tokens{}, err
	}
	g := old.grant
	audience, err := resourceOf(g.audience, s.client.Audience, r.resource)
	if err != nil {
		return tokens{}, err
	}
	asked := g.allowed()
	if len(r.scopes) > 0 {
		asked = r.scopes
	}
	if slices.ContainsFunc(asked, func(scope string) bool { return !slices.Contains(g.allowed(), scope) }) {
		return tokens{}, oidc.ErrInvalidScope().WithDescription("more scopes than the sign-in was given")
	}
	granted := grantable(asked, person, audience)
	t := tokens{issue: g.issue(granted, audience, skew(ctx))}
	t.sayScope = !sameScopes(granted, asked) || !sameScopes(granted, g.told)
	if !sameScopes(granted, g.told) {
		say(ctx, "the scopes change from %q", strings.Join(g.told, " "))
	}
	g.told = granted
	if s.client.NoRotation {
		say(ctx, "not rotated")
		return t, nil
	}
	if old.usedAt.IsZero() {
		old.usedAt = s.now()
		say(ctx, "rotated")
	} else {
		say(ctx, "used before, within the overlap; rotated again")
	}
	t.refresh = s.mint(g)
	return t, nil
}

// tradable finds a refresh token that is good, and whose it is. The caller
// holds the lock.
func (s *store) tradable(ctx context.Context, r trade) (*refreshToken, Person, error) {
	refused := oidc.ErrInvalidGrant().WithDescription("Unknown or invalid refresh token.")
	old, ok := s.refresh[r.token]
	if !ok || old.grant.clientID != r.clientID {
		say(ctx, "unknown refresh token")
		return nil, Person{}, refused
	}
	g := old.grant
	person, ok := s.bySubject(g.subject)
	if !old.usedAt.IsZero() && !s.now().Before(old.usedAt.Add(s.client.Overlap)) {
		say(ctx, "reuse of a traded refresh token: its whole family is revoked")
		g.revoked = true
		return nil, Person{}, refused
	}
	switch {
	case !ok:
		say(ctx, "the person is gone")
	case g.revoked:
		say(ctx, "the sign-in was revoked")
	case !s.now().Before(g.expires):
		say(ctx, "the sign-in is too old")
	default:
		return old, person, nil
	}
	return nil, Person{}, refused
}

func (g *grant) issue(scopes []string, audience string, skew time.Duration) issue {
	i := issue{grant: g, subject: g.subject, clientID: g.clientID, authTime: g.authTime, scopes: scopes, skew: skew}
	if audience != "" {
		i.audience = []string{audience}
	}
	return i
}

// resourceOf is the audience of an access token when the token request names a
// resource (RFC 8707 section 2.2): the one of the sign-in, or the API if the
// sign-in named none.
func resourceOf(signedInFor, api, resource string) (string, error) {
	if resource == "" || resource == signedInFor {
		return signedInFor, nil
	}
	if signedInFor == "" && resource == api {
		return api, nil
	}
	return "", oidc.ErrInvalidTarget()
}

func sameScopes(a, b []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) }) &&
		!slices.ContainsFunc(b, func(s string) bool { return !slices.Contains(a, s) })
}

// mint makes a refresh token. The caller holds the lock.
func (s *store) mint(g *grant) string {
	token := "v1." + rand.Text() + rand.Text()
	s.refresh[token] = &refreshToken{grant: g}
	return token
}

// CreateAccessToken remembers an access token that zitadel is about to write.
func (s *store) CreateAccessToken(_ context.Context, r op.TokenRequest) (string, time.Time, error) {
	i, ok := r.(issue)
	if !ok {
		return "", time.Time{}, oidc.ErrUnsupportedGrantType()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	id, expires := rand.Text(), s.now().Add(s.accessFor)
	if i.expired {
		expires = s.now().Add(-time.Hour) // beyond anybody's leeway
	}
	s.access[id] = accessToken{grant: i.grant, scopes: i.scopes, expires: expires}
	return id, expires, nil
}

// GetPrivateClaimsFromRequest adds to an access token what zitadel leaves to
// its storage.
func (s *store) GetPrivateClaimsFromRequest(_ context.Context, r op.TokenRequest, _ []string) (map[string]any, error) {
	return map[string]any{"scope": strings.Join(r.GetScopes(), " "), "azp": s.client.ClientID}, nil
}

// GetRefreshTokenInfo tells the revocation endpoint whether a token is a
// refresh token.
func (s *store) GetRefreshTokenInfo(_ context.Context, _, token string) (subject, id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.refresh[token]
	if !ok {
		return "", "", op.ErrInvalidRefreshToken
	}
	return r.grant.subject, token, nil
}

// RevokeToken ends an access token, or a refresh token and its family. A token
// that is not known is no error (RFC 7009 section 2.2).
func (s *store) RevokeToken(ctx context.Context, token, _, clientID string) *oidc.Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, ok := s.refresh[token]; ok && r.grant.clientID == clientID {
		r.grant.revoked = true
		say(ctx, "a sign-in of %s is revoked", s.name(r.grant.subject))
	} else if a, ok := s.access[token]; ok {
		say(ctx, "an access token of %s is revoked", s.name(a.grant.subject))
	}
	delete(s.access, token)
	return nil
}

func (s *store) revokeAll(subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.grants {
		if g.subject == subject {
			g.revoked = true
		}
	}
}
