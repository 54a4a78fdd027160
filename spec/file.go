// Package spec owns the YAML language that scaffold reads: its types, the
// position of every value, its rules, its error texts and its JSON Schema.
package spec

import "strings"

// Pos is a place in the spec's text. Line and Col count from 1; the zero Pos
// is a value that the text does not hold.
type Pos struct{ Line, Col int }

// Text is a string and where it stands.
type Text struct {
	Value string
	Pos   Pos
}

// File is one spec, as it was written. Slices keep the order of the text.
type File struct {
	Name      string // how messages and generated headers name it: the base name
	Package   Text
	Output    Text // relative to the file's folder
	Tenant    Tenant
	Audience  Text
	Scopes    []Scope
	BaseURL   Text
	Types     []Type
	Endpoints []Endpoint

	Dev         *Dev // nil: absent
	TestPackage bool // a package for tests is generated beside the client

	unread bool // the text is no mapping, so that nothing can be said of its meaning
}

// Provider is the kind of tenant.
type Provider string

// The providers that a tenant can name.
const (
	Auth0 Provider = "auth0" // endpoints at fixed paths below the domain
	OIDC  Provider = "oidc"  // endpoints by OpenID Connect Discovery
)

// Tenant is where people sign in.
type Tenant struct {
	Pos        Pos
	Provider   Text
	Domain     Text // auth0
	IssuerURL  Text // oidc
	ClientID   Text
	Callbacks  []Text
	Parameters []Parameter
}

// Issuer returns the issuer identifier: as written for oidc, and
// https://DOMAIN/ for auth0, whose issuer ends in a slash.
func (t Tenant) Issuer() string {
	if Provider(t.Provider.Value) == Auth0 {
		return "https://" + strings.TrimSuffix(t.Domain.Value, "/") + "/"
	}
	return t.IssuerURL.Value
}

// Endpoints are where an Auth0 tenant answers.
type Endpoints struct {
	Authorization string
	Token         string
	Revocation    string // RFC 7009
	UserInfo      string
	Device        string // RFC 8628 section 3.1
	Keys          string // a JWK set, RFC 7517 section 5
}

// Auth0Endpoints returns the endpoints of the Auth0 tenant of an issuer, which
// ends in a slash. They stand at the same paths in every tenant.
func Auth0Endpoints(issuer string) Endpoints {
	return Endpoints{
		Authorization: issuer + "authorize",
		Token:         issuer + "oauth/token",
		Revocation:    issuer + "oauth/revoke",
		UserInfo:      issuer + "userinfo",
		Device:        issuer + "oauth/device/code",
		Keys:          issuer + ".well-known/jwks.json",
	}
}

// Parameter is a name and value that every authorization request carries.
type Parameter struct{ Name, Value Text }

// Scope is one scope that the application may ask for.
type Scope struct {
	Name        Text
	GoName      Text // what follows "Scope" in the constant's name; empty: made from Name
	Description Text
	OnDemand    bool // asked for by a step-up, not at the first sign-in
}

// Type is a declared type: a struct of Fields, or an enum when Enum is not nil.
type Type struct {
	Name        Text
	Description Text
	Deprecated  *Text // not nil: deprecated; its text is the reason, or empty
	Enum        []EnumValue
	Fields      []Field
}

// EnumValue is one value of an enum.
type EnumValue struct {
	Value  Text
	GoName Text // empty: made from Value
}

// Field is a field of a type, or a parameter of an endpoint.
type Field struct {
	Name        Text
	GoName      Text // empty: made from Name
	Type        *TypeRef
	Optional    bool // may be absent
	Nullable    bool // may be null
	Description Text
	Deprecated  *Text
	Enum        []EnumValue // not nil: a string of these values, of a type of its own
}

// Kind is what a TypeRef refers to.
type Kind int

// The kinds of type.
const (
	String Kind = iota + 1
	Integer
	Number
	Boolean
	Date
	DateTime
	UUID
	Bytes
	Any
	Named // a declared type
	List  // of Elem
	Map   // from string to Elem
)

// TypeRef is a use of a type.
type TypeRef struct {
	Pos  Pos
	Kind Kind
	Name string // of a Named type
	Elem *TypeRef
}

// Endpoint is one operation of the API.
type Endpoint struct {
	Name        Text
	Method      string // GET, POST, PUT, PATCH, DELETE, HEAD
	Path        Text   // begins with a slash; {name} is a path parameter
	Description Text
	Deprecated  *Text
	Group       Text // lower-case; the file it goes to; empty: endpoints
	PathParams  []Field
	Query       []Field
	Header      []Field
	Body        *TypeRef
	Returns     *TypeRef
	Public      bool // auth: none
	Scopes      AnyOf
}

// Route returns what an API knows the endpoint by: its method and path, whatever
// the parameters are called, such as GET /notes/{}.
func (e *Endpoint) Route() string {
	path, _ := cutPath(e.Path.Value, "{}")
	return e.Method + " " + path
}

// Placeholders returns the names in the path, such as id in /notes/{id}.
func (e *Endpoint) Placeholders() []string {
	_, names := cutPath(e.Path.Value, "")
	return names
}

// cutPath returns a path with the same text instead of each parameter, and the
// names of the parameters.
func cutPath(path, instead string) (rest string, names []string) {
	for {
		before, after, found := strings.Cut(path, "}")
		if !found {
			return rest + path, names
		}
		if begin := strings.LastIndexByte(before, '{'); begin >= 0 {
			rest, names = rest+before[:begin]+instead, append(names, before[begin+1:])
		} else {
			rest += before + "}"
		}
		path = after
	}
}

// AnyOf is a requirement: at least one of its sets of scopes, and of that set
// all. An empty AnyOf is met by any signed-in user.
type AnyOf [][]Text

// TestSuffix is what the name of a test package adds to that of the client's
// package, as in httptest.
const TestSuffix = "test"

// Dev is who can sign in at a tenant that is served for development and tests.
// It says nothing of the generated client.
type Dev struct {
	Pos   Pos
	Roles []Role
	Users []User

	rolesUnread bool // there are roles, but none could be read
}

// Role is what its holders may be granted.
type Role struct {
	Name   Text
	Scopes []Text // of the API; the standard ones need no role
}

// User is somebody who can sign in.
type User struct {
	ID    Text // the subject of the user's tokens
	Name  Text // may be empty: see DisplayName
	Email Text // may be empty: see Address
	Roles []Text
}

// DisplayName returns the user's name, which is made from the ID where the spec
// has none.
func (u User) DisplayName() string {
	if u.Name.Value != "" || u.ID.Value == "" {
		return u.Name.Value
	}
	return strings.ToUpper(u.ID.Value[:1]) + u.ID.Value[1:]
}

// Address returns the user's e-mail address, which is ID@example.com where the
// spec has none.
func (u User) Address() string {
	if u.Email.Value != "" {
		return u.Email.Value
	}
	return u.ID.Value + "@example.com"
}

// Problem is one thing that is wrong with a spec, or unwise in it.
type Problem struct {
	Pos     Pos
	Message string // one line, no full stop; it ends in the suggestion, if there is one
	Warning bool
}
