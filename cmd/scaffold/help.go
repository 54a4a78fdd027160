package main

import "github.com/spf13/cobra"

// newHelpCommand replaces cobra's, which prints the whole manual when it does
// not know a command, and exits 0.
func newHelpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]...",
		Short: "Print the manual of a command",
		Long:  `help prints what COMMAND --help prints, and without COMMAND what there is.`,
		Example: `  scaffold help generate
  scaffold help templates eject`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var names []string
			if about, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, c := range about.Commands() {
					if !c.Hidden {
						names = append(names, cobra.CompletionWithDesc(c.Name(), c.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			about, rest, err := cmd.Root().Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return onlyCommands(about, rest)
			}
			about.InitDefaultHelpFlag() // cobra adds them when a command is run
			about.InitDefaultVersionFlag()
			return about.Help()
		},
	}
}
