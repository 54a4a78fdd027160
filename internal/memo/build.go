package memo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
)

// Build identifies the program that runs: two programs of which a line of code,
// a template, a module or the compiler differs have different identities. The
// version does not tell as much, because a build of a changed checkout has none.
//
// The go command writes a build ID into each executable, a hash of all that it
// was made of; it stands near the beginning and is read within microseconds. Of
// an executable without one that looks so, all is hashed.
func Build() ([]byte, error) {
	path, isRunning, err := executable()
	if err != nil {
		return nil, fmt.Errorf("identify the program: %w", err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("identify the program: %w", err)
	}
	defer func() { _ = file.Close() }() // read only: nothing can be lost
	identity, err := identify(file)
	if err != nil {
		return nil, fmt.Errorf("identify the program %s: %w", path, err)
	}
	// What is in memory as well: where the file was replaced since the program
	// was started, this is of the program.
	if info, ok := debug.ReadBuildInfo(); ok && !isRunning {
		identity += "\n" + info.String()
	}
	return []byte(identity), nil
}

// executable returns where the program stands. On Linux that is the file that is
// running, even if another has taken its name.
func executable() (path string, isRunning bool, err error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", true, nil
	}
	path, err = os.Executable()
	return path, false, err
}

// beginnings are how much of a program is searched: where an ELF file has its
// build ID, then where the go command itself looks for one, with room.
var beginnings = []int{4 << 10, 64 << 10}

// buildIDs tell where a build ID of the go command stands. In an ELF file that is a
// note, elsewhere it is before the code.
var buildIDs = []struct{ before, after string }{
	{"Go\x00\x00", "\x00"},
	{"Go build ID: \"", "\""},
}

// findBuildID returns the build ID in the beginning of a program; empty: there is
// none.
func findBuildID(head string) string {
	for _, form := range buildIDs {
		for _, rest, found := strings.Cut(head, form.before); found; _, rest, found = strings.Cut(rest, form.before) {
			if id, _, ended := strings.Cut(rest[:min(len(rest), buildIDLength+len(form.after))], form.after); ended && isBuildID(id) {
				return id
			}
		}
	}
	return ""
}

// buildIDLength is that of four hashes and what separates them.
const buildIDLength = 4*20 + 3

// isBuildID tells whether a text is four hashes. Nobody who sets -buildid writes one
// that looks so.
func isBuildID(id string) bool {
	hashes := strings.Split(id, "/")
	odd := func(hash string) bool {
		return len(hash) != 20 || strings.ContainsFunc(hash, func(r rune) bool {
			return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-'
		})
	}
	return len(hashes) == 4 && !slices.ContainsFunc(hashes, odd)
}

func identify(program io.Reader) (string, error) {
	var head bytes.Buffer
	for _, n := range beginnings {
		if _, err := io.CopyN(&head, program, int64(n-head.Len())); err != nil && !errors.Is(err, io.EOF) {
			return "", err
		}
		if id := findBuildID(head.String()); id != "" {
			return "build ID " + id, nil
		}
	}
	if head.Len() == 0 {
		return "", errors.New("it is empty")
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.MultiReader(&head, program)); err != nil {
		return "", err
	}
	return fmt.Sprintf("SHA-256 %x", sum.Sum(nil)), nil
}
