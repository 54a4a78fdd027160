package tenant

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// server is zitadel's server with the endpoints that must know the audience,
// the person's role and the family of a refresh token done here.
type server struct {
	*op.LegacyServer
	store *store
	cfg   Config
}

// VerifyAuthRequest compares the callback exactly: for native clients zitadel
// lets the port differ (RFC 8252 section 7.3), Auth0 does not.
func (s *server) VerifyAuthRequest(ctx context.Context, r *op.Request[oidc.AuthRequest]) (*op.ClientRequest[oidc.AuthRequest], error) {
	if !slices.Contains(s.cfg.Callbacks, r.Data.RedirectURI) {
		return nil, oidc.ErrInvalidRequestRedirectURI().WithDescription("Callback URL mismatch. %s is not in the list of allowed callback URLs.", r.Data.RedirectURI)
	}
	return s.LegacyServer.VerifyAuthRequest(ctx, r)
}

// Authorize sends the browser to the login page, or back with an error.
func (s *server) Authorize(ctx context.Context, r *op.ClientRequest[oidc.AuthRequest]) (*op.Redirect, error) {
	audience := r.Form.Get(s.cfg.Layout.audienceParameter())
	var refused *oidc.Error
	switch {
	case r.Data.CodeChallenge == "" || r.Data.CodeChallengeMethod != oidc.CodeChallengeMethodS256:
		refused = oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	case slices.Contains(r.Data.Prompt, oidc.PromptNone):
		refused = oidc.ErrLoginRequired().WithDescription("Login required")
	case audience != "" && audience != s.cfg.Audience && s.cfg.Layout == Auth0:
		refused = oidc.ErrAccessDenied().WithDescription("Service not found: %s", audience)
	case audience != "" && audience != s.cfg.Audience:
		refused = oidc.ErrInvalidTarget()
	default:
		return op.NewRedirect(r.Client.LoginURL(s.store.begin(r.Data, audience))), nil
	}
	return op.TryErrorRedirect(ctx, r.Data, refused, s.Provider().Encoder(), slog.New(slog.DiscardHandler))
}

// VerifyClient answers an unknown client with 401 (RFC 6749 section 5.2),
// where zitadel has 400.
func (s *server) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	c, err := s.store.GetClientByClientID(ctx, r.Data.ClientID)
	if err != nil {
		return nil, op.NewStatusError(err, http.StatusUnauthorized)
	}
	return c, nil
}

// CodeExchange redeems a code.
func (s *server) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	in, err := s.store.takeCode(ctx, r.Data.Code)
	if err != nil {
		return nil, s.refusal(err)
	}
	if err := op.AuthorizeCodeChallenge(r.Data.CodeVerifier, in.GetCodeChallenge()); err != nil {
		return nil, s.refusal(err)
	}
	if r.Data.RedirectURI != in.GetRedirectURI() {
		return nil, s.refusal(oidc.ErrInvalidGrant().WithDescription("the redirect_uri is not that of the sign-in"))
	}
	audience, err := resourceOf(in.audience, s.cfg.Audience, r.Form.Get("resource"))
	if err != nil {
		return nil, s.refusal(err)
	}
	t, err := s.store.open(in, r.Data.Code, audience)
	if err != nil {
		return nil, s.refusal(err)
	}
	return s.reply(ctx, r.Client, t, in)
}

// RefreshToken trades a refresh token.
func (s *server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	t, err := s.store.rotate(ctx, r.Data.RefreshToken, r.Client.GetID(), r.Form.Get("resource"), r.Data.Scopes)
	if err != nil {
		return nil, s.refusal(err)
	}
	identity := t.issue
	identity.audience = nil // of the ID token: the client, which zitadel adds
	return s.reply(ctx, r.Client, t, identity)
}

// reply has zitadel write the tokens. An opaque access token is what Auth0
// gives without an audience.
func (s *server) reply(ctx context.Context, c op.Client, t tokens, identity op.IDTokenRequest) (*op.Response, error) {
	kind := op.AccessTokenTypeBearer
	if t.audience != nil {
		kind = op.AccessTokenTypeJWT
	}
	access, _, _, err := op.CreateAccessToken(ctx, t.issue, kind, s.Provider(), c, "")
	if err != nil {
		return nil, err
	}
	reply := &oidc.AccessTokenResponse{
		AccessToken:  access,
		TokenType:    oidc.BearerToken,
		RefreshToken: t.refresh,
		ExpiresIn:    uint64(s.cfg.AccessTokenLifetime / time.Second),
	}
	if t.sayScope || s.cfg.Layout != Auth0 {
		reply.Scope = t.scopes
	}
	if slices.Contains(t.scopes, oidc.ScopeOpenID) {
		// The skew comes off twice: zitadel adds it here, and takes it off elsewhere.
		lifetime := idTokenLifetime - 2*skew(ctx)
		reply.IDToken, err = op.CreateIDToken(ctx, op.IssuerFromContext(ctx), identity, lifetime, access, "", s.store, c)
		if err != nil {
			return nil, err
		}
	}
	return op.NewResponse(reply), nil
}

// refusal gives Auth0's status to invalid_grant: 403, not 400.
func (s *server) refusal(err error) error {
	var e *oidc.Error
	if s.cfg.Layout == Auth0 && errors.As(err, &e) && e.ErrorType == oidc.InvalidGrant {
		return op.NewStatusError(err, http.StatusForbidden)
	}
	return err
}

// UserInfo answers a token that is no good with 401 (RFC 6750 section 3.1),
// where zitadel has 403.
func (s *server) UserInfo(ctx context.Context, r *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	resp, err := s.LegacyServer.UserInfo(ctx, r)
	if err != nil {
		refused := &oidc.Error{ErrorType: "invalid_token", Description: "the access token is expired, revoked or not for this endpoint"}
		return nil, op.NewStatusError(refused.WithParent(err), http.StatusUnauthorized)
	}
	return resp, nil
}
