package tenant

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// server is zitadel's server with the endpoints that must know the audience,
// the person's role and the family of a refresh token done here.
type server struct {
	*op.LegacyServer
	store    *store
	sessions *sessions
	cfg      Config
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
	say(ctx, "token request: authorization_code")
	in, err := s.store.takeCode(ctx, r.Data.Code)
	if err != nil {
		return nil, s.refusal(err)
	}
	if err := op.AuthorizeCodeChallenge(r.Data.CodeVerifier, in.GetCodeChallenge()); err != nil {
		say(ctx, "the code_verifier does not fit")
		return nil, s.refusal(err)
	}
	if r.Data.RedirectURI != in.GetRedirectURI() {
		say(ctx, "another redirect_uri than at the sign-in")
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
	say(ctx, "tokens for %s: scope %q%s", s.store.nameOf(in.subject), strings.Join(t.scopes, " "), andRefresh(t))
	return s.reply(ctx, r.Client, t, in)
}

func andRefresh(t tokens) string {
	if t.refresh == "" {
		return ", no refresh token"
	}
	return ", with a refresh token"
}

// RefreshToken trades a refresh token.
func (s *server) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	say(ctx, "token request: refresh_token")
	if happening(ctx).Revoked {
		say(ctx, "a fault: revoked")
		return nil, s.refusal(oidc.ErrInvalidGrant().WithDescription("Unknown or invalid refresh token."))
	}
	t, err := s.store.rotate(ctx, trade{r.Data.RefreshToken, r.Client.GetID(), r.Form.Get("resource"), r.Data.Scopes})
	if err != nil {
		s.store.save(ctx) // a family may have ended
		return nil, s.refusal(err)
	}
	say(ctx, "tokens for %s: scope %q", s.store.nameOf(t.subject), strings.Join(t.scopes, " "))
	identity := t.issue
	identity.audience = nil // of the ID token: the client, which zitadel adds
	return s.reply(ctx, r.Client, t, identity)
}

// reply has zitadel write the tokens. An opaque access token is what Auth0
// gives without an audience.
func (s *server) reply(ctx context.Context, c op.Client, t tokens, identity op.IDTokenRequest) (*op.Response, error) {
	if t.expired = happening(ctx).Expired; t.expired {
		say(ctx, "a fault: the access token is expired")
	}
	kind := op.AccessTokenTypeBearer
	if t.audience != nil {
		kind = op.AccessTokenTypeJWT
	}
	access, _, _, err := op.CreateAccessToken(ctx, t.issue, kind, s.Provider(), c, "")
	if err != nil {
		return nil, err
	}
	s.store.save(ctx) // before anybody has the tokens
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

// Revocation ends a token (RFC 7009).
func (s *server) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	resp, err := s.LegacyServer.Revocation(ctx, r)
	s.store.save(ctx)
	return resp, err
}

// EndSession is the logout of OpenID Connect (RP-Initiated Logout 1.0). It ends
// the browser's session.
func (s *server) EndSession(ctx context.Context, r *op.Request[oidc.EndSessionRequest]) (*op.Redirect, error) {
	redirect, err := s.LegacyServer.EndSession(ctx, r)
	if err != nil {
		return nil, err
	}
	gone, ended := s.sessions.end(r.Header)
	say(ctx, "the browser session %s", s.store.endedSession(ended))
	redirect.Header = http.Header{"Set-Cookie": {gone.String()}}
	return redirect, nil
}

// Discovery tells what this tenant does, where zitadel tells what it could do.
func (s *server) Discovery(ctx context.Context, r *op.Request[struct{}]) (*op.Response, error) {
	resp, err := s.LegacyServer.Discovery(ctx, r)
	if err != nil {
		return nil, err
	}
	metadata, ok := resp.Data.(*oidc.DiscoveryConfiguration)
	if !ok {
		return nil, errors.New("the library's metadata is of another type than it was")
	}
	metadata.ResponseTypesSupported = []string{string(oidc.ResponseTypeCode)}
	metadata.ResponseModesSupported = []string{string(oidc.ResponseModeQuery)}
	metadata.GrantTypesSupported = []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeDeviceCode}
	metadata.TokenEndpointAuthMethodsSupported = []oidc.AuthMethod{oidc.AuthMethodNone}
	metadata.RevocationEndpointAuthMethodsSupported = []oidc.AuthMethod{oidc.AuthMethodNone}
	metadata.ClaimsSupported = []string{"sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash",
		"name", "nickname", "picture", "updated_at", "email", "email_verified"}
	return op.NewResponse(struct {
		*oidc.DiscoveryConfiguration
		// RFC 9207 section 3.
		IssInResponse bool     `json:"authorization_response_iss_parameter_supported"`
		Prompts       []string `json:"prompt_values_supported"`
	}{metadata, true, []string{oidc.PromptNone, oidc.PromptLogin, oidc.PromptConsent, oidc.PromptSelectAccount}}), nil
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
