package change

import (
	"strconv"
	"strings"
)

// term marks a name or a value of a spec as such: in backquotes, of which it
// holds none itself, on one line, and without what a terminal would act on.
func term(value string) string {
	var out strings.Builder
	out.WriteByte('`')
	for _, r := range value {
		switch {
		case r == '`':
			out.WriteString(`\x60`)
		case strconv.IsPrint(r):
			out.WriteRune(r)
		default:
			q := strconv.QuoteRuneToASCII(r)
			out.WriteString(q[1 : len(q)-1])
		}
	}
	out.WriteByte('`')
	return out.String()
}

// plain returns a sentence without the marks of its terms.
func plain(sentence string) string { return strings.ReplaceAll(sentence, "`", "") }

// terms lists names: a, b and c.
func terms(values []string, last string) string {
	marked := make([]string, len(values))
	for i, v := range values {
		marked[i] = term(v)
	}
	return series(marked, last)
}

func series(list []string, last string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " " + last + " " + list[len(list)-1]
}

// counted writes 1 endpoint, 2 endpoints.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
