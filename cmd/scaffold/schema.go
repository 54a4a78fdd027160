package main

import (
	"fmt"

	"example.com/scaffold/spec"
	"github.com/spf13/cobra"
)

func newSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of the spec, for editors",
		Long: `schema prints the JSON Schema of the spec. An editor that has it completes keys and
underlines mistakes; the first line of a spec says where it is.`,
		Example: `  scaffold schema > scaffold.schema.json
  # and in the spec: # yaml-language-server: $schema=scaffold.schema.json`,
		Args: arguments(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := cmd.OutOrStdout().Write(spec.Schema()); err != nil {
				return fmt.Errorf("print the schema: %w", err)
			}
			return nil
		},
	}
}
