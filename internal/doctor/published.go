package doctor

import (
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/spec"
)

// acceptedAlgorithms are those of ID tokens that a generated client verifies:
// all asymmetric, for a public client has no secret. Of an Auth0 tenant it
// takes the first of each kind alone.
var (
	acceptedAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
	auth0Algorithms    = []string{"RS256", "PS256"}
)

// published examines what the tenant says that it can do.
func (e *examiner) published(doc discovery.Document) []Finding {
	return slices.Concat(
		pkce(doc), responseTypes(doc), e.grantTypes(doc), e.scopes(doc), e.algorithms(doc),
		issInCallback(doc), e.revocation(doc), e.browserSession(doc), e.device(doc),
	)
}

// pkce is RFC 7636 with S256, which every sign-in uses.
func pkce(doc discovery.Document) []Finding {
	const check = "PKCE"
	switch {
	case doc.ChallengeMethods == nil:
		return one(Warn, check, "code_challenge_methods_supported is not published", "make sure that the provider supports PKCE with S256: each sign-in uses it")
	case !slices.Contains(doc.ChallengeMethods, "S256"):
		return one(Fail, check, "code_challenge_methods_supported has no S256: "+list(doc.ChallengeMethods),
			"the provider has to support PKCE with S256; a generated client does not sign in without it")
	}
	return one(OK, check, "S256 is supported", "")
}

func responseTypes(doc discovery.Document) []Finding {
	const check = "response type"
	switch {
	case doc.ResponseTypes == nil:
		return one(Warn, check, "response_types_supported is not published", "make sure that the provider supports the authorization code flow")
	case !slices.Contains(doc.ResponseTypes, "code"):
		return one(Fail, check, "response_types_supported has no code: "+list(doc.ResponseTypes),
			"the provider has to support the authorization code flow; each sign-in uses it")
	}
	return one(OK, check, "code is supported", "")
}

func (e *examiner) grantTypes(doc discovery.Document) []Finding {
	const check = "grant types"
	switch {
	case doc.GrantTypes == nil:
		return one(OK, check, "grant_types_supported is not published, which is usual", "")
	case !slices.Contains(doc.GrantTypes, "authorization_code"):
		return one(Fail, check, "grant_types_supported has no authorization_code: "+list(doc.GrantTypes),
			"the provider has to support the authorization code flow; each sign-in uses it")
	case e.asksFor("offline_access") && !slices.Contains(doc.GrantTypes, "refresh_token"):
		return one(Warn, check, "grant_types_supported has no refresh_token: "+list(doc.GrantTypes),
			"allow refresh tokens at the provider, or people sign in again whenever their access token expires")
	}
	return one(OK, check, list(doc.GrantTypes), "")
}

// scopes compares the standard ones alone: few providers list an API's.
func (e *examiner) scopes(doc discovery.Document) []Finding {
	const check = "scopes"
	if doc.Scopes == nil {
		return one(OK, check, "scopes_supported is not published, which is usual", "")
	}
	var missing, own []string
	for _, s := range e.file.Scopes {
		switch name := s.Name.Value; {
		case slices.Contains(doc.Scopes, name):
		case spec.IsStandardScope(name):
			missing = append(missing, name)
		default:
			own = append(own, name)
		}
	}
	if len(missing) > 0 {
		return one(Warn, check, "scopes_supported has no "+list(missing),
			"a provider may refuse or ignore a scope that it does not list: remove it from the spec if a sign-in fails or leaves it out")
	}
	if len(own) > 0 {
		return one(OK, check, "the standard ones are supported; not listed, which is usual for an API's: "+list(own), "")
	}
	return one(OK, check, "all are supported", "")
}

func (e *examiner) algorithms(doc discovery.Document) []Finding {
	const check = "ID tokens"
	accepted := acceptedAlgorithms
	if e.isAuth0() {
		accepted = auth0Algorithms
	}
	if doc.Algorithms == nil {
		return one(Warn, check, "id_token_signing_alg_values_supported is not published, so RS256 is expected",
			"make sure that the provider signs ID tokens with RS256")
	}
	var common []string
	for _, algorithm := range accepted {
		if slices.Contains(doc.Algorithms, algorithm) {
			common = append(common, algorithm)
		}
	}
	if len(common) == 0 {
		return one(Fail, check, "signed with "+list(doc.Algorithms)+" alone",
			"have the application's ID tokens signed with RS256 at the provider; a native app cannot verify others")
	}
	return one(OK, check, "signed with "+list(common), "")
}

// issInCallback is RFC 9207, which few providers support so far.
func issInCallback(doc discovery.Document) []Finding {
	const check = "callback's iss"
	if doc.IssInCallback {
		return one(OK, check, "promised (RFC 9207), so a sign-in insists on it", "")
	}
	return one(OK, check, "not promised (RFC 9207), which is usual; checked when it is there", "")
}

func (e *examiner) revocation(doc discovery.Document) []Finding {
	const check = "revocation"
	switch {
	case e.isAuth0():
		return nil // at a fixed path, which is asked
	case doc.RevocationEndpoint == "":
		return one(Warn, check, "there is no revocation_endpoint (RFC 7009)",
			"Logout forgets the credentials on this machine; they stay valid at the tenant until they expire")
	}
	return one(OK, check, "tokens can be revoked", "")
}

func (e *examiner) browserSession(doc discovery.Document) []Finding {
	const check = "browser session"
	switch {
	case e.isAuth0():
		return one(OK, check, "ended at /v2/logout by EndBrowserSession", "")
	case doc.EndSessionEndpoint == "":
		return one(Warn, check, "there is no end_session_endpoint", "do not use EndBrowserSession: people stay signed in at the tenant in their browser")
	}
	return one(OK, check, "can be ended by EndBrowserSession", "")
}

func (e *examiner) device(doc discovery.Document) []Finding {
	const check, deviceCode = "device sign-in", "urn:ietf:params:oauth:grant-type:device_code"
	switch {
	case doc.DeviceEndpoint == "" && e.isAuth0():
		return nil // older tenants do not publish it
	case doc.DeviceEndpoint == "":
		return one(OK, check, "not offered, so WithDeviceLogin cannot be used", "")
	case doc.GrantTypes != nil && !slices.Contains(doc.GrantTypes, deviceCode):
		return one(Warn, check, "there is a device_authorization_endpoint, but grant_types_supported has no "+deviceCode,
			"allow the device code grant at the provider if you use WithDeviceLogin")
	}
	return one(OK, check, "offered, for WithDeviceLogin", "")
}

// list prints a few words that a provider or the spec has chosen.
func list(words []string) string {
	const most = 8
	if len(words) == 0 {
		return "(none)"
	}
	if len(words) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(words[:most], " "), len(words)-most)
	}
	return strings.Join(words, " ")
}
