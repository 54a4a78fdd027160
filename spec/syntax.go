package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"example.com/scaffold/internal/lazyregexp"
	"gopkg.in/yaml.v3"
)

// parse returns the root of the text's one document, or reports why there is
// none and returns nil.
func (l *loader) parse(src []byte) *yaml.Node {
	if !l.readable() {
		return nil
	}
	lines := &lineReader{src: src}
	decoder := yaml.NewDecoder(lines)
	var doc, next yaml.Node
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && isNull(doc.Content[0]) {
		l.errorf(l.startOfText(), "the file is empty; a spec begins with version: 1")
		return nil
	}
	if err == nil {
		if err = decoder.Decode(&next); err == nil {
			l.errorf(l.pos(&next), "a second document begins here; a spec is one document, so remove the line ---")
			return doc.Content[0]
		}
	}
	if !errors.Is(err, io.EOF) {
		l.syntaxError(src, err, lines.read)
		return nil
	}
	return doc.Content[0]
}

// startOfText is the zero Pos for a file without a single character.
func (l *loader) startOfText() Pos {
	if len(l.lines) == 1 && l.lines[0] == "" {
		return Pos{}
	}
	return Pos{1, 1}
}

// readable reports text that YAML refuses or that lines cannot be counted in.
func (l *loader) readable() bool {
	for i, line := range l.lines {
		col := 0
		for at, r := range line {
			col++
			switch {
			case r == utf8.RuneError && !strings.HasPrefix(line[at:], string(utf8.RuneError)):
				l.errorf(Pos{i + 1, col}, "this is not UTF-8 text; save the file as UTF-8")
				return false
			case r == '\t', ' ' <= r && r <= '~', r >= 0xa0 && r != '\u2028' && r != '\u2029' && r != '\ufeff' && r != 0xfffe && r != 0xffff:
			default: // control characters, and what YAML takes for the end of a line but editors do not
				l.errorf(Pos{i + 1, col}, "the character %U is not allowed here; in double quotes write it as an escape", r)
				return false
			}
		}
	}
	return true
}

// lineReader hands out one line a call, which tells how far the parser read.
type lineReader struct {
	src  []byte
	read int // lines
	rest []byte
}

func (r *lineReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if len(r.src) == 0 {
			return 0, io.EOF
		}
		end := bytes.IndexByte(r.src, '\n') + 1
		if end == 0 {
			end = len(r.src)
		}
		r.rest, r.src = r.src[:end], r.src[end:]
		r.read++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

var (
	yamlLine    = lazyregexp.New(`^yaml: (?:line \d+: )?`)
	yamlUnknown = lazyregexp.New(`^unknown anchor '(.*)' referenced`)
)

// syntaxError reports a text that is no YAML. The line in yaml.v3's error is
// often that of the mapping around the mistake, or one off, so the place is
// looked for: it is behind the longest run of lines that is YAML by itself.
func (l *loader) syntaxError(src []byte, err error, read int) {
	message := yamlLine().ReplaceAllString(err.Error(), "")
	if m := yamlUnknown().FindStringSubmatch(message); m != nil {
		l.errorf(l.find("*"+m[1]), "the alias *%s is not read here; write the value out, or quote it if it is text", plain(m[1]))
		return
	}
	line := min(read, len(l.lines))
	tries := min(maxTries, maxSearched/len(src)+1)
	for k := line - 1; k >= 0 && k > line-tries; k-- {
		var doc yaml.Node
		err := yaml.Unmarshal([]byte(strings.Join(l.lines[:k], "\n")), &doc)
		if err == nil {
			line = k + 1
			break
		}
	}
	text := l.lines[line-1]
	indent := len(text) - len(strings.TrimLeft(text, " "))
	explained, from := explainSyntax(message, text[indent:])
	l.errorf(Pos{line, utf8.RuneCountInString(text[:indent+from]) + 1}, "this is not YAML: %s", explained)
}

// The search for the place of a syntax error ends after so many lines, and for
// large texts after so many bytes.
const (
	maxTries    = 50
	maxSearched = 8 << 20
)

// find returns where text first stands.
func (l *loader) find(text string) Pos {
	for i, line := range l.lines {
		if before, _, ok := strings.Cut(line, text); ok {
			return Pos{i + 1, utf8.RuneCountInString(before) + 1}
		}
	}
	return Pos{1, 1}
}

// explainSyntax says what to do about an error of yaml.v3 in a line, and where
// in the line it is likely to be.
func explainSyntax(message, line string) (text string, at int) {
	says := func(part string) bool { return strings.Contains(message, part) }
	indicator := indicatorIn(line)
	switch {
	case indicator >= 0 && (says("expected alphabetic or numeric") || says("cannot start any token") ||
		line[indicator] == '!' && (says("did not find expected ',' or") || says("tag"))):
		return fmt.Sprintf("text that begins with %c must be quoted: %s", line[indicator], quote(tokenAt(line[indicator:]))), indicator
	case strings.HasPrefix(line, "\t"), says("tab character"):
		return "a tab cannot indent a line; use spaces", 0
	case says("mapping values are not allowed"):
		if first := strings.Index(line, ": "); first >= 0 {
			at = max(strings.LastIndex(line, ": "), first)
		}
		return `a second ": " in this line, or a line that is indented too far; quote text that holds ": "`, at
	case says("could not find expected ':'"):
		return "a line of the form key: value is expected here; a space must follow the colon", 0
	case says("did not find expected ',' or") && questionMark().MatchString(line):
		m := questionMark().FindStringSubmatchIndex(line)
		return "a name cannot end in ?; write " + plain(line[m[2]:m[3]]) + ": optional T", m[0]
	case says("did not find expected ',' or") && optionalBody().MatchString(line):
		m := optionalBody().FindStringSubmatchIndex(line)
		return line[m[2]:m[3]] + " cannot be optional; leave the word out", m[4]
	case says("did not find expected ',' or") && optionalBracket().MatchString(line):
		return "optional stands only before a word; write {type: [T], optional: true}", optionalBracket().FindStringIndex(line)[0]
	case says("did not find expected ',' or"), says("did not find expected node content"):
		return "a bracket or brace is opened here and not closed, or a comma is missing", max(strings.IndexAny(line, "[{"), 0)
	case says("did not find expected key"), says("did not find expected '-' indicator"):
		return "this line does not fit the lines above it; check its indentation, quotes and brackets", 0
	case says("found unexpected end of stream"):
		return "a quote is opened here and not closed", max(strings.IndexAny(line, `"'`), 0)
	}
	return plain(message), 0
}

var (
	optionalBracket = lazyregexp.New(`optional +[\[{]`)
	optionalBody    = lazyregexp.New(`\b(returns|body): +(optional +[\[{])`)
	questionMark    = lazyregexp.New(`(\w+)\?:`)
)

// indicators are the characters that YAML does not let text begin with, but
// that people begin text with.
const indicators = "*&!%@`"

// indicatorIn returns where one of them begins a value or a key in a line that
// is no YAML, or -1.
func indicatorIn(line string) int {
	begins := true // here something can begin
	for i := 0; i < len(line); i++ {
		switch b := line[i]; {
		case b == ' ':
			begins = begins || i > 0 && strings.IndexByte(":-?", line[i-1]) >= 0
		case strings.IndexByte("[{,", b) >= 0:
			begins = true
		case begins && strings.IndexByte(indicators, b) >= 0:
			return i
		case begins && b == '#' && (i == 0 || line[i-1] == ' '):
			return -1
		case begins && (b == '"' || b == '\''):
			end := strings.IndexByte(line[i+1:], b)
			if end < 0 {
				return -1
			}
			i += end + 1
			begins = false
		default:
			begins = false
		}
	}
	return -1
}

// tokenAt returns the text at the beginning of s, as far as it goes.
func tokenAt(s string) string {
	if end := strings.IndexAny(s, ",]}"); end > 0 {
		s = s[:end]
	}
	s, _, _ = strings.Cut(s, ": ")
	s, _, _ = strings.Cut(s, " #")
	return strings.TrimRight(strings.TrimSpace(s), ":")
}
