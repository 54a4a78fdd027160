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
		Args:              arguments(0, 1),
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
	cmd.Flags().StringArrayVar(&a.Scopes, "scope", nil, "`name`s of your API's scopes, with commas between them; may be repeated\n(add a scope that has a comma in its name to the file)")
	cmd.Flags().StringArrayVar(&a.Callbacks, "callback", nil, "a callback `URL` that is registered at the tenant; may be repeated\n(default http://127.0.0.1:8484/callback and :8485)")
	cmd.Flags().BoolVar(&flags.offline, "offline", false, "do not ask the provider for its discovery document")
	cmd.MarkFlagsMutuallyExclusive("domain", "issuer")
	return cmd
}

// initSpec writes a first spec. With asks, somebody at stdin answers what the
// flags leave open.
func initSpec(ctx context.Context, path string, flags initFlags, asks bool, stdin io.Reader, stdout, stderr io.Writer) error {
	if err := mustBeFree(path); err != nil {
		return err
	}
	answers, err := complete(ctx, flags, asks, stdin, stderr)
	if err != nil {
		return err
	}
	schema, err := schemaBeside(path)
	if err != nil {
		return err
	}
	text := []byte(answers.Text(schema))
	name := filepath.Base(path)
	if path == "-" {
		name = "stdout"
	}
	if _, _, err := compile(generate.Source{Name: name, Text: text}, stderr); err != nil {
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

// complete has starter find out what the flags leave open. With asks, somebody
// at stdin answers questions.
func complete(ctx context.Context, flags initFlags, asks bool, stdin io.Reader, stderr io.Writer) (starter.Answers, error) {
	from := starter.Sources{Out: stderr}
	if asks {
		from.In = stdin
	}
	if !flags.offline {
		from.Discover = discover
	}
	answers, err := starter.Complete(ctx, flags.answers, from)
	if err == nil {
		return answers, nil
	}
	separator := " "
	if problems := strings.Count(err.Error(), "\n") + 1; problems > 1 { // a line each
		separator = "\n  "
		err = errors.New(strings.ReplaceAll(err.Error(), "\n", separator))
	}
	return answers, fmt.Errorf("nothing was written:%s%w", separator, err)
}

func discover(ctx context.Context, issuer string) (discovery.Document, error) {
	doc, _, err := discovery.NewClient(http.DefaultTransport, time.Now).Document(ctx, issuer)
	if err != nil {
		return doc, fmt.Errorf("%w (--offline does without it)", err)
	}
	return doc, nil
}

// mustBeFree spares people questions whose answers could not be written.
func mustBeFree(path string) error {
	if path == "-" {
		return nil
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		folder := filepath.Dir(path)
		if _, err := os.Stat(folder); err != nil {
			return fmt.Errorf("look for the folder of the spec: %w", err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("look for the spec: %w", err)
	case info.IsDir():
		return fmt.Errorf("%s is a folder: name a file in it, as in scaffold init %s", path, filepath.Join(path, generate.SpecName))
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
