package starter

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"example.com/scaffold/internal/discovery"
)

// Ask asks for what is not known yet, line by line. A wrong answer is asked
// for again.
func Ask(ctx context.Context, known Answers, from Sources) (Answers, error) {
	d := &dialogue{lines: bufio.NewScanner(from.In), from: from, answers: known}
	if known.Domain == "" && known.Issuer == "" {
		d.askTenant(ctx)
	}
	if d.answers.ClientID == "" {
		d.ask("Client ID of the native application", "", true, func(a *Answers, s string) { a.ClientID = s })
	}
	if d.answers.Audience == "" {
		what := "Identifier (audience) of your API, or nothing"
		if d.answers.isAuth0() {
			what = "Identifier (audience) of your API"
		}
		d.ask(what, "", d.answers.isAuth0(), func(a *Answers, s string) { a.Audience = s })
	}
	if d.answers.BaseURL == "" {
		d.ask("Address of your API, or - for none", d.suggestedBase(), false, func(a *Answers, s string) { a.BaseURL = strings.TrimPrefix(s, "-") })
	}
	if d.answers.Scopes == nil {
		d.ask("Scopes of your API, with spaces between them, or nothing", "", false, func(a *Answers, s string) { a.Scopes = strings.FieldsFunc(s, separates) })
	}
	if d.answers.Package == "" {
		d.ask("Name of the Go package", d.answers.suggestedPackage(), true, func(a *Answers, s string) { a.Package = s })
	}
	return d.answers, d.err
}

// separates tells what stands between scopes: a space, or a comma, which no
// scope in practice has in its name.
func separates(r rune) bool { return r == ',' || unicode.IsSpace(r) }

// dialogue is one conversation. After an error it asks nothing.
type dialogue struct {
	lines   *bufio.Scanner
	from    Sources
	answers Answers
	err     error
}

// ErrEnded is that somebody stopped answering.
var ErrEnded = errors.New("the input ended before every question was answered")

// askTenant takes a domain or an issuer, and learns what the issuer publishes.
func (d *dialogue) askTenant(ctx context.Context) {
	what, suggestion := "Domain of your Auth0 tenant, or issuer URL of another provider", ""
	for d.err == nil {
		d.ask(what, suggestion, true, func(a *Answers, s string) {
			a.Domain, a.Issuer = s, ""
			if strings.Contains(s, "://") {
				a.Domain, a.Issuer = "", s
			}
		})
		if d.err != nil {
			return
		}
		learned, err := d.answers.Learn(ctx, d.from.Discover)
		if err == nil {
			d.answers = learned
			return
		}
		if wrong, ok := errors.AsType[*IssuerError](err); ok {
			suggestion = wrong.Stated
		}
		d.printf("  %s\n", discovery.Printable(err.Error()))
	}
}

// ask asks until the answer is none that Check refuses. An empty answer is the
// suggestion, and if there is none it is no answer where one is needed.
func (d *dialogue) ask(what, suggestion string, needed bool, set func(*Answers, string)) {
	for d.err == nil {
		if suggestion != "" {
			d.printf("%s [%s]: ", what, discovery.Printable(suggestion))
		} else {
			d.printf("%s: ", what)
		}
		if d.err != nil || !d.scan() {
			return
		}
		answer := cmp.Or(strings.TrimSpace(d.lines.Text()), suggestion)
		if answer == "" && needed {
			d.printf("  An answer is needed here.\n")
			continue
		}
		changed := d.answers
		set(&changed, answer)
		if err := changed.Check(); err != nil {
			d.printf("  %s\n", strings.ReplaceAll(err.Error(), "\n", "\n  "))
			continue
		}
		d.answers = changed
		return
	}
}

func (d *dialogue) scan() bool {
	if d.lines.Scan() {
		return true
	}
	d.printf("\n") // what is said next does not belong to the question
	d.err = cmp.Or(d.err, d.lines.Err(), ErrEnded)
	return false
}

func (d *dialogue) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(d.from.Out, format, args...); err != nil && d.err == nil {
		d.err = fmt.Errorf("ask: %w", err)
	}
}

// suggestedBase is the audience, where it is an address that the API could have.
func (d *dialogue) suggestedBase() string {
	probe := Answers{BaseURL: d.answers.Audience}
	if !strings.HasPrefix(probe.BaseURL, "https://") || probe.Check() != nil {
		return ""
	}
	return probe.BaseURL
}
