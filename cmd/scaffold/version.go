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
		Args:  cobra.NoArgs,
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
