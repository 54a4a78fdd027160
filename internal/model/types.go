package model

import (
	"cmp"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/spec"
)

// The advice for names that the spec can set.
func adviceField() string { return "set the Go name of one of them, with the key name" }
func adviceScope() string { return "set its Go name, with the key name" }
func adviceInline() string {
	return "declare the enum under types, or set the Go name of the field with the key name"
}

// nameTypes gives every declared type, enum constant and inline enum its name.
func (b *builder) nameTypes() {
	for i := range b.spec.Types {
		t := &b.spec.Types[i]
		name := keptName(t.Name.Value)
		if b.types[t.Name.Value] == nil {
			b.types[t.Name.Value] = t
			b.goType[t.Name.Value] = name
		}
		what := declaration{kind: "type", name: t.Name}
		b.declare(name, what, func() string {
			return "rename it, to " + keptName(b.spec.Package.Value) + name + " for instance"
		})
		b.nameEnum(name, t.Enum)
		for i := range t.Fields {
			if f := &t.Fields[i]; f.Enum != nil {
				b.declareInline(name, declaration{kind: "the enum of", name: f.Name, of: "in " + what.String()}, f)
			}
		}
	}
}

// declareInline names the enum of a field or parameter.
func (b *builder) declareInline(owner string, d declaration, f *spec.Field) {
	name := owner + fieldName(f)
	if b.declare(name, d, adviceInline) {
		b.nameEnum(name, f.Enum)
	}
}

func (b *builder) nameEnum(name string, values []spec.EnumValue) {
	known, of := map[string]bool{}, "of "+name
	for i, end := range enumTails(values) {
		value := values[i].Value
		if known[value.Value] {
			continue // the enum has it twice, which is for the spec to say
		}
		known[value.Value] = true
		full := ""
		if end != "" {
			full = name + end
		}
		b.declare(full, declaration{kind: "value", name: value, of: of}, func() string {
			return "set its Go name, as in {" + quoted(value.Value) + ": OtherName}"
		})
	}
}

// enumTails makes what follows the type's name in the constants of an enum.
// Short capitals in all of them are codes, such as EUR and USD, and stay.
func enumTails(values []spec.EnumValue) []string {
	codes := !slices.ContainsFunc(values, func(v spec.EnumValue) bool { return !isCode(v.Value.Value) })
	tails := make([]string, len(values))
	for i, v := range values {
		switch {
		case given(v.GoName) != "":
			tails[i] = v.GoName.Value
		case codes:
			tails[i] = v.Value.Value
		case v.Value.Value == "":
			tails[i] = "Empty"
		case isCode(v.Value.Value):
			tails[i] = joinWords([]string{strings.ToLower(v.Value.Value)})
		default:
			tails[i] = tail(v.Value.Value)
		}
	}
	return tails
}

// given returns the Go name that the spec sets, if it is one.
func given(name spec.Text) string {
	if token.IsIdentifier(name.Value) && token.IsExported(name.Value) {
		return name.Value
	}
	return ""
}

func isCode(value string) bool {
	return value != "" && len(value) <= 3 && !strings.ContainsFunc(value, func(r rune) bool { return r < 'A' || r > 'Z' })
}

func fieldName(f *spec.Field) string {
	return cmp.Or(given(f.GoName), exportedName(f.Name.Value))
}

func (b *builder) typesFile() *Types {
	if len(b.spec.Types) == 0 {
		return nil
	}
	var imports importSet
	file := &Types{}
	sent := b.sentTypes()
	for i := range b.spec.Types {
		t := &b.spec.Types[i]
		name := b.goType[t.Name.Value]
		if t.Enum != nil {
			file.Declarations = append(file.Declarations, Declaration{Enum: b.enum(name, t.Enum, t.Description, t.Deprecated)})
			continue
		}
		declared := b.structType(t, name, sent[t.Name.Value], &imports)
		file.Declarations = append(file.Declarations, Declaration{Struct: declared})
		for i := range t.Fields {
			if f := &t.Fields[i]; f.Enum != nil {
				enum := b.enum(name+fieldName(f), f.Enum, spec.Text{}, f.Deprecated)
				file.Declarations = append(file.Declarations, Declaration{Enum: enum})
			}
		}
	}
	file.Head = b.head(imports)
	return file
}

func (b *builder) structType(t *spec.Type, name string, sent bool, imports *importSet) *Struct {
	declared := &Struct{Name: name, Comment: b.typeComment(t, name), Fields: make([]Field, len(t.Fields))}
	taken, of := map[string]declaration{}, "of "+t.Name.Value
	for i := range t.Fields {
		f, field := &t.Fields[i], &declared.Fields[i]
		field.Name = fieldName(f)
		field.Comment = fieldComment(f)
		plain := b.fieldType(f, name, imports)
		option := ""
		field.Type, option = b.presence(f, plain)
		field.Tag = tag(f.Name.Value, option)
		if sent && !f.Optional && !f.Nullable && isCollection(f.Type) {
			declared.Empties = append(declared.Empties, Empty{Field: field.Name, Value: plain + "{}"})
			imports.add(pkgJSON)
		}
		what := declaration{kind: "field", name: f.Name, of: of}
		if f.Name.Value == "-" {
			b.problem(f.Name.Pos, "%s: in a struct tag, - means a field that is left out; declare the object as {string: any}", what)
		}
		if field.Name == "" {
			b.problem(f.Name.Pos, "%s holds nothing that a Go name can be made of; set it with the key name", what)
		} else {
			take(b, taken, field.Name, what, adviceField)
		}
	}
	if field, clash := taken["MarshalJSON"]; clash && len(declared.Empties) > 0 {
		b.problem(field.name.Pos, "%s becomes the Go name MarshalJSON, which is a method of the type; set another with the key name", field)
	}
	return declared
}

func fieldComment(f *spec.Field) string {
	return comment(append(fromSpec(f.Description.Value), deprecation(f.Deprecated)...)...)
}

// presence returns the type of a field that may be absent or null, and the
// option of its tag.
func (b *builder) presence(f *spec.Field, plain string) (goType, option string) {
	switch {
	case f.Optional && f.Nullable:
		b.uses.Nullables = true
		return "Nullable[" + plain + "]", ",omitzero"
	case f.Optional && nilable(f.Type):
		return plain, ",omitzero"
	case f.Optional:
		return "*" + plain, ",omitempty"
	case f.Nullable && !nilable(f.Type):
		return "*" + plain, ""
	}
	return plain, ""
}

// tag returns the struct tag of a field. That encoding/json reads the name is
// for the spec to check; here it only cannot end the tag.
func tag(name, option string) string {
	text := "json:" + strconv.Quote(name+option)
	if strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

func (b *builder) enum(name string, values []spec.EnumValue, description spec.Text, deprecated *spec.Text) *Enum {
	paragraphs := fromSpec(description.Value)
	described := ""
	if len(paragraphs) > 0 && paragraphs[0].kind == prose {
		described = thingSentence(name, paragraphs[0].text)
	}
	if described != "" {
		paragraphs[0].text = described
		paragraphs = append(paragraphs, says(enumSentence("It", name, values))...)
	} else {
		paragraphs = append(says(enumSentence(name, name, values)), paragraphs...)
	}
	declared := &Enum{
		Name:            name,
		Comment:         comment(append(paragraphs, deprecation(deprecated)...)...),
		ConstantComment: comment(says("The values of [" + name + "].")...),
	}
	for i, end := range enumTails(values) {
		declared.Constants = append(declared.Constants, Constant{Name: name + end, Value: values[i].Value.Value})
	}
	return declared
}

// enumSentence says which values an enum has, unless they are many.
func enumSentence(subject, name string, values []spec.EnumValue) string {
	const later = "a value that the API adds later is kept as it came."
	if len(values) == 0 || len(values) > 6 {
		return subject + " is one of the " + name + " constants; " + later
	}
	var known []string
	for _, v := range values {
		known = append(known, inlineValue(v.Value.Value))
	}
	return subject + " is " + enumerate(known, "or") + "; " + later
}

// inlineValue returns a value of an enum for a sentence.
func inlineValue(value string) string {
	text := inline(value)
	if text == "" || text != value || strings.ContainsAny(text, " ,.;") {
		return notices.Replace(quoted(value)) // a line may begin inside of it
	}
	return text
}
