package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/internal/generate"
	"example.com/scaffold/internal/starter"
	"github.com/spf13/cobra"
)

type initFlags struct {
	answers starter.Answers
	offline bool
}

func newInitCommand() *cobra.Command {
	var flags initFlags
	cmd := &cobra.Command{
		Use:   "init [SPEC]",
		Short: "Write a first spec, for your tenant",
		Long: `init writes SPEC (scaffold.yaml unless named; - is standard output): a commented
spec to go on from. It takes what it needs from the flags, and on a terminal asks
for the rest. A file that exists is never overwritten.

With --issuer it reads the provider's discovery document: the issuer must be the
provider's to the letter, scopes that the provider lacks are left out, and an Auth0
tenant is entered as such. --offline leaves that out.`,
		Example: `  scaffold init                                            # asks, on a terminal
  scaffold init --domain exampleco.eu.auth0.com --client-id q2hnj2iu --audience https://api.exampleco.com/notes \
    --base-url https://api.exampleco.com --scope read:notes --scope delete:notes
  scaffold init notes.yaml --issuer https://id.example.com --client-id notes-desktop`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSpec,
		RunE: func(cmd *cobra.Command, args []string) error {
			asks := isTerminal(cmd.InOrStdin()) && isTerminal(cmd.ErrOrStderr())
			return initSpec(cmd.Context(), specArgument(args), flags, asks, cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	a := &flags.answers
	cmd.Flags().StringVar(&a.Provider, "provider", "", "auth0, or oidc for any other OpenID Connect provider (default by --domain or --issuer)")
	cmd.Flags().StringVar(&a.Domain, "domain", "", "domain of the Auth0 tenant, like exampleco.eu.auth0.com")
	cmd.Flags().StringVar(&a.Issuer, "issuer", "", "issuer `URL` of another provider, like https://id.example.com")
	cmd.Flags().StringVar(&a.ClientID, "client-id", "", "identifier of the native application at the tenant")
	cmd.Flags().StringVar(&a.Audience, "audience", "", "identifier of your API, which access tokens are for; Auth0 needs one")
	cmd.Flags().StringVar(&a.BaseURL, "base-url", "", "`URL` of your API, like https://api.example.com/v1")
	cmd.Flags().StringVar(&a.Package, "package", "", "name of the Go package (default the last word of --audience or --base-url, or client)")
	cmd.Flags().StringArrayVar(&a.Scopes, "scope", nil, "`name` of a scope of your API; may be repeated")
	cmd.Flags().StringArrayVar(&a.Callbacks, "callback", nil, "a callback `URL` that is registered at the tenant; may be repeated\n(default http://127.0.0.1:8484/callback and :8485)")
	cmd.Flags().BoolVar(&flags.offline, "offline", false, "do not ask the provider for its discovery document")
	cmd.MarkFlagsMutuallyExclusive("domain", "issuer")
	return cmd
}

// initSpec writes a first spec. With asks, somebody at stdin answers what the
// flags leave open.
func initSpec(ctx context.Context, path string, flags initFlags, asks bool, stdin io.Reader, stdout, stderr io.Writer) error {
	if err := mustNotExist(path); err != nil {
		return err
	}
	answers, err := answer(ctx, flags, asks, stdin, stderr)
	if err != nil {
		return fmt.Errorf("%w; nothing was written", err)
	}
	schema, err := schemaBeside(path)
	if err != nil {
		return err
	}
	text := []byte(answers.Text(schema))
	if _, _, err := compile(generate.Source{Name: filepath.Base(path), Text: text}, stderr); err != nil {
		return err
	}
	if path == "-" {
		if _, err := stdout.Write(text); err != nil {
			return fmt.Errorf("print the spec: %w", err)
		}
		return nil
	}
	if err := createSpec(path, text); err != nil {
		return err
	}
	if _, err := io.WriteString(stderr, answers.NextSteps(path)); err != nil {
		return fmt.Errorf("print the next steps: %w", err)
	}
	return nil
}

// answer completes what the flags say: by the provider's discovery document
// and, with asks, by questions.
func answer(ctx context.Context, flags initFlags, asks bool, stdin io.Reader, stderr io.Writer) (starter.Answers, error) {
	discover := func(ctx context.Context, issuer string) (discovery.Document, error) {
		doc, _, err := discovery.NewClient(http.DefaultTransport, time.Now).Document(ctx, issuer)
		if err != nil {
			return doc, fmt.Errorf("%w (--offline does without it)", err)
		}
		return doc, nil
	}
	if flags.offline {
		discover = nil
	}
	known := flags.answers
	if err := known.Check(); err != nil {
		return known, err
	}
	known, err := known.Learn(ctx, discover)
	if err != nil {
		return known, err
	}
	missing := known.Missing()
	if len(missing) > 0 && asks {
		if known, err = starter.Ask(ctx, known, discover, stdin, stderr); err != nil {
			return known, err
		}
		missing = known.Missing()
	}
	if len(missing) > 0 {
		return known, fmt.Errorf("init needs %s (on a terminal it asks; scaffold init --help has examples)", strings.Join(missing, ", "))
	}
	return known.WithDefaults(), nil
}

// mustNotExist spares people questions whose answers could not be written.
func mustNotExist(path string) error {
	if _, err := os.Lstat(path); path == "-" || errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("look for the spec: %w", err)
	}
	return existsError(path)
}

func existsError(path string) error {
	return fmt.Errorf("%s exists, and init overwrites nothing: name another file, as in scaffold init other.yaml, or move this one away", path)
}

// createSpec writes the spec to a new file.
func createSpec(path string, text []byte) error {
	err := createFile(path, text)
	if errors.Is(err, fs.ErrExist) {
		return existsError(path)
	}
	if err != nil {
		return fmt.Errorf("write the spec: %w", err)
	}
	return nil
}

// createFile writes a new file, or none. It is an fs.ErrExist where there is one.
func createFile(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// schemaBeside returns the file of scaffold schema that stands where the spec
// will, or nothing.
func schemaBeside(path string) (string, error) {
	const name = "scaffold.schema.json"
	_, err := os.Stat(filepath.Join(filepath.Dir(path), name))
	if path == "-" || errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", name, err)
	}
	return name, nil
}
