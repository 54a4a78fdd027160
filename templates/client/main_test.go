package client

import (
	"errors"
	"fmt"
	"log"
	"os"
	"testing"
)

// TestMain fails the run when anything that it wrote holds a secret that it
// used: to standard output or error, to a log, to the messages for the user, or
// to a page of the browser (G-errors).
func TestMain(m *testing.M) {
	code, err := runWatched(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "watch the output:", err)
		code = 1
	}
	if code == 0 { // a failing test may show what it got
		for _, leak := range watched.leaks() {
			fmt.Fprintln(os.Stderr, leak)
			code = 1
		}
	}
	os.Exit(code)
}

// runWatched runs the tests while all output is watched. What the runtime
// itself prints of a panic goes another way; TestPanicShowsNoSecret is for that.
func runWatched(m *testing.M) (code int, err error) {
	stdout, err := watched.tee("standard output", &os.Stdout)
	if err != nil {
		return 0, err
	}
	stderr, err := watched.tee("standard error", &os.Stderr)
	if err != nil {
		return 0, err
	}
	log.SetOutput(os.Stderr) // it has kept the original
	code = m.Run()
	return code, errors.Join(stdout(), stderr())
}
