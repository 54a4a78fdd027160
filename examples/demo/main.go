// Command demo does with scaffold what a team does on its first day, for real:
// it generates the client of examples/timesheets.yaml into a new module, builds
// the example app there, starts scaffold dev, and has an employee and a manager
// use the app. It prints each command, what it says and the requests that it
// causes, checks all that, and leaves nothing behind.
//
//	go run ./examples/demo            signs in without a browser
//	go run ./examples/demo -browser   opens the system's browser, where you sign in by hand
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	// A terminal that is closed ends it like ctrl-C does.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit code: 0 if every step went as it should, 1 if one did
// not, 2 for misuse.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
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
	var open opener
	if *byHand {
		open = openBrowser
	}
	if err := demo(ctx, stdout, open); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
		_, _ = fmt.Fprintf(stderr, "demo: %v\n", err)
		return 1
	}
	return 0
}

// demo takes the tour in a folder of its own, and cleans up.
func demo(ctx context.Context, stdout io.Writer, open opener) (err error) {
	begun := time.Now()
	t, err := newTour(stdout, open)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	steps := t.steps()
	if err := t.walk(ctx, steps); err != nil {
		return err
	}
	t.say("")
	t.say("It took %s.", time.Since(begun).Round(time.Second))
	t.say("All %d steps went as they should.", len(steps))
	return t.err
}
