package output

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// contextLines is how many equal lines a hunk shows around a difference.
const contextLines = 3

// writeDiff writes one change as git would.
func writeDiff(text *strings.Builder, change Change) {
	from, to := "a/"+change.Name, "b/"+change.Name
	fmt.Fprintf(text, "diff --git %s %s\n", from, to)
	switch change.Op {
	case Create:
		text.WriteString("new file mode 100644\n")
		from = "/dev/null"
	case Delete:
		text.WriteString("deleted file mode 100644\n")
		to = "/dev/null"
	}
	a, b := splitLines(change.Old), splitLines(change.New)
	edits := compareLines(a, b)
	if len(edits) == 0 {
		return // an empty file has no hunks, and then git wants no names
	}
	fmt.Fprintf(text, "--- %s\n+++ %s\n", from, to)
	for len(edits) > 0 {
		n := 1
		for n < len(edits) && edits[n].aStart-edits[n-1].aEnd <= 2*contextLines {
			n++
		}
		writeHunk(text, a, b, edits[:n])
		edits = edits[n:]
	}
}

// writeHunk writes edits that stand close together, with context.
func writeHunk(text *strings.Builder, a, b []string, edits []edit) {
	first, last := edits[0], edits[len(edits)-1]
	before := min(contextLines, first.aStart)
	after := min(contextLines, len(a)-last.aEnd)
	fmt.Fprintf(text, "@@ -%s +%s @@\n",
		lineRange(first.aStart-before, last.aEnd+after), lineRange(first.bStart-before, last.bEnd+after))
	at := first.aStart - before
	for _, e := range edits {
		writeLines(text, ' ', a[at:e.aStart])
		writeLines(text, '-', a[e.aStart:e.aEnd])
		writeLines(text, '+', b[e.bStart:e.bEnd])
		at = e.aEnd
	}
	writeLines(text, ' ', a[at:last.aEnd+after])
}

// lineRange writes lines start to end, counted from 0, as a hunk header does:
// first line and count, and the line before when there is none.
func lineRange(start, end int) string {
	if start < end {
		start++
		end++
	}
	return fmt.Sprintf("%d,%d", start, end-start)
}

func writeLines(text *strings.Builder, sign byte, lines []string) {
	for _, line := range lines {
		text.WriteByte(sign)
		text.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			text.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// splitLines returns the lines with their ends.
func splitLines(data []byte) []string {
	var lines []string
	for line := range bytes.Lines(data) {
		lines = append(lines, string(line))
	}
	return lines
}

// edit says that the lines aStart to aEnd of a became bStart to bEnd of b.
type edit struct{ aStart, aEnd, bStart, bEnd int }

// compareLines returns the differences in order. Between two lines that occur
// once in both texts it takes what is equal from both sides and calls the
// rest different. That is seldom a line more than the shortest diff, and it
// never takes quadratic time.
func compareLines(a, b []string) []edit {
	var edits []edit
	i, j := 0, 0 // a[:i] and b[:j] are dealt with
	anchors := slices.Concat([]pair{{0, 0}}, commonUnique(a, b), []pair{{len(a), len(b)}})
	for _, anchor := range anchors {
		if anchor.a < i {
			continue // within what the last anchor reached
		}
		x, y := anchor.a, anchor.b
		for x > i && y > j && a[x-1] == b[y-1] {
			x--
			y--
		}
		if x > i || y > j {
			edits = append(edits, edit{i, x, j, y})
		}
		i, j = anchor.a, anchor.b
		for i < len(a) && j < len(b) && a[i] == b[j] {
			i++
			j++
		}
	}
	return edits
}

// pair is a line of a and the equal line of b.
type pair struct{ a, b int }

// commonUnique returns the longest increasing row of lines that occur once in
// a and once in b.
func commonUnique(a, b []string) []pair {
	candidates := uniquePairs(a, b)
	// Patience sorting: tails[n] is the candidate that ends the row of n+1
	// with the least b; before links each to its predecessor.
	var tails []int
	before := make([]int, len(candidates))
	for i, c := range candidates {
		n, _ := slices.BinarySearchFunc(tails, c.b, func(t, line int) int { return candidates[t].b - line })
		before[i] = -1
		if n > 0 {
			before[i] = tails[n-1]
		}
		if n == len(tails) {
			tails = append(tails, i)
		} else {
			tails[n] = i
		}
	}
	row := make([]pair, len(tails))
	if len(tails) == 0 {
		return row
	}
	for n, i := len(tails)-1, tails[len(tails)-1]; i >= 0; n, i = n-1, before[i] {
		row[n] = candidates[i]
	}
	return row
}

// uniquePairs returns the lines that occur once in a and once in b, in the
// order of a.
func uniquePairs(a, b []string) []pair {
	type count struct{ inA, inB, lineB int }
	counts := make(map[string]count, len(a))
	for _, line := range a {
		c := counts[line]
		c.inA++
		counts[line] = c
	}
	for j, line := range b {
		c := counts[line]
		c.inB++
		c.lineB = j
		counts[line] = c
	}
	var pairs []pair
	for i, line := range a {
		if c := counts[line]; c.inA == 1 && c.inB == 1 {
			pairs = append(pairs, pair{i, c.lineB})
		}
	}
	return pairs
}
