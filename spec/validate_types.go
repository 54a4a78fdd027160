package spec

import (
	"slices"
	"strings"
	"unicode"
)

func (c *checker) types() {
	for _, t := range c.file.Types {
		if !isExported(t.Name.Value) {
			c.errorf(t.Name.Pos, "%s cannot name a type%s", quote(t.Name.Value), orExported(t.Name.Value))
		}
	}
	for _, t := range c.file.Types {
		c.enum(t.Enum)
		for _, f := range t.Fields {
			c.jsonName(f.Name)
			c.field(f)
		}
	}
	c.recursion()
}

// field checks what is the same for fields and parameters.
func (c *checker) field(f Field) {
	c.goName(f.GoName)
	c.enum(f.Enum)
	c.typeRef(f.Type)
}

// jsonName checks that encoding/json takes a name in a struct tag; it ignores
// without a word what it does not take.
func (c *checker) jsonName(name Text) {
	bad := strings.IndexFunc(name.Value, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r)
	})
	switch {
	case name.Value == "":
		c.errorf(name.Pos, "a field needs a name")
	case bad >= 0:
		r := []rune(name.Value[bad:])[0]
		c.errorf(name.Pos, "field %s cannot be decoded by encoding/json: its name holds %s", quote(name.Value), quote(string(r)))
	}
}

func (c *checker) enum(values []EnumValue) {
	seen := map[string]int{}
	for _, v := range values {
		c.goName(v.GoName)
		if line := seen[v.Value.Value]; line != 0 && v.Value.Value != "" {
			c.errorf(v.Value.Pos, "%s stands twice in this enum; the first is in line %d", quote(v.Value.Value), line)
			continue
		}
		seen[v.Value.Value] = v.Value.Pos.Line
	}
}

// otherWords are words of other languages for the built-in types.
var otherWords = []struct{ word, ours string }{
	{"int", "integer"},
	{"int32", "integer"},
	{"int64", "integer"},
	{"long", "integer"},
	{"float", "number"},
	{"float32", "number"},
	{"float64", "number"},
	{"double", "number"},
	{"decimal", "number"},
	{"bool", "boolean"},
	{"str", "string"},
	{"text", "string"},
	{"time", "datetime"},
	{"date-time", "datetime"},
	{"timestamp", "datetime"},
	{"binary", "bytes"},
	{"object", "any"},
}

// maxNesting is how many lists and maps can be around a type.
const maxNesting = 8

// typeRef checks that the type that is meant exists.
func (c *checker) typeRef(t *TypeRef) {
	outer := t
	for depth := 0; t != nil && t.Elem != nil; depth++ {
		if depth == maxNesting {
			c.errorf(outer.Pos, "a type is nested more than %d lists or maps deep; declare a type for what is inside", maxNesting)
			return
		}
		t = t.Elem
	}
	if t == nil || t.Kind != Named || c.declared[t.Name] != nil {
		return
	}
	for _, other := range otherWords {
		if strings.EqualFold(t.Name, other.word) {
			c.errorf(t.Pos, "unknown type %s; did you mean %s?", quote(t.Name), quote(other.ours))
			return
		}
	}
	fallback := "; declare it under types, or use " + strings.Join(builtinWords(), ", ")
	c.errorf(t.Pos, "unknown type %s%s", quote(t.Name), c.suggest("type ", t.Name, fallback, c.typeWords))
}

// recursion reports types that hold themselves by value: no JSON could be
// finite, and Go would not compile. Each ring of types is reported once, at
// the field that closes it.
func (c *checker) recursion() {
	w := walk{checker: c, onPath: map[string]int{}, done: map[string]bool{}}
	for _, t := range c.file.Types {
		w.visit(t.Name.Value)
	}
}

// walk follows the fields that are held by value, depth first.
type walk struct {
	*checker
	path   []string       // how it came here
	onPath map[string]int // where a type stands in path
	done   map[string]bool
}

func (w *walk) visit(name string) {
	if w.done[name] || w.declared[name] == nil {
		return
	}
	w.onPath[name] = len(w.path)
	w.path = append(w.path, name)
	for _, f := range w.declared[name].Fields {
		if f.Type == nil || f.Type.Kind != Named || f.Optional || f.Nullable {
			continue
		}
		i, again := w.onPath[f.Type.Name]
		if !again {
			w.visit(f.Type.Name)
			continue
		}
		w.errorf(f.Type.Pos, "type %s contains itself (%s); make the field %s optional or a list",
			quote(f.Type.Name), ring(append(slices.Clone(w.path[i:]), f.Type.Name)), quote(f.Name.Value))
	}
	w.path = w.path[:len(w.path)-1]
	delete(w.onPath, name)
	w.done[name] = true
}

// ring writes the way around a ring of types, cut if it is long.
func ring(names []string) string {
	const shown = 5
	if len(names) > shown {
		names = append(append([]string{}, names[:shown-1]...), "...", names[len(names)-1])
	}
	for i, name := range names {
		names[i] = plain(name)
	}
	return strings.Join(names, " > ")
}
