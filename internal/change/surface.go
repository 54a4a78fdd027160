package change

import (
	"slices"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/spec"
)

// surface is a spec in which everything has its Go name. The model holds them
// in the order of the spec, so that no name is made twice.
type surface struct {
	Side
	scopes    []scope // with openid, which every sign-in asks for
	types     []string
	goType    map[string]string // Go name by the name in the spec
	structs   map[string]*structure
	enums     map[string]*enum // those of fields and parameters, too
	endpoints []*endpoint
	sent      map[string]bool // structs that requests hold
}

type scope struct {
	spec.Scope
	goName   string
	onDemand bool
}

// structure is a struct of the package.
type structure struct {
	name       string
	deprecated bool
	fields     []member
	marshals   bool // has a method MarshalJSON
}

// enum is a string type with constants, declared under types or in place.
type enum struct {
	name       string
	deprecated bool
	values     []spec.EnumValue
	constants  []string // for each value
}

// member is a field of a struct, or a parameter.
type member struct {
	spec.Field
	in     string // of a parameter: query or header
	goName string
	goType string
	text   string // the type as a spec has it, with Go names
}

type endpoint struct {
	spec.Endpoint
	goName string
	built  model.Endpoint
	params []member  // of the query and the headers
	before *endpoint // of the new spec's: what it was; nil: it is new
	after  *endpoint // of the old spec's
}

func newSurface(side Side) *surface {
	s := &surface{
		Side: side, goType: map[string]string{}, structs: map[string]*structure{},
		enums: map[string]*enum{}, sent: map[string]bool{},
	}
	s.readScopes()
	s.nameTypes()
	s.readEndpoints()
	s.readTypes()
	for _, e := range s.endpoints {
		named(e.Body, s.send)
	}
	return s
}

func (s *surface) readScopes() {
	for _, constant := range s.Package.Scopes.Constants {
		read := scope{Scope: spec.Scope{Name: spec.Text{Value: constant.Value}}, goName: constant.Name}
		for _, declared := range s.File.Scopes {
			if declared.Name.Value == constant.Value {
				read.Scope = declared
			}
		}
		read.onDemand = read.OnDemand && read.Name.Value != openID
		s.scopes = append(s.scopes, read)
	}
}

// nameTypes pairs the declared types with their declarations in Go. That of a
// struct is followed by those of its fields' enums.
func (s *surface) nameTypes() {
	next := 0
	for _, t := range s.File.Types {
		declared := s.Package.Types.Declarations[next]
		next++
		if declared.Enum != nil {
			s.goType[t.Name.Value] = declared.Enum.Name
			continue
		}
		s.goType[t.Name.Value] = declared.Struct.Name
		for _, f := range t.Fields {
			if f.Enum != nil {
				next++
			}
		}
	}
}

func (s *surface) readTypes() {
	next := 0
	for _, t := range s.File.Types {
		declared := s.Package.Types.Declarations[next]
		next++
		name := s.goType[t.Name.Value]
		s.types = append(s.types, name)
		if declared.Enum != nil {
			s.addEnum(declared.Enum, t.Enum, t.Deprecated != nil)
			continue
		}
		read := &structure{name: name, deprecated: t.Deprecated != nil, marshals: len(declared.Struct.Empties) > 0}
		for i, f := range t.Fields {
			m := member{Field: f, goName: declared.Struct.Fields[i].Name, goType: declared.Struct.Fields[i].Type, text: s.text(f.Type)}
			if f.Enum != nil {
				own := s.Package.Types.Declarations[next].Enum
				next++
				s.addEnum(own, f.Enum, false)
				m.text = own.Name
			}
			m.text = presence(m.Field, m.text)
			read.fields = append(read.fields, m)
		}
		s.structs[name] = read
	}
}

func (s *surface) addEnum(declared *model.Enum, values []spec.EnumValue, deprecated bool) {
	read := &enum{name: declared.Name, deprecated: deprecated, values: values}
	for _, constant := range declared.Constants {
		read.constants = append(read.constants, constant.Name)
	}
	s.enums[read.name] = read
}

func (s *surface) readEndpoints() {
	built := map[string]model.Endpoint{}
	for _, group := range s.Package.Groups {
		for _, e := range group.Endpoints {
			built[e.Name] = e
		}
	}
	for i, e := range s.File.Endpoints {
		name := s.Package.API.Methods[i].Name
		read := &endpoint{Endpoint: e, goName: name, built: built[name]}
		own := read.built.Enums
		enumOf := func(f spec.Field) string {
			declared := own[0]
			own = own[1:]
			s.addEnum(&declared, f.Enum, false)
			return declared.Name
		}
		for _, f := range e.PathParams {
			if f.Enum != nil {
				enumOf(f)
			}
		}
		for k, f := range slices.Concat(e.Query, e.Header) {
			field := read.built.Params.Fields[k]
			m := member{Field: f, in: "query", goName: field.Name, goType: field.Type, text: s.text(f.Type)}
			if k >= len(e.Query) {
				m.in = "header"
			}
			if f.Enum != nil {
				m.text = enumOf(f)
			}
			m.text = presence(f, m.text)
			read.params = append(read.params, m)
		}
		s.endpoints = append(s.endpoints, read)
	}
}

// send notes that requests hold a type, and so what is inside of it.
func (s *surface) send(name string) {
	if s.sent[s.goType[name]] {
		return
	}
	s.sent[s.goType[name]] = true
	for _, t := range s.File.Types {
		if t.Name.Value == name {
			for _, f := range t.Fields {
				named(f.Type, s.send)
			}
		}
	}
}

// named calls yield for every declared type that ref mentions.
func named(ref *spec.TypeRef, yield func(name string)) {
	for ; ref != nil; ref = ref.Elem {
		if ref.Kind == spec.Named {
			yield(ref.Name)
		}
	}
}

var words = map[spec.Kind]string{
	spec.String: "string", spec.Integer: "integer", spec.Number: "number", spec.Boolean: "boolean", spec.Date: "date",
	spec.DateTime: "datetime", spec.UUID: "uuid", spec.Bytes: "bytes", spec.Any: "any",
}

// text writes a type as a spec does.
func (s *surface) text(ref *spec.TypeRef) string {
	switch {
	case ref == nil:
		return "nothing"
	case ref.Kind == spec.Named:
		return s.goType[ref.Name]
	case ref.Kind == spec.List:
		return "[" + s.text(ref.Elem) + "]"
	case ref.Kind == spec.Map:
		return "{string: " + s.text(ref.Elem) + "}"
	}
	return words[ref.Kind]
}

func presence(f spec.Field, text string) string {
	if f.Nullable {
		text += " or null"
	}
	if f.Optional {
		text = "optional " + text
	}
	return text
}
