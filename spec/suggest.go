package spec

import (
	"strconv"
	"strings"
	"unicode"
)

// maxQuoted is how many characters of a spec's text a message repeats.
const maxQuoted = 60

// quote returns text from a spec for a message: on one line, escaped, and cut
// when it is long.
func quote(s string) string {
	head, rest := splitAt(s, maxQuoted)
	q := strconv.Quote(head)
	if rest == "" {
		return q
	}
	return q[:len(q)-1] + `..."`
}

// plain is quote without the quotes.
func plain(s string) string {
	q := quote(s)
	return q[1 : len(q)-1]
}

// Closest returns the candidate that word was most likely meant to be, or "".
func Closest(word string, candidates []string) string {
	lower := []rune(strings.ToLower(word))
	if len(lower) == 0 || len(lower) > maxQuoted {
		return ""
	}
	// One slip in a short word, up to three in a long one.
	best, limit := "", min(max(len(lower)/3, 1), 3)
	for _, c := range candidates {
		other := []rune(strings.ToLower(c))
		if c == word || len(other) > maxQuoted || len(other)-len(lower) > limit || len(lower)-len(other) > limit {
			continue
		}
		if d := distance(lower, other); d <= limit && d < max(len(lower), len(other)) {
			best, limit = c, d-1
		}
	}
	if best != "" || len(lower) < 3 {
		return best
	}
	for _, c := range candidates { // an abbreviation: desc for description
		if strings.HasPrefix(strings.ToLower(c), string(lower)) && c != word {
			return c
		}
	}
	return ""
}

// distance counts the single-character edits and swaps of neighbours that make
// a into b (optimal string alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range a {
		row[0] = i + 1
		for j := range b {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// exportedName makes an exported Go identifier of s, or "" if s holds nothing
// that one could be made of.
func exportedName(s string) string {
	var name strings.Builder
	upper := true
	for _, r := range s {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			upper = true
			continue
		case upper:
			r = unicode.ToUpper(r)
		}
		name.WriteRune(r)
		upper = false
	}
	if !isExported(name.String()) {
		return ""
	}
	return name.String()
}

func lowerFirst(s string) string {
	s = strings.TrimSuffix(s, ".")
	if len(s) < 2 || s[1] < 'a' || s[1] > 'z' { // an initialism stays as it is
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
