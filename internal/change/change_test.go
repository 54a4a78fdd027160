package change_test

import (
	"slices"
	"testing"

	"example.com/scaffold/internal/change"
)

func TestEveryChangeIsFound(t *testing.T) {
	before := big(t)
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			after := edited(t, before, e.pairs...)
			hasKind(t, between(t, before, after), e.kind)
			hasKind(t, between(t, after, before), e.undone)
		})
	}
}

func hasKind(t *testing.T, report change.Report, kind change.Kind) {
	t.Helper()
	if !slices.ContainsFunc(report.Changes, func(c change.Change) bool { return c.Kind == kind }) {
		t.Errorf("no %s in:\n%s", kind, report.Text(change.Colours{}))
	}
}

func TestWhatIsNoChangeInMeaning(t *testing.T) {
	before := big(t)
	for _, same := range sames {
		t.Run(same.name, func(t *testing.T) {
			after := edited(t, before, same.pairs...)
			for _, report := range []change.Report{between(t, before, after), between(t, after, before)} {
				if len(report.Changes) > 0 || report.Changes == nil {
					t.Errorf("%s", report.Text(change.Colours{}))
				}
			}
		})
	}
}
