package spec

import (
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

func readEndpoints(l *loader, it item, f *File) {
	pairs, _ := l.pairs(it)
	f.Endpoints = make([]Endpoint, len(pairs))
	for i, p := range pairs {
		e := &f.Endpoints[i]
		e.Name = p.key
		it := p.item("endpoint")
		if readKeys(l, it, endpointKeys, e) && e.Method == "" {
			l.errorf(it.at, "%s needs a method and a path, like get: /timesheets (get, post, put, patch, delete or head)", it.name())
		}
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
	{name: "any_of", stray: "any_of belongs to scopes; did you mean scopes: {any_of: [[a, b], [c]]}?", read: readAnyOf},
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
	n := it.node
	var set []Text
	switch {
	case n.Kind == yaml.SequenceNode:
		set = l.scopeSet(it)
	case l.isScopeMapping(n):
		words := make([]string, 0, len(n.Content)/2)
		for i := 0; i < len(n.Content); i += 2 {
			words = append(words, n.Content[i].Value)
			set = append(set, Text{Value: n.Content[i].Value, Pos: l.pos(n.Content[i])})
		}
		l.errorf(l.pos(n), "scopes must be a list, not a mapping; write [%s]", plain(strings.Join(words, ", ")))
	case n.Kind == yaml.MappingNode:
		readKeys(l, it, requirementKeys, e)
	case isText(n) && len(scopeWords(n.Value)) > 0: // read as what was meant
		set = l.readScopeWords(n, "scopes must be a list")
	default:
		l.wrongKind(it, "a list, like [read:timesheets]")
	}
	if len(set) > 0 {
		e.Scopes = AnyOf{set}
	}
}

// isScopeMapping tells whether a mapping is a list in the wrong brackets, as in
// {a, b}, or without its dashes.
func (l *loader) isScopeMapping(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isText(n.Content[i]) || isMerge(n.Content[i]) || n.Content[i].Value == "any_of" || !isNull(n.Content[i+1]) {
			return false
		}
	}
	return n.Kind == yaml.MappingNode && len(n.Content) > 0
}

// scopeWords returns the scopes in a text that should have been a list.
func scopeWords(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(",[]", r) })
}

// readScopeWords reports a text that should have been a list of scopes, and reads
// it as one.
func (l *loader) readScopeWords(n *yaml.Node, problem string) []Text {
	words := scopeWords(n.Value)
	l.errorf(l.pos(n), "%s; write [%s]", problem, plain(strings.Join(words, ", ")))
	set := make([]Text, len(words))
	for i, word := range words {
		set[i] = Text{Value: word, Pos: l.pos(n)}
	}
	return set
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
		if isText(each.node) && len(scopeWords(each.node.Value)) > 0 {
			e.Scopes = append(e.Scopes, l.readScopeWords(each.node, "an alternative of any_of is a list of scopes"))
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
		l.errorf(l.pos(it.node), "%s is an empty list; leave it out if any signed-in user may call the endpoint", it.name())
	}
	return l.scopeList(items)
}

func (l *loader) scopeList(items []item) []Text {
	var set []Text
	for _, each := range items {
		if scope, ok := l.splitScope(each.node); ok {
			set = append(set, scope)
			continue
		}
		if scope := l.text(each); scope.Value != "" {
			set = append(set, scope)
		}
	}
	return set
}

// splitScope reads `create: timesheets`, which a space has made a mapping, as
// the scope that was meant.
func (l *loader) splitScope(n *yaml.Node) (Text, bool) {
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 || !isText(n.Content[0]) || !isText(n.Content[1]) || isMerge(n.Content[0]) {
		return Text{}, false
	}
	scope := Text{Value: n.Content[0].Value + ":" + n.Content[1].Value, Pos: l.pos(n)}
	l.errorf(scope.Pos, "a scope must be text, and a space after its colon makes it a mapping; did you mean %s?", quote(scope.Value))
	return scope, true
}
