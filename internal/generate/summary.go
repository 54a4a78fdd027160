package generate

import (
	"errors"
	"fmt"
	"strings"

	"example.com/scaffold/internal/output"
)

// summary counts what came of several specs.
type summary struct {
	specs, upToDate, changed, files, wrong, failed int

	found bool // errors in a spec, or drift
}

func (s *summary) add(t *target, err error, o Options) {
	_, refused := errors.AsType[*output.RefusedError](t.err)
	s.specs++
	s.found = s.found || errors.Is(err, ErrWrong)
	switch {
	case errors.Is(err, ErrWrong) && (t.err == nil || refused):
		s.changed++ // which Check found
		s.files += t.changes()
	case errors.Is(err, ErrWrong):
		s.wrong++
	case err != nil:
		s.failed++
	case t.changes() == 0 && !o.Archive:
		s.upToDate++
	default:
		s.changed++
		s.files += t.changes()
	}
}

// text says it in one line: "3 specs: 2 up to date, 1 written (4 files)".
func (s *summary) text(o Options) string {
	verb := "written"
	switch {
	case o.Check:
		verb = "out of date"
	case o.Diff:
		verb = "would change"
	case o.Archive:
		verb = "printed"
	}
	var parts []string
	part := func(n int, what string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	part(s.upToDate, "up to date")
	if s.files > 0 {
		verb += " (" + counted(s.files, "file") + ")"
	}
	part(s.changed, verb)
	part(s.wrong, "wrong")
	part(s.failed, "failed")
	return counted(s.specs, "spec") + ": " + strings.Join(parts, ", ")
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func (s *summary) err() error {
	switch {
	case s.failed > 0:
		return ErrTrouble
	case s.found:
		return ErrWrong
	}
	return nil
}
