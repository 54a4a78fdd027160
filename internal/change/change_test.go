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
		t.Errorf("no %s in:\n%s", kind, report.Text(false))
	}
}

func TestWhatIsNoChangeInMeaning(t *testing.T) {
	before := big(t)
	for _, same := range sames {
		t.Run(same.name, func(t *testing.T) {
			after := edited(t, before, same.pairs...)
			for _, report := range []change.Report{between(t, before, after), between(t, after, before)} {
				if len(report.Changes) > 0 || report.Changes == nil {
					t.Errorf("%s", report.Text(false))
				}
			}
		})
	}
}

// TestWhatCompilesAndBreaksBehavior is what a compiler does not find.
func TestWhatCompilesAndBreaksBehavior(t *testing.T) {
	sending := edited(t, big(t), "NewSheet: {day: date,", "NewSheet: {who: Person, day: date,")
	tests := []struct {
		name  string
		pairs []string
		want  change.Break
	}{
		{"a required field of what is sent", []string{"{who: Person,", "{who: Person, hours: number,"}, change.Behavior},
		{"a required field inside of what is sent", []string{"{name: string,", "{name: string, mail: string,"}, change.Behavior},
		{"an optional field of what is sent", []string{"{name: string,", "{name: string, mail: optional string,"}, change.None},
		{"a required field of what is not sent", []string{"Unused: {x: string,", "Unused: {x: string, y: string,"}, change.None},
		{"a required parameter", []string{"from: optional date,", "from: optional date, page: integer,"}, change.Behavior},
		{"an optional parameter", []string{"from: optional date,", "from: optional date, page: optional integer,"}, change.None},
		{"arguments in another order", []string{"/people/{person}/sheets/{id}", "/people/{id}/sheets/{person}"}, change.Behavior},
		{"a scope that is asked for on demand now", []string{"read:sheets: Read your sheets", "read:sheets: {description: Read your sheets, request: on-demand}"}, change.Behavior},
		{"such a scope that nothing needs", []string{"spare:sheets: Nothing needs it", "spare:sheets: {description: Nothing needs it, request: on-demand}"}, change.None},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			report := between(t, sending, edited(t, sending, test.pairs...))
			worst := change.None
			for _, c := range report.Changes {
				worst = max(worst, c.Code.Breaks) // none, behavior
			}
			if len(report.Changes) == 0 || worst != test.want {
				t.Errorf("breaks %q, want %q:\n%s", worst, test.want, report.Text(false))
			}
		})
	}
}
