package model

import (
	"example.com/scaffold/spec"
)

// typeText returns a type in Go, and adds what it needs to the imports.
func (b *builder) typeText(ref *spec.TypeRef, imports *importSet) string {
	if ref == nil {
		return "any"
	}
	switch ref.Kind {
	case spec.String:
		return "string"
	case spec.Integer:
		return "int64"
	case spec.Number:
		return "float64"
	case spec.Boolean:
		return "bool"
	case spec.Date:
		b.uses.Dates = true
		return "Date"
	case spec.DateTime:
		imports.add(pkgTime)
		return "time.Time"
	case spec.UUID:
		imports.add(pkgUUID)
		return "uuid.UUID"
	case spec.Bytes:
		return "[]byte"
	case spec.Named:
		if name := b.goType[ref.Name]; name != "" {
			return name
		}
	case spec.List:
		return "[]" + b.typeText(ref.Elem, imports)
	case spec.Map:
		return "map[string]" + b.typeText(ref.Elem, imports)
	}
	return "any"
}

// fieldType returns the type of a field without regard to optional and
// nullable. An enum of its own is called after the owner of the field.
func (b *builder) fieldType(f *spec.Field, owner string, imports *importSet) string {
	if f.Enum == nil {
		return b.typeText(f.Type, imports)
	}
	return owner + fieldName(f)
}

// nilable reports whether the Go type can be nil without being a pointer.
func nilable(ref *spec.TypeRef) bool {
	return ref == nil || ref.Kind == spec.Any || isCollection(ref)
}

// isCollection reports whether JSON writes the type's nil as null although
// the API expects something empty.
func isCollection(ref *spec.TypeRef) bool {
	return ref != nil && (ref.Kind == spec.List || ref.Kind == spec.Map || ref.Kind == spec.Bytes)
}

// holdsAny reports whether a type is any, or a list or map of it.
func holdsAny(ref *spec.TypeRef) bool {
	for ; ref != nil; ref = ref.Elem {
		if ref.Kind == spec.Any {
			return true
		}
	}
	return false
}

// anyInside reports whether a declared type that ref mentions holds an any, in
// itself or in the types of its fields.
func (b *builder) anyInside(ref *spec.TypeRef) bool {
	found := false
	named(ref, func(name string) { found = found || b.loose[name] })
	return found
}

// looseTypes returns the declared types that hold an any.
func looseTypes(types []spec.Type) map[string]bool {
	loose := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for _, t := range types {
			for _, f := range t.Fields {
				holds := holdsAny(f.Type)
				named(f.Type, func(name string) { holds = holds || loose[name] })
				if holds && !loose[t.Name.Value] {
					loose[t.Name.Value], grown = true, true
				}
			}
		}
	}
	return loose
}

// isEnum reports whether a reference is to a declared enum.
func (b *builder) isEnum(ref *spec.TypeRef) bool {
	if ref == nil || ref.Kind != spec.Named {
		return false
	}
	t := b.types[ref.Name]
	return t != nil && t.Enum != nil
}

// named calls yield for every declared type that ref mentions.
func named(ref *spec.TypeRef, yield func(name string)) {
	for ; ref != nil; ref = ref.Elem {
		if ref.Kind == spec.Named {
			yield(ref.Name)
		}
	}
}
