package model

import (
	"slices"

	"example.com/scaffold/spec"
)

// sentTypes returns the declared types that requests hold, themselves or
// inside others.
func (b *builder) sentTypes() map[string]bool {
	sent := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		t := b.types[name]
		if sent[name] || t == nil {
			return
		}
		sent[name] = true
		for _, f := range t.Fields {
			named(f.Type, add)
		}
	}
	for _, e := range b.spec.Endpoints {
		named(e.Body, add)
	}
	return sent
}

func (b *builder) typeComment(t *spec.Type, name string) string {
	description := fromSpec(t.Description.Value)
	if len(description) > 0 && description[0].kind == prose {
		if first := thingSentence(name, description[0].text); first != "" {
			description[0].text = first
			return comment(append(description, deprecation(t.Deprecated)...)...)
		}
	}
	paragraphs := append(says(b.usage.of(t.Name.Value, name)), description...)
	return comment(append(paragraphs, deprecation(t.Deprecated)...)...)
}

// usage is where declared types and scopes occur, as links of doc comments.
type usage struct {
	sent     map[string][]string // by type: the methods that send it
	returned map[string][]string // by type: the methods that return it
	inside   map[string][]string // by type: the other types that hold it
	needing  map[string][]string // by scope: the endpoints that need it
}

// findUsage reads where they occur.
func (b *builder) findUsage() usage {
	u := usage{map[string][]string{}, map[string][]string{}, map[string][]string{}, map[string][]string{}}
	for _, e := range b.operations {
		named(e.Body, func(t string) { note(u.sent, t, e.link) })
		named(e.Returns, func(t string) { note(u.returned, t, e.link) })
		gate := "[" + e.ident + "]"
		for _, set := range e.Scopes {
			for _, scope := range set {
				note(u.needing, scope.Value, gate)
			}
		}
	}
	for _, t := range b.spec.Types {
		for _, field := range t.Fields {
			named(field.Type, func(inner string) {
				if inner != t.Name.Value {
					note(u.inside, inner, "["+b.goType[t.Name.Value]+"]")
				}
			})
		}
	}
	return u
}

// note adds a link. One that is there already is the last: what it links to is
// read at one go.
func note(links map[string][]string, of, link string) {
	if list := links[of]; len(list) == 0 || list[len(list)-1] != link {
		links[of] = append(list, link)
	}
}

// of says where the API has a type: the most that can be said of it without a
// description.
func (u usage) of(t, name string) string {
	sent, returned, inside := u.sent[t], u.returned[t], u.inside[t]
	switch {
	case len(sent) > 0 && slices.Equal(sent, returned):
		return name + " is sent and returned by " + some(sent, "others") + "."
	case len(sent) > 0 && len(returned) > 0:
		return name + " is sent by " + some(sent, "others") + ", and returned by " + some(returned, "others") + "."
	case len(sent) > 0:
		return name + " is sent by " + some(sent, "others") + "."
	case len(returned) > 0:
		return name + " is returned by " + some(returned, "others") + "."
	case len(inside) > 0:
		return name + " is part of " + some(inside, "others") + "."
	}
	return name + " is a type of the API."
}
