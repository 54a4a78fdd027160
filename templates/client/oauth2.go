package client

import (
	"context"

	"golang.org/x/oauth2"
)

// TokenSource returns the session as an [oauth2.TokenSource], for libraries
// that want one. Each token is valid for now and carries no refresh token,
// which must have one owner. Waiting for a renewal ends with ctx.
func (s *Session) TokenSource(ctx context.Context) oauth2.TokenSource {
	return sessionTokenSource{ctx: ctx, session: s}
}

type sessionTokenSource struct {
	ctx     context.Context
	session *Session
}

// Token implements [oauth2.TokenSource].
func (t sessionTokenSource) Token() (*oauth2.Token, error) {
	c, early, err := t.session.valid(t.ctx)
	if err != nil {
		return nil, err
	}
	early.settle(t.ctx)
	return &oauth2.Token{
		AccessToken: c.accessToken.reveal(),
		TokenType:   "Bearer",
		Expiry:      c.expiresAt,
	}, nil
}
