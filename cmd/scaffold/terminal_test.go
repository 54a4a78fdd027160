package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	if err != nil {
		t.Fatal(err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _, _ = file.Close(), null.Close(), reader.Close(), writer.Close() })
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	for name, stream := range map[string]io.Writer{
		"a file": file, "the null device": null, "a pipe": writer, "a buffer": &strings.Builder{}, "nothing": nil,
	} {
		t.Run(name+" is none", func(t *testing.T) {
			if isTerminal(stream) || colored(stream) {
				t.Error("it is taken for one")
			}
		})
	}
	// A pseudo-terminal, where the system has one to give without more ado.
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		return
	}
	t.Cleanup(func() { _ = terminal.Close() })
	if !isTerminal(terminal) || !colored(terminal) {
		t.Error("a terminal is not taken for one")
	}
	for name, value := range map[string]string{"NO_COLOR": "1", "TERM": "dumb"} {
		t.Run(name+" is heeded", func(t *testing.T) {
			t.Setenv(name, value)
			if colored(terminal) || !isTerminal(terminal) {
				t.Error("colors are wanted")
			}
		})
	}
}
