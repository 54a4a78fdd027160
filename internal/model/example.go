package model

import (
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

// exampleFile decides which endpoints the example calls.
func (b *builder) exampleFile() Example {
	imports := importSet{}
	imports.add(pkgContext, pkgErrors, pkgFmt, pkgLog)
	example := Example{Call: b.firstCall("")}
	if e := b.stepUp(); e != nil {
		example.Gate = b.call(*e, "")
	}
	for _, call := range []*Call{example.Gate, example.Call} {
		if call != nil {
			imports.add(call.imports...)
		}
	}
	example.Head = b.head(imports)
	return example
}

// firstCall is a call of firstEndpoint. Types are qualified with prefix.
func (b *builder) firstCall(prefix string) *Call {
	e := b.firstEndpoint()
	if e == nil {
		return nil
	}
	return b.call(*e, prefix)
}

// firstEndpoint is the one that is called most simply: it reads, and takes few
// arguments.
func (b *builder) firstEndpoint() *spec.Endpoint {
	var best *spec.Endpoint
	cost := 0
	for i := range b.spec.Endpoints {
		e := &b.spec.Endpoints[i]
		c := len(e.PathParams)
		if e.Method != "GET" {
			c += 10
		}
		if e.Returns == nil || e.Body != nil {
			c += 10
		}
		if e.Public {
			c += 100 // an example without a sign-in shows little
		}
		if e.Deprecated != nil {
			c += 1000
		}
		if best == nil || c < cost {
			best, cost = e, c
		}
	}
	return best
}

// stepUp is an endpoint that a signed-in user may have to ask for: one that
// needs a scope on demand, or else the last that needs a scope.
func (b *builder) stepUp() *spec.Endpoint {
	onDemand := map[string]bool{}
	for _, s := range b.spec.Scopes {
		onDemand[s.Name.Value] = s.OnDemand
	}
	var found *spec.Endpoint
	for i := range b.spec.Endpoints {
		e := &b.spec.Endpoints[i]
		if e.Public || scopesOf(e.Scopes) == "" || e.Deprecated != nil {
			continue
		}
		found = e
		if slices.ContainsFunc(e.Scopes[0], func(s spec.Text) bool { return onDemand[s.Value] }) {
			return e
		}
	}
	return found
}

// call writes a call with arguments made up.
func (b *builder) call(e spec.Endpoint, prefix string) *Call {
	imports := importSet{}
	arguments := []string{"ctx"}
	for _, f := range pathParams(e) {
		if f.Enum != nil {
			arguments = append(arguments, b.enumSample(endpointName(e)+fieldName(f), f.Enum, prefix))
			continue
		}
		arguments = append(arguments, b.sample(f.Type, prefix, imports))
	}
	if len(e.Query)+len(e.Header) > 0 {
		arguments = append(arguments, prefix+endpointName(e)+"Params{}")
	}
	if e.Body != nil {
		arguments = append(arguments, b.sample(e.Body, prefix, imports))
	}
	call := &Call{Name: endpointName(e), Arguments: strings.Join(arguments, ", ")}
	if e.Returns != nil {
		call.Result = "result"
	}
	for path := range imports {
		call.imports = append(call.imports, path)
	}
	return call
}

// statement begins the statement that calls.
func (c *Call) statement() string {
	if c.Result == "" {
		return "err ="
	}
	return c.Result + ", err :="
}

// sample writes a value of a type.
func (b *builder) sample(ref *spec.TypeRef, prefix string, imports importSet) string {
	if ref == nil {
		return "nil"
	}
	switch ref.Kind {
	case spec.String:
		return `"42"`
	case spec.Integer, spec.Number:
		return "42"
	case spec.Boolean:
		return "true"
	case spec.Date:
		imports.add(pkgTime)
		return prefix + "DateOf(time.Now())"
	case spec.DateTime:
		imports.add(pkgTime)
		return "time.Now()"
	case spec.UUID:
		imports.add(pkgUUID)
		return "uuid.New()"
	case spec.Named:
		t := b.types[ref.Name]
		if t == nil {
			return "nil"
		}
		if t.Enum != nil {
			return b.enumSample(b.goType[ref.Name], t.Enum, prefix)
		}
		return prefix + b.goType[ref.Name] + "{}"
	}
	return "nil"
}

func (b *builder) enumSample(name string, values []spec.EnumValue, prefix string) string {
	if len(values) == 0 {
		return `""`
	}
	return prefix + name + enumTails(values)[0]
}
