package model

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// codeIndent is how many spaces make a line of code in Markdown.
const codeIndent = 4

// description reads text of the spec, which people write in Markdown, line by
// line.
type description struct {
	list  []paragraph
	open  bool   // the next words belong to the last paragraph
	gap   bool   // the last line was empty or a fence, or there was none
	fence string // what closes the code that a fence opened
}

// fromSpec splits text of the spec into paragraphs. Lists and code stay what
// they are; a heading becomes prose, because the comment has its own.
func fromSpec(text string) []paragraph {
	if text == "" {
		return nil
	}
	d := description{gap: true}
	for _, line := range dedent(strings.Split(clean(text), "\n")) {
		d.read(line)
	}
	return ended(d.list)
}

func (d *description) read(line string) {
	words, fence := strings.TrimSpace(line), d.fence
	number, point, isItem := cutItem(words)
	switch {
	case d.fence != "" && strings.HasPrefix(words, d.fence) && strings.Trim(words, d.fence[:1]) == "":
		d.fence = ""
	case d.fence != "":
		d.code(line)
	case words == "":
		d.open = false
	case fenceOf(words) != "":
		d.fence, d.open = fenceOf(words), false
	case d.isCode(line, isItem):
		d.code(line[codeIndent:])
	case isHeading(words):
		d.add(paragraph{text: headingText(words)})
	case isLink(words):
		d.add(paragraph{kind: link, text: words})
	case isItem && d.mayBegin(number):
		d.add(paragraph{kind: item, text: point, number: number})
		d.open = true
	case d.open:
		d.list[len(d.list)-1].text += " " + words
	default:
		d.add(paragraph{text: words})
		d.open = true
	}
	d.gap = words == "" || fence != d.fence
}

// add adds a paragraph that is complete.
func (d *description) add(p paragraph) { d.list, d.open = append(d.list, p), false }

// last returns the kind of the last paragraph, and false if there is none.
func (d *description) last(kind paragraphKind) bool {
	return len(d.list) > 0 && d.list[len(d.list)-1].kind == kind
}

// code adds a line of code, and an empty line before it if there was one.
func (d *description) code(line string) {
	if strings.TrimSpace(line) == "" {
		return
	}
	if d.gap && d.last(verbatim) {
		d.add(paragraph{kind: verbatim})
	}
	d.add(paragraph{kind: verbatim, text: line})
}

// isCode reports whether an indented line is code: it follows an empty line or
// more code. Below a list it belongs to the list.
func (d *description) isCode(line string, isItem bool) bool {
	if !strings.HasPrefix(line, strings.Repeat(" ", codeIndent)) {
		return false
	}
	return d.last(verbatim) || d.gap && !d.last(item) && !isItem
}

// mayBegin reports whether an item may begin here: inside of words, 12. is more
// likely the end of a sentence.
func (d *description) mayBegin(number string) bool {
	return number == "" || number == "1." || !d.open || d.last(item)
}

// dedent removes the spaces that all lines begin with.
func dedent(lines []string) []string {
	shared := -1
	for _, line := range lines {
		if n := len(line) - len(strings.TrimLeft(line, " ")); line != "" && (shared < 0 || n < shared) {
			shared = n
		}
	}
	for i, line := range lines {
		if line != "" {
			lines[i] = line[shared:]
		}
	}
	return lines
}

// fenceOf returns the fence that opens a block of code, or nothing.
func fenceOf(words string) string {
	for _, mark := range []string{"`", "~"} {
		rest := strings.TrimLeft(words, mark)
		if n := len(words) - len(rest); n >= 3 && !strings.Contains(rest, mark) {
			return words[:n]
		}
	}
	return ""
}

func isHeading(words string) bool {
	rest := strings.TrimLeft(words, "#")
	return rest != words && strings.HasPrefix(rest, " ")
}

// headingText returns a heading as prose that leads to what follows.
func headingText(words string) string {
	text := strings.Trim(words, "# ")
	if text == "" || hasEnd(text) || endsInURL(text) {
		return text
	}
	return text + ":"
}

// isLink reports whether a line defines a link: [text]: https://example.com/
func isLink(words string) bool {
	name, target, found := strings.Cut(words, "]: ")
	return found && strings.HasPrefix(name, "[") && !strings.ContainsAny(target, " []") && strings.Contains(target, "://")
}

// cutItem splits an item of a list into its number, such as "1.", and its text.
func cutItem(line string) (number, text string, ok bool) {
	marker, text, found := strings.Cut(line, " ")
	text = strings.TrimSpace(text)
	if !found || text == "" {
		return "", "", false
	}
	if marker == "-" || marker == "*" {
		return "", text, true
	}
	digits := strings.TrimRight(marker, ".)")
	if len(marker) != len(digits)+1 || len(digits) > 2 || strings.Trim(digits, "0123456789") != "" || digits == "" {
		return "", "", false
	}
	return digits + ".", text, true
}

// ended closes prose with a full stop, or with a colon where a list or code
// follows.
func ended(list []paragraph) []paragraph {
	for i, p := range list {
		last, _ := utf8.DecodeLastRuneInString(p.text)
		followed := i+1 < len(list) && (list[i+1].kind == item || list[i+1].kind == verbatim)
		word := unicode.IsLetter(last) || unicode.IsDigit(last)
		switch {
		case p.kind != prose || !word || endsInURL(p.text):
		case followed:
			list[i].text += ":"
		default:
			list[i].text += "."
		}
	}
	return list
}
