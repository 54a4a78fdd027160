package tenant

import (
	"context"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// signIn is an authorization request on its way to a code. It is zitadel's
// AuthRequest; from its copy an ID token with the nonce is made.
type signIn struct {
	id       string
	request  oidc.AuthRequest
	audience string // of the access token; empty: opaque
	hinted   string // the subject of the id_token_hint; empty: none
	begun    time.Time
	codeAt   time.Time // when the code was made

	signedInBy string // the browser session that began with it; empty: none did
	subject    string // empty until the person has signed in and consented
	authTime   time.Time
	declined   []string // scopes that the person did not allow
	onDevice   bool     // it is another device that waits for the tokens
	denied     bool
	taken      bool   // the code was redeemed
	grant      *grant // what the code opened
	skew       time.Duration
}

// view is a copy for one request of zitadel's.
func (in *signIn) view(ctx context.Context) *signIn {
	c := *in
	c.skew = skew(ctx)
	return &c
}

func (in *signIn) GetID() string       { return in.id }
func (in *signIn) GetACR() string      { return "" }
func (in *signIn) GetAMR() []string    { return nil }
func (in *signIn) Done() bool          { return in.subject != "" }
func (in *signIn) GetNonce() string    { return in.request.Nonce }
func (in *signIn) GetState() string    { return in.request.State }
func (in *signIn) GetScopes() []string { return without(in.request.Scopes, in.declined) }
func (in *signIn) GetSubject() string  { return in.subject }

// GetAudience is of the ID token: the client, which zitadel adds, and no one else.
func (in *signIn) GetAudience() []string              { return nil }
func (in *signIn) GetAuthTime() time.Time             { return in.authTime.Add(in.skew) } // zitadel takes the skew off
func (in *signIn) GetClientID() string                { return in.request.ClientID }
func (in *signIn) GetRedirectURI() string             { return in.request.RedirectURI }
func (in *signIn) GetResponseType() oidc.ResponseType { return in.request.ResponseType }
func (in *signIn) GetResponseMode() oidc.ResponseMode { return in.request.ResponseMode }
func (in *signIn) GetCodeChallenge() *oidc.CodeChallenge {
	return &oidc.CodeChallenge{Challenge: in.request.CodeChallenge, Method: in.request.CodeChallengeMethod}
}

// issue is one set of tokens to be made. It is zitadel's TokenRequest and, on
// a refresh, its IDTokenRequest.
type issue struct {
	grant    *grant
	subject  string
	clientID string
	authTime time.Time
	audience []string
	scopes   []string
	skew     time.Duration
	expired  bool // a fault: the access token is of no use from the beginning
}

func (i issue) GetSubject() string     { return i.subject }
func (i issue) GetAudience() []string  { return i.audience }
func (i issue) GetScopes() []string    { return i.scopes }
func (i issue) GetAMR() []string       { return nil }
func (i issue) GetClientID() string    { return i.clientID }
func (i issue) GetAuthTime() time.Time { return i.authTime.Add(i.skew) }

// client is the native application: public, with PKCE.
type client struct {
	id        string
	callbacks []string
	logouts   []string
	skew      time.Duration
}

func (c client) GetID() string                       { return c.id }
func (c client) RedirectURIs() []string              { return c.callbacks }
func (c client) PostLogoutRedirectURIs() []string    { return c.logouts }
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeNative }
func (c client) AuthMethod() oidc.AuthMethod         { return oidc.AuthMethodNone }
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}
func (c client) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeDeviceCode}
}
func (c client) LoginURL(id string) string            { return loginPath + "?id=" + id }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeJWT }
func (c client) IDTokenLifetime() time.Duration       { return idTokenLifetime }
func (c client) DevMode() bool                        { return false }
func (c client) IsScopeAllowed(string) bool           { return true } // the person's role decides
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true } // Auth0 puts the profile in the ID token
func (c client) ClockSkew() time.Duration             { return c.skew }

//lint:ignore ST1003 op.Client has it so.
func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func(scopes []string) []string { return scopes }
}
