package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/scaffold/internal/generate"
	"github.com/spf13/cobra"
)

func newGenerateCommand() *cobra.Command {
	var options generate.Options
	var watch bool
	cmd := &cobra.Command{
		Use:   "generate [SPEC | FOLDER | FOLDER/...] ...",
		Short: "Write the Go package that a spec describes",
		Long: `generate reads SPEC (scaffold.yaml unless named; - is standard input) and writes
the package to the folder that --output names, or else the spec's own output, or
else a folder beside the spec named as the package.

A FOLDER stands for its scaffold.yaml and *.scaffold.yaml, and FOLDER/... for those
in all folders below too, but for vendor, node_modules, testdata and names that
begin with "." or "_". Specs are dealt with at once, each by itself: one that is
wrong does not keep the others from being written.

Files that would not change are not touched, files that are no longer part of the
package are removed. Files that were edited by hand are refused, and the edit is
shown; so is the folder of another spec's package. --force overwrites both. Files
that scaffold did not write are always left alone. Of one package, either everything
is written or nothing.

A spec that was rendered before is not rendered again when the folder still holds
the result. What was rendered is remembered in the user's cache folder, or in the
one whose absolute path is in SCAFFOLD_CACHE; SCAFFOLD_CACHE=off turns that off.`,
		Example: `  scaffold generate timesheets.yaml
  scaffold generate ./... --check             # in CI: exit 1 if a package is out of date or was edited
  scaffold generate --watch                   # again each time the spec is saved
  //go:generate go tool scaffold generate     # in a Go file, beside scaffold.yaml`,
		ValidArgsFunction: completeSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runGenerate(cmd, args, options, watch)
		},
	}
	cmd.Flags().StringVarP(&options.Output, "output", "o", "", "folder of the package")
	cmd.Flags().StringVar(&options.Templates, "templates", "", "folder of templates that override scaffold's own (see scaffold templates)")
	cmd.Flags().BoolVar(&options.Check, "check", false, "write nothing; exit 1 and name the files if the package is out of date")
	cmd.Flags().BoolVar(&options.Diff, "diff", false, "write nothing; print what would change as a unified diff")
	cmd.Flags().BoolVar(&options.Archive, "stdout", false, "write nothing; print the package as a txtar archive")
	cmd.Flags().BoolVar(&options.Force, "force", false, "overwrite generated files that were edited by hand, and the package of another spec")
	cmd.Flags().BoolVar(&watch, "watch", false, "go on, and generate again when a spec is saved, until interrupted")
	for _, other := range []string{"output", "check", "diff", "force", "watch"} {
		cmd.MarkFlagsMutuallyExclusive("stdout", other)
	}
	cmd.MarkFlagsMutuallyExclusive("watch", "check")
	cmd.MarkFlagsMutuallyExclusive("watch", "diff")
	return cmd
}

// runGenerate generates from what the arguments name, once or for ever.
func runGenerate(cmd *cobra.Command, args []string, options generate.Options, watch bool) error {
	if len(args) == 0 {
		args = []string{generate.SpecName}
	}
	cache, err := cacheFolder(os.Getenv("SCAFFOLD_CACHE"))
	if err != nil {
		return err
	}
	options.Version, options.Cache = version(), cache
	stdout, stderr := cmd.OutOrStdout(), cmd.ErrOrStderr()
	streams := generate.Streams{In: cmd.InOrStdin(), Out: stdout, Err: stderr, OutColor: colored(stdout), ErrColor: colored(stderr)}
	run := generate.Run
	if watch {
		run = generate.Watch
	}
	err = run(cmd.Context(), args, options, streams)
	switch {
	case errors.Is(err, generate.ErrWrong):
		return errWrong
	case errors.Is(err, generate.ErrTrouble):
		return errTrouble
	}
	return err
}

// cacheFolder returns the folder for what is remembered between runs; empty:
// nothing is. named is what SCAFFOLD_CACHE holds.
func cacheFolder(named string) (string, error) {
	switch {
	case named == "":
		user, err := os.UserCacheDir()
		if err != nil {
			return "", nil // that costs time and no more
		}
		return filepath.Join(user, "scaffold"), nil
	case strings.EqualFold(named, "off"):
		return "", nil
	case !filepath.IsAbs(named):
		return "", fmt.Errorf("SCAFFOLD_CACHE is %q: it takes an absolute path, or off", named)
	}
	return named, nil
}
