package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Format prints problems for people, in the order of the text: for each one
// line "name:line:col: message", the line of src and a caret below the place.
// Nothing in src reaches a terminal as a control character.
func Format(name string, src []byte, problems []Problem) string {
	lines := splitLines(src)
	var out strings.Builder
	for i, p := range sorted(problems) {
		out.WriteString(visible(name))
		if p.Pos != (Pos{}) {
			fmt.Fprintf(&out, ":%d:%d", p.Pos.Line, p.Pos.Col)
		}
		out.WriteString(": ")
		if p.Warning {
			out.WriteString("warning: ")
		}
		out.WriteString(visible(p.Message) + "\n")
		if p.Pos.Line >= 1 && p.Pos.Line <= len(lines) && i < maxShown {
			writeLine(&out, lines[p.Pos.Line-1], p.Pos)
		}
	}
	return out.String()
}

// sorted returns the problems in the order of the text.
func sorted(problems []Problem) []Problem {
	return slices.SortedStableFunc(slices.Values(problems), func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}

// A long line is cut to what is around the caret; and of so many problems that
// nobody reads them all, the later ones are printed without their lines.
const (
	maxShown    = 1000
	shownBefore = 80
	shownAfter  = 100
)

func writeLine(out *strings.Builder, line string, at Pos) {
	before, after := splitAt(line, at.Col-1)
	if tail := lastRunes(before, shownBefore); tail != before {
		before = "..." + tail
	}
	if head, rest := splitAt(after, shownAfter); rest != "" {
		after = head + "..."
	}
	before, after = visible(before), visible(after)
	number := fmt.Sprintf("%5d", at.Line)
	fmt.Fprintf(out, "%s | %s\n", number, strings.TrimRight(before+after, " "))
	fmt.Fprintf(out, "%s | %s^\n", strings.Repeat(" ", len(number)), strings.Repeat(" ", columns(before)))
}

// splitAt splits a line behind its first n characters.
func splitAt(line string, n int) (before, after string) {
	for i := range line {
		if n <= 0 {
			return line[:i], line[i:]
		}
		n--
	}
	return line, ""
}

// lastRunes returns the last n characters of s.
func lastRunes(s string, n int) string {
	from := len(s)
	for range n {
		_, size := utf8.DecodeLastRuneInString(s[:from])
		from -= size
	}
	return s[from:]
}

// visible returns text with tabs as spaces and with everything else that a
// terminal would act on, or not show, as an escape.
func visible(s string) string {
	var out strings.Builder
	for i, r := range s {
		_, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\t':
			out.WriteString("    ")
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&out, `\x%02x`, s[i])
		case strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			out.WriteString(q[1 : len(q)-1])
		}
	}
	return out.String()
}

// columns returns how wide a terminal shows text that visible has returned.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case unicode.Is(wide, r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wide holds the characters that take two columns (Unicode East Asian Width W
// and F, in whole blocks).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1},
		{0x2e80, 0x303e, 1},
		{0x3041, 0xa4cf, 1},
		{0xa960, 0xa97f, 1},
		{0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1},
		{0xfe30, 0xfe6f, 1},
		{0xff00, 0xff60, 1},
		{0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{
		{0x1f300, 0x1f64f, 1},
		{0x1f680, 0x1f6ff, 1},
		{0x1f900, 0x1f9ff, 1},
		{0x20000, 0x3fffd, 1},
	},
}
