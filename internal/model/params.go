package model

import (
	"cmp"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/spec"
)

// importNames are the packages that files of endpoints may import.
var importNames = []string{"context", "http", "strconv", "time", "url", "uuid"}

// isLocal reports whether the methods of an endpoint use a name themselves.
func isLocal(name string, e spec.Endpoint) bool {
	switch name {
	case "ctx", "s": // a public endpoint has a method of the Session, too
		return true
	case "a":
		return e.Public
	case "body":
		return e.Body != nil
	case "query":
		return len(e.Query) > 0
	case "header":
		return len(e.Header) > 0
	case "params":
		return len(e.Query)+len(e.Header) > 0
	}
	return false // the variable of a loop hides nothing that the loop needs
}

// paramName is the Go name of a path parameter. A name that means something
// else in the method gets an ending: type becomes typeValue.
func (b *builder) paramName(e spec.Endpoint, f spec.Field) string {
	name := localName(cmp.Or(given(f.GoName), f.Name.Value))
	if token.IsKeyword(name) || isPredeclared(name) || slices.Contains(importNames, name) ||
		isLocal(name, e) || b.reserved.Names[name] || ownNames[name] {
		return name + "Value"
	}
	return name
}

// isPredeclared tells whether a name means something without a declaration. To
// ask go/types would set up its universe in each run.
func isPredeclared(name string) bool {
	switch name {
	case "any", "bool", "byte", "comparable", "complex64", "complex128", "error", "float32", "float64",
		"int", "int8", "int16", "int32", "int64", "rune", "string",
		"uint", "uint8", "uint16", "uint32", "uint64", "uintptr",
		"true", "false", "iota", "nil",
		"append", "cap", "clear", "close", "complex", "copy", "delete", "imag", "len",
		"make", "max", "min", "new", "panic", "print", "println", "real", "recover":
		return true
	}
	return false
}

// placeholders returns the names in a path, such as id in /notes/{id}.
func placeholders(path string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(path, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return names
		}
		names, path = append(names, name), after
	}
}

// pathParams returns the path parameters in the order of the path.
func pathParams(e spec.Endpoint) []spec.Field {
	names := placeholders(e.Path.Value)
	list := slices.Clone(e.PathParams)
	slices.SortStableFunc(list, func(x, y spec.Field) int {
		return slices.Index(names, x.Name.Value) - slices.Index(names, y.Name.Value)
	})
	return list
}

// pathTexts writes the values for the placeholders of a path.
func (b *builder) pathTexts(e spec.Endpoint, names []string, imports importSet) []string {
	var texts []string
	for _, name := range names {
		i := slices.IndexFunc(e.PathParams, func(f spec.Field) bool { return f.Name.Value == name })
		if i < 0 {
			continue // the spec has a problem
		}
		f := e.PathParams[i]
		texts = append(texts, b.paramText(f.Type, f.Enum != nil, b.paramName(e, f), false, imports))
	}
	return texts
}

// params declares the struct of an endpoint's query parameters and headers.
func (b *builder) params(e spec.Endpoint, name string, imports importSet) *Struct {
	list := slices.Concat(e.Query, e.Header)
	if len(list) == 0 {
		return nil
	}
	required := slices.ContainsFunc(list, func(f spec.Field) bool { return !isOptional(f) })
	text := name + "Params are the parameters of " + methodLink(e)
	if !required {
		text = name + "Params are the optional parameters of " + methodLink(e)
	}
	if slices.ContainsFunc(list, isOptional) {
		text += "; one that is nil is not sent"
	}
	text += "."
	if slices.ContainsFunc(list, isListParam) {
		text += " Each value of a list is sent as a parameter of its own."
	}
	declared := &Struct{Name: name + "Params", Comment: comment(says(text)...)}
	for _, f := range list {
		field := Field{
			Name:    fieldName(f),
			Comment: comment(append(fromSpec(f.Description.Value), deprecation(f.Deprecated)...)...),
		}
		field.Type = b.fieldType(f, name+field.Name, imports)
		if isPointer(f) {
			field.Type = "*" + field.Type
		}
		declared.Fields = append(declared.Fields, field)
	}
	return declared
}

// isOptional: there is no null in a query, so that a nullable parameter is one
// that may be absent.
func isOptional(f spec.Field) bool { return f.Optional || f.Nullable }

func isListParam(f spec.Field) bool { return f.Type != nil && f.Type.Kind == spec.List }

func isPointer(f spec.Field) bool { return isOptional(f) && !nilable(f.Type) }

// setting writes a query parameter or header.
func (b *builder) setting(f spec.Field, target string, imports importSet) Setting {
	source, name := "params."+fieldName(f), strconv.Quote(f.Name.Value)
	if isListParam(f) {
		value := b.paramText(f.Type.Elem, false, "value", false, imports)
		return Setting{
			Open:      "for _, value := range " + source,
			Statement: target + ".Add(" + name + ", " + value + ")",
		}
	}
	open := ""
	if isOptional(f) {
		open = "if " + source + " != nil"
	}
	value := b.paramText(f.Type, f.Enum != nil, source, isPointer(f), imports)
	return Setting{Open: open, Statement: target + ".Set(" + name + ", " + value + ")"}
}

// paramText writes the expression for a parameter's text in a path, query or
// header.
func (b *builder) paramText(ref *spec.TypeRef, enum bool, source string, pointer bool, imports importSet) string {
	value := source
	if pointer {
		value = "*" + source
	}
	if enum || b.isEnum(ref) {
		return "string(" + value + ")"
	}
	if ref == nil {
		return value
	}
	switch ref.Kind {
	case spec.String:
		return value
	case spec.Integer:
		imports.add(pkgStrconv)
		return "strconv.FormatInt(" + value + ", 10)"
	case spec.Number:
		imports.add(pkgStrconv)
		return "strconv.FormatFloat(" + value + ", 'f', -1, 64)"
	case spec.Boolean:
		imports.add(pkgStrconv)
		return "strconv.FormatBool(" + value + ")"
	case spec.DateTime:
		imports.add(pkgTime)
		return source + ".Format(time.RFC3339Nano)"
	case spec.Date, spec.UUID:
		return source + ".String()"
	}
	return value // no text: the spec has a problem
}
