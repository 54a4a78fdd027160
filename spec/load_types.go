package spec

import (
	"gopkg.in/yaml.v3"
)

func readTypes(l *loader, it item, f *File) {
	pairs, _ := l.pairs(it)
	for _, p := range pairs {
		f.Types = append(f.Types, readType(l, p))
	}
}

// readType reads one declared type. Its form is told by what is in it: an enum
// if the key enum holds a list, the long form if the key fields holds a
// mapping, and otherwise the mapping is the fields themselves. So a type with
// a field of its own called enum or fields is still written in the short form,
// unless that field is a list or a mapping: then the long form is needed.
func readType(l *loader, p pair) Type {
	t := Type{Name: p.key}
	it := p.item("type")
	switch {
	case isNull(p.node):
		l.errorf(p.key.Pos, "%s has no value; write its fields below it, or {} if it has none", it.name)
	case holds(p.node, "fields", yaml.MappingNode):
		readKeys(l, it, structKeys, &t)
	case holds(p.node, "enum", yaml.SequenceNode):
		readKeys(l, it, enumKeys, &t)
	default:
		t.Fields = readFields(l, it, "field")
	}
	return t
}

// holds tells whether a mapping has a key with a value of a kind.
func holds(n *yaml.Node, key string, kind yaml.Kind) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i+1].Kind == kind {
			return true
		}
	}
	return false
}

var structKeys = keys[Type]{
	{
		name: "fields", required: true, schema: ref("fields"),
		doc:  "The fields of the type: name: type.",
		read: func(l *loader, it item, t *Type) { t.Fields = readFields(l, it, "field") },
	},
	textKey("description", "What the type is, for its doc comment.", textSchema(), func(t *Type) *Text { return &t.Description }),
	deprecatedKey(func(t *Type) **Text { return &t.Deprecated }),
}

var enumKeys = keys[Type]{
	{
		name: "enum", required: true, schema: ref("enum"),
		doc:  "The values of the type.",
		read: func(l *loader, it item, t *Type) { t.Enum = readEnum(l, it) },
	},
	textKey("description", "What the type is, for its doc comment.", textSchema(), func(t *Type) *Text { return &t.Description }),
	deprecatedKey(func(t *Type) **Text { return &t.Deprecated }),
}

// readEnum returns a list that is not nil, even if it cannot be read.
func readEnum(l *loader, it item) []EnumValue {
	values := []EnumValue{}
	items, ok := l.items(it, "a value of an enum")
	if ok && len(items) == 0 {
		l.errorf(l.pos(it.node), "enum is empty; write its values, like [draft, approved]")
	}
	for _, each := range items {
		if each.node.Kind == yaml.MappingNode {
			if v, ok := readNamedValue(l, each); ok {
				values = append(values, v)
			}
			continue
		}
		if isText(each.node) && each.node.Value == "" {
			l.errorf(l.pos(each.node), `an empty value of an enum needs a Go name; write "": Empty`)
			continue
		}
		values = append(values, EnumValue{Value: l.enumText(each)})
	}
	return values
}

// enumText reads a value of an enum. What looks like a number, a boolean or
// null is refused even as a key: whether 1.0 or 1 was meant cannot be told.
func (l *loader) enumText(it item) Text {
	if it.node.Kind == yaml.ScalarNode && isNull(it.node) {
		l.errorf(l.pos(it.node), "a value of an enum must be text, not nothing; quote it if the text is meant: %s", quote(it.node.Value))
		return Text{Pos: l.pos(it.node)}
	}
	if isText(it.node) {
		return Text{Value: it.node.Value, Pos: l.pos(it.node)}
	}
	return l.text(it)
}

// readNamedValue reads `value: GoName`.
func readNamedValue(l *loader, it item) (EnumValue, bool) {
	n := it.node
	if len(n.Content) != 2 {
		l.errorf(l.pos(n), "a value of an enum is text or value: GoName, not a mapping of %d keys", len(n.Content)/2)
		return EnumValue{}, false
	}
	if isMerge(n.Content[0]) {
		return EnumValue{}, false
	}
	value := l.enumText(item{name: it.name, at: it.at, node: n.Content[0]})
	name := l.text(item{name: "the Go name of " + quote(value.Value), at: value.Pos, node: n.Content[1]})
	return EnumValue{Value: value, GoName: name}, true
}

// readFields reads a mapping of fields or of parameters; kind is what messages
// call one of them.
func readFields(l *loader, it item, kind string) []Field {
	pairs, _ := l.pairs(it)
	fields := make([]Field, 0, len(pairs))
	for _, p := range pairs {
		fields = append(fields, readField(l, p, kind))
	}
	return fields
}

func readField(l *loader, p pair, kind string) Field {
	f := Field{Name: p.key}
	it := p.item(kind)
	if p.node.Kind != yaml.MappingNode || isMapForm(p.node) {
		f.Type, f.Optional = l.typeRef(it)
		return f
	}
	if !hasAny(p.node, fieldKeys.names()) {
		l.errorf(l.pos(p.node), "%s has no type; write {type: string}, "+
			"or declare an object as a type of its own under types and name it here", it.name)
		return f
	}
	readKeys(l, it, fieldKeys, &f)
	switch {
	case f.Enum == nil && f.Type == nil:
		if !hasAny(p.node, []string{"type", "enum"}) {
			l.errorf(it.at, "%s needs the key type or enum", it.name)
		}
	case f.Enum != nil && f.Type == nil:
		f.Type = &TypeRef{Pos: f.Name.Pos, Kind: String}
	case f.Enum != nil && f.Type.Kind != String:
		l.errorf(f.Type.Pos, "%s has an enum, so its type is string; for a list of them declare the enum under types", it.name)
	}
	return f
}

// isMapForm tells {string: T} from the mapping form of a field.
func isMapForm(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[0].Value == "string"
}

func hasAny(n *yaml.Node, names []string) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		for _, name := range names {
			if n.Content[i].Value == name {
				return true
			}
		}
	}
	return false
}

var fieldKeys = keys[Field]{
	{
		name: "type", schema: ref("typeRef"),
		doc: "The type: string, integer, number, boolean, date, datetime, uuid, bytes, any, a declared type, [T] or {string: T}.",
		read: func(l *loader, it item, f *Field) {
			t, optional := l.typeRef(it)
			f.Type, f.Optional = t, f.Optional || optional
		},
	},
	boolKey("optional", "Whether it may be absent.", func(f *Field) *bool { return &f.Optional }),
	boolKey("nullable", "Whether it may be null.", func(f *Field) *bool { return &f.Nullable }),
	textKey("description", "What it is, for its doc comment.", textSchema(), func(f *Field) *Text { return &f.Description }),
	{
		name: "enum", schema: ref("enum"),
		doc:  "The values it may have; its type is then string.",
		read: func(l *loader, it item, f *Field) { f.Enum = readEnum(l, it) },
	},
	deprecatedKey(func(f *Field) **Text { return &f.Deprecated }),
	textKey("name", "The Go name, where the one made from its own name would not do.", pattern(exportedPattern),
		func(f *Field) *Text { return &f.GoName }),
}
