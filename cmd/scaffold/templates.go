package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/templates"
	"github.com/spf13/cobra"
)

// ejectedTo is where eject writes to unless told otherwise.
const ejectedTo = "scaffold-templates"

func newTemplatesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "templates",
		Short: "List the templates that you can override",
		Long: `templates lists the templates of the files that depend on the spec: the name, what
it makes, and which part of the view-model it is given. Every other file of a
package is the session engine, which is the same in every client and cannot be
overridden.`,
		Example: `  scaffold templates
  scaffold templates eject doc.go.tmpl                # to scaffold-templates/, to be edited
  scaffold generate --templates scaffold-templates`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return listTemplates(cmd.OutOrStdout()) },
	}
	cmd.AddCommand(newEjectCommand())
	return cmd
}

func listTemplates(stdout io.Writer) error {
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	lines := []string{fmt.Sprintf("TEMPLATE\tMAKES\tIS GIVEN (view-model %d)\n", model.Version)}
	for _, t := range templates.List() {
		lines = append(lines, fmt.Sprintf("%s\t%s\t%s\n", t.Name, t.Makes, t.Data))
	}
	for _, line := range lines {
		if _, err := io.WriteString(table, line); err != nil {
			return fmt.Errorf("print the templates: %w", err)
		}
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the templates: %w", err)
	}
	return nil
}

func newEjectCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "eject NAME [DIR]",
		Short: "Write a template to a folder, to be edited",
		Long: `eject writes the template NAME to DIR (scaffold-templates unless named). It never
overwrites a file. Edit it, and generate with --templates DIR: every template in
the folder is then used instead of scaffold's own of the same name.

The first line is the version of the view-model that the template was written for.
When a newer scaffold has another, it refuses the template: eject it again to
another folder, and carry over what you changed.`,
		Example:           `  scaffold templates eject doc.go.tmpl`,
		Args:              arguments(1, 2),
		ValidArgsFunction: completeTemplate,
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := eject(args[0], cmp.Or(append(args[1:], ejectedTo)...))
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s\n", path); err != nil {
				return fmt.Errorf("print the result: %w", err)
			}
			return nil
		},
	}
}

// eject writes a template to a new file below dir and returns its path.
func eject(name, dir string) (path string, err error) {
	text, err := render.Ejected(name)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", fmt.Errorf("make the folder of templates: %w", err)
	}
	path = filepath.Join(dir, name)
	err = createFile(path, text)
	if errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("%s is there already, and is not overwritten", path)
	}
	if err != nil {
		return "", fmt.Errorf("write the template: %w", err)
	}
	return path, nil
}

func completeTemplate(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		var names []string
		for _, t := range templates.List() {
			names = append(names, t.Name)
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	case 1:
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
