package tutorial_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

// startDevice starts the application on a machine without a browser. Its person
// has a phone, and uses it as soon as the code is shown.
func (w *world) startDevice(person tenant.Browser) *timesheets.App {
	return w.start(
		timesheets.WithBrowser(func(context.Context, string) error {
			w.Error("a browser was opened")
			return errors.New("no browser")
		}),
		timesheets.WithDeviceLogin(func(ctx context.Context, login timesheets.DeviceLogin) error {
			page, err := person.SignIn(ctx, login.VerificationURIComplete)
			if !errors.Is(err, tenant.ErrNotReturned) || page.Status != http.StatusOK {
				w.Errorf("the phone shows %s (%v)", page.Body, err)
			}
			return nil
		}),
	)
}

// The first question comes five seconds after the code, in real time: this is
// the price of a client that cannot be told to hurry (RFC 8628 section 3.2).
func TestDeviceLogin(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		session, err := w.startDevice(tenant.Browser{Email: erin}).Login(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		if session.User().Email != erin || !session.HasScope(timesheets.ScopeReadTimesheets) {
			w.Errorf("%v, granted %q", session, session.Granted())
		}
		if _, err := session.ListTimesheets(w.Context(), timesheets.ListTimesheetsParams{}); err != nil {
			w.Error(err)
		}
		if err := session.Refresh(w.Context()); err != nil {
			w.Error(err)
		}
		w.stored("default")
		if again, err := w.start().Session(w.Context()); err != nil || again.User().Subject != session.User().Subject {
			w.Errorf("stored: %v, %v", again, err)
		}
		if asked := w.tenant.DeviceRequests(); len(asked) != 1 || asked[0].Has("code_challenge") {
			w.Errorf("asked for %v", asked)
		}
	})
}

func TestDeviceLoginIsDeclined(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		_, err := w.startDevice(tenant.Browser{Email: erin, Deny: true}).Login(w.Context())
		if refusal, ok := errors.AsType[*timesheets.TenantError](err); !ok || refusal.Code != "access_denied" {
			w.Errorf("error %v", err)
		}
	})
}
