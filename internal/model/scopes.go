package model

import (
	"cmp"
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

const openID = "openid"

// standardScopes is what OpenID Connect Core 1.0 says of its scopes (sections
// 3.1.2.1, 5.4 and 11).
var standardScopes = map[string]string{
	openID:           "makes a sign-in say who signed in. Every sign-in asks for it.",
	"profile":        "adds the name, the picture and other parts of the profile to [User].",
	"email":          "adds the email address to [User], and whether it is verified.",
	"address":        "adds the postal address to the user's claims.",
	"phone":          "adds the telephone number to the user's claims.",
	"offline_access": "keeps people signed in: with it, access is renewed without a browser.",
}

// scopeConstant is a scope and the constant that names it.
type scopeConstant struct {
	scope spec.Scope
	name  string
}

// scopeConstants names every scope. OpenID Connect needs openid, so it stands
// first if the spec leaves it out.
func (b *builder) scopeConstants() []scopeConstant {
	scopes := b.spec.Scopes
	if !slices.ContainsFunc(scopes, func(s spec.Scope) bool { return s.Name.Value == openID }) {
		added := spec.Scope{Name: spec.Text{Value: openID, Pos: b.spec.Tenant.Pos}}
		scopes = slices.Concat([]spec.Scope{added}, scopes)
	}
	shared := map[string]int{} // how many scopes have a name
	for _, s := range scopes {
		shared[scopeTail(s.Name.Value)]++
	}
	constants := make([]scopeConstant, len(scopes))
	for i, s := range scopes {
		end := scopeTail(s.Name.Value)
		if shared[end] > 1 && strings.Contains(s.Name.Value, "://") {
			end = longScopeTail(s.Name.Value)
		}
		end = cmp.Or(given(s.GoName), end)
		name := ""
		if end != "" {
			name = "Scope" + end
		}
		b.declare(name, declaration{kind: "scope", name: s.Name}, adviceScope)
		b.scopes[s.Name.Value] = name
		constants[i] = scopeConstant{scope: s, name: name}
	}
	return constants
}

// atSignIn reports whether a first sign-in asks for the scope.
func (c scopeConstant) atSignIn() bool { return !c.scope.OnDemand || c.scope.Name.Value == openID }

func (b *builder) scopesFile(constants []scopeConstant) Scopes {
	file := Scopes{
		Head:    b.head(0),
		Comment: comment(says("The scopes that " + b.source() + " declares.")...),
		DeclaredComment: comment(says("declaredScopes returns every scope that " + b.source() +
			" declares. One that is granted without being declared opens no gate.")...),
	}
	for _, c := range constants {
		file.Constants = append(file.Constants, Constant{
			Comment: b.scopeComment(c), Name: c.name, Value: c.scope.Name.Value,
		})
	}
	return file
}

func (b *builder) scopeComment(c scopeConstant) string {
	onDemand := ""
	if !c.atSignIn() {
		onDemand = " It is asked for on demand, not at the first sign-in."
	}
	description := fromSpec(c.scope.Description.Value)
	if len(description) == 1 && description[0].kind == prose && !strings.Contains(description[0].text, ". ") {
		text := strings.TrimSuffix(description[0].text, ".")
		return comment(says(c.name + " is the permission \"" + text + "\"." + onDemand)...)
	}
	first := c.name + " " + standardScopes[c.scope.Name.Value]
	if standardScopes[c.scope.Name.Value] == "" {
		first = c.name + " is the scope " + inline(c.scope.Name.Value) + b.neededBy(c.scope.Name.Value) + "."
	}
	return comment(append(says(first+onDemand), description...)...)
}

// neededBy names the endpoints that need a scope.
func (b *builder) neededBy(scope string) string {
	switch names := b.usage.needing[scope]; len(names) {
	case 0:
		return ""
	case 1:
		return ", which " + names[0] + " needs"
	default:
		return ", which " + some(names, "others") + " need"
	}
}

func (b *builder) defaultsFile(constants []scopeConstant) Defaults {
	f := b.spec
	declares := "what " + b.source() + " declares: the tenant and the scopes of a first sign-in"
	if f.BaseURL.Value != "" {
		declares = "what " + b.source() + " declares: the tenant, the scopes of a first sign-in and the API"
	}
	file := Defaults{
		Head:     b.head(0),
		Comment:  comment(says("DefaultConfig returns " + declares + ".")...),
		Name:     f.Package.Value,
		Provider: "ProviderOIDC",
		Issuer:   f.Tenant.Issuer(),
		ClientID: f.Tenant.ClientID.Value,
		Audience: f.Audience.Value,
		BaseURL:  f.BaseURL.Value,
	}
	if spec.Provider(f.Tenant.Provider.Value) == spec.Auth0 {
		file.Provider = "ProviderAuth0"
	}
	for _, callback := range f.Tenant.Callbacks {
		file.Callbacks = append(file.Callbacks, callback.Value)
	}
	for _, c := range constants {
		if c.atSignIn() {
			file.Scopes = append(file.Scopes, c.name)
		}
	}
	for _, p := range f.Tenant.Parameters {
		file.Parameters = append(file.Parameters, Parameter{Name: p.Name.Value, Value: p.Value.Value})
	}
	return file
}
