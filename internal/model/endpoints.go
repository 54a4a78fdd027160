package model

import (
	"strings"

	"example.com/scaffold/spec"
)

func adviceEndpoint() string { return "rename the endpoint" }

// notMethods are names of methods that other packages look for, and call with
// other arguments than an endpoint takes (go vet: stdmethods).
var notMethods = map[string]bool{
	"Error": true, "Format": true, "GoString": true, "LogValue": true, "MarshalJSON": true, "MarshalText": true,
	"MarshalXML": true, "ReadByte": true, "ReadRune": true, "String": true, "UnmarshalJSON": true,
	"UnmarshalText": true, "UnmarshalXML": true, "UnreadByte": true, "UnreadRune": true, "WriteByte": true,
	"GobDecode": true, "GobEncode": true,
}

func (b *builder) nameEndpoints() {
	for _, e := range b.operations {
		name := e.ident
		what := declaration{kind: "endpoint", name: e.Name}
		instead := func() string {
			return "rename it, to " + titleCase(strings.ToLower(e.Method)) + name + " for instance"
		}
		switch {
		case b.reserved.Session[name] || (e.Public && b.reserved.App[name]):
			b.problem(e.Name.Pos, "%s becomes the method %s, which every generated package has already; %s", what, name, instead())
			continue
		case notMethods[name]:
			b.problem(e.Name.Pos, "%s becomes the method %s, to which Go gives a meaning of its own; %s", what, name, instead())
			continue
		}
		b.declare(name, what, instead)
		if len(e.fields()) > 0 {
			b.declare(name+"Params", declaration{kind: "the parameters of endpoint", name: e.Name}, adviceEndpoint)
		}
		b.checkParams(e)
	}
}

// checkParams names the enums of parameters, and finds parameters whose Go
// names collide.
func (b *builder) checkParams(e *operation) {
	fields, locals, of := map[string]declaration{}, map[string]declaration{}, "of "+e.Name.Value
	for i, p := range e.params {
		kind, names := "query parameter", fields
		switch {
		case i < len(e.PathParams):
			kind, names = "path parameter", locals
		case i >= len(e.PathParams)+len(e.Query):
			kind = "header"
		}
		d := declaration{kind: kind, name: p.Name, of: of}
		if p.ident == "" {
			b.problem(p.Name.Pos, "%s holds nothing that a Go name can be made of; set it with the key name", d)
			continue
		}
		if take(b, names, p.ident, d, adviceField) && p.Enum != nil {
			d.kind = "the enum of " + kind
			b.declareInline(e.ident, d, p.Field)
		}
	}
}

// methods are Go's constants for the methods of HTTP.
var methods = map[string]string{
	"GET": "http.MethodGet", "POST": "http.MethodPost", "PUT": "http.MethodPut", "PATCH": "http.MethodPatch",
	"DELETE": "http.MethodDelete", "HEAD": "http.MethodHead",
}

func (b *builder) endpoint(e *operation, imports *importSet) Endpoint {
	imports.add(pkgHTTP | e.imports)
	built := Endpoint{
		Name:       e.ident,
		Method:     methods[e.Method],
		Path:       e.Path.Value,
		Public:     e.Public,
		Scopes:     b.scopeSets(e),
		Params:     b.params(e, imports),
		Parameters: e.parameters,
		Arguments:  e.arguments,
		Receiver:   "s *Session",
		Sender:     "s",
		Returns:    e.returns,
	}
	if e.Public {
		built.Receiver, built.Sender = "a *App", "a"
	}
	for _, p := range e.params {
		if p.Enum != nil {
			built.Enums = append(built.Enums, *b.enum(e.ident+fieldName(p.Field), p.Enum, spec.Text{}, p.Deprecated))
		}
	}
	endpointComments(e, &built)
	b.request(e, &built, imports)
	return built
}

// scopeSets writes a requirement in Go.
func (b *builder) scopeSets(e *operation) string {
	if e.Public || len(e.Scopes) == 0 {
		return ""
	}
	sets := make([]string, len(e.Scopes))
	for i, set := range e.Scopes {
		names := make([]string, len(set))
		for j, scope := range set {
			names[j] = b.scopes[scope.Value]
		}
		sets[i] = "{" + strings.Join(names, ", ") + "}"
	}
	return "[][]string{" + strings.Join(sets, ", ") + "}"
}

// request decides how the method's body sends the parameters.
func (b *builder) request(e *operation, built *Endpoint, imports *importSet) {
	built.Request = make([]string, 1, 4) // few have more fields
	built.Request[0] = "endpoint: " + e.ident
	if names := e.Placeholders(); len(names) > 0 {
		built.Request = append(built.Request, "pathParams: []string{"+strings.Join(b.pathTexts(e, names, imports), ", ")+"}")
	}
	if len(e.Query) > 0 {
		imports.add(pkgURL)
		built.Request = append(built.Request, "query: query")
		for _, p := range e.query() {
			built.Query = append(built.Query, b.setting(p, "query", imports))
		}
	}
	if len(e.Header) > 0 {
		built.Request = append(built.Request, "header: header")
		for _, p := range e.header() {
			built.Header = append(built.Header, b.setting(p, "header", imports))
		}
	}
	if e.Body != nil {
		built.Request = append(built.Request, "body: body")
		if isCollection(e.Body) {
			built.Guard = &Empty{Field: "body", Value: b.typeText(e.Body, imports) + "{}"}
		}
	}
	if holdsAny(e.Returns) || b.anyInside(e.Returns) {
		built.Request = append(built.Request, "keepDigits: true")
	}
	const rest = len("	return call[](ctx, s, request{})")
	built.Long = rest+len(built.Returns)+len(strings.Join(built.Request, ", ")) > 120
}

// groupFiles makes the files of endpoints, in the order of the spec; those
// without a group come first.
func (b *builder) groupFiles() []Group {
	var order []string
	grouped := map[string][]*operation{}
	for _, e := range b.operations {
		group := e.Group.Value
		if group == "" {
			group = "endpoints"
		}
		if grouped[group] == nil {
			order = append(order, group)
		}
		grouped[group] = append(grouped[group], e)
	}
	b.uses.Endpoints = len(order) > 0
	files, taken := make([]Group, len(order)), map[string]bool{}
	for i, group := range order {
		var imports importSet
		text := "The endpoints of the API, for [Session.Can]."
		if group != "endpoints" {
			text = "The endpoints of the group " + inline(group) + ", for [Session.Can]."
		}
		file := Group{
			File:      b.groupFile(group, taken),
			Comment:   comment(says(text)...),
			Endpoints: make([]Endpoint, 0, len(grouped[group])),
		}
		for _, e := range grouped[group] {
			file.Endpoints = append(file.Endpoints, b.endpoint(e, &imports))
		}
		file.Head = b.head(imports)
		files[i] = file
	}
	return files
}

func (b *builder) apiFile() *API {
	if len(b.spec.Endpoints) == 0 {
		return nil
	}
	var imports importSet
	file := &API{Methods: make([]APIMethod, len(b.operations))}
	for i, e := range b.operations {
		imports.add(e.imports)
		file.Methods[i] = APIMethod{
			Name: e.ident, Comment: methodComment(e), Parameters: e.parameters, Returns: e.returns,
		}
	}
	file.Head = b.head(imports)
	return file
}
