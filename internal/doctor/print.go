package doctor

import (
	"encoding/json"
	"fmt"
	"strings"

	"example.com/scaffold/internal/discovery"
)

// Text prints findings for people: a line each, and below it what to do.
func Text(findings []Finding, color bool) string {
	width := 0
	for _, f := range findings {
		width = max(width, len(f.Check))
	}
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s  %-*s  %s\n", label(f.Status, color), width, f.Check, discovery.Printable(f.Detail))
		if f.Advice != "" {
			fmt.Fprintf(&b, "%*s%s\n", len("warn  ")+width+len("  "), "", discovery.Printable(f.Advice))
		}
	}
	return b.String()
}

func label(status Status, color bool) string {
	text := fmt.Sprintf("%-4s", status)
	if !color {
		return text
	}
	return map[Status]string{OK: "\x1b[32m", Warn: "\x1b[33m", Fail: "\x1b[31m"}[status] + text + "\x1b[0m"
}

// Summary counts the findings in a line.
func Summary(findings []Finding) string {
	count := map[Status]int{}
	for _, f := range findings {
		count[f.Status]++
	}
	return fmt.Sprintf("%d ok, %d to look at, %d failed\n", count[OK], count[Warn], count[Fail])
}

// JSON prints findings for programs: {"findings": [{status, check, detail, advice}]}.
func JSON(findings []Finding) ([]byte, error) {
	text, err := json.MarshalIndent(map[string]any{"findings": findings}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("print the findings: %w", err)
	}
	return append(text, '\n'), nil
}
