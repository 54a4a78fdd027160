package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"example.com/scaffold/internal/doctor"
	"example.com/scaffold/internal/generate"
	"github.com/spf13/cobra"
)

type doctorFlags struct {
	format  string
	offline bool
}

var doctorFormats = []string{"text", "json"}

func newDoctorCommand() *cobra.Command {
	var flags doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor [SPEC]",
		Short: "Examine a spec against its live tenant",
		Long: `doctor reads SPEC (scaffold.yaml unless named; - is standard input) and finds out
whether people will be able to sign in with it: it asks the tenant what it supports,
begins a sign-in for each callback without finishing it, compares the clocks, tries
the callbacks' ports on this machine, and calls the API without a token. It sends no
secret, and takes 15 seconds at most.

Each line is ok, warn (it could be better, or cannot be told from here) or fail, and
says what to do. It exits 1 if something failed.`,
		Example: `  scaffold doctor timesheets.yaml
  scaffold doctor timesheets.yaml --format json
  scaffold doctor timesheets.yaml --offline   # no network: the spec and the callbacks' ports`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSpec,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", flags.format, doctorFormats); err != nil {
				return err
			}
			src, err := generate.ReadSource(specArgument(args), cmd.InOrStdin())
			if err != nil {
				return err
			}
			return examine(cmd.Context(), src, flags, colored(cmd.OutOrStdout()), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&flags.format, "format", "text", "text or json")
	cmd.Flags().BoolVar(&flags.offline, "offline", false, "examine only the spec and this machine")
	completeFlag(cmd, "format", doctorFormats)
	return cmd
}

// examine prints what the examination finds; a failure is errWrong.
func examine(ctx context.Context, src generate.Source, flags doctorFlags, color bool, stdout, stderr io.Writer) error {
	file, _, err := compile(src, stderr)
	if err != nil {
		return err
	}
	findings := doctor.Examine(ctx, file, doctor.Options{Transport: http.DefaultTransport, Now: time.Now, Offline: flags.offline})
	text := []byte(doctor.Text(findings, color))
	if flags.format == "json" {
		if text, err = doctor.JSON(findings); err != nil {
			return err
		}
	}
	if _, err := stdout.Write(text); err != nil {
		return fmt.Errorf("print the findings: %w", err)
	}
	if _, err := io.WriteString(stderr, doctor.Summary(findings)); err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	if doctor.Worst(findings) == doctor.Fail {
		return errWrong
	}
	return nil
}
