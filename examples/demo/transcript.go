package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
)

// transcript writes what happens. It keeps the first error, so that no step has
// to look.
type transcript struct {
	to      io.Writer
	color   bool     // to is a terminal
	secrets []string // what must not be printed
	err     error
}

// How a terminal shows a line.
const (
	plain = ""
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
)

func (t *transcript) line(style, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if t.color && style != plain && text != "" {
		text = style + text + "\x1b[0m"
	}
	switch {
	case t.err != nil:
	case slices.ContainsFunc(t.secrets, func(secret string) bool { return strings.Contains(text, secret) }):
		t.err = errors.New("a secret was about to be printed")
	default:
		_, t.err = fmt.Fprintln(t.to, text)
	}
}

func (t *transcript) title(n, of int, text string) {
	t.say("")
	t.line(bold, "%2d/%d  %s", n, of, text)
}

// say is what the demo itself has to tell.
func (t *transcript) say(format string, args ...any) { t.line(plain, format, args...) }

// command is a line as it is typed.
func (t *transcript) command(text string) { t.line(bold, "\n    $ %s", text) }

// output is what a command prints.
func (t *transcript) output(text string) {
	for line := range strings.Lines(text) {
		t.line(plain, "%s", strings.TrimRight("    "+cut(strings.TrimRight(line, "\n")), " "))
	}
}

// sent is what a command sends.
func (t *transcript) sent(lines ...string) {
	for _, line := range lines {
		t.line(dim, "        %s", line)
	}
}

// secret notes what must not be printed from now on.
func (t *transcript) secret(values ...string) {
	for _, value := range values {
		if value != "" { // which everything holds
			t.secrets = append(t.secrets, value)
		}
	}
}

var query = regexp.MustCompile(`(https?://[^\s?]+)\?\S+`)

// cut shortens addresses by their queries, which hold secrets.
func cut(line string) string { return query.ReplaceAllString(line, "$1?...") }

// secretParameters are those of an authorization request that only its sender
// and the tenant should know. The challenge is no secret; the verifier behind
// it is, and stays in the application.
func secretParameters() []string { return []string{"state", "nonce"} }

// parameters are those of an authorization request, a line each, with secrets
// cut.
func parameters(values url.Values) []string {
	var lines []string
	for name := range values {
		value := values.Get(name)
		if slices.Contains(secretParameters(), name) {
			value = fmt.Sprintf("[cut: %d characters]", len(value))
		}
		lines = append(lines, fmt.Sprintf("%-21s  %s", name, value))
	}
	slices.Sort(lines)
	return lines
}

// colored tells whether w is a terminal, and nobody has asked for no color
// (no-color.org). The null device looks like a terminal; nobody looks at it.
func colored(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
