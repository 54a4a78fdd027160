package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/internal/generate"
	"github.com/spf13/cobra"
)

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "scaffold",
		Short: "Generate a typed OAuth 2.0 / OpenID Connect client in Go",
		Long: `scaffold reads one YAML file (tenant, audience, scopes, typed API endpoints) and
writes one Go package: a client for a native app that signs people in through the
system browser, keeps and renews their tokens, and calls the API through typed
methods which know the scopes they need.`,
		Example: `  scaffold init                  # write a first spec
  scaffold generate              # write the package that it describes
  scaffold generate --check      # in CI: is the package up to date?`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Version:           version(),
		Args:              onlyCommands,
		PersistentPreRunE: wellUsed,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetVersionTemplate("scaffold {{.Version}}\n")
	root.SetFlagErrorFunc(wrongFlag)
	root.AddCommand(newInitCommand(), newGenerateCommand(), newValidateCommand(), newDiffCommand(), newDoctorCommand(),
		newDevCommand(), newTemplatesCommand(), newSchemaCommand(), newVersionCommand(), newCompletionCommand())
	root.SetHelpCommand(newHelpCommand())
	return root
}

// errWrong ends a command whose findings have been printed already.
var errWrong = errors.New("the spec is wrong, or the output differs")

// errTrouble is errWrong where the findings were trouble.
var errTrouble = errors.New("some of it could not be done")

// report prints what ended the command and returns its exit code.
func report(err error, stderr io.Writer) int {
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errWrong):
		return exitWrong
	case errors.Is(err, errTrouble):
		return exitTrouble
	}
	// Where stderr cannot be written to, the exit code has to do.
	_, _ = fmt.Fprintf(stderr, "scaffold: %s\n", strings.Map(shown, err.Error()))
	return exitTrouble
}

// shown keeps names of files, and what others wrote, from acting on a terminal.
func shown(r rune) rune {
	if r == '\n' || r == '\t' || strconv.IsPrint(r) {
		return r
	}
	return '?'
}

// specArgument returns the one optional argument of the commands on a spec.
func specArgument(args []string) string {
	if len(args) == 0 {
		return generate.SpecName
	}
	return args[0]
}

func completeSpec(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
}

// completeSpecs is completeSpec for a command that takes several.
func completeSpecs(cmd *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	return completeSpec(cmd, nil, toComplete)
}

// oneOf refuses a flag's value that is none of those allowed.
func oneOf(flag, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("--%s %q is not one of %s", flag, value, strings.Join(allowed, ", "))
}

// completeFlag has shells complete a flag by what it takes.
func completeFlag(cmd *cobra.Command, flag string, values []string) {
	// It fails only for a flag that there is not.
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}
