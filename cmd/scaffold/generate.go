package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

type generateFlags struct {
	output    string
	templates string // folder of overriding templates; empty: none
	check     bool
	diff      bool
	stdout    bool
	force     bool
	watch     bool

	colors, errorColors bool // of stdout and stderr
}

func newGenerateCommand() *cobra.Command {
	var flags generateFlags
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
shown; --force overwrites them. Files that scaffold did not write are always left
alone. Of one package, either everything is written or nothing.

A spec that was rendered before is not rendered again when the folder still holds
the result. What was rendered is remembered in the user's cache folder, or in the
one that SCAFFOLD_CACHE names; SCAFFOLD_CACHE=off turns that off.`,
		Example: `  scaffold generate timesheets.yaml
  scaffold generate ./... --check             # in CI: exit 1 if a package is out of date or was edited
  scaffold generate --watch                   # again each time the spec is saved
  //go:generate go tool scaffold generate     # in a Go file, beside scaffold.yaml`,
		ValidArgsFunction: completeSpecs,
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.colors, flags.errorColors = colored(cmd.OutOrStdout()), colored(cmd.ErrOrStderr())
			return runGenerate(cmd, args, flags)
		},
	}
	cmd.Flags().StringVarP(&flags.output, "output", "o", "", "folder of the package")
	cmd.Flags().StringVar(&flags.templates, "templates", "", "folder of templates that override scaffold's own (see scaffold templates)")
	cmd.Flags().BoolVar(&flags.check, "check", false, "write nothing; exit 1 and name the files if the package is out of date")
	cmd.Flags().BoolVar(&flags.diff, "diff", false, "write nothing; print what would change as a unified diff")
	cmd.Flags().BoolVar(&flags.stdout, "stdout", false, "write nothing; print the package as a txtar archive")
	cmd.Flags().BoolVar(&flags.force, "force", false, "overwrite generated files that were edited by hand")
	cmd.Flags().BoolVar(&flags.watch, "watch", false, "go on, and generate again when a spec is saved, until interrupted")
	for _, other := range []string{"output", "check", "diff", "force", "watch"} {
		cmd.MarkFlagsMutuallyExclusive("stdout", other)
	}
	cmd.MarkFlagsMutuallyExclusive("watch", "check")
	cmd.MarkFlagsMutuallyExclusive("watch", "diff")
	return cmd
}

// runGenerate generates from what the arguments name, once or for ever.
func runGenerate(cmd *cobra.Command, args []string, flags generateFlags) error {
	stdout, stderr := cmd.OutOrStdout(), cmd.ErrOrStderr()
	if len(args) == 0 {
		args = []string{specName}
	}
	if flags.watch {
		ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		ticker := time.NewTicker(watchInterval)
		defer ticker.Stop()
		w := &watcher{args: args, flags: flags, stderr: stderr}
		return w.run(ctx, ticker.C)
	}
	if len(args) == 1 && isOneSpec(args[0]) {
		src, err := readSource(args[0], cmd.InOrStdin())
		if err != nil {
			return err
		}
		held, release := holdInterrupts(cmd.Context())
		defer release()
		return prepare(src, flags, openMemory()).finish(flags, held, stdout, stderr)
	}
	paths, err := findSpecs(args)
	if err != nil {
		return err
	}
	return generateAll(cmd.Context(), paths, flags, stdout, stderr)
}

// isOneSpec tells whether an argument is a file, or is to be one, rather than
// what may stand for several.
func isOneSpec(arg string) bool {
	if _, below := belowPattern(arg); below {
		return false
	}
	info, err := os.Stat(filepath.Clean(arg))
	return err != nil || !info.IsDir()
}

var errInterrupted = errors.New("interrupted: nothing was written")

// holdInterrupts has an interrupt wait until release is called, so that it does
// not stop a package's files from being replaced half-way. held returns an error
// once there was one.
func holdInterrupts(ctx context.Context) (held func() error, release func()) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	held = func() error {
		if ctx.Err() != nil {
			return errInterrupted
		}
		return nil
	}
	return held, stop
}
