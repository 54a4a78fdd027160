package change

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Markdown writes a report for a comment on a pull request. All that comes of a
// spec stands in code spans, where it is neither markup nor a mention.
func (r Report) Markdown() string {
	if len(r.Changes) == 0 {
		return "No change in meaning from " + term(r.Old) + " to " + term(r.New) + ".\n"
	}
	var out strings.Builder
	out.WriteString("### What changes from " + term(r.Old) + " to " + term(r.New) + "\n\n" + capital(r.sum()) + ".\n")
	before := ""
	for _, c := range r.Changes {
		heading := "Compatible"
		if c.Breaking() {
			heading = "Breaking"
		}
		if heading != before {
			out.WriteString("\n#### " + heading + "\n\n")
			before = heading
		}
		out.WriteString("- **" + capital(c.Summary) + "**\n")
		for _, g := range c.groups() {
			out.WriteString(item(g))
		}
	}
	return out.String()
}

// item writes what a change is to one group.
func item(g group) string {
	verdict, texts := "compatible", "nothing to do"
	if g.impact.Breaking {
		verdict = "**breaking**"
	}
	if len(g.impact.Do) > 0 {
		texts = strings.Join(g.impact.Do, "; ")
	}
	return "  - " + g.long + ", " + verdict + ": " + texts + "\n"
}

// capital begins a sentence with a capital, unless it begins with a name.
func capital(sentence string) string {
	first, size := utf8.DecodeRuneInString(sentence)
	return string(unicode.ToUpper(first)) + sentence[size:]
}

// JSON writes a report for programs, in the form that Version counts.
func (r Report) JSON() ([]byte, error) {
	marked := r.Changes
	r.Changes = make([]Change, len(marked))
	for i, c := range marked {
		c.Summary = plain(c.Summary)
		c.Code, c.Sessions, c.Tenant = c.Code.plain(), c.Sessions.plain(), c.Tenant.plain()
		r.Changes[i] = c
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return append(text, '\n'), nil
}

func (i Impact) plain() Impact {
	i.Do = slices.Clone(i.Do)
	for k, text := range i.Do {
		i.Do[k] = plain(text)
	}
	return i
}
