package tutorial

import (
	"errors"
	"testing"
	"time"

	"example.com/scaffold/generated/timesheets"
	"example.com/scaffold/generated/timesheets/timesheetstest"
)

// What a user's tests look like, for the whole of the scenario.
func TestWithTheTestPackage(t *testing.T) {
	t.Parallel()
	tenant := timesheetstest.NewTenant(t)
	ben := tenant.User(t, "ben").Session(t)
	hours := timesheets.NewTimesheet{Project: "Apollo", Date: timesheets.DateOf(tenant.Now()), Hours: 7.5}
	entry, err := ben.CreateTimesheet(t.Context(), hours)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ben.ApproveTimesheet(t.Context(), entry.ID)
	if missing, ok := errors.AsType[*timesheets.MissingScopeError](err); !ok || ben.Can(timesheets.ApproveTimesheet) {
		t.Errorf("an employee approves: %v, %v", missing, err)
	}

	app := tenant.Client(t) // Ada's, who is a manager
	ada, err := app.Login(t.Context(), timesheets.ScopeApproveTimesheets)
	if err != nil {
		t.Fatal(err)
	}
	tenant.Advance(2 * time.Hour)
	approved, err := ada.ApproveTimesheet(t.Context(), entry.ID)
	if err != nil || approved.Status != timesheets.StatusApproved || approved.UserID != "ben" {
		t.Errorf("approved: %+v, %v", approved, err)
	}
	if list, err := ben.ListTimesheets(t.Context(), timesheets.ListTimesheetsParams{}); err != nil || len(list) != 1 || list[0].Status != timesheets.StatusApproved {
		t.Errorf("Ben's: %+v, %v", list, err)
	}
	if err := app.Logout(t.Context()); err != nil {
		t.Error(err)
	}
	var asked []string
	for _, call := range tenant.Calls() {
		asked = append(asked, call.Subject+" "+call.Endpoint)
	}
	if want := []string{"ben CreateTimesheet", "ada ApproveTimesheet", "ben ListTimesheets"}; len(asked) != len(want) || asked[1] != want[1] {
		t.Errorf("the API was asked %q, want %q", asked, want)
	}
}
