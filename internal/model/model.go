// Package model owns the view-model: it turns a spec into every name, type,
// import, comment and expression of the generated package, so that templates
// only print.
package model

// Version is the version of the view-model, which is what templates see: the
// types below, and the names of the engine that the rendered code uses. It is
// raised when a template that was written for the last version might no longer
// work, or no longer be safe: a field is removed, or changes its name, its type
// or its meaning; or the engine wants to be used in another way. What is new,
// and need not be used, does not raise it.
const Version = 1

// Package is a generated package, one field for each of its files that depend
// on the spec.
type Package struct {
	Name   string // of the Go package
	Source string // base name of the spec
	Uses   Uses

	Doc      Doc
	Defaults Defaults
	Scopes   Scopes
	Types    *Types  // nil: the spec declares none
	Groups   []Group // none: the spec declares no endpoints
	API      *API    // nil: the same
	Example  Example

	TestExample *TestExample // of the test package; nil: the spec wants none
}

// Uses says which parts of the engine a package needs.
type Uses struct {
	Endpoints bool
	Dates     bool
	Nullables bool
}

// Head is how a file begins.
type Head struct {
	Package string  // the name of the Go package
	Imports Imports // what the file imports, when it is made by scaffold's own template
}

// Imports are import paths, in order.
type Imports struct {
	Single string     // the only one; then Groups is empty
	Groups [][]string // the standard library's, and others
}

// Doc is doc.go.
type Doc struct {
	Package string // the name of the Go package
	Comment string // the comment on the package
}

// Defaults is defaults.go.
type Defaults struct {
	Head
	Comment    string      // of DefaultConfig
	Name       string      // of the application, for its folder of credentials
	Provider   string      // a Go expression
	Issuer     string      // the issuer's URL
	ClientID   string      // the application's identifier at the tenant
	Callbacks  []string    // the callback URLs, in the order in which they are tried
	Audience   string      // the API's identifier; empty: none
	Scopes     []string    // the constants of the scopes to ask for at each sign-in
	Parameters []Parameter // what is added to each authorization request
	BaseURL    string      // of the API; empty: none
}

// Parameter is one entry of the configuration's parameters.
type Parameter struct {
	Name  string // of the parameter
	Value string // what is sent
}

// Scopes is scopes.go.
type Scopes struct {
	Head
	Comment         string     // of the constants
	Constants       []Constant // one a scope, in the order of the spec
	DeclaredComment string     // of declaredScopes, which the engine calls
}

// Constant is a constant of type string or of an enum.
type Constant struct {
	Comment string // its doc comment
	Name    string // its Go name
	Value   string // not quoted
}

// Types is types.go.
type Types struct {
	Head
	Declarations []Declaration // in the order of the spec
}

// Declaration is one declared type; one of its fields is set.
type Declaration struct {
	Struct *Struct // a type with fields
	Enum   *Enum   // a type with values
}

// Struct is a type with fields.
type Struct struct {
	Comment string  // its doc comment
	Name    string  // its Go name
	Fields  []Field // in the order of the spec
	Empties []Empty // what must not go out as null
}

// Field is a field of a struct.
type Field struct {
	Comment string // its doc comment; empty: none
	Name    string // its Go name
	Type    string // its Go type
	Tag     string // with its quotes; empty: none
}

// Empty is a list, map or bytes that goes out empty when it is nil.
type Empty struct {
	Field string // a Go name
	Value string // a Go expression
}

// Enum is a string type with constants.
type Enum struct {
	Comment         string     // its doc comment
	Name            string     // its Go name
	ConstantComment string     // of the constants
	Constants       []Constant // one a value
}

// Group is a file of endpoints.
type Group struct {
	Head
	File      string     // its name
	Comment   string     // of the endpoints' values
	Endpoints []Endpoint // in the order of the spec
}

// Endpoint is one operation: a value that gates, and a method that calls.
type Endpoint struct {
	ValueComment   string  // of the value
	Comment        string  // of the method that makes the request
	SessionComment string  // of the method of Session that calls the App's; public endpoints only
	Name           string  // the Go name of the value and of the method
	Method         string  // a Go expression
	Path           string  // with placeholders, like /notes/{id}
	Public         bool    // it is called without an access token
	Scopes         string  // a Go expression; empty: any signed-in user
	Enums          []Enum  // the types of its parameters that have values of their own
	Params         *Struct // the type of its query and header parameters; nil: it has none

	Parameters string    // of the method, with types
	Arguments  string    // the parameters' names
	Receiver   string    // name and type: "s *Session" or "a *App"
	Sender     string    // the receiver's name
	Query      []Setting // what sends the query parameters
	Header     []Setting // what sends the header parameters
	Guard      *Empty    // a body that must not go out as null
	Request    []string  // the fields of the request
	Long       bool      // the request does not fit on a line
	Returns    string    // a type; empty: nothing but an error
}

// Setting sends one parameter: Statement, inside Open unless that is empty.
type Setting struct {
	Open      string // the beginning of an if or a for, without its brace
	Statement string // a Go statement
}

// API is api.go.
type API struct {
	Head
	Methods []APIMethod // one an endpoint, in the order of the spec
}

// APIMethod is a method of the interface.
type APIMethod struct {
	Comment    string // its doc comment
	Name       string // its Go name
	Parameters string // with types
	Returns    string // a type; empty: nothing but an error
}

// Example is example_test.go.
type Example struct {
	Head
	Gate *Call // an endpoint that the application may not be allowed to call
	Call *Call // a call; nil: the spec declares no endpoints
}

// Call is a call in the example.
type Call struct {
	Name      string // of the endpoint
	Arguments string // Go expressions
	Result    string // the variable for the reply; empty: no reply

	imports importSet
}

// TestExample is example_test.go of the test package.
type TestExample struct {
	Package    string   // the name of the test package
	Client     string   // what the example calls the client's package
	ClientPath string   // the import path of the client's package
	Named      bool     // the import has to say what the client's package is called
	Standard   []string // what the example imports of the standard library
	Others     []string // and of modules, beside the client and the test package
	Scopes     []string // Go expressions: what the call needs
	Call       *Call    // a call; nil: the spec declares no endpoints
	Gate       string   // a Go expression: an endpoint that needs more; empty: none
}
