package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// source is a spec's text, and where it is from.
type source struct {
	name string // for messages and headers
	dir  string // to which the spec's output is relative
	text []byte
}

// readSource reads a spec; "-" is stdin.
func readSource(path string, stdin io.Reader) (source, error) {
	if path == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return source{}, fmt.Errorf("read the spec from standard input: %w", err)
		}
		return source{name: "stdin", text: text}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return source{}, fmt.Errorf("read the spec: %w", err)
	}
	return source{name: filepath.Base(path), dir: filepath.Dir(path), text: text}, nil
}

// compile checks a spec and makes its model. It prints every problem; when one
// of them is an error, it returns errWrong.
func compile(src source, stderr io.Writer) (*spec.File, *model.Package, error) {
	file, problems := spec.Load(src.name, src.text)
	problems = append(problems, spec.Validate(file)...)
	reserved, err := render.Reserved()
	if err != nil {
		return nil, nil, err
	}
	pkg, collisions := model.Build(file, reserved)
	problems = append(problems, collisions...)
	if _, err := io.WriteString(stderr, spec.Format(src.name, src.text, problems)); err != nil {
		return nil, nil, fmt.Errorf("print the problems: %w", err)
	}
	if slices.ContainsFunc(problems, func(p spec.Problem) bool { return !p.Warning }) {
		return nil, nil, errWrong
	}
	return file, pkg, nil
}
