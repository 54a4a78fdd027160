package generate

import "strings"

// The colors of a diff, as git has them.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	cyan   = "\x1b[36m"
	normal = "\x1b[m"
)

// paint returns a unified diff in color, if it is to be.
func paint(diff string, colors bool) string {
	if !colors {
		return diff
	}
	var text strings.Builder
	header := true // within a hunk, "--- a" is a line that was "-- a"
	for line := range strings.Lines(diff) {
		body := strings.TrimSuffix(line, "\n")
		color := ""
		switch {
		case strings.HasPrefix(body, "diff "):
			header, color = true, bold
		case strings.HasPrefix(body, "@@"):
			header, color = false, cyan
		case header:
			color = bold
		case strings.HasPrefix(body, "-"):
			color = red
		case strings.HasPrefix(body, "+"):
			color = green
		}
		if color != "" {
			body = color + body + normal
		}
		text.WriteString(body + line[len(strings.TrimSuffix(line, "\n")):])
	}
	return text.String()
}
