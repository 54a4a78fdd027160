package main

import (
	"fmt"
	"os"
	"testing"
)

// What a run remembers goes to a folder of the tests' own.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "scaffold-test-")
	if err == nil {
		err = os.Setenv("SCAFFOLD_CACHE", dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
