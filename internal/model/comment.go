package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// commentWidth is where the lines of comments end, without the marker.
const commentWidth = 77

// paragraph is one block of a doc comment: words that are wrapped, an item of
// a list, or a line of a preformatted block.
type paragraph struct {
	kind paragraphKind
	text string
}

type paragraphKind int

const (
	prose paragraphKind = iota
	item
	verbatim
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
			lines = append(lines, wrap(p.text, "//   - ", "//     ")...)
		case verbatim:
			lines = append(lines, strings.TrimRight("//\t"+p.text, "\t "))
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
	line, prefix := "", first
	for word := range strings.FieldsSeq(text) {
		width := utf8.RuneCountInString(prefix+line) - len("// ") + 1 + utf8.RuneCountInString(word)
		if line != "" && width > commentWidth {
			lines = append(lines, prefix+line)
			line, prefix = "", rest
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line == "" {
		return lines
	}
	return append(lines, prefix+line)
}

// fromSpec splits text of the spec into paragraphs. Lists, which people write
// in Markdown, stay lists.
func fromSpec(text string) []paragraph {
	var list []paragraph
	for block := range strings.SplitSeq(clean(text), "\n\n") {
		begun := len(list)
		for line := range strings.SplitSeq(block, "\n") {
			words := strings.TrimSpace(line)
			point, isItem := cutBullet(words)
			switch {
			case words == "":
			case isItem:
				list = append(list, paragraph{kind: item, text: point})
			case len(list) > begun:
				list[len(list)-1].text += " " + words
			default:
				list = append(list, paragraph{text: words})
			}
		}
	}
	return ended(list)
}

// ended closes prose with a full stop, where a list does not follow.
func ended(list []paragraph) []paragraph {
	for i, p := range list {
		last, _ := utf8.DecodeLastRuneInString(p.text)
		followed := i+1 < len(list) && list[i+1].kind == item
		if p.kind == prose && !followed && (unicode.IsLetter(last) || unicode.IsDigit(last)) {
			list[i].text += "."
		}
	}
	return list
}

func cutBullet(line string) (string, bool) {
	for _, bullet := range []string{"- ", "* "} {
		if point, ok := strings.CutPrefix(line, bullet); ok && strings.TrimSpace(point) != "" {
			return point, true
		}
	}
	return "", false
}

// notices are what tools would act on even in prose: go/format takes the old
// form of a build constraint for a real one, and only the key deprecated makes
// a deprecation.
var notices = strings.NewReplacer("+build", "+ build", "Deprecated:", "deprecated:")

// clean makes text safe for a comment: line ends are \n and lines without
// words are empty, and what does not show (control characters, marks that
// reverse the direction of text, a byte order mark) is gone.
func clean(text string) string {
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
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
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// inline returns text of the spec for the middle of a sentence.
func inline(text string) string {
	return strings.Join(strings.Fields(clean(text)), " ")
}

// sentence ends text with a full stop if it has no end.
func sentence(text string) string {
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?:") {
		return text
	}
	return text + "."
}
