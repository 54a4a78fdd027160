package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"

	"example.com/scaffold/internal/output"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
	"github.com/spf13/cobra"
	"golang.org/x/tools/txtar"
)

type generateFlags struct {
	output    string
	templates string
	check     bool
	diff      bool
	stdout    bool
}

func newGenerateCommand() *cobra.Command {
	var flags generateFlags
	cmd := &cobra.Command{
		Use:   "generate [SPEC]",
		Short: "Write the Go package that a spec describes",
		Long: `generate reads SPEC (scaffold.yaml unless named; - is standard input) and writes
the package to the folder that --output names, or else the spec's own output, or
else a folder beside the spec named as the package.

Files that would not change are not touched, files that are no longer part of the
package are removed, and files that were edited or that scaffold did not write are
refused. Either everything is written or nothing.`,
		Example: `  scaffold generate timesheets.yaml
  scaffold generate timesheets.yaml --check   # in CI: exit 1 if the package is out of date
  //go:generate go tool scaffold generate     # in a Go file, beside scaffold.yaml`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeSpec,
		RunE: func(cmd *cobra.Command, args []string) error {
			src, err := readSource(specArgument(args), cmd.InOrStdin())
			if err != nil {
				return err
			}
			return generate(src, flags, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().StringVarP(&flags.output, "output", "o", "", "folder of the package")
	cmd.Flags().StringVar(&flags.templates, "templates", "", "folder of templates that override scaffold's own (see scaffold templates)")
	cmd.Flags().BoolVar(&flags.check, "check", false, "write nothing; exit 1 and name the files if the package is out of date")
	cmd.Flags().BoolVar(&flags.diff, "diff", false, "write nothing; print what would change as a unified diff")
	cmd.Flags().BoolVar(&flags.stdout, "stdout", false, "write nothing; print the package as a txtar archive")
	for _, other := range []string{"output", "check", "diff"} {
		cmd.MarkFlagsMutuallyExclusive("stdout", other)
	}
	return cmd
}

// generate compiles the spec, and then plans the folder and applies the plan,
// or prints what the flags ask for.
func generate(src source, flags generateFlags, stdout, stderr io.Writer) error {
	file, pkg, err := compile(src, stderr)
	if err != nil {
		return err
	}
	rendered, err := render.Files(pkg, render.Options{Version: version(), Templates: flags.templates})
	if err != nil {
		return err
	}
	if flags.stdout {
		return printArchive(rendered, stdout)
	}
	dir := outputDir(src, file, flags)
	files := make([]output.File, len(rendered))
	for i, f := range rendered {
		files[i] = output.File(f)
	}
	plan, err := output.NewPlan(dir, files)
	if err != nil {
		return err
	}
	if flags.check || flags.diff {
		return compare(plan, dir, flags, stdout, stderr)
	}
	if err := plan.Apply(); err != nil {
		return err
	}
	return printChanges(plan, dir, stderr)
}

func outputDir(src source, file *spec.File, flags generateFlags) string {
	if flags.output != "" {
		return flags.output
	}
	own := cmp.Or(file.Output.Value, file.Package.Value)
	return filepath.Join(src.dir, filepath.FromSlash(own))
}

func printArchive(files []render.File, stdout io.Writer) error {
	archive := &txtar.Archive{}
	for _, file := range files {
		archive.Files = append(archive.Files, txtar.File(file))
	}
	if _, err := stdout.Write(txtar.Format(archive)); err != nil {
		return fmt.Errorf("print the package: %w", err)
	}
	return nil
}

// compare prints what would change. With --check, a change is an error.
func compare(plan *output.Plan, dir string, flags generateFlags, stdout, stderr io.Writer) error {
	if flags.diff {
		if _, err := io.WriteString(stdout, plan.Diff()); err != nil {
			return fmt.Errorf("print the diff: %w", err)
		}
	}
	if !flags.check || len(plan.Changes()) == 0 {
		return nil
	}
	if !flags.diff {
		if err := printChanges(plan, dir, stdout); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(stderr, "%s is out of date: run scaffold generate\n", dir); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return errWrong
}

// printChanges prints a line for each file that changes.
func printChanges(plan *output.Plan, dir string, w io.Writer) error {
	for _, change := range plan.Changes() {
		if _, err := fmt.Fprintf(w, "%s %s\n", change.Op, filepath.Join(dir, change.Name)); err != nil {
			return fmt.Errorf("print the changes: %w", err)
		}
	}
	return nil
}
