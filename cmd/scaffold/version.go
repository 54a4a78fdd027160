package main

import (
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of scaffold",
		Long: `version prints the version of scaffold, which is also in the first line of every
file that it writes. scaffold --version does the same.`,
		Example: `  scaffold version
  go tool scaffold version   # the version that go.mod names`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), "scaffold", version()); err != nil {
				return fmt.Errorf("print the version: %w", err)
			}
			return nil
		},
	}
}

// version returns the version of the module that this command is built from,
// which is the main module or, by go tool, a dependency of it.
func version() string {
	const development = "devel"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return development
	}
	for _, module := range append(info.Deps, &info.Main) {
		if strings.HasPrefix(info.Path, module.Path+"/") && module.Version != "" && module.Version != "(devel)" {
			return module.Version
		}
	}
	return development
}
