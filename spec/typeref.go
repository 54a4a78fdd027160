package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

type builtin struct {
	word string
	kind Kind
}

// builtins are the types that every spec has.
var builtins = []builtin{
	{"string", String},
	{"integer", Integer},
	{"number", Number},
	{"boolean", Boolean},
	{"date", Date},
	{"datetime", DateTime},
	{"uuid", UUID},
	{"bytes", Bytes},
	{"any", Any},
}

func builtinKind(word string) (Kind, bool) {
	for _, b := range builtins {
		if b.word == word {
			return b.kind, true
		}
	}
	return 0, false
}

func builtinWords() []string {
	words := make([]string, len(builtins))
	for i, b := range builtins {
		words[i] = b.word
	}
	return words
}

// typeRef reads a use of a type: a word, [T] or {string: T}. Only a word can
// have optional before it.
func (l *loader) typeRef(it item) (t *TypeRef, optional bool) {
	n := it.node
	switch {
	case isText(n):
		return l.typeWord(it)
	case n.Kind == yaml.SequenceNode:
		if len(n.Content) != 1 {
			l.errorf(l.pos(n), "%s: a list type holds one type, like [string], not %d", it.name(), len(n.Content))
			return nil, false
		}
		return l.wrapped(it, List, n.Content[0]), false
	case wrongMapKey(n) != "":
		l.wrongMapKey(it)
		return nil, false
	case n.Kind == yaml.MappingNode:
		if !isMapForm(n) {
			l.errorf(l.pos(n), "%s: a map type is written {string: T}, with string as its only key", it.name())
			return nil, false
		}
		return l.wrapped(it, Map, n.Content[1]), false
	}
	l.wrongKind(it, "a type, like string, [string] or a declared name")
	return nil, false
}

// plainTypeRef reads a type where nothing can be optional.
func (l *loader) plainTypeRef(it item) *TypeRef {
	word, optional := strings.CutPrefix(strings.TrimSpace(it.node.Value), "optional")
	if word = strings.TrimSpace(word); optional && strings.IndexAny(word, "[{") == 0 && isText(it.node) {
		l.errorf(l.pos(it.node), "%s cannot be optional; write %s", it.name(), plain(word))
		return nil
	}
	t, optional := l.typeRef(it)
	if optional {
		l.errorf(l.pos(it.node), "%s cannot be optional; write %s", it.name(), quote(typeText(t)))
	}
	return t
}

// wrapped reads the element of a list or a map.
func (l *loader) wrapped(it item, kind Kind, elem *yaml.Node) *TypeRef {
	at := l.pos(it.node)
	it.inner, it.at, it.node = true, at, elem
	t := l.plainTypeRef(it)
	if t == nil {
		return nil
	}
	return &TypeRef{Pos: at, Kind: kind, Elem: t}
}

func (l *loader) typeWord(it item) (t *TypeRef, optional bool) {
	at := l.pos(it.node)
	word := strings.TrimSpace(it.node.Value)
	if rest, ok := strings.CutPrefix(word, "optional"); ok && (rest == "" || rest[0] == ' ') {
		optional, word = true, strings.TrimSpace(rest)
	}
	switch {
	case word == "" && optional:
		l.errorf(at, "%s is optional, but of what type? write optional string, for example", it.name())
	case word == "":
		l.errorf(at, "%s has an empty type", it.name())
	case optional && strings.ContainsAny(word, "[]{}"):
		l.errorf(at, "%s: optional stands only before a word; write {type: %s, optional: true}", it.name(), plain(word))
	case strings.ContainsAny(word, " []{}()<>?*|,:;\t\n"):
		l.errorf(at, "%s: %s is not a type%s", it.name(), quote(word), typeForm(word))
	default:
		kind, ok := builtinKind(word)
		if ok {
			return &TypeRef{Pos: at, Kind: kind}, optional
		}
		return &TypeRef{Pos: at, Kind: Named, Name: word}, optional
	}
	return nil, false
}

// wrongMapKey returns the built-in type that stands where {string: T} has
// string, or "".
func wrongMapKey(n *yaml.Node) string {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 || n.Content[0].Value == "string" {
		return ""
	}
	if _, ok := builtinKind(n.Content[0].Value); !ok {
		return ""
	}
	return n.Content[0].Value
}

func (l *loader) wrongMapKey(it item) {
	l.errorf(l.pos(it.node), "%s: the keys of a map are strings, not %s; write {string: %s}",
		it.name(), plain(it.node.Content[0].Value), writtenType(it.node.Content[1]))
}

// writtenType writes a type as the text has it, on one line: T for what is no
// type that a message could repeat.
func writtenType(n *yaml.Node) string {
	switch {
	case isText(n) && isWord(strings.TrimPrefix(strings.TrimSpace(n.Value), "optional ")):
		return plain(strings.TrimSpace(n.Value))
	case n.Kind == yaml.SequenceNode && len(n.Content) == 1 && isText(n.Content[0]):
		return "[" + writtenType(n.Content[0]) + "]"
	case isMapForm(n) && isText(n.Content[1]):
		return "{string: " + writtenType(n.Content[1]) + "}"
	}
	return "T"
}

// typeForm suggests our form of a type that is written as elsewhere.
func typeForm(word string) string {
	bare := strings.Trim(word, "[]?*| ")
	key, elem, isMap := strings.Cut(bare, "]")
	switch {
	case strings.HasPrefix(bare, "map[string") && isMap && key == "map[string" && isWord(elem):
		return "; write {string: " + plain(elem) + "}"
	case !isWord(bare):
		return "; write a word, [T], {string: T} or optional T"
	case strings.ContainsAny(word, "["):
		return "; write [" + plain(bare) + "] without quotes"
	case strings.ContainsAny(word, "?*"):
		return "; write optional " + plain(bare)
	}
	return "; write a word, [T], {string: T} or optional T"
}

func isWord(s string) bool {
	return s != "" && !strings.ContainsAny(s, " []{}()<>?*|,:;\t\n")
}

// typeText writes a type as the language does.
func typeText(t *TypeRef) string {
	switch {
	case t == nil:
		return ""
	case t.Kind == List:
		return "[" + typeText(t.Elem) + "]"
	case t.Kind == Map:
		return "{string: " + typeText(t.Elem) + "}"
	case t.Kind == Named:
		return t.Name
	}
	i := slices.IndexFunc(builtins, func(b builtin) bool { return b.kind == t.Kind })
	return builtins[i].word
}
