package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// readFields reads a mapping of fields or of parameters; kind is what messages
// call one of them.
func readFields(l *loader, it item, kind string) []Field {
	pairs, _ := l.pairs(it)
	fields := make([]Field, len(pairs))
	for i, p := range pairs {
		readField(l, p, kind, &fields[i])
	}
	return fields
}

func readField(l *loader, p pair, kind string, f *Field) {
	f.Name = p.key
	it := p.item(kind)
	if bare, ok := strings.CutSuffix(p.key.Value, "?"); ok && bare != "" {
		l.errorf(p.key.Pos, "%s: a name cannot end in ?; write %s", it.name(), optionalForm(bare, p.node))
		f.Name.Value = bare
	}
	if key := wrongMapKey(p.node); key != "" {
		l.wrongMapKey(it)
		return
	}
	if p.node.Kind != yaml.MappingNode || isMapForm(p.node) {
		f.Type, f.Optional = l.typeRef(it)
		return
	}
	if !hasAny(p.node, fieldKeys.names()) {
		l.errorf(l.pos(p.node), "%s has no type; write {type: string}, "+
			"or declare an object as a type of its own under types and name it here", it.name())
		return
	}
	it.node = l.enumOfOther(it)
	readKeys(l, it, fieldKeys, f)
	switch {
	case f.Enum == nil && f.Type == nil:
		if !hasAny(p.node, []string{"type", "enum"}) {
			l.errorf(it.at, "%s needs the key type or enum", it.name())
		}
	case f.Enum != nil && f.Type == nil:
		f.Type = &TypeRef{Pos: f.Name.Pos, Kind: String}
	case f.Enum != nil && f.Type.Kind != String:
		l.errorf(f.Type.Pos, "%s has an enum, so its type is string; for a list of them declare the enum under types", it.name())
	}
}

// enumOfOther reports an enum beside a type of numbers, and returns the mapping
// without it: its values are then no news.
func (l *loader) enumOfOther(it item) *yaml.Node {
	enum, word := valueOf(it.node, "enum"), valueOf(it.node, "type")
	if enum == nil || word == nil || !slices.Contains([]string{"integer", "number", "boolean"}, word.Value) {
		return it.node
	}
	l.errorf(l.pos(word), "%s: enums are of strings only; leave enum out and keep type: %s, or leave type out and quote the values",
		it.name(), word.Value)
	rest := *it.node
	rest.Content = nil
	for i := 0; i+1 < len(it.node.Content); i += 2 {
		if it.node.Content[i].Value != "enum" {
			rest.Content = append(rest.Content, it.node.Content[i], it.node.Content[i+1])
		}
	}
	return &rest
}

// optionalForm writes a field that may be absent.
func optionalForm(name string, value *yaml.Node) string {
	word := writtenType(value)
	switch {
	case value.Kind == yaml.MappingNode && !isMapForm(value):
		return plain(name) + ": {..., optional: true}"
	case !isText(value):
		return plain(name) + ": {type: " + word + ", optional: true}"
	case strings.HasPrefix(word, "optional"):
		return plain(name) + ": " + word
	}
	return plain(name) + ": optional " + word
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
