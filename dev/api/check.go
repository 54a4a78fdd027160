package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/scaffold/internal/lazyregexp"
	"example.com/scaffold/spec"
)

// types are the declared types of a spec, by their names. A value of a type is
// what encoding/json makes of it with UseNumber.
type types map[string]*spec.Type

func newTypes(f *spec.File) types {
	t := make(types, len(f.Types))
	for i := range f.Types {
		t[f.Types[i].Name.Value] = &f.Types[i]
	}
	return t
}

// structOf returns the struct that a reference is to, or nil.
func (t types) structOf(ref *spec.TypeRef) *spec.Type {
	if ref == nil || ref.Kind != spec.Named {
		return nil
	}
	if declared := t[ref.Name]; declared != nil && declared.Enum == nil {
		return declared
	}
	return nil
}

// enumOf returns the values that a field may have, or nil if it is no enum.
func (t types) enumOf(f spec.Field) []spec.EnumValue {
	if f.Enum != nil {
		return f.Enum
	}
	if f.Type != nil && f.Type.Kind == spec.Named && t[f.Type.Name] != nil {
		return t[f.Type.Name].Enum
	}
	return nil
}

// place is where in a body a value stands.
type place struct {
	shown   string // lines[0].hours; empty: the body itself
	pointer string // /lines/0/hours
}

func (p place) field(name string) place {
	pointer := p.pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
	if p.shown == "" {
		return place{name, pointer}
	}
	return place{p.shown + "." + name, pointer}
}

func (p place) index(i int) place {
	return place{fmt.Sprintf("%s[%d]", p.shown, i), fmt.Sprintf("%s/%d", p.pointer, i)}
}

// maxFaults is how many faults of a request are told at once.
const maxFaults = 20

// checker compares a body with its type.
type checker struct {
	types  types
	faults []fault
}

// fits reports whether a value is of a type.
func (t types) fits(ref *spec.TypeRef, value any) bool {
	c := checker{types: t}
	c.value(ref, value, place{})
	return len(c.faults) == 0
}

// fieldFits reports whether a field may have a value.
func (t types) fieldFits(f spec.Field, value any) bool {
	c := checker{types: t}
	c.field(f, value, place{})
	return len(c.faults) == 0
}

func (c *checker) wrong(at place, must string) {
	if len(c.faults) == maxFaults {
		return
	}
	shown := at.shown
	if shown == "" {
		shown = "the body"
	}
	c.faults = append(c.faults, fault{Detail: shown + " " + must, Pointer: "#" + at.pointer})
}

// field checks the value that a field has.
func (c *checker) field(f spec.Field, value any, at place) {
	switch {
	case value == nil && f.Nullable:
	case f.Enum != nil:
		c.enum(f.Enum, value, at)
	default:
		c.value(f.Type, value, at)
	}
}

func (c *checker) value(ref *spec.TypeRef, value any, at place) {
	switch {
	case len(c.faults) == maxFaults:
	case ref == nil || ref.Kind == spec.Any:
	case value == nil:
		c.wrong(at, "must not be null")
	case ref.Kind == spec.List:
		list, ok := value.([]any)
		if !ok {
			c.wrong(at, "must be a list")
		}
		for i, each := range list {
			c.value(ref.Elem, each, at.index(i))
		}
	case ref.Kind == spec.Map:
		object, ok := value.(map[string]any)
		if !ok {
			c.wrong(at, "must be an object")
		}
		for _, key := range slices.Sorted(maps.Keys(object)) {
			c.value(ref.Elem, object[key], at.field(key))
		}
	case ref.Kind == spec.Named:
		c.named(c.types[ref.Name], value, at)
	default:
		if must := scalarFault(ref.Kind, value); must != "" {
			c.wrong(at, must)
		}
	}
}

func (c *checker) named(t *spec.Type, value any, at place) {
	if t == nil {
		return // of a spec that is not valid
	}
	if t.Enum != nil {
		c.enum(t.Enum, value, at)
		return
	}
	object, ok := value.(map[string]any)
	if !ok {
		c.wrong(at, "must be an object: a "+t.Name.Value)
		return
	}
	known := map[string]bool{}
	for _, f := range t.Fields {
		known[f.Name.Value] = true
		each, there := object[f.Name.Value]
		switch {
		case there:
			c.field(f, each, at.field(f.Name.Value))
		case !f.Optional:
			c.wrong(at.field(f.Name.Value), "is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !known[name] {
			c.wrong(at.field(shorten(name)), "is not a field of "+t.Name.Value)
		}
	}
}

func (c *checker) enum(values []spec.EnumValue, value any, at place) {
	if must := enumFault(values, value); must != "" {
		c.wrong(at, must)
	}
}

func enumFault(values []spec.EnumValue, value any) string {
	words := make([]string, len(values))
	for i, v := range values {
		if words[i] = v.Value.Value; words[i] == value {
			return ""
		}
		if words[i] == "" {
			words[i] = `""`
		}
	}
	return "must be one of " + strings.Join(words, ", ")
}

var (
	integerForm = lazyregexp.New(`^-?(0|[1-9][0-9]*)$`)
	numberForm  = lazyregexp.New(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)                                            // RFC 8259 section 6
	momentForm  = lazyregexp.New(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`) // RFC 3339 section 5.6
	uuidForm    = lazyregexp.New(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
)

// scalarFault says what a value must be that is not of a built-in type; it is
// empty if the value is. What a client reads into an int64, a float64 or a
// time.Time is refused if that would fail.
func scalarFault(kind spec.Kind, value any) string {
	text, isText := value.(string)
	number, _ := value.(json.Number)
	var err error
	switch kind {
	case spec.Integer:
		if _, err = strconv.ParseInt(number.String(), 10, 64); err != nil || !integerForm().MatchString(number.String()) {
			return "must be a whole number, of 64 bits at most"
		}
	case spec.Number:
		if _, err = strconv.ParseFloat(number.String(), 64); err != nil || !numberForm().MatchString(number.String()) {
			return "must be a number"
		}
	case spec.Boolean:
		if _, ok := value.(bool); !ok {
			return "must be true or false"
		}
	case spec.Date:
		if _, err = time.Parse(time.DateOnly, text); err != nil {
			return "must be a date like 2026-03-31"
		}
	case spec.DateTime:
		if _, err = time.Parse(time.RFC3339, text); err != nil || !momentForm().MatchString(text) {
			return "must be a date and time like 2026-03-31T09:30:00Z"
		}
	case spec.UUID:
		if !uuidForm().MatchString(text) {
			return "must be a UUID like 7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b"
		}
	case spec.Bytes:
		if _, err = base64.StdEncoding.DecodeString(text); err != nil || !isText {
			return "must be text in base64, with its padding"
		}
	default:
		if !isText {
			return "must be text"
		}
	}
	return ""
}
