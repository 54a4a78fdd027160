// Package gomod owns the way from a folder to the path by which Go code imports
// the package in it.
package gomod

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// ErrNoModule says that a folder, which need not exist, is in no Go module.
var ErrNoModule = errors.New("there is no go.mod in the folder or above it")

// ImportPath returns the import path of the package in the folder dir, which need
// not exist: by the go.mod in it or the nearest above it.
func ImportPath(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the module of %s: %w", dir, err)
	}
	for root := absolute; ; root = filepath.Dir(root) {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		switch {
		case err == nil:
			return within(root, absolute, text)
		case !errors.Is(err, fs.ErrNotExist) && !isFolder(filepath.Join(root, "go.mod")):
			return "", fmt.Errorf("find the module of %s: %w", dir, err)
		case filepath.Dir(root) == root:
			return "", fmt.Errorf("%s: %w", dir, ErrNoModule)
		}
	}
}

// isFolder: the go command passes over a folder called go.mod.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// within returns the import path of the folder dir in the module at root.
func within(root, dir string, goMod []byte) (string, error) {
	name := modfile.ModulePath(goMod)
	if name == "" {
		return "", fmt.Errorf("%s names no module", filepath.Join(root, "go.mod"))
	}
	below, err := filepath.Rel(root, dir)
	if err != nil {
		return "", err
	}
	importPath := path.Join(name, filepath.ToSlash(below))
	if err := module.CheckImportPath(importPath); err != nil {
		return "", fmt.Errorf("no Go code can import a package in %s: %w", dir, err)
	}
	return importPath, nil
}
