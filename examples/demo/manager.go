package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

func (t *tour) morganSignsIn(ctx context.Context) (err error) {
	t.code(`app, err := timesheets.New(timesheets.WithProfile("morgan"))`)
	if t.app, err = t.newApp("morgan", morgan); err != nil {
		return err
	}
	t.code("session, err := app.Login(ctx)")
	if err := t.login(ctx, morgan); err != nil {
		return err
	}
	t.say("%s is signed in, beside Erin", t.session.User().Name)
	t.gates(t.session)
	return t.wantGates(timesheets.ListTimesheets, timesheets.CreateTimesheet, timesheets.DeleteTimesheet)
}

func (t *tour) managerStepsUp(ctx context.Context) error {
	missing, err := t.approveWithoutScope(ctx)
	if err != nil {
		return err
	}
	t.code("session, err = app.Login(ctx, missing.Scopes...)")
	if err := t.login(ctx, morgan, missing.Scopes...); err != nil {
		return err
	}
	t.say("granted: %s", strings.Join(t.session.Granted(), " "))
	t.gates(t.session)
	if err := t.wantGates(endpoints()...); err != nil {
		return err
	}
	t.code("session.ApproveTimesheet(ctx, 1)")
	entry, err := t.session.ApproveTimesheet(ctx, 1)
	if err != nil {
		return err
	}
	t.timesheets(entry)
	if entry.Status != timesheets.StatusApproved {
		return fmt.Errorf("the entry's status is %s", entry.Status)
	}
	return nil
}

func (t *tour) roleChange(ctx context.Context) error {
	events := make(chan timesheets.SessionEvent, 1)
	stop := t.session.OnChange(func(e timesheets.SessionEvent) { events <- e })
	defer stop()
	err := t.local.tenant.SetScopes(morgan, []string{
		timesheets.ScopeReadTimesheets, timesheets.ScopeCreateTimesheets, timesheets.ScopeDeleteTimesheets,
	})
	if err != nil {
		return err
	}
	t.code("session.Refresh(ctx)")
	if err := t.session.Refresh(ctx); err != nil {
		return err
	}
	event, err := next(ctx, events)
	if err != nil {
		return err
	}
	t.say("session.OnChange tells: %s, lost %v", event.Kind, event.Lost)
	if event.Kind != timesheets.SessionDowngraded || !slices.Equal(event.Lost, []string{timesheets.ScopeApproveTimesheets}) {
		return errors.New("that is the wrong event")
	}
	t.gates(t.session)
	if err := t.wantGates(timesheets.ListTimesheets, timesheets.CreateTimesheet, timesheets.DeleteTimesheet); err != nil {
		return err
	}
	_, err = t.approveWithoutScope(ctx)
	return err
}

// next waits for an event: one may come a moment after the call that caused it.
func next(ctx context.Context, events <-chan timesheets.SessionEvent) (timesheets.SessionEvent, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, 10*time.Second, errors.New("no event came"))
	defer cancel()
	select {
	case event := <-events:
		return event, nil
	case <-ctx.Done():
		return timesheets.SessionEvent{}, context.Cause(ctx)
	}
}

func (t *tour) revoked(ctx context.Context) error {
	t.local.tenant.RevokeAll(t.session.User().Subject)
	t.local.skip(time.Hour)
	t.code("session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})")
	_, err := t.session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})
	login, ok := errors.AsType[*timesheets.LoginRequiredError](err)
	if !ok || login.Reason != timesheets.ReasonRevoked {
		return fmt.Errorf("got %v, want ErrLoginRequired: %s", err, timesheets.ReasonRevoked)
	}
	t.say("err is ErrLoginRequired: %s", login.Reason)
	t.gates(t.session)
	if err := t.wantGates(); err != nil {
		return err
	}
	return t.wantForgotten("morgan")
}

func (t *tour) logout(ctx context.Context) (err error) {
	if t.app, err = t.newApp("erin", erin); err != nil {
		return err
	}
	if t.session, err = t.app.Session(ctx); err != nil {
		return err
	}
	token, err := t.refreshToken("erin")
	if err != nil {
		return err
	}
	t.code(`app.Logout(ctx, timesheets.EndBrowserSession(""))`)
	if err := t.app.Logout(ctx, timesheets.EndBrowserSession("")); err != nil {
		return err
	}
	request := last(t.local.tenant.RevocationRequests())
	t.sent("POST", t.local.tenant.URL(tenant.Revocation), request)
	if request.Get("token") != token {
		return errors.New("another token was revoked")
	}
	if err := t.wantForgotten("erin"); err != nil {
		return err
	}
	if !t.byHand && !t.signedOut {
		return errors.New("the tenant's own session with the browser did not end")
	}
	t.say("the browser signs out at %s", t.local.tenant.URL(tenant.Logout))
	t.code("session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})")
	_, err = t.session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})
	if !errors.Is(err, timesheets.ErrLoginRequired) {
		return fmt.Errorf("got %v, want ErrLoginRequired", err)
	}
	t.say("err is ErrLoginRequired: %v", err)
	return nil
}

func (t *tour) wantForgotten(profile string) error {
	if _, err := os.Stat(t.file(profile)); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the credentials of %s are still stored", profile)
	}
	t.say("the stored credentials are gone")
	return nil
}
