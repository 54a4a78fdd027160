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
says what to do. It exits 1 if something failed.

--format json is for programs, and prints also for a spec with errors:
  {"version": 1, "spec": "scaffold.yaml", "summary": {"ok": 20, "warn": 1, "fail": 0},
   "problems": [{"line", "column", "warning", "message"}],    # what validate says
   "findings": [{"status", "check", "detail", "advice"}]}     # ok, warn or fail`,
		Example: `  scaffold doctor timesheets.yaml
  scaffold doctor timesheets.yaml --format json
  scaffold doctor timesheets.yaml --offline   # no network: the spec and the callbacks' ports`,
		Args:              arguments(0, 1),
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
	file, _, problems := src.Check()
	if _, err := io.WriteString(stderr, src.Format(problems)); err != nil {
		return fmt.Errorf("print the problems: %w", err)
	}
	findings := doctor.Invalid(src.Name)
	switch {
	case !generate.IsWrong(problems):
		findings = doctor.Examine(ctx, file, doctor.Options{Transport: http.DefaultTransport, Now: time.Now, Offline: flags.offline})
	case flags.format != "json": // the problems say it all
		return errWrong
	}
	text := []byte(doctor.Text(findings, color))
	if flags.format == "json" {
		var err error
		if text, err = doctor.JSON(src.Name, problems, findings); err != nil {
			return err
		}
	}
	if _, err := stdout.Write(text); err != nil {
		return fmt.Errorf("print the findings: %w", err)
	}
	if _, err := io.WriteString(stderr, doctor.Count(findings).Text()); err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	if doctor.Worst(findings) == doctor.Fail {
		return errWrong
	}
	return nil
}
