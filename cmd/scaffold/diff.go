package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"example.com/scaffold/internal/change"
	"example.com/scaffold/internal/generate"
	"github.com/spf13/cobra"
)

type diffFlags struct {
	format string
	failOn string
}

func newDiffCommand() *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD [NEW]",
		Short: "Say what changed in meaning between two specs, and for whom",
		Long: `diff compares two specs by what they mean, so that order, comments and short or
long forms do not count. It says of each change whether it is compatible or
breaking, and what there is to do,

  code      for those who use the generated package,
  sessions  for people who are signed in,
  tenant    for the tenant's settings.

A spec is a file, - for standard input, or REV:path, which is read from git as git
show does. Without NEW, a REV:path is compared with the same file as it is now,
and everything else with scaffold.yaml.`,
		Example: `  scaffold diff HEAD:scaffold.yaml                     # what is not committed yet
  scaffold diff v1.2.0:scaffold.yaml v1.3.0:scaffold.yaml
  scaffold diff main:./scaffold.yaml --format markdown # for a comment on a pull request
  scaffold diff main:./scaffold.yaml --fail-on breaking`,
		Args:              arguments(1, 2),
		ValidArgsFunction: completeTwoSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := flags.check(cmd.Flags().Changed("fail-on")); err != nil {
				return err
			}
			old, now, err := readTwo(cmd.Context(), args, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return diff(old, now, flags, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVar(&flags.format, "format", "text", "text, markdown or json")
	cmd.Flags().StringVar(&flags.failOn, "fail-on", "", "exit 1 on a change that is "+strings.Join(failures, ", "))
	completeFlag(cmd, "format", diffFormats)
	completeFlag(cmd, "fail-on", failures)
	return cmd
}

// What the flags take.
var (
	diffFormats = []string{"text", "markdown", "json"}
	failures    = []string{"breaking", "breaking-code", "breaking-sessions", "breaking-tenant"}
)

// check refuses an empty --fail-on, too: a variable that is not set must not
// turn off what CI counts on.
func (f diffFlags) check(failOn bool) error {
	if err := oneOf("format", f.format, diffFormats); err != nil || !failOn {
		return err
	}
	return oneOf("fail-on", f.failOn, failures)
}

func completeTwoSpecs(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return completeSpec(cmd, nil, word)
}

// readTwo reads both specs. What they are called in messages is as they were
// named, since both may be of the same file.
func readTwo(ctx context.Context, args []string, stdin io.Reader) (old, now generate.Source, err error) {
	if len(args) == 2 && args[0] == "-" && args[1] == "-" {
		return old, now, errors.New("only one of two specs can come from standard input")
	}
	old, err = readAny(ctx, args[0], stdin)
	if err != nil {
		return old, now, err
	}
	second, err := secondSpec(ctx, args)
	if err != nil {
		return old, now, err
	}
	now, err = readAny(ctx, second, stdin)
	if len(args) == 1 && errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no %s to compare %s with: name NEW, too", second, args[0])
	}
	return old, now, err
}

// secondSpec returns what the first one is compared with.
func secondSpec(ctx context.Context, args []string) (string, error) {
	if len(args) == 2 {
		return args[1], nil
	}
	if _, path, ok := revision(args[0]); ok {
		return workingFile(ctx, path)
	}
	return specArgument(nil), nil
}

// diff compares two specs and prints what changed.
func diff(old, now generate.Source, flags diffFlags, stdout, stderr io.Writer) error {
	oldSide, oldErr := side(old, "old", stderr)
	newSide, newErr := side(now, "new", stderr)
	if err := cmp.Or(oldErr, newErr); err != nil {
		return err
	}
	report := change.Between(oldSide, newSide)
	if err := printReport(report, flags.format, stdout, stderr); err != nil {
		return err
	}
	if fails(report, flags.failOn) {
		return errWrong
	}
	return nil
}

// side checks one of the specs. What is wrong with it is printed; warnings are
// for the command validate.
func side(src generate.Source, which string, stderr io.Writer) (change.Side, error) {
	var problems bytes.Buffer
	file, pkg, err := compile(src, &problems)
	if errors.Is(err, errWrong) {
		if _, err := fmt.Fprintf(stderr, "%sthe %s spec, %s, is wrong: nothing is compared\n", problems.String(), which, src.Name); err != nil {
			return change.Side{}, fmt.Errorf("print the problems: %w", err)
		}
	}
	return change.Side{Name: src.Name, File: file, Package: pkg}, err
}

func printReport(report change.Report, format string, stdout, stderr io.Writer) error {
	text := ""
	switch format {
	case "json":
		data, err := report.JSON()
		if err != nil {
			return err
		}
		text = string(data)
	case "markdown":
		text = report.Markdown()
	default:
		text = report.Text(colored(stdout))
	}
	if _, err := io.WriteString(stdout, text); err != nil {
		return fmt.Errorf("print the changes: %w", err)
	}
	if len(report.Changes) > 0 {
		return nil
	}
	if _, err := fmt.Fprintln(stderr, "no change in meaning"); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return nil
}

// fails reports whether the report holds what --fail-on names.
func fails(report change.Report, on string) bool {
	code, sessions, tenant, any := report.Count()
	return map[string]int{
		"breaking": any, "breaking-code": code, "breaking-sessions": sessions, "breaking-tenant": tenant,
	}[on] > 0
}
