package spec

import (
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxSize is the largest spec that is read, in bytes. Far more than people
// write: an API of 10,000 endpoints takes about 2 MiB.
const maxSize = 4 << 20

// Load reads a spec. It returns what could be read, never nil, and everything
// that is wrong with the spec's form, in the order of the text. What the spec
// means is checked by Validate.
func Load(name string, src []byte) (*File, []Problem) {
	f := &File{Name: filepath.Base(name)}
	if len(src) > maxSize {
		f.unread = true
		return f, []Problem{{Pos: Pos{1, 1}, Message: "the file is larger than 4 MiB"}}
	}
	l := newLoader(src)
	root := l.parse(src)
	if root == nil {
		f.unread = true
		return f, sorted(l.problems)
	}
	l.refuse(root)
	f.unread = !readKeys(l, item{word: "the spec", at: l.pos(root), node: root}, fileKeys, f)
	return f, sorted(l.problems)
}

// splitLines returns the lines of a text without their ends.
func splitLines(src []byte) []string {
	text := strings.TrimPrefix(string(src), "\ufeff")
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}

var fileKeys = keys[File]{
	{
		name: "version", required: true, read: readVersion,
		doc:    "The version of this language, which is 1.",
		schema: schema{"const": 1},
	},
	{
		name: "package", required: true, schema: pattern(packagePattern),
		doc:  "The name of the Go package to generate, in lower case.",
		read: func(l *loader, it item, f *File) { f.Package = l.text(it) },
	},
	textKey("output", "The folder to write the package to, relative to this file. The flag --output overrides it.",
		pattern(outputPattern), func(f *File) *Text { return &f.Output }),
	{
		name: "tenant", required: true, schema: ref("tenant"), read: readTenant,
		doc: "Where people sign in.",
	},
	textKey("audience", "The identifier of the API that access tokens are for. At Auth0 the API's identifier; "+
		"elsewhere it is sent as resource (RFC 8707).", textSchema(), func(f *File) *Text { return &f.Audience }),
	{
		name: "scopes", schema: mapOf(ref("scope"), scopePattern), read: readScopes,
		doc: "The scopes that the application may ask for: name: description.",
	},
	{
		name: "api", schema: ref("api"), read: readAPI,
		doc: "The API that the endpoints belong to.",
	},
	{
		name: "types", schema: mapOf(ref("type"), exportedPattern), read: readTypes,
		doc: "The types of the API: Name: {field: type}.",
	},
	{
		name: "endpoints", schema: mapOf(ref("endpoint"), exportedPattern), read: readEndpoints,
		doc: "The operations of the API: each is a method of the session, and a gate.",
	},
	{
		name: "dev", schema: ref("dev"), read: readDev,
		doc: "Who can sign in at the tenant that is served for development and tests.",
	},
	{
		name: "generate", schema: ref("generate"), read: readGenerate,
		doc: "What is generated beside the package.",
	},
}

func readVersion(l *loader, it item, _ *File) {
	switch n := it.node; {
	case n.Kind == yaml.ScalarNode && n.Tag == intTag && n.Value == "1":
	case n.Kind == yaml.ScalarNode && (n.Tag == intTag || n.Tag == floatTag):
		l.errorf(l.pos(n), "version %s is not known; write version: 1", plain(n.Value))
	default:
		l.wrongKind(it, "the number 1")
	}
}

func readAPI(l *loader, it item, f *File) {
	// An api that cannot be read is not an absent one.
	f.BaseURL.Pos = l.pos(it.node)
	readKeys(l, it, apiKeys, f)
}

var apiKeys = keys[File]{{
	name: "base_url", required: true, schema: pattern(urlPattern),
	doc:  "The URL that every endpoint's path is appended to, like https://api.example.com/v1.",
	read: func(l *loader, it item, f *File) { f.BaseURL = l.text(it) },
}}

func readScopes(l *loader, it item, f *File) {
	for _, p := range l.scopePairs(it) {
		s := Scope{Name: p.key}
		switch {
		case isNull(p.node):
		case p.node.Kind == yaml.MappingNode:
			readKeys(l, p.item("scope"), scopeKeys, &s)
		default:
			s.Description = l.text(p.item("the description of scope"))
		}
		f.Scopes = append(f.Scopes, s)
	}
}

// scopePairs returns the scopes that are declared. A list of scopes, or a text
// of them, is read as what was meant.
func (l *loader) scopePairs(it item) []pair {
	n := it.node
	var words []item
	switch {
	case n.Kind == yaml.SequenceNode:
		words, _ = l.items(it, "a scope")
	case isText(n) && len(scopeWords(n.Value)) > 0:
		for _, word := range scopeWords(n.Value) {
			words = append(words, item{node: &yaml.Node{Kind: yaml.ScalarNode, Tag: textTag, Value: word, Line: n.Line, Column: n.Column}})
		}
	default:
		pairs, _ := l.pairs(it)
		return pairs
	}
	l.errorf(l.pos(n), "scopes must be a mapping of each scope to its description, not %s; "+
		"write a line for each, like openid: or read:timesheets: Read your timesheets", describe(n))
	var pairs []pair
	for _, word := range words {
		if word.node.Kind == yaml.MappingNode {
			declared, _ := l.pairs(word)
			pairs = append(pairs, declared...)
		} else if scope := l.text(word); scope.Value != "" {
			pairs = append(pairs, pair{key: scope, node: &yaml.Node{Kind: yaml.ScalarNode, Tag: nullTag}})
		}
	}
	return pairs
}

var scopeKeys = keys[Scope]{
	textKey("description", "What the scope allows, for people.", textSchema(), func(s *Scope) *Text { return &s.Description }),
	{
		name: "request", schema: oneOf("sign-in", "on-demand"), read: readRequest,
		doc: "When the scope is asked for: sign-in (every sign-in, the default) or on-demand (when it is needed).",
	},
	textKey("name", "The Go name: what follows Scope in the constant's name.", pattern(exportedPattern),
		func(s *Scope) *Text { return &s.GoName }),
}

func readRequest(l *loader, it item, s *Scope) {
	word := l.text(it)
	switch word.Value {
	case "", "sign-in":
	case "on-demand":
		s.OnDemand = true
	default:
		l.errorf(word.Pos, "request is sign-in or on-demand, not %s", quote(word.Value))
	}
}
