package client

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Provider is the kind of tenant.
type Provider string

// The kinds of tenant.
const (
	ProviderAuth0 Provider = "auth0" // endpoints at Auth0's paths below the issuer
	ProviderOIDC  Provider = "oidc"  // endpoints by OpenID Connect Discovery 1.0
)

// Config says which tenant people sign in at and which API they call. What
// the spec declares is [DefaultConfig]; for a staging tenant, change a copy
// and pass it to [WithConfig].
//
// Callbacks are of three kinds. Of the loopback addresses, such as
// http://127.0.0.1:8484/callback, the first with a free port is used (RFC 8252
// section 7.3). The others come back to the app as links, and need
// [WithRedirector], which uses the first of Callbacks: a scheme of the app's own
// in the form of a reversed domain name, such as com.exampleco.app:/callback
// (section 7.1), and an https address that the app has claimed (section 7.2).
type Config struct {
	Name       string            // names the application's folder in the credential store
	Provider   Provider          // the kind of tenant
	Issuer     string            // issuer identifier, exactly as in the tenant's ID tokens
	ClientID   string            // the native (public) client registered at the tenant
	Callbacks  []string          // registered redirect URIs, as above
	Audience   string            // the API's identifier at the tenant; may be empty
	Scopes     []string          // what a first sign-in asks for
	Parameters map[string]string // added to every authorization request
	BaseURL    string            // of the API; may be empty
}

// validate finds what would make every sign-in or call fail, or unsafe.
func (c Config) validate() error {
	var problems []error
	if c.Provider != ProviderAuth0 && c.Provider != ProviderOIDC {
		problems = append(problems, fmt.Errorf("provider %q is not auth0 or oidc", c.Provider))
	}
	if err := validateEndpointURL(c.Issuer); err != nil {
		problems = append(problems, fmt.Errorf("issuer: %w", err))
	}
	if err := validateName(c.Name); err != nil {
		problems = append(problems, err)
	}
	if c.ClientID == "" {
		problems = append(problems, errors.New("client id is empty"))
	}
	for _, scope := range c.Scopes {
		if !isScopeToken(scope) {
			problems = append(problems, fmt.Errorf("%q is not a scope", scope))
		}
	}
	if !slices.Contains(c.Scopes, "openid") { // OpenID Connect Core 1.0 section 3.1.2.1
		problems = append(problems, errors.New("the scope openid is missing"))
	}
	if len(c.Callbacks) == 0 {
		problems = append(problems, errors.New("no callback is registered"))
	}
	for _, callback := range c.Callbacks {
		if err := validateCallback(callback); err != nil {
			problems = append(problems, err)
		}
	}
	if _, err := c.maxAge(); err != nil {
		problems = append(problems, err)
	}
	if c.BaseURL != "" {
		if err := validateEndpointURL(c.BaseURL); err != nil {
			problems = append(problems, fmt.Errorf("base URL: %w", err))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("configuration: %w", errors.Join(problems...))
	}
	return nil
}

// validateCallback admits a redirect URI by which only this app gets the answer.
func validateCallback(uri string) error {
	redirect, err := url.Parse(uri)
	if err != nil || redirect.Scheme == "http" {
		_, err := parseLoopbackRedirect(uri)
		return err
	}
	var problem string
	scheme, _, _ := strings.Cut(uri, ":")
	switch {
	case redirect.Scheme == "":
		problem = "has no scheme"
	case scheme != redirect.Scheme: // RFC 3986 section 3.1
		problem = "has capital letters in its scheme"
	case redirect.Scheme == "https" && (redirect.Hostname() == "" || isLoopback(redirect.Hostname())):
		problem = "is not the address of a web site"
	case redirect.Scheme != "https" && !isReversedDomain(redirect.Scheme):
		problem = "has a scheme that any app could claim: only the reverse of a domain name, such as com.exampleco.app, will do"
	case redirect.Host == "" && redirect.Path == "":
		problem = "has no path, such as " + redirect.Scheme + ":/callback"
	case redirect.User != nil:
		problem = "holds a user name or password"
	case strings.ContainsAny(uri, "?#"):
		problem = "has a query or a fragment"
	default:
		return nil
	}
	return fmt.Errorf("redirect URI %q %s", uri, problem)
}

// isReversedDomain reports whether a URI scheme looks like a domain name written
// backwards (RFC 8252 section 7.1).
func isReversedDomain(scheme string) bool {
	labels := strings.Split(scheme, ".")
	return len(labels) > 1 && !slices.Contains(labels, "")
}

// loopbackCallbacks returns those that a listener on this machine can get.
func (c Config) loopbackCallbacks() []string {
	return slices.DeleteFunc(slices.Clone(c.Callbacks), func(callback string) bool {
		_, err := parseLoopbackRedirect(callback)
		return err != nil
	})
}

// maxAge returns the parameter max_age (OpenID Connect Core 1.0 section
// 3.1.2.1), or 0 when there is none.
func (c Config) maxAge() (time.Duration, error) {
	text, set := c.Parameters["max_age"]
	if !set {
		return 0, nil
	}
	seconds, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0, fmt.Errorf("parameter max_age: %q is not a whole number of seconds", text)
	}
	return time.Duration(max(seconds, 1)) * time.Second, nil // 0 asks for a sign-in now
}

// validateEndpointURL is for the issuer (OpenID Connect Discovery 1.0 section
// 3) and the API's base URL, to which paths are appended.
func validateEndpointURL(raw string) error {
	if _, err := requireSecureURL(raw); err != nil {
		return err
	}
	if strings.ContainsAny(raw, "?#") {
		return errors.New("has a query or a fragment")
	}
	return nil
}

// requireSecureURL admits https, and http to this machine.
func requireSecureURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return nil, fmt.Errorf("%q is not an absolute URL", raw)
	case u.User != nil:
		return nil, errors.New("holds a user name or password")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	}
	return nil, fmt.Errorf("%q is not https", raw)
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
