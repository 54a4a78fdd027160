package model

import (
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

// exampleFile decides which endpoints the example calls.
func (b *builder) exampleFile() Example {
	imports := pkgContext | pkgErrors | pkgFmt | pkgLog
	example := Example{Call: b.firstCall("")}
	if e := b.stepUp(); e != nil {
		example.Gate = b.call(e, "")
	}
	for _, call := range []*Call{example.Gate, example.Call} {
		if call != nil {
			imports.add(call.imports)
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
	return b.call(e, prefix)
}

// firstEndpoint is the one that is called most simply: it reads, and takes few
// arguments.
func (b *builder) firstEndpoint() *operation {
	var best *operation
	cost := 0
	for _, e := range b.operations {
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
func (b *builder) stepUp() *operation {
	onDemand := map[string]bool{}
	for _, s := range b.spec.Scopes {
		onDemand[s.Name.Value] = s.OnDemand
	}
	var found *operation
	for _, e := range b.operations {
		if e.Public || e.need == "" || e.Deprecated != nil {
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
func (b *builder) call(e *operation, prefix string) *Call {
	var imports importSet
	arguments := []string{"ctx"}
	for _, p := range e.inPath {
		if p.Enum != nil {
			arguments = append(arguments, b.enumSample(e.ident+fieldName(p.Field), p.Enum, prefix))
			continue
		}
		arguments = append(arguments, b.sample(p.Type, prefix, &imports))
	}
	if len(e.fields()) > 0 {
		arguments = append(arguments, prefix+e.ident+"Params{}")
	}
	if e.Body != nil {
		arguments = append(arguments, b.sample(e.Body, prefix, &imports))
	}
	call := &Call{Name: e.ident, Arguments: strings.Join(arguments, ", "), imports: imports}
	if e.Returns != nil {
		call.Result = "result"
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
func (b *builder) sample(ref *spec.TypeRef, prefix string, imports *importSet) string {
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
