//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestInterrupted(t *testing.T) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	specPath := filepath.Join(t.TempDir(), "a.yaml")
	writeFile(t, specPath, smallSpec("a"))
	for name, signal := range map[string]os.Signal{"SIGINT": os.Interrupt, "SIGTERM": syscall.SIGTERM} {
		t.Run(name+" ends a watch with exit 0", func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), path, "generate", "--watch", specPath)
			talk, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewScanner(talk)
			for lines.Scan() && !strings.HasPrefix(lines.Text(), "watching 1 spec") {
				continue
			}
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			var rest bytes.Buffer
			for lines.Scan() {
				rest.WriteString(lines.Text())
			}
			if err := cmd.Wait(); err != nil || rest.Len() > 0 {
				t.Errorf("%v, and it says %q", err, rest.String())
			}
		})
	}
	t.Run("SIGINT while a spec is still read ends it at once", func(t *testing.T) {
		pipe := filepath.Join(t.TempDir(), "b.yaml")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), path, "generate", specPath, pipe)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		held, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits for it to read
		if err != nil {
			t.Fatal(err)
		}
		err = cmd.Process.Signal(os.Interrupt)
		if err != nil {
			t.Fatal(err)
		}
		exit, ok := errors.AsType[*exec.ExitError](cmd.Wait())
		if !ok || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGINT {
			t.Errorf("%v", exit)
		}
		if err := held.Close(); err != nil {
			t.Fatal(err)
		}
	})
}
