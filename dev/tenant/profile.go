package tenant

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// SetUserinfoFromRequest fills in the profile of an ID token.
func (s *store) SetUserinfoFromRequest(_ context.Context, info *oidc.UserInfo, r op.IDTokenRequest, scopes []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.profile(info, r.GetSubject(), scopes)
}

// SetUserinfoFromToken answers the userinfo endpoint.
func (s *store) SetUserinfoFromToken(_ context.Context, info *oidc.UserInfo, id, subject, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, ok := s.access[id]
	if !ok || token.grant.revoked || token.grant.subject != subject || !s.now().Before(token.expires) {
		return errors.New("the access token is expired or revoked")
	}
	if !slices.Contains(token.scopes, oidc.ScopeOpenID) {
		return errors.New("the access token has no openid scope")
	}
	return s.profile(info, subject, token.scopes)
}

// profile writes Auth0's claims. The caller holds the lock.
func (s *store) profile(info *oidc.UserInfo, subject string, scopes []string) error {
	p, ok := s.bySubject(subject)
	if !ok {
		return errors.New("the person is gone")
	}
	info.Subject = subject
	if slices.Contains(scopes, oidc.ScopeProfile) {
		info.Name, info.Nickname, info.Picture = p.Name, p.Nickname, p.Picture
		if s.layout == Auth0 && !p.UpdatedAt.IsZero() {
			// Auth0 writes text where OpenID Connect Core 5.1 has a number.
			info.AppendClaims("updated_at", p.UpdatedAt.UTC().Format("2006-01-02T15:04:05.000Z07:00"))
		} else {
			info.UpdatedAt = oidc.FromTime(p.UpdatedAt)
		}
	}
	if slices.Contains(scopes, oidc.ScopeEmail) {
		info.Email = p.Email
		info.AppendClaims("email_verified", p.EmailVerified) // zitadel's own field leaves false out
	}
	return nil
}

// TerminateSession has nothing to end: the browser's session is ended where its
// cookie is known (server.EndSession), and offline_access outlives it.
func (s *store) TerminateSession(context.Context, string, string) error { return nil }

// endedSession says of whom a session was that has ended.
func (s *store) endedSession(ended session) string {
	if ended.subject == "" {
		return "was none"
	}
	return "of " + s.nameOf(ended.subject) + " has ended"
}

// Health is always good: the storage is memory.
func (s *store) Health(context.Context) error { return nil }

const idTokenLifetime = 10 * time.Hour // Auth0's default
