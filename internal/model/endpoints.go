package model

import (
	"slices"
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
	for _, e := range b.spec.Endpoints {
		name := keptName(e.Name.Value)
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
		params := slices.Concat(e.Query, e.Header)
		if len(params) > 0 {
			b.declare(name+"Params", declaration{kind: "the parameters of endpoint", name: e.Name}, adviceEndpoint)
		}
		b.checkParams(e, name)
	}
}

// checkParams names the enums of parameters, and finds parameters whose Go
// names collide.
func (b *builder) checkParams(e spec.Endpoint, endpoint string) {
	fields, locals, of := map[string]declaration{}, map[string]declaration{}, "of "+e.Name.Value
	for i, f := range slices.Concat(e.PathParams, e.Query, e.Header) {
		kind, names, name := "query parameter", fields, fieldName(f)
		switch {
		case i < len(e.PathParams):
			kind, names, name = "path parameter", locals, b.paramName(e, f)
		case i >= len(e.PathParams)+len(e.Query):
			kind = "header"
		}
		d := declaration{kind: kind, name: f.Name, of: of}
		if name == "" {
			b.problem(f.Name.Pos, "%s holds nothing that a Go name can be made of; set it with the key name", d)
			continue
		}
		if take(b, names, name, d, adviceField) && f.Enum != nil {
			d.kind = "the enum of " + kind
			b.declareInline(endpoint, d, f)
		}
	}
}

// methods are Go's constants for the methods of HTTP.
var methods = map[string]string{
	"GET": "http.MethodGet", "POST": "http.MethodPost", "PUT": "http.MethodPut", "PATCH": "http.MethodPatch",
	"DELETE": "http.MethodDelete", "HEAD": "http.MethodHead",
}

func (b *builder) endpoint(e spec.Endpoint, imports importSet) Endpoint {
	name := keptName(e.Name.Value)
	imports.add(pkgContext, pkgHTTP)
	built := Endpoint{
		Name:     name,
		Method:   methods[e.Method],
		Path:     e.Path.Value,
		Public:   e.Public,
		Scopes:   b.scopeSets(e),
		Receiver: "s *Session",
		Sender:   "s",
		Params:   b.params(e, name, imports),
	}
	if e.Public {
		built.Receiver, built.Sender = "a *App", "a"
	}
	for _, f := range slices.Concat(e.PathParams, e.Query, e.Header) {
		if f.Enum != nil {
			built.Enums = append(built.Enums, *b.enum(name+fieldName(f), f.Enum, spec.Text{}, f.Deprecated))
		}
	}
	b.endpointComments(e, &built)
	b.signature(e, &built, imports)
	b.request(e, &built, imports)
	return built
}

// scopeSets writes a requirement in Go.
func (b *builder) scopeSets(e spec.Endpoint) string {
	if e.Public || len(e.Scopes) == 0 {
		return ""
	}
	sets := make([]string, len(e.Scopes))
	for i, set := range e.Scopes {
		var names []string
		for _, scope := range set {
			names = append(names, b.scopes[scope.Value])
		}
		sets[i] = "{" + strings.Join(names, ", ") + "}"
	}
	return "[][]string{" + strings.Join(sets, ", ") + "}"
}

// signature decides the parameters and the result.
func (b *builder) signature(e spec.Endpoint, built *Endpoint, imports importSet) {
	parameters, arguments, last := "ctx context.Context", []string{"ctx"}, ""
	add := func(name, goType string) {
		if goType == last { // a, b string
			parameters = strings.TrimSuffix(parameters, " "+goType)
		}
		parameters, arguments, last = parameters+", "+name+" "+goType, append(arguments, name), goType
	}
	for _, f := range pathParams(e) {
		add(b.paramName(e, f), b.fieldType(f, built.Name+fieldName(f), imports))
	}
	if built.Params != nil {
		add("params", built.Params.Name)
	}
	if e.Body != nil {
		add("body", b.typeText(e.Body, imports))
	}
	built.Parameters, built.Arguments = parameters, strings.Join(arguments, ", ")
	if e.Returns != nil {
		built.Returns = b.typeText(e.Returns, imports)
	}
}

// request decides how the method's body sends the parameters.
func (b *builder) request(e spec.Endpoint, built *Endpoint, imports importSet) {
	built.Request = []string{"endpoint: " + built.Name}
	if names := placeholders(e.Path.Value); len(names) > 0 {
		built.Request = append(built.Request, "pathParams: []string{"+strings.Join(b.pathTexts(e, names, imports), ", ")+"}")
	}
	if len(e.Query) > 0 {
		imports.add(pkgURL)
		built.Request = append(built.Request, "query: query")
		for _, f := range e.Query {
			built.Query = append(built.Query, b.setting(f, "query", imports))
		}
	}
	if len(e.Header) > 0 {
		built.Request = append(built.Request, "header: header")
		for _, f := range e.Header {
			built.Header = append(built.Header, b.setting(f, "header", imports))
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
	grouped := map[string][]spec.Endpoint{}
	for _, e := range b.spec.Endpoints {
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
		imports := importSet{}
		text := "The endpoints of the API, for [Session.Can]."
		if group != "endpoints" {
			text = "The endpoints of the group " + inline(group) + ", for [Session.Can]."
		}
		file := Group{File: b.groupFile(group, taken), Comment: comment(says(text)...)}
		for _, e := range grouped[group] {
			file.Endpoints = append(file.Endpoints, b.endpoint(e, imports))
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
	imports := importSet{pkgContext: true}
	file := &API{}
	for _, e := range b.spec.Endpoints {
		built := Endpoint{Name: keptName(e.Name.Value)}
		if len(e.Query)+len(e.Header) > 0 {
			built.Params = &Struct{Name: built.Name + "Params"}
		}
		b.signature(e, &built, imports)
		file.Methods = append(file.Methods, APIMethod{
			Name: built.Name, Comment: b.methodComment(e, built.Name),
			Parameters: built.Parameters, Returns: built.Returns,
		})
	}
	file.Head = b.head(imports)
	return file
}
