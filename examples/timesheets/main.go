// Command timesheets is a small command-line app on the client that scaffold
// generated from timesheets.yaml: it shows how a customer's app signs people in,
// calls the API, and offers only what they were granted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"example.com/scaffold/generated/timesheets"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr, dev: os.Getenv("TIMESHEETS_DEV") == "1"}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// The exit codes.
const (
	exitFine    = 0
	exitFailed  = 1 // the tenant or the API did not do it
	exitMisuse  = 2 // the command line is wrong
	exitSignIn  = 3 // somebody has to sign in first
	commandName = "timesheets"
)

// program is one run. The flags of all commands set what is in it.
type program struct {
	in       io.Reader
	out, err io.Writer // results, and talk

	dev     bool   // use the tenant and the API of scaffold dev
	issuer  string // of another tenant
	api     string // another base URL of the API
	profile string
	json    bool

	options []timesheets.Option // of tests
	began   bool                // the command line was understood
	gates   map[*cobra.Command]gate
}

// run is the whole command: results go to out, talk goes to err.
func (p *program) run(ctx context.Context, args []string) int {
	root := p.newRoot()
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitFine
	}
	// Where stderr cannot be written to, the exit code has to do.
	_, _ = fmt.Fprintf(p.err, "%s: %s\n", commandName, p.explain(err))
	switch {
	case !p.began:
		return exitMisuse
	case errors.Is(err, timesheets.ErrLoginRequired):
		return exitSignIn
	}
	return exitFailed
}
