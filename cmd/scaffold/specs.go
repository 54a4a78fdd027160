package main

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

// specName is the spec that a command takes when none is named, and that a
// folder is searched for, as it is for files whose names end in .scaffold.yaml.
const specName = "scaffold.yaml"

// findSpecs returns the specs that the arguments name, in their order and each
// once: a file, the specs of a folder, or for dir/... those of all folders below,
// in lexical order. It is an error when an argument names none.
func findSpecs(args []string) ([]string, error) {
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

func findSpec(arg string) ([]string, error) {
	if dir, below := belowPattern(arg); below {
		return searchFolder(dir, arg, true)
	}
	if info, err := os.Stat(arg); err == nil && info.IsDir() {
		return searchFolder(arg, arg, false)
	}
	return []string{arg}, nil // a file that is not there is found missing when it is read
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

func searchFolder(dir, arg string, below bool) ([]string, error) {
	var found []string
	// A DirFS, because WalkDir itself would not follow a link that dir is. Links
	// further down are not followed, so there are no loops.
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && name != "." && errors.Is(err, fs.ErrNotExist):
			return nil // gone since its folder was listed
		case err != nil:
			return err
		case entry.IsDir() && name != "." && (!below || skipped(path.Base(name))):
			return fs.SkipDir
		case isSpec(path.Base(name)) && isFile(filepath.Join(dir, filepath.FromSlash(name)), entry):
			found = append(found, filepath.Join(dir, filepath.FromSlash(name)))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for specs in %s: %w", dir, err)
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no spec: no %s and no *.%s", arg, specName, specName)
	}
	return found, nil
}

// skipped tells whether dir/... leaves out a folder: those that the go command
// leaves out, and node_modules.
func skipped(folder string) bool {
	return strings.HasPrefix(folder, ".") || strings.HasPrefix(folder, "_") ||
		slices.Contains([]string{"vendor", "node_modules", "testdata"}, folder)
}

func isSpec(name string) bool {
	return name == specName || strings.HasSuffix(name, "."+specName) && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "_")
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
