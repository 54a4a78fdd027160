package dev

import (
	"errors"
	"slices"

	"example.com/scaffold/spec"
)

// Parse reads a spec. The error has everything that is wrong with it.
func Parse(name string, text []byte) (*spec.File, error) {
	file, problems := spec.Load(name, text)
	problems = append(problems, spec.Validate(file)...)
	problems = slices.DeleteFunc(problems, func(p spec.Problem) bool { return p.Warning })
	if len(problems) > 0 {
		return nil, errors.New(spec.Format(name, text, problems))
	}
	return file, nil
}
