package tenant

import (
	"net/url"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// Layout decides the paths of the endpoints, the shape of the issuer, and the
// habits in which Auth0 differs: the audience parameter, a 403 for
// invalid_grant, a scope in the token reply only where it differs, updated_at
// as text.
type Layout int

// The layouts.
const (
	Discovery Layout = iota // zitadel's paths; the audience travels as resource (RFC 8707)
	Auth0                   // Auth0's paths; the issuer ends in a slash
)

// Endpoint names an endpoint of the tenant.
type Endpoint int

// The endpoints.
const (
	Metadata Endpoint = iota // OpenID Connect Discovery
	Authorization
	Token
	Revocation
	Userinfo
	Keys
	Logout
	Device // device authorization (RFC 8628)
)

func (l Layout) path(e Endpoint) string {
	if l == Auth0 {
		return [...]string{"/.well-known/openid-configuration", "/authorize", "/oauth/token", "/oauth/revoke",
			"/userinfo", "/.well-known/jwks.json", "/v2/logout", "/oauth/device/code"}[e]
	}
	return [...]string{"/.well-known/openid-configuration", "/authorize", "/oauth/token", "/revoke",
		"/userinfo", "/keys", "/end_session", "/device_authorization"}[e]
}

func (l Layout) issuer(origin string) string {
	if l == Auth0 {
		return origin + "/"
	}
	return origin
}

// audienceParameter names the parameter of the authorization request that
// chooses the API.
func (l Layout) audienceParameter() string {
	if l == Auth0 {
		return "audience"
	}
	return "resource"
}

// audienceIn returns the audience that a request asks for, which may be none.
func (c Config) audienceIn(form url.Values) string {
	audience := form.Get(c.Layout.audienceParameter())
	if audience == "" && c.AnyToken {
		return c.Audience
	}
	return audience
}

// endpoints is what zitadel serves. Auth0's logout is not OpenID Connect's, so
// it is a page of ours, and discovery says nothing of it, as in tenants made
// before end_session_endpoint was on by default.
func (l Layout) endpoints() op.Endpoints {
	endpoints := op.Endpoints{
		Authorization:       op.NewEndpoint(l.path(Authorization)),
		Token:               op.NewEndpoint(l.path(Token)),
		Revocation:          op.NewEndpoint(l.path(Revocation)),
		Userinfo:            op.NewEndpoint(l.path(Userinfo)),
		JwksURI:             op.NewEndpoint(l.path(Keys)),
		DeviceAuthorization: op.NewEndpoint(l.path(Device)),
	}
	if l == Discovery {
		endpoints.EndSession = op.NewEndpoint(l.path(Logout))
	}
	return endpoints
}
