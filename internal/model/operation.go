package model

import (
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

// operation is an endpoint of the spec, with what several of the files have to
// know of it.
type operation struct {
	*spec.Endpoint
	ident       string      // its Go name
	link        string      // to the method that makes its request, for a comment
	route       string      // its request, for a comment: GET /notes
	need        string      // the scopes that it needs, for a sentence; empty: none
	description []paragraph // as the spec has it
	first       string      // the sentence of it that begins with ident; empty: there is none

	params []param // of the path, the query and the header, each in the order of the spec
	inPath []param // of the path, in its order
	signature
}

// param is a parameter of an operation.
type param struct {
	*spec.Field
	ident string // its Go name: of a field, or of the method's parameter if it is in the path
}

// signature is that of the method.
type signature struct {
	parameters string // with types
	arguments  string // the parameters' names
	returns    string // a type; empty: nothing but an error
	imports    importSet
}

// readOperations reads the endpoints, when all types have their names.
func (b *builder) readOperations() []*operation {
	list := make([]*operation, len(b.spec.Endpoints))
	for i := range list {
		list[i] = b.readOperation(&b.spec.Endpoints[i])
	}
	return list
}

func (b *builder) readOperation(endpoint *spec.Endpoint) *operation {
	e := &operation{
		Endpoint:    endpoint,
		ident:       keptName(endpoint.Name.Value),
		route:       endpoint.Method + " " + inline(endpoint.Path.Value),
		need:        scopesOf(endpoint.Scopes),
		description: fromSpec(endpoint.Description.Value),
		params:      b.readParams(endpoint),
	}
	e.link = "[Session." + e.ident + "]"
	if e.Public {
		e.link = "[App." + e.ident + "]"
	}
	e.first = firstSentence(e.ident, e.description)
	e.inPath = e.inPathOrder()
	e.signature = b.sign(e)
	return e
}

func (b *builder) readParams(e *spec.Endpoint) []param {
	list := make([]param, 0, len(e.PathParams)+len(e.Query)+len(e.Header))
	for i := range e.PathParams {
		list = append(list, param{&e.PathParams[i], b.paramName(e, &e.PathParams[i])})
	}
	for _, fields := range [][]spec.Field{e.Query, e.Header} {
		for i := range fields {
			list = append(list, param{&fields[i], fieldName(&fields[i])})
		}
	}
	return list
}

// inPathOrder returns the parameters of the path in its order.
func (e *operation) inPathOrder() []param {
	params := e.params[:len(e.PathParams)]
	if len(params) < 2 {
		return params
	}
	names := e.Placeholders()
	params = slices.Clone(params) // not to change the order of the spec
	slices.SortStableFunc(params, func(x, y param) int {
		return slices.Index(names, x.Name.Value) - slices.Index(names, y.Name.Value)
	})
	return params
}

// sign decides the parameters and the result of the method.
func (b *builder) sign(e *operation) signature {
	s, last := signature{parameters: "ctx context.Context", arguments: "ctx", imports: pkgContext}, ""
	add := func(name, goType string) {
		if goType == last { // a, b string
			s.parameters = strings.TrimSuffix(s.parameters, " "+goType)
		}
		s.parameters, s.arguments, last = s.parameters+", "+name+" "+goType, s.arguments+", "+name, goType
	}
	for _, p := range e.inPath {
		add(p.ident, b.fieldType(p.Field, e.ident, &s.imports))
	}
	if len(e.fields()) > 0 {
		add("params", e.ident+"Params")
	}
	if e.Body != nil {
		add("body", b.typeText(e.Body, &s.imports))
	}
	if e.Returns != nil {
		s.returns = b.typeText(e.Returns, &s.imports)
	}
	return s
}

// fields returns the parameters that are fields of a struct: all but those of
// the path.
func (e *operation) fields() []param { return e.params[len(e.PathParams):] }

func (e *operation) query() []param { return e.fields()[:len(e.Query)] }

func (e *operation) header() []param { return e.fields()[len(e.Query):] }

// isOptional: there is no null in a query, so that a nullable parameter is one
// that may be absent.
func (p param) isOptional() bool { return p.Optional || p.Nullable }

func (p param) isList() bool { return p.Type != nil && p.Type.Kind == spec.List }

func (p param) isPointer() bool { return p.isOptional() && !nilable(p.Type) }
