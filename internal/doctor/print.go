package doctor

import (
	"encoding/json"
	"fmt"
	"strings"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/spec"
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

// Counts is how many findings there are of each status.
type Counts struct {
	OK   int `json:"ok"`
	Warn int `json:"warn"`
	Fail int `json:"fail"`
}

// Count counts findings.
func Count(findings []Finding) (c Counts) {
	for _, f := range findings {
		switch f.Status {
		case OK:
			c.OK++
		case Warn:
			c.Warn++
		case Fail:
			c.Fail++
		}
	}
	return c
}

// Text says the counts in a line.
func (c Counts) Text() string {
	return fmt.Sprintf("%d ok, %d to look at, %d failed\n", c.OK, c.Warn, c.Fail)
}

// reportVersion is that of the JSON. It changes when a program that reads it
// would have to.
const reportVersion = 1

// report is the JSON of an examination.
type report struct {
	Version  int       `json:"version"`
	Spec     string    `json:"spec"`
	Summary  Counts    `json:"summary"`
	Problems []problem `json:"problems"`
	Findings []Finding `json:"findings"`
}

// problem is a spec.Problem for programs.
type problem struct {
	Line    int    `json:"line"`   // from 1; 0: of no line
	Column  int    `json:"column"` // in characters, from 1
	Warning bool   `json:"warning"`
	Message string `json:"message"`
}

// JSON prints findings for programs, with what is wrong or unwise in the spec
// of this name.
func JSON(name string, problems []spec.Problem, findings []Finding) ([]byte, error) {
	out := report{Version: reportVersion, Spec: name, Summary: Count(findings), Problems: make([]problem, len(problems)), Findings: findings}
	for i, p := range problems {
		out.Problems[i] = problem{Line: p.Pos.Line, Column: p.Pos.Col, Warning: p.Warning, Message: p.Message}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("print the findings: %w", err)
	}
	return append(text, '\n'), nil
}
