// Command scaffold generates a typed OAuth 2.0 / OpenID Connect client for a
// native app, a Go package, from one YAML file.
package main

import (
	"io"
	"os"
)

func main() {
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
	return report(root.Execute(), stderr)
}
