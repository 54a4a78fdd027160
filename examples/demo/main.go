// Command demo walks through the ExampleCo Timesheets tutorial with the
// generated client: a local tenant and a local API, an employee and a manager.
// It prints each step as it happens, checks what it prints, and leaves nothing
// behind.
//
//	go run ./demo            signs in without a window, and takes a second or two
//	go run ./demo -browser   opens the system's browser, where you sign in by hand
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"example.com/scaffold/examples/people"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns the exit code: 0 if every step went as it should, 1 if one did
// not, 2 for misuse.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	byHand := flags.Bool("browser", false, "open the system's browser, to sign in by hand")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if flags.NArg() > 0 {
		_, _ = fmt.Fprintf(stderr, "demo: unexpected argument %q\n", flags.Arg(0))
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := demo(ctx, stdout, stderr, *byHand); err != nil {
		_, _ = fmt.Fprintf(stderr, "demo: %v\n", err)
		return 1
	}
	return 0
}

// demo starts what is needed, takes the tour, and cleans up.
func demo(ctx context.Context, stdout, stderr io.Writer, byHand bool) (err error) {
	local, err := startLocal(people.Timesheets())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, local.close()) }()
	folder, err := os.MkdirTemp("", "timesheets-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the credentials: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	t := &tour{printer: &printer{to: stdout}, local: local, folder: folder, byHand: byHand, messages: stderr}
	return t.walk(ctx)
}
