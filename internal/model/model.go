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
}

// Uses says which parts of the engine a package needs.
type Uses struct {
	Endpoints bool
	Dates     bool
	Nullables bool
}

// Head is how a file begins.
type Head struct {
	Package string
	Imports Imports
}

// Imports are import paths, in order.
type Imports struct {
	Single string     // the only one; then Groups is empty
	Groups [][]string // the standard library's, and others
}

// Doc is doc.go.
type Doc struct {
	Package string
	Comment string
}

// Defaults is defaults.go.
type Defaults struct {
	Head
	Comment    string
	Name       string
	Provider   string // a Go expression, as are the names of Scopes
	Issuer     string
	ClientID   string
	Callbacks  []string
	Audience   string
	Scopes     []string
	Parameters []Parameter
	BaseURL    string
}

// Parameter is one entry of the configuration's parameters.
type Parameter struct{ Name, Value string }

// Scopes is scopes.go.
type Scopes struct {
	Head
	Comment         string
	Constants       []Constant
	DeclaredComment string
}

// Constant is a constant of type string or of an enum.
type Constant struct {
	Comment string
	Name    string
	Value   string // not quoted
}

// Types is types.go.
type Types struct {
	Head
	Declarations []Declaration
}

// Declaration is one declared type; one of its fields is set.
type Declaration struct {
	Struct *Struct
	Enum   *Enum
}

// Struct is a type with fields.
type Struct struct {
	Comment string
	Name    string
	Fields  []Field
	Empties []Empty // what must not go out as null
}

// Field is a field of a struct.
type Field struct {
	Comment string
	Name    string
	Type    string
	Tag     string // with its quotes; empty: none
}

// Empty is a list, map or bytes that goes out empty when it is nil.
type Empty struct{ Field, Value string }

// Enum is a string type with constants.
type Enum struct {
	Comment         string
	Name            string
	ConstantComment string
	Constants       []Constant
}

// Group is a file of endpoints.
type Group struct {
	Head
	File      string // its name
	Comment   string
	Endpoints []Endpoint
}

// Endpoint is one operation: a value that gates, and a method that calls.
type Endpoint struct {
	ValueComment   string
	Comment        string // of the method that makes the request
	SessionComment string // of the method of Session that calls the App's; public endpoints only
	Name           string
	Method         string // a Go expression
	Path           string
	Public         bool
	Scopes         string // a Go expression; empty: any signed-in user
	Enums          []Enum
	Params         *Struct

	Parameters string // with types
	Arguments  string // the parameters' names
	Receiver   string // name and type: "s *Session" or "a *App"
	Sender     string // the receiver's name
	Query      []Setting
	Header     []Setting
	Guard      *Empty   // a body that must not go out as null
	Request    []string // the fields of the request
	Long       bool     // the request does not fit on a line
	Returns    string   // a type; empty: nothing but an error
}

// Setting sends one parameter: Statement, inside Open unless that is empty.
type Setting struct{ Open, Statement string }

// API is api.go.
type API struct {
	Head
	Methods []APIMethod
}

// APIMethod is a method of the interface.
type APIMethod struct {
	Comment    string
	Name       string
	Parameters string
	Returns    string
}

// Example is example_test.go.
type Example struct {
	Head
	Gate *Call // an endpoint that the application may not be allowed to call
	Call *Call // a call; nil: the spec declares no endpoints
}

// Call is a call in the example.
type Call struct {
	Name      string
	Arguments string
	Result    string // the variable for the reply; empty: no reply

	imports []string
}
