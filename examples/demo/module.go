package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// customer is the path of the new module, which is somebody else's.
const customer = "example.org/exampleco"

// checkout is where scaffold's own source lies.
type checkout struct{ path, dir string }

// findCheckout returns the module in whose folder the demo was started.
func findCheckout(ctx context.Context, temporary string) (checkout, error) {
	out, err := tool(ctx, temporary, ".", "go", "list", "-m", "-f", "{{.Path}}\n{{.Dir}}")
	if err != nil {
		return checkout{}, err
	}
	path, dir, _ := strings.Cut(strings.TrimSpace(out), "\n")
	return checkout{path, dir}, nil
}

// copyApp writes a new module: the spec, the example app, and the versions of
// what the generated client needs.
func (c checkout) copyApp(to string, callbacks []string) error {
	if err := os.Mkdir(to, 0o755); err != nil {
		return err
	}
	if err := c.copySpec(to, callbacks); err != nil {
		return err
	}
	// The versions that scaffold is tested with. Nothing of scaffold is required.
	if err := c.copyFile("go.mod", to, "module "+c.path+"\n", "module "+customer+"\n"); err != nil {
		return err
	}
	if err := c.copyFile("go.sum", to); err != nil {
		return err
	}
	sources, err := filepath.Glob(filepath.Join(c.dir, "examples", "timesheets", "*.go"))
	if err != nil {
		return err
	}
	for _, source := range sources {
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		name := filepath.Join("examples", "timesheets", filepath.Base(source))
		if err := c.copyFile(name, to, `"`+c.path+`/generated/timesheets"`, `"`+customer+`/timesheets"`); err != nil {
			return err
		}
	}
	return nil
}

// copySpec copies the example. Its client is generated beside it, and without
// the test package, which would require scaffold; and the callbacks' ports are
// free, so that several demos may run at once.
func (c checkout) copySpec(to string, callbacks []string) error {
	text, err := os.ReadFile(filepath.Join(c.dir, "examples", "timesheets.yaml"))
	if err != nil {
		return err
	}
	var lines []string
	left := 0
	for line := range strings.Lines(string(text)) {
		switch {
		case strings.HasPrefix(line, "output:"), strings.HasPrefix(line, "generate:"), strings.HasPrefix(line, "# yaml-language-server:"):
			left++
		case strings.HasPrefix(line, "    - http://127.0.0.1:"):
			if len(callbacks) == 0 {
				return errors.New("examples/timesheets.yaml has more callbacks than there are ports")
			}
			lines, callbacks = append(lines, "    - "+callbacks[0]+"\n"), callbacks[1:]
		default:
			lines = append(lines, line)
		}
	}
	if left != 3 || len(callbacks) > 0 {
		return errors.New("examples/timesheets.yaml does not look as it did when this demo was written")
	}
	return os.WriteFile(filepath.Join(to, "timesheets.yaml"), []byte(strings.Join(lines, "")), 0o644)
}

// copyFile copies a file of the checkout into a folder. What is replaced are
// pairs, as of strings.NewReplacer.
func (c checkout) copyFile(name, to string, replaced ...string) error {
	text, err := os.ReadFile(filepath.Join(c.dir, name))
	if err != nil {
		return err
	}
	changed := strings.NewReplacer(replaced...).Replace(string(text))
	return os.WriteFile(filepath.Join(to, filepath.Base(name)), []byte(changed), 0o644)
}

// tool runs a program to its end, and returns what it prints. What it writes
// beside its results is in the folder temporary.
func tool(ctx context.Context, temporary, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	// Nothing is remembered of the demo, and no workspace of the user's counts.
	cmd.Env = append(os.Environ(), "GOWORK=off", "SCAFFOLD_CACHE=off", "GOTMPDIR="+temporary)
	out := new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = out, out
	endAll(cmd)
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return out.String(), nil
}

// grace is how long a command may take to end.
const grace = 5 * time.Second

// endGently has a command whose context ends clean up before it does.
func endGently(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = grace
}
