package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// size counts what a tool has written, and what comes with it.
func (b *bench) size(t tool, n int) error {
	paths, err := filepath.Glob(filepath.Join(b.output(t, n), "*.go"))
	if err != nil {
		return fmt.Errorf("list the output: %w", err)
	}
	lines, bytes := 0, 0
	for _, path := range paths {
		l, b, err := count(path)
		if err != nil {
			return err
		}
		lines, bytes = lines+l, bytes+b
	}
	b.found.put("Generate", t.name, n, "lines", float64(lines))
	b.found.put("Generate", t.name, n, "bytes", float64(bytes))
	return nil
}

// count returns the lines and bytes of a file, without holding all of it: see describe.
func count(path string) (lines, bytes int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, 0, fmt.Errorf("count lines: %w", err)
	}
	defer func() { _ = file.Close() }() // read only: nothing can be lost
	reader := bufio.NewReader(file)
	for {
		part, err := reader.ReadSlice('\n')
		bytes += len(part)
		switch {
		case err == nil:
			lines++
		case errors.Is(err, io.EOF):
			return lines, bytes, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return 0, 0, fmt.Errorf("count lines: %w", err)
		}
	}
}

// build builds and vets a tool's output. The go command has built what it imports
// before, and has never seen the output itself: it is changed each time.
func (b *bench) build(t tool, n, round int) error {
	pkg := "./" + packageOf(t, n)
	if round == 0 {
		if err := b.program(t, n); err != nil {
			return err
		}
	}
	if err := b.touch(t, n); err != nil {
		return err
	}
	used, err := b.command(b.dir, "go", "build", pkg+"/api")
	if err != nil {
		return err
	}
	b.found.add("Build", t.name, n, used)
	if used, err = b.command(b.dir, "go", "vet", pkg+"/api"); err != nil {
		return err
	}
	b.found.add("Vet", t.name, n, used)
	return nil
}

// touch changes a file of the output, for the build cache.
func (b *bench) touch(t tool, n int) error {
	paths, err := filepath.Glob(filepath.Join(b.output(t, n), "[a-d]*.go"))
	if err == nil && len(paths) == 0 {
		paths, err = filepath.Glob(filepath.Join(b.output(t, n), "*.go"))
	}
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("change the output of %s: no file (%w)", t.name, err)
	}
	file, err := os.OpenFile(paths[0], os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = fmt.Fprintf(file, "\n// %s\n", rand.Text())
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return fmt.Errorf("change the output: %w", err)
	}
	return nil
}

// program builds a program that uses the output, and lists the modules in it. It
// leaves everything that the output imports built.
func (b *bench) program(t tool, n int) error {
	list, err := resources(n)
	if err != nil {
		return err
	}
	folder := filepath.Dir(b.output(t, n))
	text := t.mainFile("example.com/scaffold/bench/"+packageOf(t, n)+"/api", list[0].Name)
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write a program: %w", err)
	}
	binary := filepath.Join(folder, "program")
	pkg := "./" + packageOf(t, n)
	if _, err := b.command(b.dir, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, pkg); err != nil {
		return err
	}
	if _, err := b.command(b.dir, "go", "vet", pkg+"/api"); err != nil { // vets what it imports, once
		return err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return fmt.Errorf("measure a program: %w", err)
	}
	b.found.put("Program", t.name, n, "bytes", float64(info.Size()))
	used, err := b.command(b.dir, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}{{end}}{{end}}", pkg)
	if err != nil {
		return err
	}
	modules := strings.Fields(used.output)
	slices.Sort(modules)
	b.found.put("Program", t.name, n, "modules", float64(len(slices.Compact(modules))))
	return nil
}
