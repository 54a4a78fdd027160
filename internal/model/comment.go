package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// commentWidth is where the lines of comments end, without the marker.
const commentWidth = 77

// paragraph is one block of a doc comment: words that are wrapped, an item of
// a list, a line of a preformatted block, or the definition of a link.
type paragraph struct {
	kind   paragraphKind
	text   string
	number string // of an item, such as "1."; empty: a bullet
}

type paragraphKind int

const (
	prose paragraphKind = iota
	item
	verbatim
	link
)

// comment returns paragraphs as a Go comment, without the last line's end.
// Every line begins with "// ", so that none can be a directive.
func comment(paragraphs ...paragraph) string {
	var c commentWriter
	c.Grow(lengthOf(paragraphs))
	for i, p := range paragraphs {
		if i > 0 && (p.kind == prose || p.kind != paragraphs[i-1].kind) {
			c.line("//")
		}
		switch p.kind {
		case prose:
			c.wrap(p.text, "// ", "// ")
		case item:
			marker := "//   - "
			if p.number != "" {
				marker = "//  " + p.number + " "
			}
			c.wrap(p.text, marker, "//     ")
		case verbatim:
			c.line(strings.TrimRight("//\t"+p.text, "\t "))
		case link:
			c.line("// " + p.text)
		}
	}
	return c.String()
}

// lengthOf is about how long the comment becomes, to have room for it at once.
func lengthOf(paragraphs []paragraph) int {
	length := 0
	for _, p := range paragraphs {
		length += len("//\n//   - \n") + len(p.text) + len(p.text)/commentWidth*len("\n// ")
	}
	return length
}

// says makes paragraphs of prose, leaving out the empty ones.
func says(texts ...string) []paragraph {
	list := make([]paragraph, 0, len(texts))
	for _, text := range texts {
		if text != "" {
			list = append(list, paragraph{text: text})
		}
	}
	return list
}

// commentWriter writes a comment line by line.
type commentWriter struct{ strings.Builder }

// line begins a line. The last one has no end.
func (c *commentWriter) line(text string) {
	if c.Len() > 0 {
		c.WriteByte('\n')
	}
	c.WriteString(text)
}

// wrap breaks text between words.
func (c *commentWriter) wrap(text, first, rest string) {
	width := 0 // of the line, in characters; 0: there is none
	begin := func(marker string) {
		c.line(marker)
		width = utf8.RuneCountInString(marker) - 1 // no space before the first word
	}
	for word := range strings.FieldsSeq(text) {
		more := 1 + utf8.RuneCountInString(word)
		switch {
		case width == 0:
			begin(first)
		case width+more > len("// ")+commentWidth:
			begin(rest)
		default:
			c.WriteByte(' ')
		}
		c.WriteString(word)
		width += more
	}
}

// notices are what tools would act on even in prose: go/format takes the old
// form of a build constraint for a real one, and only the key deprecated makes
// a deprecation.
var notices = strings.NewReplacer("+build", "+ build", "Deprecated:", "deprecated:")

// spaces are what ends a line, or moves on within one.
var spaces = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "    ")

// clean makes text safe for a comment: line ends are \n, tabs are spaces, no
// line ends in a space, and what does not show (control characters, marks that
// reverse the direction of text, a byte order mark) is gone.
func clean(text string) string {
	if isPlain(text) { // as nearly all texts are
		return strings.TrimRight(text, " ")
	}
	text = spaces.Replace(strings.ToValidUTF8(text, string(utf8.RuneError)))
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\u200c' || r == '\u200d': // joiners shape letters and emoji
			return r
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, text)
	text = notices.Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// isPlain reports whether text is one line of printable ASCII, and has nothing
// that tools could act on.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' || text[i] == '+' {
			return false
		}
	}
	return !strings.Contains(text, "Deprecated:")
}

// inline returns text of the spec for the middle of a sentence.
func inline(text string) string {
	text = clean(text)
	if !strings.ContainsAny(text, " \n") { // as nearly all are: names and paths
		return text
	}
	return strings.Join(strings.Fields(text), " ")
}

// sentence ends text with a full stop if it has no end.
func sentence(text string) string {
	if text == "" || hasEnd(text) || endsInURL(text) {
		return text
	}
	return text + "."
}

func hasEnd(text string) bool { return strings.ContainsAny(text[len(text)-1:], ".!?:") }

// endsInURL reports whether a full stop would become part of a URL.
func endsInURL(text string) bool {
	word := text[strings.LastIndex(text, " ")+1:]
	return strings.Contains(word, "://") || strings.Contains(word, "www.") || strings.Contains(word, "mailto:")
}
