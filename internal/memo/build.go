package memo

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
)

// Build identifies the program that runs: two programs of which a line of code,
// a template, a module or the compiler differs have different identities. The
// version does not tell as much, because a build of a changed checkout has none.
//
// The go command writes a build ID into each executable, a hash of all that it
// was made of; it stands near the beginning and is read within microseconds. Of
// an executable without one that looks so, all is hashed.
func Build() ([]byte, error) {
	file, err := os.Open(executable())
	if err != nil {
		return nil, fmt.Errorf("identify the program: %w", err)
	}
	defer func() { _ = file.Close() }() // read only: nothing can be lost
	identity, err := identify(file)
	if err != nil {
		return nil, fmt.Errorf("identify the program %s: %w", file.Name(), err)
	}
	// What is in memory as well: where the file was replaced since the program
	// was started, this is of the program.
	if info, ok := debug.ReadBuildInfo(); ok {
		identity += "\n" + info.String()
	}
	return []byte(identity), nil
}

// executable returns where the program stands. On Linux that is the file that is
// running, even if another has taken its name.
func executable() string {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe"
	}
	path, err := os.Executable()
	if err != nil {
		return "" // which cannot be opened: that is the error
	}
	return path
}

// beginning is where the go command itself looks for a build ID, with room.
const beginning = 64 << 10

// buildID matches a build ID of the go command: four hashes. In an ELF file it
// stands in a note, elsewhere before the code. Nobody who sets -buildid writes one
// that looks so.
var buildID = regexp.MustCompile(`(?:Go\x00\x00|Go build ID: ")((?:[A-Za-z0-9_-]{20}/){3}[A-Za-z0-9_-]{20})[\x00"]`)

func identify(program io.Reader) (string, error) {
	head := make([]byte, beginning)
	n, err := io.ReadFull(program, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", err
	}
	head = head[:n]
	if found := buildID.FindSubmatch(head); found != nil {
		return "build ID " + string(found[1]), nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.MultiReader(bytes.NewReader(head), program)); err != nil {
		return "", err
	}
	return fmt.Sprintf("SHA-256 %x", sum.Sum(nil)), nil
}
