package generate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// Source is a spec's text, and where it is from.
type Source struct {
	Name  string // for headers, and for messages unless Shown is set
	Shown string // for messages, where there are more specs than one
	Dir   string // to which the spec's output is relative; empty: it is no file
	Text  []byte
}

// ReadSource reads a spec; "-" is stdin.
func ReadSource(path string, stdin io.Reader) (Source, error) {
	if path == "-" {
		text, err := io.ReadAll(stdin)
		if err != nil {
			return Source{}, fmt.Errorf("read the spec from standard input: %w", err)
		}
		return Source{Name: "stdin", Text: text}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Source{}, fmt.Errorf("read the spec: %w", err)
	}
	return Source{Name: filepath.Base(path), Dir: filepath.Dir(path), Text: text}, nil
}

// ReadOneOf reads one of several specs. What is printed of it begins with its
// path, so that the error does not name it.
func ReadOneOf(path string) (Source, error) {
	src, err := ReadSource(path, nil)
	src.Shown = path
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("read the spec: %w", at.Err)
	}
	return src, err
}

// Check reads the spec and makes its model. What is wrong is in the problems, of
// which IsWrong tells whether the model can be used.
func (s Source) Check() (*spec.File, *model.Package, []spec.Problem) {
	file, problems := spec.Load(s.Name, s.Text)
	problems = append(problems, spec.Validate(file)...)
	pkg, collisions := model.Build(file, render.Reserved())
	return file, pkg, append(problems, collisions...)
}

// IsWrong tells whether one of the problems is more than a warning.
func IsWrong(problems []spec.Problem) bool {
	return slices.ContainsFunc(problems, func(p spec.Problem) bool { return !p.Warning })
}

// Format returns what there is to say about the spec: each problem with the line
// that it is in.
func (s Source) Format(problems []spec.Problem) string {
	return spec.Format(cmp.Or(s.Shown, s.Name), s.Text, problems)
}

// path names the file; empty: it is none.
func (s Source) path() string {
	if s.Dir == "" {
		return ""
	}
	return filepath.Join(s.Dir, s.Name)
}
