package memo

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const id = "9c25SLtMkX1jN67WGCcN/43w3gMYiGCOnr5RCwoug/cttHlQrqBHMSVwB23G87/weStnsszCdbg5IyRBdLi"

func TestIdentify(t *testing.T) {
	long := strings.Repeat("code ", 100<<10)
	for _, test := range []struct{ name, program, want string }{
		{"an ELF note", "\x7fELF\x04\x00\x00\x00Go\x00\x00" + id + "\x00" + long, "build ID " + id},
		{"the text before the code", "MZ\xff Go build ID: \"" + id + "\"\n \xff" + long, "build ID " + id},
		{"a build ID that somebody set", "\xff Go build ID: \"redacted\"\n \xff", "SHA-256 "},
		{"an empty one", "\xff Go build ID: \"\"\n \xff", "SHA-256 "},
		{"none", long, "SHA-256 "},
		{"one behind the first page", strings.Repeat("code ", 2<<10) + " Go build ID: \"" + id + "\"\n " + long, "build ID " + id},
		{"one behind what only begins as one", "\x7fELFGo\x00\x00" + id[1:] + "\x00Go\x00\x00" + id + "\x00" + long, "build ID " + id},
		{"one that stands far behind", long + "Go\x00\x00" + id + "\x00", "SHA-256 "},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := identify(strings.NewReader(test.program))
			if err != nil || !strings.HasPrefix(got, test.want) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	t.Run("without a build ID each byte counts, the last too", func(t *testing.T) {
		one, errOne := identify(strings.NewReader(long + "a"))
		two, errTwo := identify(strings.NewReader(long + "b"))
		if errOne != nil || errTwo != nil || one == two {
			t.Errorf("%q and %q, %v, %v", one, two, errOne, errTwo)
		}
	})
	t.Run("an empty file is no program", func(t *testing.T) {
		if got, err := identify(strings.NewReader("")); err == nil {
			t.Errorf("%q", got)
		}
	})
}

// Two programs of one module that differ by one letter, as the go command builds
// them from a checkout.
func TestIdentityOfRealPrograms(t *testing.T) {
	dir := t.TempDir()
	build := func(letter string, flags ...string) string {
		t.Helper()
		source, program := filepath.Join(dir, "main.go"), filepath.Join(dir, "program")
		if err := os.WriteFile(source, []byte("package main\n\nfunc main() { println(\""+letter+"\") }\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-o", program}, flags...), source)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		file, err := os.Open(program)
		if err != nil {
			t.Fatal(err)
		}
		identity, err := identify(file)
		if err = errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		return identity
	}
	t.Run("is the build ID, and another for another letter", func(t *testing.T) {
		one, two := build("a"), build("b")
		if !strings.HasPrefix(one, "build ID ") || one == two {
			t.Errorf("%q and %q", one, two)
		}
	})
	t.Run("without a build ID too", func(t *testing.T) {
		one, two := build("a", "-ldflags=-buildid="), build("b", "-ldflags=-buildid=")
		if !strings.HasPrefix(one, "SHA-256 ") || one == two {
			t.Errorf("%q and %q", one, two)
		}
	})
}
