package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// goBenchmarks runs the Go benchmarks of the checkout and of this module. Those that
// compare are short and come often: whatever else the machine does meets all of them.
func (b *bench) goBenchmarks() error {
	for _, run := range []struct {
		often    int
		duration string
		dir      string
		packages []string
	}{
		{b.rounds * 5, "100ms", ".", []string{"./calls"}},
		{b.rounds * 5, "100ms", b.root, []string{"./templates/client"}},
		{b.rounds, "300ms", b.root, []string{"./spec", "./internal/...", "./templates/clienttest"}},
	} {
		b.say("Go benchmarks of %s", strings.Join(run.packages, " "))
		for range run.often {
			arguments := []string{"test", "-run", "^$", "-bench", ".", "-benchmem", "-benchtime", run.duration}
			used, err := b.command(run.dir, "go", append(arguments, run.packages...)...)
			if err != nil {
				return err
			}
			b.found.parse(used.output)
		}
	}
	return nil
}

var (
	benchmarkLine = regexp.MustCompile(`^Benchmark([^/\s]+?)(?:/(\S+?))?(?:-\d+)?\s+\d+\s+(.*)$`)
	benchmarkUnit = regexp.MustCompile(`([0-9.e+]+) (\S+)`)
)

// parse reads the lines of Go benchmarks.
func (r results) parse(output string) {
	for line := range strings.Lines(output) {
		found := benchmarkLine.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue
		}
		for _, value := range benchmarkUnit.FindAllStringSubmatch(strings.Join(strings.Fields(found[3]), " "), -1) {
			if number, err := strconv.ParseFloat(value[1], 64); err == nil {
				r.put(found[1], found[2], goBenchmark, value[2], number)
			}
		}
	}
}

// goBenchmark is the size of what was measured by a Go benchmark.
const goBenchmark = 0

// references are what others are compared with in a benchmark that has several
// parts.
var references = []string{"hand-written", "x/oauth2", "go-oidc"}

// goTable shows the Go benchmarks.
func (b *bench) goTable() string {
	var text strings.Builder
	text.WriteString("\n| | ns | times | B | allocations | times |\n| --- | ---: | ---: | ---: | ---: | ---: |\n")
	for _, s := range b.found.sorted() {
		if s.n != goBenchmark {
			continue
		}
		name := s.what
		if s.tool != "" {
			name += ": " + s.tool
		}
		median := func(unit string) float64 {
			found, _ := b.found.median(s.what, s.tool, s.n, unit)
			return found
		}
		fmt.Fprintf(&text, "| %s | %.0f | %s | %.0f | %.0f | %s |\n", name, median("ns/op"), b.times(s, "ns/op"),
			median("B/op"), median("allocs/op"), b.times(s, "allocs/op"))
	}
	return text.String()
}

// times is a median as a multiple of its reference's, if there is one.
func (b *bench) times(s subject, unit string) string {
	for _, reference := range references {
		base, ok := b.found.median(s.what, reference, s.n, unit)
		if found, _ := b.found.median(s.what, s.tool, s.n, unit); ok && base > 0 {
			return fmt.Sprintf("%.2f×", found/base)
		}
	}
	return ""
}
