// Command scaffold generates a typed OAuth 2.0 / OpenID Connect client for a
// native app, a Go package, from one YAML file.
package main

import (
	"io"
	"os"
	"runtime/debug"
)

// A run is short, so that most of what it leaves behind need not be collected: at
// 500 endpoints that saves a fifth of the time. A large spec still has to do with
// little memory; the limit is soft, and counts bytes.
const (
	garbagePercent = 400
	memoryLimit    = 52 << 20
)

func main() {
	debug.SetGCPercent(garbagePercent)
	debug.SetMemoryLimit(memoryLimit)
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
