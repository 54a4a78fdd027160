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
type Config struct {
	Name       string            // names the application's folder in the credential store
	Provider   Provider          // the kind of tenant
	Issuer     string            // issuer identifier, exactly as in the tenant's ID tokens
	ClientID   string            // the native (public) client registered at the tenant
	Callbacks  []string          // registered loopback redirect URIs; the first with a free port is used
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
		if _, err := parseLoopbackRedirect(callback); err != nil {
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
