package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// shells are those that completion knows, in the order of the help.
var shells = []string{"bash", "zsh", "fish", "powershell"}

func newCompletionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that has a shell complete scaffold's commands",
		Long: `completion prints the script that has SHELL (bash, zsh, fish or powershell) complete
the commands, flags and specs of scaffold. Have the shell load it when it starts.`,
		Example: `  source <(scaffold completion bash)                   # in ~/.bashrc; needs the package bash-completion
  source <(scaffold completion zsh)                    # in ~/.zshrc, behind: autoload -U compinit; compinit
  scaffold completion fish | source                    # in ~/.config/fish/config.fish
  scaffold completion powershell | Out-String | Invoke-Expression`,
		Args:              arguments(1, 1),
		ValidArgsFunction: cobra.FixedCompletions(shells, cobra.ShellCompDirectiveNoFileComp),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(shells, args[0]) {
				return misuse(cmd, "there is no completion for %q, but for %s", args[0], strings.Join(shells, ", "))
			}
			if err := printCompletion(cmd.Root(), args[0], cmd.OutOrStdout()); err != nil {
				return fmt.Errorf("print the script: %w", err)
			}
			return nil
		},
	}
}

func printCompletion(root *cobra.Command, shell string, stdout io.Writer) error {
	const described = true
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(stdout, described)
	case "zsh":
		return root.GenZshCompletion(stdout)
	case "fish":
		return root.GenFishCompletion(stdout, described)
	}
	return root.GenPowerShellCompletionWithDesc(stdout)
}
