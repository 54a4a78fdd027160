package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

func readTypes(l *loader, it item, f *File) {
	pairs, _ := l.pairs(it)
	words := builtinWords()
	for _, p := range pairs {
		words = append(words, p.key.Value)
	}
	known := make(map[string]bool, len(words))
	for _, word := range words {
		known[word] = true
	}
	f.Types = make([]Type, len(pairs))
	for i, p := range pairs {
		readType(l, p, known, &f.Types[i])
	}
}

// readType reads one declared type. Its form is told by what is in it: an enum
// if the key enum holds a list, the long form if the key fields holds a
// mapping, and otherwise the mapping is the fields themselves. So a type with
// a field of its own called enum or fields is still written in the short form,
// unless that field is a list or a mapping: then the long form is needed.
//
// The words that name a type are known; they tell what was meant for an alias.
func readType(l *loader, p pair, known map[string]bool, t *Type) {
	t.Name = p.key
	it := p.item("type")
	switch {
	case isNull(p.node):
		l.errorf(p.key.Pos, "%s has no value; write its fields below it, or {} if it has none", it.name())
	case holds(p.node, "fields", yaml.MappingNode):
		readKeys(l, it, structKeys, t)
	case holds(p.node, "enum", yaml.SequenceNode):
		readKeys(l, it, enumKeys, t)
	case p.node.Kind == yaml.SequenceNode || isText(p.node):
		l.errorf(l.pos(p.node), "%s must be a mapping, its fields or {enum: [...]}, not %s; there are no aliases, so write %s where it is used",
			it.name(), describe(p.node), writtenType(p.node))
		t.Enum = []EnumValue{} // fits wherever the alias would
	case isAlias(p.node, known):
		meant := writtenType(valueOf(p.node, "type"))
		l.errorf(p.key.Pos, "%s is an alias, and there are none: types are structs or enums, so write %s where it is used "+
			"(a struct with a field called type is written {fields: {type: %s}})", it.name(), meant, meant)
		t.Enum = []EnumValue{}
	default:
		it.node = readAbout(l, it, t)
		t.Fields = readFields(l, it, "field")
	}
}

// isAlias tells a field in the mapping form, where a type must be, from a
// struct: it has only keys of that form, type is a type, and not every other
// value is one too. A field called type and nothing else is taken for it, since
// both are written the same; the long form tells them apart.
func isAlias(n *yaml.Node, known map[string]bool) bool {
	meant := valueOf(n, "type")
	if meant == nil || !looksLikeType(meant, known) {
		return false
	}
	fields := 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !slices.Contains(fieldKeys.names(), n.Content[i].Value) {
			return false
		}
		if looksLikeType(n.Content[i+1], known) {
			fields++
		}
	}
	return fields == 1 || 2*fields < len(n.Content)
}

// looksLikeType tells whether a value is a type whose words are known.
func looksLikeType(n *yaml.Node, known map[string]bool) bool {
	switch {
	case isText(n):
		word := strings.TrimSpace(n.Value)
		return known[word] || known[strings.TrimSpace(strings.TrimPrefix(word, "optional "))]
	case n.Kind == yaml.SequenceNode:
		return len(n.Content) == 1 && looksLikeType(n.Content[0], known)
	}
	return isMapForm(n) && looksLikeType(n.Content[1], known)
}

// readAbout reads what describes a type beside its fields, which only the long
// form can hold, and returns the mapping without it.
func readAbout(l *loader, it item, t *Type) *yaml.Node {
	if it.node.Kind != yaml.MappingNode || !hasAny(it.node, []string{"description", "deprecated"}) {
		return it.node
	}
	fields := *it.node
	fields.Content = nil
	for i := 0; i+1 < len(it.node.Content); i += 2 {
		key, value := it.node.Content[i], it.node.Content[i+1]
		if !describesType(key, value) {
			fields.Content = append(fields.Content, key, value)
			continue
		}
		l.errorf(l.pos(value), "field %s has no type; to describe %s itself, write {fields: {...}, %s: %s}",
			quote(key.Value), it.name(), plain(key.Value), plain(strings.TrimSpace(value.Value)))
		if k, ok := structKeys.find(key.Value); ok {
			k.read(l, item{word: key.Value, at: l.pos(key), node: value}, t)
		}
	}
	return &fields
}

// describesType tells a description, or deprecated, from a field of that name.
func describesType(key, value *yaml.Node) bool {
	sentence := isText(value) && len(strings.Fields(strings.TrimPrefix(value.Value, "optional "))) > 1 &&
		!strings.ContainsAny(value.Value, "[]{}|<>")
	switch key.Value {
	case "description":
		return sentence
	case "deprecated":
		return sentence || value.Kind == yaml.ScalarNode && value.Tag == boolTag
	}
	return false
}

// valueOf returns the value of a key of a mapping, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// holds tells whether a mapping has a key with a value of a kind.
func holds(n *yaml.Node, key string, kind yaml.Kind) bool {
	value := valueOf(n, key)
	return value != nil && value.Kind == kind
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
	it.node = n.Content[0]
	value := l.enumText(it)
	name := l.text(item{kind: "the Go name of", word: value.Value, at: value.Pos, node: n.Content[1]})
	return EnumValue{Value: value, GoName: name}, true
}
