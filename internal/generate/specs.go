package generate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// SpecName is the spec that a command takes when none is named, and that a
// folder is searched for, as it is for files whose names end in .scaffold.yaml.
const SpecName = "scaffold.yaml"

// FindSpecs returns the specs that the arguments name, in their order and each
// once: a file, the specs of a folder, or for dir/... those of all folders below,
// in lexical order. It is an error when an argument names none; but a file that is
// not there is found missing only when it is read.
func FindSpecs(args []string) ([]string, error) {
	var paths []string
	seen := map[string]bool{}
	for _, arg := range args {
		found, err := findSpec(arg)
		if err != nil {
			return nil, err
		}
		for _, spec := range found {
			if name := realPath(spec); !seen[name] {
				seen[name] = true
				paths = append(paths, spec)
			}
		}
	}
	return paths, nil
}

// IsOneSpec tells whether an argument is a file, standard input, or is to be a
// file, rather than what may stand for several.
func IsOneSpec(arg string) bool {
	if _, below := belowPattern(arg); below || arg == "" {
		return false
	}
	info, err := os.Stat(arg)
	return err != nil || !info.IsDir()
}

func findSpec(arg string) ([]string, error) {
	if arg == "" {
		return nil, errors.New("an argument is empty; is a variable not set?")
	}
	dir, below := belowPattern(arg)
	if !below {
		if info, err := os.Stat(arg); err != nil || !info.IsDir() {
			return []string{arg}, nil
		}
		dir = arg
	}
	found, err := searchFolder(dir, below)
	if err != nil {
		return nil, err
	}
	if len(found) > 0 {
		return found, nil
	}
	none := fmt.Sprintf("%s holds no spec: no %s and no *.%s", arg, SpecName, SpecName)
	if !below && holdsBelow(dir) {
		return nil, fmt.Errorf("%s; folders below it do: did you mean %s/...?", none, strings.TrimSuffix(filepath.ToSlash(arg), "/"))
	}
	return nil, errors.New(none)
}

// belowPattern returns dir for dir/..., as the go command writes it.
func belowPattern(arg string) (dir string, ok bool) {
	slashed := filepath.ToSlash(arg)
	if slashed == "..." {
		return ".", true
	}
	dir, ok = strings.CutSuffix(slashed, "/...")
	if ok && dir == "" {
		dir = "/"
	}
	return filepath.FromSlash(dir), ok
}

// searchFolder returns the specs of a folder, or also of those below it.
func searchFolder(dir string, below bool) (found []string, err error) {
	err = walk(dir, below, func(path string) error {
		found = append(found, path)
		return nil
	})
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("look for specs in %s: %w", filepath.Join(dir, filepath.FromSlash(at.Path)), at.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("look for specs in %s: %w", dir, err)
	}
	return found, nil
}

// holdsBelow tells whether there are specs below a folder. It is for a hint, so
// trouble means no.
func holdsBelow(dir string) (found bool) {
	err := walk(dir, true, func(string) error {
		found = true
		return fs.SkipAll
	})
	return found && err == nil
}

// walk calls do for each spec of a folder, or also of those below it.
func walk(dir string, below bool, do func(path string) error) error {
	// A DirFS, because WalkDir itself would not follow a link that dir is. Links
	// further down are not followed, so there are no loops.
	return fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		full := filepath.Join(dir, filepath.FromSlash(name))
		switch {
		case err != nil && name != "." && errors.Is(err, fs.ErrNotExist):
			return nil // gone since its folder was listed
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (!below || skipped(path.Base(name))):
			return fs.SkipDir
		case isSpec(path.Base(name)) && isFile(full, entry):
			return do(full)
		}
		return nil
	})
}

// skipped tells whether dir/... leaves out a folder: those that the go command
// leaves out, and node_modules.
func skipped(folder string) bool {
	return strings.HasPrefix(folder, ".") || strings.HasPrefix(folder, "_") ||
		slices.Contains([]string{"vendor", "node_modules", "testdata"}, folder)
}

func isSpec(name string) bool {
	return name == SpecName || strings.HasSuffix(name, "."+SpecName) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_")
}

// isFile tells whether the entry is a file, or a link to one.
func isFile(path string, entry fs.DirEntry) bool {
	if entry.Type()&fs.ModeSymlink == 0 {
		return entry.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// realPath returns one name for all the names of a file or folder, as far as it
// exists: absolute, and without links.
func realPath(path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		return filepath.Clean(path)
	}
	rest := ""
	for dir := path; ; dir = filepath.Dir(dir) {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			return filepath.Join(real, rest)
		}
		if dir == filepath.Dir(dir) {
			return path
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}
