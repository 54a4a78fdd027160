// Package starter owns the text of a first spec, and the questions that it
// takes to write one.
package starter

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/internal/lazyregexp"
	"example.com/scaffold/internal/model"
	"example.com/scaffold/spec"
)

// Answers is what has to be known of a tenant and an API for a first spec.
// What is empty is not known, or does not exist.
type Answers struct {
	Provider  string // auth0 or oidc; empty: by Domain or Issuer
	Domain    string // auth0
	Issuer    string // oidc
	ClientID  string
	Audience  string
	BaseURL   string
	Package   string
	Scopes    []string // of the API; the standard ones are added
	Callbacks []string

	standard []string // scopes that the provider lists among the standard ones; nil: it lists none
	notes    []string // what the provider publishes that the reader has to know
}

// isAuth0 reports which kind of tenant it is, as far as it is known.
func (a Answers) isAuth0() bool {
	return a.Provider == string(spec.Auth0) || a.Provider == "" && a.Issuer == ""
}

// usualScopes are asked for unless the provider says that it lacks them.
var usualScopes = []string{"openid", "profile", "email", "offline_access"}

// Learned returns the answers with what the provider's discovery document adds.
// The issuer has to be the document's to the letter (OpenID Connect Discovery
// 1.0 section 4.3). An Auth0 tenant is entered as one, unless Provider says oidc.
func (a Answers) Learned(doc discovery.Document) (Answers, error) {
	if doc.Issuer != a.Issuer {
		return a, &IssuerError{Asked: a.Issuer, Stated: doc.Issuer}
	}
	if a.Provider == "" && doc.IsAuth0() {
		a.Provider = string(spec.Auth0)
		a.Domain = strings.Trim(strings.TrimPrefix(a.Issuer, "https:"), "/")
		a.Issuer = ""
	}
	if doc.Scopes != nil {
		a.standard = []string{"openid"}
		for _, scope := range usualScopes[1:] {
			if slices.Contains(doc.Scopes, scope) {
				a.standard = append(a.standard, scope)
			}
		}
		if !slices.Contains(a.standard, "offline_access") {
			a.notes = append(a.notes, "The provider does not list the scope offline_access, so it is not asked for: people sign in again "+
				"whenever their access token expires. How to get refresh tokens is in the provider's manual.")
		}
	}
	switch {
	case doc.ChallengeMethods == nil:
		a.notes = append(a.notes, "The provider does not say whether it supports PKCE with S256 (RFC 7636), which every sign-in uses. Its manual does.")
	case !slices.Contains(doc.ChallengeMethods, "S256"):
		a.notes = append(a.notes, "The provider does not list S256 among its code_challenge_methods_supported (RFC 7636): sign-ins are refused until it does.")
	}
	if doc.RevocationEndpoint == "" && !a.isAuth0() {
		a.notes = append(a.notes, "The provider has no revocation endpoint (RFC 7009): signing out forgets the credentials on this machine only.")
	}
	return a, nil
}

// IssuerError reports a provider that calls itself otherwise than it was called.
type IssuerError struct{ Asked, Stated string }

func (e *IssuerError) Error() string {
	if strings.TrimSuffix(e.Asked, "/") == strings.TrimSuffix(e.Stated, "/") {
		return fmt.Sprintf("the provider spells its issuer %q, and every letter counts: write that", e.Stated)
	}
	return fmt.Sprintf("%s says that its issuer is %q and not %q", discovery.Address(e.Asked), e.Stated, e.Asked)
}

// Missing returns what there is no spec without, by the flags of the command.
func (a Answers) Missing() []string {
	var missing []string
	if a.Domain == "" && a.Issuer == "" {
		switch a.Provider {
		case string(spec.Auth0):
			missing = append(missing, "--domain")
		case string(spec.OIDC):
			missing = append(missing, "--issuer")
		default:
			missing = append(missing, "--domain (Auth0) or --issuer (any other provider)")
		}
	}
	if a.ClientID == "" {
		missing = append(missing, "--client-id")
	}
	if a.Audience == "" && a.isAuth0() && (a.Provider != "" || a.Domain != "") {
		missing = append(missing, "--audience")
	}
	return missing
}

// WithDefaults fills in what can be assumed.
func (a Answers) WithDefaults() Answers {
	switch {
	case a.Provider != "":
	case a.isAuth0():
		a.Provider = string(spec.Auth0)
	default:
		a.Provider = string(spec.OIDC)
	}
	if len(a.Callbacks) == 0 {
		a.Callbacks = []string{"http://127.0.0.1:8484/callback", "http://127.0.0.1:8485/callback"}
	}
	if a.Package == "" {
		a.Package = a.suggestedPackage()
	}
	return a
}

var version = lazyregexp.New(`^v[0-9]+$`)

// suggestedPackage names the package after the API: by the last word in the
// path of its identifier or address.
func (a Answers) suggestedPackage() string {
	for _, address := range []string{a.Audience, a.BaseURL} {
		u, err := url.Parse(address)
		if err != nil || u.Path == "" {
			continue
		}
		dir := u.Path
		if version().MatchString(path.Base(dir)) {
			dir = path.Dir(dir)
		}
		name := strings.ToLower(path.Base(dir))
		if (Answers{Package: name}).Check() == nil {
			return name
		}
	}
	return "client"
}

// sample is a spec of which nothing can be complained.
var sample = Answers{
	Provider: string(spec.Auth0), Domain: "exampleco.eu.auth0.com", ClientID: "client", Audience: "https://api.example.com",
	Package: "client", Callbacks: []string{"http://127.0.0.1:8484/callback"},
}

// filled returns the answers with something right for all that is not known.
func (a Answers) filled() Answers {
	filled := a.WithDefaults()
	if !filled.isAuth0() {
		filled.Issuer = cmp.Or(a.Issuer, "https://id.example.com")
	} else if filled.Issuer == "" {
		filled.Domain = cmp.Or(a.Domain, sample.Domain)
	}
	filled.ClientID = cmp.Or(a.ClientID, sample.ClientID)
	if filled.isAuth0() {
		filled.Audience = cmp.Or(a.Audience, sample.Audience)
	}
	return filled
}

// Check holds what is known against the rules of the spec language. What is not
// known is not wrong.
func (a Answers) Check() error {
	if a.Domain != "" && a.Issuer != "" {
		return errors.New("a tenant has a domain (at Auth0) or an issuer (elsewhere), not both")
	}
	for _, value := range slices.Concat([]string{a.Domain, a.Issuer, a.ClientID, a.Audience, a.BaseURL, a.Package}, a.Scopes, a.Callbacks) {
		if !utf8.ValidString(value) {
			return fmt.Errorf("%q is not UTF-8 text", value)
		}
	}
	text := []byte(a.filled().Text(""))
	file, problems := spec.Load("", text)
	problems = append(problems, spec.Validate(file)...)
	var found []error
	for _, p := range problems {
		if !p.Warning {
			found = append(found, errors.New(p.Message))
		}
	}
	if len(found) == 0 {
		found = sharedNames(file)
	}
	return errors.Join(found...)
}

// sharedNames refuses scopes that cannot each have a Go name of their own: the
// model's own words are for somebody who can edit the file.
func sharedNames(file *spec.File) (found []error) {
	pkg, _ := model.Build(file, model.Reserved{})
	scopes := map[string]string{}
	for _, c := range pkg.Scopes.Constants {
		const advice = "leave it out here, and add it to the file with a name of its own"
		other, taken := scopes[c.Name]
		switch {
		case c.Name == "":
			found = append(found, fmt.Errorf("scope %q holds nothing that a Go name can be made of; %s", c.Value, advice))
		case taken:
			found = append(found, fmt.Errorf("scope %q becomes the Go name %s, as scope %q does; %s", c.Value, c.Name, other, advice))
		}
		scopes[c.Name] = c.Value
	}
	return found
}
