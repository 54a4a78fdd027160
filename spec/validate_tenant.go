package spec

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/internal/lazyregexp"
)

func (c *checker) tenant() {
	t := c.file.Tenant
	if t.Pos == (Pos{}) {
		return // Load has said so
	}
	switch Provider(t.Provider.Value) {
	case Auth0:
		c.auth0(t)
	case OIDC:
		c.oidc(t)
	case "":
		if t.Provider.Pos == (Pos{}) {
			c.errorf(t.Pos, "tenant needs a domain (for Auth0) or an issuer (for any other OpenID Connect provider)")
		}
	default:
		c.errorf(t.Provider.Pos, "provider is auth0 or oidc, not %s; oidc fits every OpenID Connect provider", quote(t.Provider.Value))
	}
	if strings.ContainsFunc(t.ClientID.Value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		c.errorf(t.ClientID.Pos, "client_id %s must be of printable ASCII characters without spaces (RFC 6749, A.1)", quote(t.ClientID.Value))
	}
	c.callbacks(t.Callbacks)
	c.parameters(t.Parameters)
}

func (c *checker) auth0(t Tenant) {
	if t.IssuerURL.Pos != (Pos{}) {
		c.errorf(t.IssuerURL.Pos, "issuer is only for provider oidc; for auth0 write the domain, and remove this")
	}
	switch {
	case t.Domain.Pos == (Pos{}):
		c.errorf(t.Pos, "provider auth0 needs a domain, like exampleco.eu.auth0.com")
	case t.Domain.Value != "":
		c.domain(t.Domain)
	}
	if c.file.Audience.Pos == (Pos{}) {
		c.warnf(t.Pos, "there is no audience, so Auth0 gives an access token that no API can verify; add audience: and the API's identifier")
	}
}

var hostName = lazyregexp.New(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func (c *checker) domain(domain Text) {
	if _, err := netip.ParseAddr(domain.Value); err != nil && hostName().MatchString(domain.Value) && len(domain.Value) <= 253 {
		return
	}
	_, host, isURL := strings.Cut(domain.Value, "://")
	if !isURL {
		host = domain.Value
	}
	host, _, _ = strings.Cut(host, "/")
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host != domain.Value && hostName().MatchString(host) {
		c.errorf(domain.Pos, "domain is a host name in lower case, without scheme and path; write %s", quote(host))
		return
	}
	c.errorf(domain.Pos, "domain %s is not a full host name, like exampleco.eu.auth0.com", quote(domain.Value))
}

func (c *checker) oidc(t Tenant) {
	if t.Domain.Pos != (Pos{}) {
		c.errorf(t.Domain.Pos, "domain is only for provider auth0; for oidc write the issuer, and remove this")
	}
	if t.IssuerURL.Pos == (Pos{}) {
		c.errorf(t.Pos, "provider oidc needs an issuer, like https://id.example.com")
		return
	}
	u := c.absoluteURL("issuer", "https://id.example.com", t.IssuerURL)
	if u == nil {
		return
	}
	if bare, ok := strings.CutSuffix(t.IssuerURL.Value, "/.well-known/openid-configuration"); ok {
		c.errorf(t.IssuerURL.Pos, "the issuer is the URL before /.well-known/openid-configuration; write %s", quote(bare))
	}
	if u.Scheme == "http" {
		c.warnf(t.IssuerURL.Pos, "the issuer is not https: this is for tests on this machine only")
	}
}

// absoluteURL checks an https URL without a query or fragment; http only where
// nothing leaves the machine. It returns nil if the URL is wrong.
func (c *checker) absoluteURL(name, example string, text Text) *url.URL {
	if text.Value == "" {
		return nil // Load has said so
	}
	u, err := url.Parse(text.Value)
	problem := ""
	switch {
	case err != nil || strings.ContainsAny(text.Value, " \t\n"):
		problem = "is not a URL"
	case u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "":
		problem = "must be a whole URL, like " + example
	case u.User != nil:
		problem = "must not hold a user name or password"
	case strings.Contains(text.Value, "?"):
		problem = "must not have a query (the part from ? on)"
	case strings.Contains(text.Value, "#"):
		problem = "must not have a fragment (the part from # on)"
	case u.Port() != "" && !validPort(u.Port()):
		problem = "has no valid port"
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		problem = "must be https"
	default:
		return u
	}
	c.errorf(text.Pos, "%s %s %s", name, quote(text.Value), problem)
	return nil
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n > 0 && n < 1<<16 && strconv.Itoa(n) == port
}

const (
	callbackForm = "a callback is http://127.0.0.1:PORT/path"
	appForm      = ", or for a mobile app com.exampleco.app:/path or an https URL"
)

func (c *checker) callbacks(callbacks []Text) {
	seen := map[string]int{}
	for _, text := range callbacks {
		if text.Value == "" {
			continue
		}
		if line := seen[text.Value]; line != 0 {
			c.errorf(text.Pos, "callback %s stands twice; the first is in line %d", quote(text.Value), line)
			continue
		}
		seen[text.Value] = text.Pos.Line
		c.callback(text)
	}
}

// callback checks one redirect URI: a loopback literal (RFC 8252, 7.3 and 8.3),
// or an address that leads to a mobile app (7.1 and 7.2).
func (c *checker) callback(text Text) {
	u, err := url.Parse(text.Value)
	problem := ""
	switch {
	case err != nil:
		problem = "is not a URL; " + callbackForm + appForm
	case u.Scheme == "http":
		problem = loopbackProblem(u, text.Value)
	case u.Scheme == "https":
		problem = claimedProblem(u)
	default:
		problem = schemeProblem(u, text.Value)
	}
	scheme, _, _ := strings.Cut(text.Value, ":")
	switch {
	case problem != "":
	case scheme != u.Scheme:
		problem = "must have its scheme in small letters; write " + quote(u.Scheme+strings.TrimPrefix(text.Value, scheme))
	case strings.Contains(text.Value, "?"):
		problem = "must not have a query (the part from ? on)"
	case strings.Contains(text.Value, "#"):
		problem = "must not have a fragment (the part from # on)"
	case u.Path == "" && !isReversedDomain(u.Scheme): // the host of an app's own scheme will do
		problem = "has no path; write " + quote(text.Value+"/callback")
	case u.String() != text.Value:
		problem = "holds characters that must be escaped; write " + quote(u.String())
	default:
		return
	}
	c.errorf(text.Pos, "callback %s %s", quote(text.Value), problem)
}

func loopbackProblem(u *url.URL, text string) string {
	switch {
	case u.Hostname() == "localhost":
		return "must name the address (RFC 8252, 8.3); write " + quote(strings.Replace(text, "localhost", "127.0.0.1", 1))
	case u.User != nil || u.Hostname() != "127.0.0.1" && u.Host != "[::1]:"+u.Port() && u.Host != "[::1]":
		return "must be on this machine; " + callbackForm + " (or [::1])" + appForm
	case u.Port() == "":
		return "has no port; " + callbackForm + ", as registered at the tenant"
	case !validPort(u.Port()):
		return "has a port that is not between 1 and 65535"
	}
	return ""
}

// claimedProblem is for an https URL that the operating system opens in the app.
func claimedProblem(u *url.URL) string {
	switch {
	case isLoopback(u.Hostname()):
		return "must begin with http:// (nothing leaves this machine)"
	case u.Hostname() == "":
		return "has no host; an https callback is an address of yours that the app has claimed, like https://exampleco.com/app"
	case u.User != nil:
		return "must not hold a user name or password"
	case u.Port() != "" && !validPort(u.Port()):
		return "has a port that is not between 1 and 65535"
	}
	return ""
}

// schemeProblem is for a scheme of the app's own.
func schemeProblem(u *url.URL, text string) string {
	switch {
	case u.Scheme == "":
		return "has no scheme; " + callbackForm + appForm
	case !isReversedDomain(u.Scheme):
		return "has a scheme that any app could claim (RFC 8252, 7.1); use the reverse of a domain that is yours, like com.exampleco.app:/callback"
	case u.Opaque != "":
		return "needs a slash after the scheme; write " + quote(strings.Replace(text, ":", ":/", 1))
	case u.Host == "" && u.Path == "":
		return "has no path; write " + quote(u.Scheme+":/callback")
	case u.User != nil:
		return "must not hold a user name or password"
	}
	return ""
}

// isReversedDomain reports whether a scheme is a domain name written backwards,
// as far as its form tells.
func isReversedDomain(scheme string) bool {
	labels := strings.Split(scheme, ".")
	return len(labels) > 1 && !slices.Contains(labels, "")
}

// protocolParameters are set by the sign-in itself; a second value would break
// it or what protects it.
var protocolParameters = []string{
	"client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "code_challenge",
	"code_challenge_method", "audience", "resource", "request", "request_uri", "response_mode",
}

func (c *checker) parameters(parameters []Parameter) {
	for _, p := range parameters {
		switch {
		case p.Name.Value == "":
			c.errorf(p.Name.Pos, "a parameter needs a name")
		case p.Name.Value == "audience" && c.file.Tenant.Provider.Value == string(OIDC):
			// Ory's servers ignore resource (RFC 8707) and read this.
		case p.Name.Value == "audience" || p.Name.Value == "resource":
			c.errorf(p.Name.Pos, "parameter %s is set by the key audience at the top of the spec", quote(p.Name.Value))
		case p.Name.Value == "client_secret":
			c.errorf(p.Name.Pos, secretKept)
		case slices.Contains(protocolParameters, p.Name.Value):
			c.errorf(p.Name.Pos, "parameter %s is set by the sign-in itself; remove it", quote(p.Name.Value))
		case p.Name.Value == "max_age" && !maxAgeForm().MatchString(p.Value.Value):
			c.errorf(p.Value.Pos, "max_age %s must be a whole number of seconds", quote(p.Value.Value))
		case p.Name.Value == "prompt":
			c.prompt(p.Value)
		}
	}
}

var maxAgeForm = lazyregexp.New(`^[0-9]{1,9}$`)

// prompt warns of a value that keeps many providers from giving a refresh token
// (OIDC Core 11). The sign-in sends consent when the spec sets no prompt.
func (c *checker) prompt(value Text) {
	if c.file.Tenant.Provider.Value != string(OIDC) || slices.Contains(strings.Fields(value.Value), "consent") {
		return
	}
	for _, s := range c.file.Scopes {
		if s.Name.Value == "offline_access" {
			c.warnf(value.Pos, "without prompt consent many providers ignore the scope offline_access; write %s", quote(value.Value+" consent"))
		}
	}
}

func (c *checker) audience() {
	a := c.file.Audience
	if a.Value == "" {
		return
	}
	oidc := c.file.Tenant.Provider.Value == string(OIDC)
	u, err := url.Parse(a.Value)
	switch {
	case strings.ContainsFunc(a.Value, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		c.errorf(a.Pos, "audience %s must not hold spaces", quote(a.Value))
	case oidc && (err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "" && u.Path == ""):
		c.errorf(a.Pos, "audience %s must be an absolute URI, like https://api.example.com: it is sent as resource (RFC 8707)", quote(a.Value))
	case strings.Contains(a.Value, "://") && (err != nil || u.Host == ""):
		c.errorf(a.Pos, "audience %s is not a whole URL", quote(a.Value))
	case strings.Contains(a.Value, "#") && (oidc || strings.Contains(a.Value, "://")):
		c.errorf(a.Pos, "audience %s must not have a fragment (the part from # on)", quote(a.Value))
	case strings.TrimSuffix(a.Value, "/") == strings.TrimSuffix(c.file.Tenant.Issuer(), "/"):
		c.warnf(a.Pos, "the audience is the issuer itself; it should be the identifier of your API")
	}
}

func (c *checker) baseURL() {
	base := c.file.BaseURL
	c.absoluteURL("base_url", "https://api.example.com", base)
	if base.Pos == (Pos{}) && len(c.file.Endpoints) > 0 {
		c.errorf(c.file.Endpoints[0].Name.Pos, "endpoints need the URL of the API; add api: {base_url: https://...}")
	}
}
