package main

import (
	"fmt"
	"io"

	"example.com/scaffold/internal/generate"
	"example.com/scaffold/internal/model"
	"example.com/scaffold/spec"
)

// compile checks a spec and makes its model. It prints every problem; when one
// of them is an error, it returns errWrong.
func compile(src generate.Source, stderr io.Writer) (*spec.File, *model.Package, error) {
	file, pkg, problems := src.Check()
	if err := printProblems(src, problems, stderr); err != nil {
		return nil, nil, err
	}
	if generate.IsWrong(problems) {
		return nil, nil, errWrong
	}
	return file, pkg, nil
}

// printProblems prints what there is to say about a spec.
func printProblems(src generate.Source, problems []spec.Problem, stderr io.Writer) error {
	if _, err := io.WriteString(stderr, src.Format(problems)); err != nil {
		return fmt.Errorf("print the problems: %w", err)
	}
	return nil
}
