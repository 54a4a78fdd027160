package starter_test

import (
	"context"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/internal/starter"
)

// ask answers the questions line by line.
func ask(t *testing.T, known starter.Answers, lines ...string) (starter.Answers, string, error) {
	t.Helper()
	discover := func(_ context.Context, issuer string) (discovery.Document, error) {
		if !strings.Contains(issuer, "id.example.com") {
			return discovery.Document{}, errors.New("it cannot be reached\x1b[2J")
		}
		return provider("https://id.example.com/"), nil
	}
	var out strings.Builder
	answers, err := starter.Ask(t.Context(), known, starter.Sources{Discover: discover, In: strings.NewReader(strings.Join(lines, "\n") + "\n"), Out: &out})
	return answers, out.String(), err
}

func TestDialogue(t *testing.T) {
	t.Run("Auth0, with what is suggested", func(t *testing.T) {
		answers, out, err := ask(t, starter.Answers{}, "exampleco.eu.auth0.com", "q2hnj2iu", "https://api.exampleco.com/notes", "", "read:notes,  delete:notes", "")
		want := starter.Answers{
			Domain: "exampleco.eu.auth0.com", ClientID: "q2hnj2iu", Audience: "https://api.exampleco.com/notes",
			BaseURL: "https://api.exampleco.com/notes", Scopes: []string{"read:notes", "delete:notes"}, Package: "notes",
		}
		if err != nil || !reflect.DeepEqual(answers, want) {
			t.Errorf("%+v %v", answers, err)
		}
		const asked = "Domain of your Auth0 tenant, or issuer URL of another provider: " +
			"Client ID of the native application: " +
			"Identifier (audience) of your API: " +
			"Address of your API, or - for none [https://api.exampleco.com/notes]: " +
			"Scopes of your API, with spaces between them, or nothing: " +
			"Name of the Go package [notes]: "
		if out != asked {
			t.Errorf("%s", out)
		}
	})
	t.Run("another provider, of which little is known", func(t *testing.T) {
		answers, out, err := ask(t, starter.Answers{}, "https://id.example.com/", "notes", "", "", "", "")
		if err != nil || answers.Issuer != "https://id.example.com/" || answers.Audience != "" || answers.BaseURL != "" || len(answers.Missing()) > 0 {
			t.Errorf("%+v %v", answers, err)
		}
		if !strings.Contains(out, "Identifier (audience) of your API, or nothing: Address of your API, or - for none: ") {
			t.Errorf("%s", out)
		}
	})
	t.Run("wrong answers are asked for again", func(t *testing.T) {
		answers, out, err := ask(t, starter.Answers{},
			"", "https://exampleco/?", "https://gone.example.com", "https://id.example.com", "", // what is suggested now
			"a b", "notes", "notes", "", "-", "a:b a-b", "", "func", "notes")
		if err != nil || answers.Issuer != "https://id.example.com/" || answers.ClientID != "notes" || answers.Package != "notes" || answers.BaseURL != "" {
			t.Errorf("%+v %v", answers, err)
		}
		for _, want := range []string{
			"  An answer is needed here.\n", "  issuer \"https://exampleco/?\" must not have a query", "  it cannot be reached?[2J\n",
			"  the provider spells its issuer \"https://id.example.com/\"", "provider [https://id.example.com/]: ",
			"  client_id \"a b\" must be", "  audience \"notes\" must be an absolute URI", "  \"func\" is a keyword of Go",
			"  scope \"a-b\" becomes the Go name ScopeAB, as scope \"a:b\" does; leave it out here",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%q is not in\n%s", want, out)
			}
		}
	})
}

func TestDialogueEnds(t *testing.T) {
	t.Run("what is known is not asked for", func(t *testing.T) {
		known := auth0()
		known.BaseURL, known.Scopes = "https://api.exampleco.com", []string{"read:notes"}
		if answers, out, err := ask(t, known, "mine"); err != nil || out != "Name of the Go package [notes]: " || answers.Package != "mine" {
			t.Errorf("%+v %q %v", answers, out, err)
		}
	})
	t.Run("an end is an error", func(t *testing.T) {
		_, out, err := ask(t, starter.Answers{}, "exampleco.eu.auth0.com")
		if !errors.Is(err, starter.ErrEnded) || !strings.HasSuffix(out, "Client ID of the native application: \n") {
			t.Errorf("%v %q", err, out)
		}
	})
	t.Run("so is a terminal that is gone", func(t *testing.T) {
		_, err := starter.Ask(t.Context(), starter.Answers{}, starter.Sources{In: strings.NewReader("a\n"), Out: brokenWriter{}})
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%v", err)
		}
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
