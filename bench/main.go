// Command bench measures scaffold beside other generators of Go clients: it has
// each generate the same API, builds what they write, and prints medians and
// ratios as Markdown tables. Nothing else prints a number of docs/performance.md.
//
// It runs on Linux and macOS; see make bench.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
}

// settings are what is measured, and how often.
type settings struct {
	root    string // of the checkout that is measured
	sizes   []int  // endpoints
	rounds  int
	largest int    // size whose output is built
	gobench string // file for benchstat; empty: none
	update  string // Markdown file whose tables are replaced; empty: none
	calls   bool   // also the Go benchmarks
	only    bool   // scaffold alone, without other generators
}

func parseFlags(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sizes := flags.String("sizes", "5 50 500 5000", "sizes of the API in endpoints, each a multiple of 5")
	flags.StringVar(&s.root, "root", "..", "folder of the checkout")
	flags.IntVar(&s.rounds, "rounds", 5, "how often everything is measured")
	flags.IntVar(&s.largest, "build", 500, "largest size whose output is built; 0: none")
	flags.StringVar(&s.gobench, "gobench", "", "file to write in the format of Go benchmarks, for benchstat")
	flags.StringVar(&s.update, "update", "", "Markdown file in which to replace the tables")
	flags.BoolVar(&s.calls, "calls", true, "run the Go benchmarks too")
	flags.BoolVar(&s.only, "only", false, "scaffold alone, without the other generators")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	for _, field := range strings.Fields(*sizes) {
		n, err := strconv.Atoi(field)
		if err != nil {
			return s, fmt.Errorf("-sizes: %w", err)
		}
		if _, err := resources(n); err != nil {
			return s, err
		}
		s.sizes = append(s.sizes, n)
	}
	if len(s.sizes) == 0 || s.rounds < 1 {
		return s, errors.New("there is nothing to measure without -sizes and -rounds")
	}
	return s, nil
}

// run is the whole command.
func run(args []string, stdout, stderr io.Writer) (err error) {
	s, err := parseFlags(args, stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "scaffold-bench-")
	if err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{settings: s, dir: dir, found: results{}, progress: stderr}
	if err := b.measure(); err != nil {
		return err
	}
	tables, err := b.report()
	if err != nil {
		return err
	}
	if _, err := io.WriteString(stdout, tables); err != nil {
		return fmt.Errorf("print the tables: %w", err)
	}
	if s.gobench != "" {
		if err := os.WriteFile(s.gobench, []byte(b.found.goBench()), 0o644); err != nil {
			return fmt.Errorf("write for benchstat: %w", err)
		}
	}
	if s.update != "" {
		return updateTables(s.update, tables)
	}
	return nil
}
