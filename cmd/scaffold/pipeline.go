package main

import (
	"cmp"
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
	name  string // for headers, and for messages unless shown is set
	shown string // for messages, where there are more specs than one
	dir   string // to which the spec's output is relative
	text  []byte
}

// printProblems prints what there is to say about the spec.
func (s source) printProblems(problems []spec.Problem, w io.Writer) error {
	if _, err := io.WriteString(w, spec.Format(cmp.Or(s.shown, s.name), s.text, problems)); err != nil {
		return fmt.Errorf("print the problems: %w", err)
	}
	return nil
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
	file, pkg, problems, err := check(src)
	if err != nil {
		return nil, nil, err
	}
	if err := src.printProblems(problems, stderr); err != nil {
		return nil, nil, err
	}
	if isWrong(problems) {
		return nil, nil, errWrong
	}
	return file, pkg, nil
}

// check reads a spec and makes its model. What is wrong is in the problems; then
// the model cannot be used.
func check(src source) (*spec.File, *model.Package, []spec.Problem, error) {
	file, problems := spec.Load(src.name, src.text)
	problems = append(problems, spec.Validate(file)...)
	reserved, err := render.Reserved()
	if err != nil {
		return nil, nil, nil, err
	}
	pkg, collisions := model.Build(file, reserved)
	return file, pkg, append(problems, collisions...), nil
}

// isWrong tells whether one of the problems is more than a warning.
func isWrong(problems []spec.Problem) bool {
	return slices.ContainsFunc(problems, func(p spec.Problem) bool { return !p.Warning })
}
