package spec

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// key is one key of a mapping: how it is read, and how the schema explains it.
// The tables of keys drive both, so that the two cannot drift apart.
type key[T any] struct {
	name     string
	doc      string
	required bool
	stray    string // not empty: the key belongs elsewhere, and this is said of it
	schema   schema // of the value
	read     func(l *loader, it item, to *T)
}

type keys[T any] []key[T]

// item is one value of the text, and what messages call it.
type item struct {
	kind  string // the type of type "Timesheet"; empty: word says it all
	word  string // the Timesheet of type "Timesheet", or client_id
	inner bool   // it is the element of what has that name
	at    Pos    // where to point when there is no value
	node  *yaml.Node
}

// name is what messages call the item. It is put together for them alone.
func (it item) name() string {
	name := it.word
	if it.kind != "" {
		name = it.kind + " " + quote(it.word)
	}
	if it.inner {
		name = "the element of " + name
	}
	return name
}

// pair is one entry of a mapping.
type pair struct {
	key  Text
	node *yaml.Node // the value
}

// item names the value of a pair whose key a person chose: kind "type" and key
// Foo make `type "Foo"`.
func (p pair) item(kind string) item {
	return item{kind: kind, word: p.key.Value, at: p.key.Pos, node: p.node}
}

func (t keys[T]) names() []string {
	names := make([]string, 0, len(t))
	for _, k := range t {
		if k.stray == "" {
			names = append(names, k.name)
		}
	}
	return names
}

func (t keys[T]) find(name string) (key[T], bool) {
	for _, k := range t {
		if k.name == name {
			return k, true
		}
	}
	return key[T]{}, false
}

// readKeys reads the mapping it into to, and reports keys that the table does
// not have and required keys that the text does not have. It returns false if
// there is no mapping to read.
func readKeys[T any](l *loader, it item, table keys[T], to *T) bool {
	pairs, ok := l.pairs(it)
	if !ok {
		return false
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		seen[p.key.Value] = true
	}
	for _, p := range pairs {
		name := p.key.Value
		if k, ok := table.find(name); ok {
			if k.stray != "" { // read all the same, so that nothing follows from it
				l.errorf(p.key.Pos, "%s", k.stray)
			}
			k.read(l, item{word: name, at: p.key.Pos, node: p.node}, to)
			continue
		}
		// A slip in a key is read as the key that was meant, so that nothing
		// is reported that only follows from it.
		meant := Closest(name, table.names())
		l.unknownKey(it, p.key, meant, table.names())
		if k, ok := table.find(meant); ok && !seen[meant] {
			k.read(l, item{word: meant, at: p.key.Pos, node: p.node}, to)
			seen[meant] = true
		}
	}
	for _, k := range table {
		if k.required && !seen[k.name] {
			l.errorf(it.at, "%s needs the key %s: %s", it.name(), k.name, lowerFirst(k.doc))
		}
	}
	return true
}

func (l *loader) unknownKey(it item, key Text, meant string, names []string) {
	if meant != "" {
		l.errorf(key.Pos, "unknown key %s in %s; did you mean %s?", quote(key.Value), it.name(), quote(meant))
		return
	}
	l.errorf(key.Pos, "unknown key %s in %s, which takes %s", quote(key.Value), it.name(), strings.Join(names, ", "))
}

// textKey reads a key whose value is text into the field that to points at.
func textKey[T any](name, doc string, s schema, to func(*T) *Text) key[T] {
	return key[T]{name: name, doc: doc, schema: s, read: func(l *loader, it item, v *T) {
		*to(v) = l.text(it)
	}}
}

// boolKey reads a key whose value is true or false.
func boolKey[T any](name, doc string, to func(*T) *bool) key[T] {
	return key[T]{name: name, doc: doc, schema: schema{"type": "boolean"}, read: func(l *loader, it item, v *T) {
		*to(v) = l.boolean(it) || *to(v)
	}}
}

// deprecatedKey reads `deprecated: true` or a reason.
func deprecatedKey[T any](to func(*T) **Text) key[T] {
	return key[T]{
		name:   "deprecated",
		doc:    "True, or why it should no longer be used and what to use instead.",
		schema: schema{"type": []any{"boolean", "string"}},
		read: func(l *loader, it item, v *T) {
			if it.node.Kind != yaml.ScalarNode || it.node.Tag != boolTag {
				reason := l.text(it)
				*to(v) = &reason
				return
			}
			if l.boolean(it) {
				*to(v) = &Text{Pos: l.pos(it.node)}
			}
		},
	}
}
