package model

import (
	"cmp"
	"go/token"
	"slices"
	"strconv"

	"example.com/scaffold/spec"
)

// importNames are the packages that files of endpoints may import.
var importNames = []string{"context", "http", "strconv", "time", "url", "uuid"}

// isLocal reports whether the methods of an endpoint use a name themselves.
func isLocal(name string, e *spec.Endpoint) bool {
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
func (b *builder) paramName(e *spec.Endpoint, f *spec.Field) string {
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

// pathTexts writes the values for the placeholders of a path.
func (b *builder) pathTexts(e *operation, names []string, imports *importSet) []string {
	var texts []string
	for _, name := range names {
		i := slices.IndexFunc(e.inPath, func(p param) bool { return p.Name.Value == name })
		if i < 0 {
			continue // the spec has a problem
		}
		p := e.inPath[i]
		texts = append(texts, b.paramText(p.Type, p.Enum != nil, p.ident, false, imports))
	}
	return texts
}

// params declares the struct of an endpoint's query parameters and headers.
func (b *builder) params(e *operation, imports *importSet) *Struct {
	list := e.fields()
	if len(list) == 0 {
		return nil
	}
	name := e.ident + "Params"
	text := name + " are the optional parameters of " + e.link
	if slices.ContainsFunc(list, func(p param) bool { return !p.isOptional() }) {
		text = name + " are the parameters of " + e.link
	}
	if slices.ContainsFunc(list, param.isOptional) {
		text += "; one that is nil is not sent"
	}
	text += "."
	if slices.ContainsFunc(list, param.isList) {
		text += " Each value of a list is sent as a parameter of its own."
	}
	declared := &Struct{Name: name, Comment: comment(says(text)...), Fields: make([]Field, len(list))}
	for i, p := range list {
		goType := b.fieldType(p.Field, e.ident, imports)
		if p.isPointer() {
			goType = "*" + goType
		}
		declared.Fields[i] = Field{Name: p.ident, Comment: fieldComment(p.Field), Type: goType}
	}
	return declared
}

// setting writes a query parameter or header.
func (b *builder) setting(p param, target string, imports *importSet) Setting {
	source, name := "params."+p.ident, strconv.Quote(p.Name.Value)
	if p.isList() {
		value := b.paramText(p.Type.Elem, false, "value", false, imports)
		return Setting{
			Open:      "for _, value := range " + source,
			Statement: target + ".Add(" + name + ", " + value + ")",
		}
	}
	open := ""
	if p.isOptional() {
		open = "if " + source + " != nil"
	}
	value := b.paramText(p.Type, p.Enum != nil, source, p.isPointer(), imports)
	return Setting{Open: open, Statement: target + ".Set(" + name + ", " + value + ")"}
}

// paramText writes the expression for a parameter's text in a path, query or
// header.
func (b *builder) paramText(ref *spec.TypeRef, enum bool, source string, pointer bool, imports *importSet) string {
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
