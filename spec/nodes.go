package spec

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The tags that yaml.v3 gives to scalars.
const (
	textTag  = "!!str"
	timeTag  = "!!timestamp" // a date without quotes; read as text
	boolTag  = "!!bool"
	intTag   = "!!int"
	floatTag = "!!float"
	nullTag  = "!!null"
	mergeTag = "!!merge"
)

// loader collects the problems found while a text is read.
type loader struct {
	problems []Problem
	lines    []string
	widths   []int // characters in each line
}

func newLoader(src []byte) *loader {
	l := &loader{lines: splitLines(src)}
	l.widths = make([]int, len(l.lines))
	for i, line := range l.lines {
		l.widths[i] = utf8.RuneCountInString(line)
	}
	return l
}

func (l *loader) errorf(at Pos, format string, args ...any) {
	l.problems = append(l.problems, Problem{Pos: at, Message: fmt.Sprintf(format, args...)})
}

// pos returns where a node begins. yaml.v3 can place an empty value behind the
// end of the text, which is no help to a reader.
func (l *loader) pos(n *yaml.Node) Pos { return l.clamp(Pos{n.Line, n.Column}) }

func (l *loader) clamp(at Pos) Pos {
	line := min(max(at.Line, 1), len(l.lines))
	width := l.widths[line-1]
	if at.Line > len(l.lines) {
		return Pos{line, width + 1}
	}
	return Pos{line, min(max(at.Col, 1), width+1)}
}

// refuse reports, and takes out of the way, what the language leaves out of
// YAML: tags, aliases and merge keys. They make one value look like another
// (and a small text grow without bound), and a spec is read by people.
func (l *loader) refuse(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		l.errorf(l.pos(n), "the alias *%s is not read here; write the value out", plain(n.Value))
		return
	}
	if n.Style&yaml.TaggedStyle != 0 {
		l.errorf(l.pos(n), "the tag %s is not read here; remove it (quotes make a value text)", plain(n.Tag))
		n.Tag = textTag
		blank(n)
	} else if l.begins(n, '!') {
		l.errorf(l.pos(n), "text that begins with ! must be quoted")
		blank(n)
	}
	if n.Anchor != "" {
		l.errorf(l.pos(n), "the anchor &%s is not read here; remove it, or quote it if it is text", plain(n.Anchor))
		blank(n)
	}
	for i, child := range n.Content {
		if isMerge(child) && n.Kind == yaml.MappingNode && i%2 == 0 {
			l.errorf(l.pos(child), "the merge key << is not read here; write the keys out")
			continue
		}
		if i%2 == 1 && n.Kind == yaml.MappingNode && isMerge(n.Content[i-1]) {
			continue
		}
		l.refuse(child)
	}
}

// blank takes a value out of the way of which a tag or an anchor has left
// nothing, so that nobody misses it.
func blank(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Value == "" {
		n.Kind = yaml.AliasNode
	}
}

// begins tells whether a plain value begins with a character in the text.
func (l *loader) begins(n *yaml.Node, char byte) bool {
	return n.Kind == yaml.ScalarNode && n.Style == 0 && strings.HasPrefix(l.from(l.pos(n)), string(char))
}

// from returns the rest of a line. To count the characters before it, for each
// value of a spec that is one long line, would take minutes.
func (l *loader) from(at Pos) string {
	line := l.lines[at.Line-1]
	if len(line) == l.widths[at.Line-1] { // each is one byte
		return line[at.Col-1:]
	}
	_, rest := splitAt(line, at.Col-1)
	return rest
}

func isMerge(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == mergeTag }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == nullTag }

func isText(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && (n.Tag == textTag || n.Tag == timeTag || n.Tag == mergeTag)
}

// wrongKind reports a value that is not what it must be.
func (l *loader) wrongKind(it item, want string) {
	n := it.node
	switch {
	case n.Kind == yaml.AliasNode: // refuse has said so
	case isNull(n):
		l.errorf(it.at, "%s has no value; it must be %s", it.name(), want)
	case n.Kind == yaml.ScalarNode && n.Tag != textTag && strings.HasPrefix(want, "text"):
		l.errorf(l.pos(n), "%s must be text, not %s; quote it: %s", it.name(), describe(n), quote(n.Value))
	default:
		l.errorf(l.pos(n), "%s must be %s, not %s", it.name(), want, describe(n))
	}
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case intTag, floatTag:
		return "a number"
	case boolTag:
		return "true or false"
	case nullTag:
		return "nothing"
	}
	return "text"
}

// text reads a value that must be text and not empty. What it returns stands
// where the value is even if the value is wrong, so that no later check takes
// it for absent.
func (l *loader) text(it item) Text {
	at := l.pos(it.node)
	if !isText(it.node) {
		l.wrongKind(it, "text")
		return Text{Pos: at}
	}
	if it.node.Value == "" {
		l.errorf(at, "%s is empty", it.name())
	}
	return Text{Value: it.node.Value, Pos: at}
}

func (l *loader) boolean(it item) bool {
	if it.node.Kind != yaml.ScalarNode || it.node.Tag != boolTag {
		l.wrongKind(it, "true or false")
		return false
	}
	return strings.EqualFold(it.node.Value, "true")
}

// items reads a list; each item is called by the name in the singular.
func (l *loader) items(it item, each string) ([]item, bool) {
	if it.node.Kind != yaml.SequenceNode {
		l.wrongKind(it, "a list")
		return nil, false
	}
	items := make([]item, len(it.node.Content))
	for i, n := range it.node.Content {
		items[i] = item{word: each, at: l.pos(n), node: n}
	}
	return items, true
}

// pairs reads a mapping, without the keys that are no text or stand there for
// the second time.
func (l *loader) pairs(it item) ([]pair, bool) {
	if it.node.Kind != yaml.MappingNode {
		l.wrongKind(it, "a mapping")
		return nil, false
	}
	first := map[string]int{}
	pairs := make([]pair, 0, len(it.node.Content)/2)
	for i := 0; i+1 < len(it.node.Content); i += 2 {
		key, value := it.node.Content[i], it.node.Content[i+1]
		switch {
		case isMerge(key) || key.Kind == yaml.AliasNode: // refuse has said so
			continue
		case key.Kind != yaml.ScalarNode || isNull(key):
			l.errorf(l.pos(key), "a key in %s must be text, not %s", it.name(), describe(key))
			continue
		case first[key.Value] != 0:
			l.errorf(l.pos(key), "the key %s stands twice in %s; the first is in line %d",
				quote(key.Value), it.name(), first[key.Value])
			continue
		}
		first[key.Value] = l.pos(key).Line
		pairs = append(pairs, pair{key: Text{Value: key.Value, Pos: l.pos(key)}, node: value})
	}
	return pairs, true
}
