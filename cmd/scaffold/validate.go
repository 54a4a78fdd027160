package main

import (
	"example.com/scaffold/internal/generate"
	"github.com/spf13/cobra"
)

func newValidateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "validate [SPEC]",
		Short: "Say everything that is wrong with a spec",
		Long: `validate reads SPEC (scaffold.yaml unless named; - is standard input) and prints
every error and warning with its place and, where there is one, a suggestion. It
exits 1 if there is an error.`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSpec,
		RunE: func(cmd *cobra.Command, args []string) error {
			src, err := generate.ReadSource(specArgument(args), cmd.InOrStdin())
			if err != nil {
				return err
			}
			_, _, err = compile(src, cmd.ErrOrStderr())
			return err
		},
	}
}
