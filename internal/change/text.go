package change

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The colors of a terminal (ECMA-48 SGR).
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	bold   = "\x1b[1m"
	normal = "\x1b[0m"
)

// paint returns text in a color, if it is to be.
func paint(text, color string, colors bool) string {
	if !colors {
		return text
	}
	return color + text + normal
}

// The columns of the text.
const (
	groupWidth   = 10
	verdictWidth = 12
	textWidth    = 100 // of a line
)

// group is one of the groups of people, with the impact on it.
type group struct {
	name, long string
	impact     Impact
}

func (c Change) groups() []group {
	return []group{{"code", "Go code", c.Code}, {"sessions", "people signed in", c.Sessions}, {"tenant", "tenant settings", c.Tenant}}
}

// Text writes a report for people, in color if it is to be; it is empty when
// nothing changed.
func (r Report) Text(colors bool) string {
	if len(r.Changes) == 0 {
		return ""
	}
	var out strings.Builder
	out.WriteString(plain(term(r.Old)+" -> "+term(r.New)) + "\n")
	for _, c := range r.Changes {
		out.WriteString("\n")
		out.WriteString(verdict(c.Breaking(), colors))
		text := strings.Join(wrap(c.Summary, textWidth-verdictWidth), "\n"+strings.Repeat(" ", verdictWidth))
		out.WriteString(paint(text, bold, colors) + "\n")
		for _, g := range c.groups() {
			out.WriteString("  " + pad(g.name, groupWidth))
			out.WriteString(verdict(g.impact.Breaking, colors))
			out.WriteString(instructions(g.impact) + "\n")
		}
	}
	out.WriteString("\n" + r.sum() + "\n")
	return out.String()
}

// verdict writes one word, as wide as the column.
func verdict(breaking, colors bool) string {
	word, color := "compatible", green
	if breaking {
		word, color = "breaking", red
	}
	return paint(word, color, colors) + strings.Repeat(" ", verdictWidth-len(word))
}

// instructions writes what to do, each on lines of its own below the last.
func instructions(i Impact) string {
	const indent = 2 + groupWidth + verdictWidth
	if len(i.Do) == 0 {
		return "nothing to do"
	}
	var lines []string
	for _, text := range i.Do {
		lines = append(lines, wrap(text, textWidth-indent)...)
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", indent))
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// wrap breaks a sentence between words, and long terms, and takes the marks of
// terms away. The lines after the first are indented.
func wrap(sentence string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(gluedTerms(sentence)) {
		word = strings.ReplaceAll(word, glue, " ")
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			lines = append(lines, line)
			line = "  " + word
		default:
			line += " " + word
		}
	}
	return append(lines, line)
}

// glue stands for a space in a term that is short enough for a line.
const glue = "\x00"

func gluedTerms(sentence string) string {
	const longest = 50
	parts := strings.Split(sentence, "`")
	for i := 1; i < len(parts); i += 2 { // the terms
		if utf8.RuneCountInString(parts[i]) <= longest {
			parts[i] = strings.ReplaceAll(parts[i], " ", glue)
		}
	}
	return strings.Join(parts, "")
}

// sum says how many changes there are, and for whom they are breaking.
func (r Report) sum() string {
	code, sessions, tenant, _ := r.Count()
	text := counted(len(r.Changes), "change")
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{code, "for Go code"}, {sessions, "for people signed in"}, {tenant, "for the tenant's settings"}} {
		if part.n > 0 {
			parts = append(parts, strconv.Itoa(part.n)+" "+part.what)
		}
	}
	if len(parts) == 0 {
		return text + "; none is breaking"
	}
	return text + "; breaking: " + strings.Join(parts, ", ")
}
