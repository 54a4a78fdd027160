package generate

import (
	"fmt"
	"os"
	"path/filepath"

	"example.com/scaffold/internal/output"
	"example.com/scaffold/spec"
)

// specFrom names the spec as the manifest of its package does: relative to the
// folder, so that it is the same on every machine. With --output and for standard
// input it is empty, because then the two have nothing to do with each other.
func specFrom(dir string, src Source, o Options) string {
	from, errFrom := filepath.Abs(dir)
	to, errTo := filepath.Abs(src.path())
	if o.Output != "" || src.path() == "" || errFrom != nil || errTo != nil {
		return ""
	}
	name, err := filepath.Rel(from, to)
	if err != nil {
		return "" // on another volume of Windows
	}
	return filepath.ToSlash(name)
}

// checkOwner refuses a folder that another spec writes to: two specs with one
// output would overwrite each other's package, each time that one of them is
// generated. Whoever names a folder with --output means it, and of standard input
// nobody knows which spec it is.
func checkOwner(dir string, src Source, o Options) error {
	name := output.SpecOf(dir)
	if o.Force || o.Output != "" || src.path() == "" || name == "" {
		return nil
	}
	other := filepath.Join(dir, filepath.FromSlash(name))
	if sameFile(other, src.path()) || !writesTo(other, dir, o) {
		return nil
	}
	err := fmt.Errorf("%s holds the package of %s, which writes to it too: nothing was written; "+
		"give one of them another output, or overwrite the package with --force", dir, other)
	if src.Shown == "" { // of several specs, the path is printed anyway
		err = fmt.Errorf("%s: %w", src.path(), err)
	}
	return err
}

// writesTo tells whether there still is a spec that leads to a folder: it may
// have been renamed, or been given another output.
func writesTo(path, dir string, o Options) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	src, err := ReadSource(path, nil)
	if err != nil {
		return false
	}
	file, _ := spec.Load(src.Name, src.Text)
	return realPath(outputDir(src, ownOutput(file), o)) == realPath(dir)
}

func sameFile(one, two string) bool {
	a, errOne := os.Stat(one)
	b, errTwo := os.Stat(two)
	return errOne == nil && errTwo == nil && os.SameFile(a, b)
}
