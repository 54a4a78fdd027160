package spec

import (
	"strings"

	"gopkg.in/yaml.v3"
)

func readEndpoints(l *loader, it item, f *File) {
	pairs, _ := l.pairs(it)
	for _, p := range pairs {
		e := Endpoint{Name: p.key}
		it := p.item("endpoint")
		if readKeys(l, it, endpointKeys, &e) && e.Method == "" {
			l.errorf(it.at, "%s needs a method and a path, like get: /timesheets (get, post, put, patch, delete or head)", it.name)
		}
		f.Endpoints = append(f.Endpoints, e)
	}
}

// methods are the keys that name an endpoint's method.
var methods = []string{"get", "post", "put", "patch", "delete", "head"}

var endpointKeys = append(methodKeys(), keys[Endpoint]{
	textKey("description", "What it does, for its doc comment.", textSchema(), func(e *Endpoint) *Text { return &e.Description }),
	textKey("group", "The file it goes to, as a lower-case word. Without it: endpoints.", pattern(groupPattern),
		func(e *Endpoint) *Text { return &e.Group }),
	deprecatedKey(func(e *Endpoint) **Text { return &e.Deprecated }),
	paramsKey("path", "path parameter", "The parameters in the path: name: type.", func(e *Endpoint) *[]Field { return &e.PathParams }),
	paramsKey("query", "query parameter", "The query parameters: name: type.", func(e *Endpoint) *[]Field { return &e.Query }),
	paramsKey("header", "header", "The request headers: name: type.", func(e *Endpoint) *[]Field { return &e.Header }),
	bodyKey("body", "The type of the JSON in the request.", func(e *Endpoint) **TypeRef { return &e.Body }),
	bodyKey("returns", "The type of the JSON in the response. Without it, the response has none.",
		func(e *Endpoint) **TypeRef { return &e.Returns }),
	{
		name: "scopes", schema: ref("requirement"), read: readRequirement,
		doc: "The scopes it needs, all of them: [a, b]; or {any_of: [[a, b], [c]]}. Without it, any signed-in user may call it.",
	},
	{
		name: "auth", schema: schema{"const": "none"}, read: readAuth,
		doc: "none: it is called without an access token.",
	},
}...)

func methodKeys() keys[Endpoint] {
	table := make(keys[Endpoint], 0, 2*len(methods)) // room for the other keys
	for _, method := range methods {
		table = append(table, key[Endpoint]{
			name:   method,
			doc:    "The path of the endpoint, whose method is " + strings.ToUpper(method) + ", like /timesheets/{id}.",
			schema: pattern(pathPattern),
			read: func(l *loader, it item, e *Endpoint) {
				if e.Method != "" {
					l.errorf(it.at, "endpoint %s has two methods, %s and %s; an endpoint has one",
						quote(e.Name.Value), strings.ToLower(e.Method), method)
					return
				}
				e.Method, e.Path = strings.ToUpper(method), l.text(it)
			},
		})
	}
	return table
}

func paramsKey(name, kind, doc string, to func(*Endpoint) *[]Field) key[Endpoint] {
	return key[Endpoint]{name: name, doc: doc, schema: ref("fields"), read: func(l *loader, it item, e *Endpoint) {
		*to(e) = readFields(l, it, kind)
	}}
}

func bodyKey(name, doc string, to func(*Endpoint) **TypeRef) key[Endpoint] {
	return key[Endpoint]{name: name, doc: doc, schema: ref("elemRef"), read: func(l *loader, it item, e *Endpoint) {
		*to(e) = l.plainTypeRef(it)
	}}
}

func readAuth(l *loader, it item, e *Endpoint) {
	word := l.text(it)
	if word.Value != "none" && word.Value != "" {
		l.errorf(word.Pos, "auth can only be none, not %s; leave the key out for signed-in users", quote(word.Value))
	}
	e.Public = word.Value == "none"
}

// readRequirement reads [a, b] or {any_of: [[a, b], [c]]}.
func readRequirement(l *loader, it item, e *Endpoint) {
	switch n := it.node; {
	case n.Kind == yaml.SequenceNode:
		if set := l.scopeSet(it); len(set) > 0 {
			e.Scopes = AnyOf{set}
		}
	case n.Kind == yaml.MappingNode:
		readKeys(l, it, requirementKeys, e)
	case isText(n) && strings.TrimSpace(n.Value) != "": // read as what was meant
		words := strings.Fields(n.Value)
		l.errorf(l.pos(n), "scopes must be a list; write [%s]", plain(strings.Join(words, ", ")))
		set := make([]Text, len(words))
		for i, word := range words {
			set[i] = Text{Value: word, Pos: l.pos(n)}
		}
		e.Scopes = AnyOf{set}
	default:
		l.wrongKind(it, "a list, like [read:timesheets]")
	}
}

var requirementKeys = keys[Endpoint]{{
	name: "any_of", required: true, read: readAnyOf,
	doc:    "Sets of scopes, of which one is enough: [[a, b], [c]].",
	schema: listOf(ref("scopeSet")),
}}

func readAnyOf(l *loader, it item, e *Endpoint) {
	sets, ok := l.items(it, "an alternative of any_of")
	if ok && len(sets) == 0 {
		l.errorf(l.pos(it.node), "any_of is empty; leave the key scopes out if any signed-in user may call it")
	}
	for _, each := range sets {
		if isText(each.node) {
			l.errorf(l.pos(each.node), "an alternative of any_of is a list of scopes; write [%s]", plain(each.node.Value))
			e.Scopes = append(e.Scopes, []Text{{Value: each.node.Value, Pos: l.pos(each.node)}})
			continue
		}
		if set := l.scopeSet(each); len(set) > 0 {
			e.Scopes = append(e.Scopes, set)
		}
	}
}

func (l *loader) scopeSet(it item) []Text {
	items, ok := l.items(it, "a scope")
	if ok && len(items) == 0 {
		l.errorf(l.pos(it.node), "%s is an empty list; leave it out if any signed-in user may call the endpoint", it.name)
	}
	var set []Text
	for _, each := range items {
		if scope := l.text(each); scope.Value != "" {
			set = append(set, scope)
		}
	}
	return set
}
