package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

// encode writes a value as JSON, with the fields of a struct in the order of
// the spec.
func (t types) encode(to []byte, ref *spec.TypeRef, value any) []byte {
	object, isObject := value.(map[string]any)
	items, isList := value.([]any)
	of := t.structOf(ref)
	switch {
	case isObject && of != nil:
		to = append(to, '{')
		n := len(to)
		for _, f := range of.Fields {
			if each, ok := object[f.Name.Value]; ok {
				to = t.encodeMember(to, n, f.Name.Value, f.Type, each)
			}
		}
		return append(to, '}')
	case isObject && ref.Kind == spec.Map:
		to = append(to, '{')
		n := len(to)
		for _, key := range slices.Sorted(maps.Keys(object)) {
			to = t.encodeMember(to, n, key, ref.Elem, object[key])
		}
		return append(to, '}')
	case isList && ref.Kind == spec.List:
		to = append(to, '[')
		for i, each := range items {
			if i > 0 {
				to = append(to, ',')
			}
			to = t.encode(to, ref.Elem, each)
		}
		return append(to, ']')
	}
	return append(to, plainJSON(value)...)
}

// encodeMember writes a member of an object, which begins at an index.
func (t types) encodeMember(to []byte, begin int, name string, ref *spec.TypeRef, value any) []byte {
	if len(to) > begin {
		to = append(to, ',')
	}
	to = append(append(to, plainJSON(name)...), ':')
	return t.encode(to, ref, value)
}

// plainJSON writes a value without the escapes that are for HTML.
func plainJSON(value any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // cannot fail: it was read from JSON or made here
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}
