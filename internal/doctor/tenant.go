package doctor

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/spec"
)

// tenant examines what the tenant publishes, and begins a sign-in.
func (e *examiner) tenant(ctx context.Context) []Finding {
	const check = "discovery"
	issuer := e.file.Tenant.Issuer()
	doc, reply, err := e.client.Document(ctx, issuer)
	if err != nil {
		findings := one(Fail, check, err.Error(), "check the tenant's name in the spec, and the network (proxy, firewall) of this machine")
		if reply.Header.Get("Date") != "" {
			findings = append(findings, clock(reply)...)
		}
		return findings
	}
	findings := one(OK, check, discovery.Address(issuer)+" can be read", "")
	findings = append(findings, e.issuer(doc)...)
	used, wrong := e.endpoints(doc)
	findings = append(findings, wrong...)
	findings = append(findings, e.published(doc)...)
	findings = append(findings, clock(reply)...)
	checks := []func(context.Context) []Finding{func(ctx context.Context) []Finding { return e.keys(ctx, used.JWKSURI) }}
	if e.isAuth0() {
		for _, address := range []string{used.TokenEndpoint, used.RevocationEndpoint} {
			checks = append(checks, func(ctx context.Context) []Finding { return e.answers(ctx, address) })
		}
	}
	for _, callback := range e.file.Tenant.Callbacks {
		checks = append(checks, func(ctx context.Context) []Finding {
			return e.signIn(ctx, used.AuthorizationEndpoint, callback.Value)
		})
	}
	return append(findings, together(ctx, checks)...)
}

// issuer compares exactly (OpenID Connect Discovery 1.0 section 4.3).
func (e *examiner) issuer(doc discovery.Document) []Finding {
	const check = "issuer"
	want := e.file.Tenant.Issuer()
	if doc.Issuer == want {
		return one(OK, check, want, "")
	}
	advice := "write issuer: " + doc.Issuer
	if e.isAuth0() {
		host := strings.TrimSuffix(strings.TrimPrefix(doc.Issuer, "https://"), "/")
		advice = "write domain: " + host
		if doc.Issuer != "https://"+host+"/" || strings.Contains(host, "/") {
			advice = "write issuer: " + doc.Issuer + " and provider: oidc"
		}
	}
	if doc.Issuer == "" {
		advice = "this is not an OpenID Provider's discovery document; check the tenant's name in the spec"
	}
	return one(Fail, check, fmt.Sprintf("the tenant says %q, the spec %q", doc.Issuer, want), advice)
}

// endpoints returns the endpoints that a generated client uses, and what it
// refuses of them. An Auth0 tenant's are fixed; discovery must agree.
func (e *examiner) endpoints(doc discovery.Document) (used discovery.Document, findings []Finding) {
	const check = "endpoints"
	used = doc
	if e.isAuth0() {
		used = fixed(spec.Auth0Endpoints(e.file.Tenant.Issuer()))
	}
	for _, each := range []struct {
		name, stated, used string
		required           bool
	}{
		{"authorization_endpoint", doc.AuthorizationEndpoint, used.AuthorizationEndpoint, true},
		{"token_endpoint", doc.TokenEndpoint, used.TokenEndpoint, true},
		{"jwks_uri", doc.JWKSURI, used.JWKSURI, true},
		{"userinfo_endpoint", doc.UserInfoEndpoint, used.UserInfoEndpoint, false},
		{"revocation_endpoint", doc.RevocationEndpoint, used.RevocationEndpoint, false},
		{"device_authorization_endpoint", doc.DeviceEndpoint, used.DeviceEndpoint, false},
		{"end_session_endpoint", doc.EndSessionEndpoint, doc.EndSessionEndpoint, false}, // Auth0's own is another
	} {
		problem := ""
		switch {
		case each.stated == "" && each.required:
			problem = "is missing"
		case each.stated == "":
		case each.stated != each.used:
			problem = fmt.Sprintf("is %q and not at Auth0's fixed path", each.stated)
		default:
			problem = addressProblem(each.stated)
		}
		if problem != "" {
			findings = append(findings, one(Fail, check, each.name+" "+problem, e.endpointAdvice())...)
		}
	}
	if len(findings) == 0 {
		findings = one(OK, check, "authorization, token and key endpoints are there; every address is https or on this machine", "")
	}
	return used, findings
}

func (e *examiner) endpointAdvice() string {
	if e.isAuth0() {
		return "is this an Auth0 tenant? write provider: oidc and its issuer if it is not"
	}
	return "this is for whoever runs the provider; a generated client refuses it as it is"
}

// fixed returns an Auth0 tenant's endpoints as a document that says so.
func fixed(at spec.Endpoints) discovery.Document {
	return discovery.Document{
		AuthorizationEndpoint: at.Authorization, TokenEndpoint: at.Token, RevocationEndpoint: at.Revocation,
		UserInfoEndpoint: at.UserInfo, DeviceEndpoint: at.Device, JWKSURI: at.Keys,
	}
}

// addressProblem says why a generated client refuses an endpoint's address
// (RFC 6749 sections 3.1 and 3.2).
func addressProblem(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return fmt.Sprintf("%q is not a whole URL", address)
	case u.User != nil:
		return "holds a user name or password"
	case strings.Contains(address, "#"):
		return fmt.Sprintf("%q has a fragment", address)
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return fmt.Sprintf("%q is not https", address)
	}
	return ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// keys needs one key that can verify an ID token.
func (e *examiner) keys(ctx context.Context, address string) []Finding {
	const check = "signing keys"
	if addressProblem(address) != "" {
		return nil // endpoints has said so
	}
	usable, all, err := e.client.Keys(ctx, address)
	switch {
	case err != nil:
		return one(Fail, check, err.Error(), "without these keys no ID token can be verified, and nobody can sign in")
	case usable == 0:
		return one(Fail, check, fmt.Sprintf("none of the %d at %s can verify an ID token", all, address),
			"the provider has to publish an RSA key of 2048 bits or more, or an elliptic curve key, for signatures")
	}
	return one(OK, check, fmt.Sprintf("%d of %d can verify an ID token", usable, all), "")
}

// answers finds out whether there is anything at an address that takes forms.
// An empty form is refused, and how does not matter.
func (e *examiner) answers(ctx context.Context, address string) []Finding {
	const check = "fixed path"
	reply, err := e.client.Post(ctx, address)
	switch {
	case err != nil:
		return one(Fail, check, fmt.Sprintf("%s: %v", address, err), "check the domain in the spec, and the network of this machine")
	case slices.Contains([]int{http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone}, reply.Status):
		return one(Fail, check, fmt.Sprintf("%s answers HTTP %d", address, reply.Status),
			"is this an Auth0 tenant? write provider: oidc and its issuer if it is not")
	case reply.Status >= http.StatusInternalServerError:
		return one(Warn, check, fmt.Sprintf("%s answers HTTP %d", address, reply.Status), "try again later; status.auth0.com says whether Auth0 is in trouble")
	}
	return one(OK, check, address+" answers", "")
}
