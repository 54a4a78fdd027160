package generate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.com/scaffold/internal/gomod"
	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/output"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// testPackage renders the test package of the client in the folder dir.
func testPackage(renderer *render.Renderer, src Source, p *model.Package, dir string) (*pkg, error) {
	importPath, err := clientPath(dir)
	if err != nil {
		return nil, err
	}
	text, err := spec.Normalize(src.Text)
	if err != nil {
		return nil, err
	}
	files, err := renderer.TestFiles(p, importPath, text)
	if err != nil {
		return nil, err
	}
	return &pkg{within: p.TestExample.Package, imports: importPath, files: files}, nil
}

// clientPath returns the path by which a test package imports the client in the
// folder dir.
func clientPath(dir string) (string, error) {
	importPath, err := gomod.ImportPath(dir)
	if errors.Is(err, gomod.ErrNoModule) {
		return "", fmt.Errorf("the test package has to import the client: %w; run go mod init, or remove generate: {test: true}", err)
	}
	return importPath, err
}

// retired returns the folders in the output folder dir with test packages that a
// spec no longer leads to: all but the one called current, which may be empty.
// Where it is not known which spec a package is of, the name has to tell.
func retired(dir, current, client string, src Source, o Options) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // there is none, or whoever writes to it finds out why it cannot be read
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if !entry.IsDir() || name == current || !strings.HasSuffix(name, spec.TestSuffix) {
			continue
		}
		folder := filepath.Join(dir, name)
		of := output.SpecOf(folder)
		if of == specFrom(folder, src, o) && (of != "" || name == client+spec.TestSuffix) {
			names = append(names, name)
		}
	}
	return names
}
