package starter

import (
	"context"
	"fmt"
	"io"
	"strings"

	"example.com/scaffold/internal/discovery"
)

// Discover fetches the discovery document of an issuer.
type Discover func(ctx context.Context, issuer string) (discovery.Document, error)

// Sources is where Complete and Ask find out what is not known yet.
type Sources struct {
	Discover Discover  // nil: the provider is not asked
	In       io.Reader // what people answer, a line each; nil: there is nobody
	Out      io.Writer // what they are asked
}

// Complete adds to what is known, by the flags of the command, what there is no
// spec without: from the provider's discovery document, from the people who are
// there, and what can be assumed. A flag's scope may be several, with commas
// between them.
func Complete(ctx context.Context, known Answers, from Sources) (Answers, error) {
	known.Scopes = splitScopes(known.Scopes)
	err := known.Check()
	if err != nil {
		return known, err
	}
	if known, err = known.Learn(ctx, from.Discover); err != nil {
		return known, err
	}
	if len(known.Missing()) > 0 && from.In != nil {
		if known, err = Ask(ctx, known, from); err != nil {
			return known, err
		}
	}
	if missing := known.Missing(); len(missing) > 0 {
		return known, fmt.Errorf("init needs %s (on a terminal it asks; scaffold init --help has examples)", strings.Join(missing, ", "))
	}
	known = known.WithDefaults()
	return known, known.Check()
}

func splitScopes(flags []string) []string {
	var scopes []string
	for _, flag := range flags {
		parts := strings.FieldsFunc(flag, func(r rune) bool { return r == ',' })
		if len(parts) == 0 {
			parts = []string{""} // for Check to refuse
		}
		for _, part := range parts {
			scopes = append(scopes, strings.TrimSpace(part))
		}
	}
	return scopes
}

// Learn returns the answers with what the issuer's discovery document adds, if
// they name an issuer. Without discover, nothing is learnt.
func (a Answers) Learn(ctx context.Context, discover Discover) (Answers, error) {
	if a.Issuer == "" || discover == nil {
		return a, nil
	}
	doc, err := discover(ctx, a.Issuer)
	if err != nil {
		return a, err
	}
	return a.Learned(doc)
}
