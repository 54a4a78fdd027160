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
	var lines []string
	for i, p := range paragraphs {
		if i > 0 && (p.kind == prose || p.kind != paragraphs[i-1].kind) {
			lines = append(lines, "//")
		}
		switch p.kind {
		case prose:
			lines = append(lines, wrap(p.text, "// ", "// ")...)
		case item:
			marker := "//   - "
			if p.number != "" {
				marker = "//  " + p.number + " "
			}
			lines = append(lines, wrap(p.text, marker, "//     ")...)
		case verbatim:
			lines = append(lines, strings.TrimRight("//\t"+p.text, "\t "))
		case link:
			lines = append(lines, "// "+p.text)
		}
	}
	return strings.Join(lines, "\n")
}

// says makes paragraphs of prose, leaving out the empty ones.
func says(texts ...string) []paragraph {
	var list []paragraph
	for _, text := range texts {
		if text != "" {
			list = append(list, paragraph{text: text})
		}
	}
	return list
}

// wrap breaks text between words.
func wrap(text, first, rest string) []string {
	var lines []string
	var line strings.Builder
	width := 0 // of line, in characters
	for word := range strings.FieldsSeq(text) {
		more := 1 + utf8.RuneCountInString(word)
		if line.Len() > 0 && width+more > len("// ")+commentWidth {
			lines = append(lines, line.String())
			line.Reset()
			first = rest
		}
		if line.Len() == 0 {
			line.Grow(len("// ") + commentWidth)
			line.WriteString(first)
			width = utf8.RuneCountInString(first) - 1 // no space before the first word
		} else {
			line.WriteByte(' ')
		}
		line.WriteString(word)
		width += more
	}
	if line.Len() == 0 {
		return lines
	}
	return append(lines, line.String())
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
	return strings.Join(strings.Fields(clean(text)), " ")
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
