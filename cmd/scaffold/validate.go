package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"example.com/scaffold/internal/generate"
	"github.com/spf13/cobra"
)

func newValidateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate [SPEC | FOLDER | FOLDER/...] ...",
		Short: "Say everything that is wrong with a spec",
		Long: `validate reads SPEC (scaffold.yaml unless named; - is standard input) and prints
every error and warning with its place and, where there is one, a suggestion. It
exits 1 if there is an error.

A FOLDER stands for its scaffold.yaml and *.scaffold.yaml, and FOLDER/... for those
in all folders below too, as for generate. Of several specs, it says at the end how
many are valid.`,
		Example: `  scaffold validate
  scaffold validate ./...
  scaffold validate - < timesheets.yaml`,
		ValidArgsFunction: completeSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{generate.SpecName}
			}
			if len(args) == 1 && generate.IsOneSpec(args[0]) {
				return validate(args[0], "", cmd.InOrStdin(), cmd.ErrOrStderr())
			}
			paths, err := generate.FindSpecs(args)
			if err != nil {
				return err
			}
			return validateAll(paths, cmd.InOrStdin(), cmd.ErrOrStderr())
		},
	}
}

// validate prints what there is to say about a spec, which messages call by
// the name shown.
func validate(path, shown string, stdin io.Reader, stderr io.Writer) error {
	src, err := generate.ReadSource(path, stdin)
	if err != nil {
		return err
	}
	src.Shown = shown
	_, _, err = compile(src, stderr)
	return err
}

// validateAll is validate for several specs, and a summary.
func validateAll(paths []string, stdin io.Reader, stderr io.Writer) error {
	var valid, wrong, failed int
	for _, path := range paths {
		shown := path
		if path == "-" {
			shown = "stdin"
		}
		err := validate(path, shown, stdin, stderr)
		switch {
		case err == nil:
			valid++
			continue
		case errors.Is(err, errWrong):
			wrong++
			continue
		}
		failed++
		if _, err := fmt.Fprintf(stderr, "scaffold: %s: %v\n", shown, err); err != nil {
			return fmt.Errorf("print the problems: %w", err)
		}
	}
	if _, err := fmt.Fprintln(stderr, validated(valid, wrong, failed)); err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	switch {
	case failed > 0:
		return errTrouble
	case wrong > 0:
		return errWrong
	}
	return nil
}

// validated sums up: "3 specs: 2 valid, 1 wrong".
func validated(valid, wrong, failed int) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{valid, "valid"}, {wrong, "wrong"}, {failed, "failed"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.what))
		}
	}
	return counted(valid+wrong+failed, "spec") + ": " + strings.Join(parts, ", ")
}
