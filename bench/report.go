package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
)

// A unit is how a number of a benchmark is shown.
type unit struct {
	name  string // in the results
	title string
	scale float64 // what a number is divided by
	digit int     // after the point
}

var (
	wall  = unit{"ns/op", "wall, ms", 1e6, 1}
	cpu   = unit{"cpu-ns/op", "CPU, ms", 1e6, 1}
	peak  = unit{"peak-bytes", "peak memory, MB", 1 << 20, 1}
	lines = unit{"lines", "lines", 1, 0}
	kilos = unit{"bytes", "KB", 1 << 10, 0}
)

// report returns all tables.
func (b *bench) report() (string, error) {
	var text strings.Builder
	machine, err := b.machine()
	if err != nil {
		return "", err
	}
	text.WriteString(machine)
	section := func(title, what string, units ...unit) {
		fmt.Fprintf(&text, "\n### %s\n", title)
		for _, u := range units {
			text.WriteString(b.table(what, u))
		}
	}
	section("Generating", "Generate", wall, cpu, peak)
	section("What is generated", "Generate", lines, kilos)
	text.WriteString(b.perEndpoint("Generate", unit{lines.name, lines.title, 1, 1}, unit{kilos.name, "bytes", 1, 1}))
	if b.largest > 0 {
		section("Building what is generated", "Build", wall, cpu)
		text.WriteString(b.perEndpoint("Build", unit{wall.name, wall.title, wall.scale, 2}, unit{cpu.name, cpu.title, cpu.scale, 2}))
		section("Vetting what is generated", "Vet", wall, cpu)
		section("A program that makes one call", "Program", unit{"bytes", "stripped binary, MB", 1 << 20, 1}, unit{"modules", "third-party modules", 1, 0})
	}
	fmt.Fprintf(&text, "\n### Nothing to do\n%s", b.nothingToDo())
	if b.calls {
		fmt.Fprintf(&text, "\n### Calls and parts\n%s", b.goTable())
	}
	return text.String(), nil
}

// machine says what was measured, and on what.
func (b *bench) machine() (string, error) {
	used, err := b.command(b.root, "git", "describe", "--always", "--dirty")
	if err != nil {
		return "", err
	}
	versions, err := b.command(".", "go", "list", "-m", "github.com/oapi-codegen/oapi-codegen/v2", "github.com/ogen-go/ogen")
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%d processors (%s), %s/%s, %s; scaffold at %s, %s; medians of %d rounds.\n",
		runtime.NumCPU(), processor(), runtime.GOOS, runtime.GOARCH, runtime.Version(), strings.TrimSpace(used.output),
		strings.Join(strings.Split(strings.TrimSpace(versions.output), "\n"), ", "), b.rounds), nil
}

// processor returns the model of the processors, where the system tells.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "of an unknown model"
	}
	for line := range strings.Lines(string(text)) {
		if name, model, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(model)
		}
	}
	return "of an unknown model"
}

// table shows the medians of all tools and sizes, and how many times as much as
// scaffold's each other's is.
func (b *bench) table(what string, u unit) string {
	var text strings.Builder
	fmt.Fprintf(&text, "\n| %s |", u.title)
	for _, t := range b.tools {
		fmt.Fprintf(&text, " %s |", t.name)
	}
	for _, t := range b.tools[1:] {
		fmt.Fprintf(&text, " %s / %s |", t.name, ours)
	}
	text.WriteString("\n|" + strings.Repeat(" ---: |", 2*len(b.tools)) + "\n")
	for _, n := range b.sizes {
		own, ok := b.found.median(what, ours, n, u.name)
		if !ok {
			continue
		}
		fmt.Fprintf(&text, "| %d endpoints |", n)
		for _, t := range b.tools {
			median, _ := b.found.median(what, t.name, n, u.name)
			fmt.Fprintf(&text, " %.*f |", u.digit, median/u.scale)
		}
		for _, t := range b.tools[1:] {
			median, _ := b.found.median(what, t.name, n, u.name)
			fmt.Fprintf(&text, " %.1f× |", median/own)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// perEndpoint shows what each endpoint adds: what is there for the fewest
// endpoints is left out of it, and the engine with that.
func (b *bench) perEndpoint(what string, units ...unit) string {
	measured := slices.DeleteFunc(slices.Clone(b.sizes), func(n int) bool {
		_, ok := b.found.median(what, ours, n, units[0].name)
		return !ok
	})
	if len(measured) < 2 {
		return ""
	}
	first, last := measured[0], measured[len(measured)-1]
	var text strings.Builder
	fmt.Fprintf(&text, "\n| each endpoint from %d to %d adds |", first, last)
	for _, u := range units {
		fmt.Fprintf(&text, " %s |", u.title)
	}
	text.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(units)) + "\n")
	for _, t := range b.tools {
		fmt.Fprintf(&text, "| %s |", t.name)
		for _, u := range units {
			less, _ := b.found.median(what, t.name, first, u.name)
			more, _ := b.found.median(what, t.name, last, u.name)
			fmt.Fprintf(&text, " %.*f |", u.digit, (more-less)/float64(last-first)/u.scale)
		}
		text.WriteByte('\n')
	}
	return text.String()
}

// nothingToDo shows a verified run that finds everything up to date.
func (b *bench) nothingToDo() string {
	var text strings.Builder
	text.WriteString("\n| wall, ms | scaffold generate | scaffold version | ratio | an empty program | CPU: generate | CPU: version | ratio | CPU: empty |\n|" +
		strings.Repeat(" ---: |", 9) + "\n")
	for _, n := range b.sizes {
		fmt.Fprintf(&text, "| %d endpoints |", n)
		for _, u := range []unit{wall, cpu} {
			again, _ := b.found.median("NoOp", ours, n, u.name)
			version, _ := b.found.median("Version", ours, n, u.name)
			nothing, _ := b.found.median("Empty", ours, n, u.name)
			fmt.Fprintf(&text, " %.1f | %.1f | %.1f× | %.1f |", again/u.scale, version/u.scale, again/version, nothing/u.scale)
		}
		text.WriteByte('\n')
	}
	return text.String()
}
