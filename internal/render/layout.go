package render

import (
	"bytes"
	"go/format"
	"slices"
	"strings"
	"unicode/utf8"
)

// layout formats what scaffold's own templates print as gofmt does, in a fraction
// of the time: of a large API, go/format would take most of a run. The templates
// indent, and break lines. What is left to do is what they cannot know: which lines
// are empty, how far a comment is indented, and how wide the columns of fields and
// constants are.
func layout(text []byte) []byte {
	var l layouter
	l.out.Grow(len(text) + len(text)/8)
	for line := range bytes.Lines(text) {
		l.add(bytes.TrimRight(line, " \t\n"))
	}
	l.flush()
	return l.out.Bytes()
}

type layouter struct {
	out     bytes.Buffer
	columns bool       // within a struct, or a block of constants
	rows    [][]string // its lines since the last comment, by columns
	gap     bool       // there are empty lines before the next
	opened  bool       // the last line opened a block
	comment []byte     // how the last line is indented when it is a comment; nil: it is none
	begun   int        // where in out that comment begins
	special bool       // it is more than prose
}

func (l *layouter) add(line []byte) {
	words := bytes.TrimLeft(line, "\t")
	if len(words) == 0 {
		l.gap = true
		return
	}
	isComment, closes := bytes.HasPrefix(words, []byte("//")), words[0] == '}' || words[0] == ')'
	if l.columns && !isComment && !closes {
		l.rows = append(l.rows, strings.SplitN(string(words), " ", 3))
		l.gap, l.comment = false, nil
		return
	}
	l.flush()
	if l.gap && !l.opened && !closes {
		l.out.WriteByte('\n')
	}
	if isComment {
		l.addComment(line, words)
		return
	}
	if l.special && !l.gap && len(l.comment) == 0 {
		l.formatDoc()
	}
	l.write(line)
	l.opened = bytes.HasSuffix(words, []byte("{")) || bytes.HasSuffix(words, []byte("("))
	l.columns = bytes.HasSuffix(words, []byte(" struct {")) || bytes.Equal(words, []byte("const ("))
	l.comment, l.special = nil, false
}

// addComment indents all lines of a comment as the first.
func (l *layouter) addComment(line, words []byte) {
	if l.comment == nil || l.gap {
		l.comment, l.special, l.begun = line[:len(line)-len(words)], false, l.out.Len()
	}
	l.special = l.special || isSpecial(words)
	l.out.Write(l.comment)
	l.write(words)
	l.opened = false
}

func (l *layouter) write(line []byte) {
	l.out.Write(line)
	l.out.WriteByte('\n')
	l.gap = false
}

// isSpecial tells whether a comment's line may be more than prose: of a list, of
// code, a heading, the definition of a link, or with quotes of ASCII.
func isSpecial(line []byte) bool {
	text := bytes.TrimPrefix(line, []byte("//"))
	if len(text) < 2 {
		return false
	}
	return text[0] != ' ' || bytes.IndexByte([]byte(" \t#["), text[1]) >= 0 ||
		bytes.Contains(text, []byte("``")) || bytes.Contains(text, []byte("''"))
}

// formatDoc formats the doc comment that was written last. gofmt does that to
// comments on a file's declarations alone.
func (l *layouter) formatDoc() {
	const before, after = "package p\n\n", "var _ int\n"
	formatted, err := format.Source(slices.Concat([]byte(before), l.out.Bytes()[l.begun:], []byte(after)))
	if err != nil {
		return // no comment makes Go wrong: a test has gofmt format all again
	}
	l.out.Truncate(l.begun)
	l.out.Write(formatted[len(before) : len(formatted)-len(after)])
}

// flush writes the rows. As in gofmt, a column is as wide as in the rows that have
// it and the next one, one below the other.
func (l *layouter) flush() {
	name := 0
	for _, row := range l.rows {
		name = max(name, utf8.RuneCountInString(row[0]))
	}
	for i, kind := 0, 0; i < len(l.rows); i++ {
		row := l.rows[i]
		if i == 0 || len(row) != len(l.rows[i-1]) {
			kind = 0
			for _, next := range l.rows[i:] {
				if len(next) != len(row) {
					break
				}
				kind = max(kind, utf8.RuneCountInString(next[1]))
			}
		}
		l.out.WriteByte('\t')
		l.cell(row[0], name)
		if len(row) == 2 {
			l.out.WriteString(row[1])
		} else {
			l.cell(row[1], kind)
			l.out.WriteString(row[2])
		}
		l.out.WriteByte('\n')
	}
	l.rows = l.rows[:0]
}

// cell writes a text that is followed by another column.
func (l *layouter) cell(text string, width int) {
	l.out.WriteString(text)
	for range width - utf8.RuneCountInString(text) + 1 {
		l.out.WriteByte(' ')
	}
}
