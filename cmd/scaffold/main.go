// Command scaffold generates a typed OAuth 2.0 / OpenID Connect client for a
// native app, a Go package, from one YAML file.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"
)

// Generating is short, so that most of what it leaves behind need not be collected:
// at 500 endpoints that saves a fifth of the time. A large spec still has to do with
// little memory; the limit is soft, and counts bytes.
const (
	garbagePercent = 400
	memoryLimit    = 48 << 20
)

func main() {
	if slices.Contains(os.Args[1:], "generate") { // what serves for hours is for Go to decide
		debug.SetGCPercent(garbagePercent)
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// The exit codes.
const (
	exitFine    = 0
	exitWrong   = 1 // the spec is wrong, or a check found something: --check, --fail-on, doctor
	exitTrouble = 2 // misuse, or a file system that does not do as asked
)

// run is the whole command: results go to stdout, talk goes to stderr.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	unprinted := watchHelp(root, stdout)
	err := root.Execute()
	return report(cmp.Or(err, *unprinted), stderr)
}

// watchHelp has the manual of a command printed to stdout, and returns where to
// find why it could not be: cobra does not tell.
func watchHelp(root *cobra.Command, stdout io.Writer) *error {
	var unprinted error
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		var manual bytes.Buffer
		cmd.SetOut(&manual)
		help(cmd, args)
		if _, err := manual.WriteTo(stdout); err != nil {
			unprinted = fmt.Errorf("print the manual: %w", err)
		}
	})
	return &unprinted
}
