package output

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
)

// reserved begins the names that this package keeps for itself.
const reserved = ".scaffold"

// isTemporary tells whether a file with this name is one that an Apply works with.
func isTemporary(name string) bool {
	random, ok := strings.CutPrefix(name, reserved+"-")
	if !ok {
		return false
	}
	random, ok = strings.CutSuffix(random, ".tmp")
	return ok && isRandomText(random)
}

// isRandomText tells whether a text is of the form of those that crypto/rand.Text
// returns: 26 letters and digits of base32.
func isRandomText(text string) bool {
	odd := func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '2' || r > '7') }
	return len(text) == randomTextLength && !strings.ContainsFunc(text, odd)
}

const randomTextLength = 26

// checkName returns why name cannot be a generated file's name. Few
// characters are allowed, so that a name means the same on every system, and
// in a manifest and a diff needs no quotes.
func checkName(name string) error {
	odd := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("._-", r)
	}
	switch {
	case name == "":
		return errors.New("a file has no name")
	case strings.ContainsFunc(name, odd) || strings.HasSuffix(name, ".") || !filepath.IsLocal(name):
		return fmt.Errorf("%q is not a file name: it may hold letters, digits, '_', '-' and '.', and not end in '.'", name)
	case strings.HasPrefix(foldName(name), reserved):
		return fmt.Errorf("%q is not a name for a generated file: %s is kept for scaffold's own files", name, reserved)
	}
	return nil
}

// foldName returns the same text for names that a file system may take for
// the same because it ignores case.
func foldName(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// index returns the files by name, or an error that tells every name that
// cannot be used.
func index(files []File) (map[string][]byte, error) {
	byName := make(map[string][]byte, len(files))
	folded := make(map[string]string, len(files))
	var problems []error
	for _, file := range files {
		if err := checkName(file.Name); err != nil {
			problems = append(problems, err)
			continue
		}
		fold := foldName(file.Name)
		switch other, taken := folded[fold]; {
		case taken && other == file.Name:
			problems = append(problems, fmt.Errorf("%q is rendered twice", file.Name))
		case taken:
			problems = append(problems, fmt.Errorf("%q and %q differ only by case: some file systems take them for one file", other, file.Name))
		}
		folded[fold] = file.Name
		byName[file.Name] = file.Data
	}
	return byName, errors.Join(problems...)
}
