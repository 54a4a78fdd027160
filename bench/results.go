package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// subject is what was measured: how a benchmark is named.
type subject struct {
	what string // Generate, Build ...
	tool string
	n    int // endpoints
}

// String returns the name of the benchmark.
func (s subject) String() string {
	switch {
	case s.n != goBenchmark:
		return fmt.Sprintf("Benchmark%s/tool=%s/n=%d", s.what, s.tool, s.n)
	case s.tool != "":
		return "Benchmark" + s.what + "/" + s.tool
	}
	return "Benchmark" + s.what
}

// results are the samples of each subject, by unit.
type results map[subject]map[string][]float64

// add adds what one run of a command took.
func (r results) add(what, tool string, n int, used usage) {
	r.put(what, tool, n, "ns/op", float64(used.wall.Nanoseconds()))
	r.put(what, tool, n, "cpu-ns/op", float64(used.cpu.Nanoseconds()))
	r.put(what, tool, n, "peak-bytes", float64(used.peak))
}

func (r results) put(what, tool string, n int, unit string, value float64) {
	s := subject{what, tool, n}
	if r[s] == nil {
		r[s] = map[string][]float64{}
	}
	r[s][unit] = append(r[s][unit], value)
}

// median returns the median, and whether there is one.
func (r results) median(what, tool string, n int, unit string) (float64, bool) {
	samples := slices.Sorted(slices.Values(r[subject{what, tool, n}][unit]))
	if len(samples) == 0 {
		return 0, false
	}
	middle := len(samples) / 2
	if len(samples)%2 == 1 {
		return samples[middle], true
	}
	return (samples[middle-1] + samples[middle]) / 2, true
}

func (r results) sorted() []subject {
	return slices.SortedFunc(maps.Keys(r), func(a, b subject) int {
		return cmp.Or(cmp.Compare(a.what, b.what), cmp.Compare(a.n, b.n), cmp.Compare(a.tool, b.tool))
	})
}

// goBench returns all samples in the format of Go benchmarks
// (golang.org/design/14313-benchmark-format), which benchstat reads.
func (r results) goBench() string {
	var text strings.Builder
	for _, s := range r.sorted() {
		units := slices.Sorted(maps.Keys(r[s]))
		longest := 0
		for _, unit := range units {
			longest = max(longest, len(r[s][unit]))
		}
		for i := range longest {
			fmt.Fprintf(&text, "%s 1", s)
			for _, unit := range units {
				if i < len(r[s][unit]) {
					fmt.Fprintf(&text, " %.0f %s", r[s][unit][i], unit)
				}
			}
			text.WriteByte('\n')
		}
	}
	return text.String()
}
