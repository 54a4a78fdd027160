package tutorial_test

import (
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"slices"
	"time"

	"example.com/scaffold/generated/timesheets"
)

// watch collects the session's events from now on.
func (s *story) watch() {
	events := make(chan timesheets.SessionEvent, 16)
	s.events = events
	s.Cleanup(s.session.OnChange(func(e timesheets.SessionEvent) { events <- e }))
}

// wantEvent takes the next event. A refresh may tell of itself a moment after
// the call that caused it has returned.
func (s *story) wantEvent(want timesheets.SessionEvent) {
	s.Helper()
	select {
	case got := <-s.events:
		if got.Kind != want.Kind || got.Reason != want.Reason || !slices.Equal(got.Lost, want.Lost) {
			s.Errorf("event %+v, want %+v", got, want)
		}
	case <-time.After(10 * time.Second):
		s.Fatalf("no event, want %+v", want)
	}
}

// list calls the API, which has n entries for whoever is signed in.
func (s *story) list(n int) {
	s.Helper()
	entries, err := s.session.ListTimesheets(s.Context(), timesheets.ListTimesheetsParams{})
	if err != nil || len(entries) != n {
		s.Fatalf("%d entries, want %d, error %v", len(entries), n, err)
	}
}

// wantMissing returns the scopes that err says are missing.
func (w *world) wantMissing(err error, scopes ...string) []string {
	w.Helper()
	missing, ok := errors.AsType[*timesheets.MissingScopeError](err)
	if !ok || !slices.Equal(missing.Scopes, scopes) {
		w.Fatalf("error %v, want the scopes %v missing", err, scopes)
	}
	return missing.Scopes
}

func (w *world) wantNoFile(profile string) {
	w.Helper()
	if _, err := os.Stat(w.file(profile)); !errors.Is(err, fs.ErrNotExist) {
		w.Errorf("the file of the profile %s is there: %v", profile, err)
	}
}

// wantLogin checks an ErrLoginRequired and its reason.
func (w *world) wantLogin(err error, reason timesheets.LoginReason) {
	w.Helper()
	login, ok := errors.AsType[*timesheets.LoginRequiredError](err)
	if !ok || !errors.Is(err, timesheets.ErrLoginRequired) || login.Reason != reason {
		w.Errorf("error %v, want a login because %s", err, reason)
	}
}

// wantGates asks all four gates.
func (w *world) wantGates(s *timesheets.Session, list, create, remove, approve bool) {
	w.Helper()
	for endpoint, want := range map[*timesheets.Endpoint]bool{
		&timesheets.ListTimesheets: list, &timesheets.CreateTimesheet: create,
		&timesheets.DeleteTimesheet: remove, &timesheets.ApproveTimesheet: approve,
	} {
		if got := s.Can(*endpoint); got != want {
			w.Errorf("Can(%s) is %t", endpoint.Name(), got)
		}
	}
}

// wantNames checks that no other parameter was sent.
func (w *world) wantNames(got url.Values, want map[string]string) {
	w.Helper()
	names, wanted := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))
	if !slices.Equal(names, wanted) {
		w.Errorf("parameters %v, want %v", names, wanted)
	}
}
