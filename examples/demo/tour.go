package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

const (
	erin   = "erin@exampleco.com"   // an employee
	morgan = "morgan@exampleco.com" // a manager
)

// tour is the walk through the tutorial.
type tour struct {
	*printer
	local    *local
	folder   string // where the credentials are kept
	byHand   bool   // sign in with the system's browser
	messages io.Writer

	app           *timesheets.App // of whoever the steps are about
	session       *timesheets.Session
	browserFailed context.CancelCauseFunc // ends the sign-in that is under way
	signedOut     bool                    // the visitor's browser was at the tenant's sign-out page
}

// walk takes one step after the other, and stops at the first that is not as it
// should be.
func (t *tour) walk(ctx context.Context) error {
	steps := []struct {
		title string
		do    func(context.Context) error
	}{
		{"Nobody is signed in yet", t.nobody},
		{"Erin, an employee, signs in", t.erinSignsIn},
		{"Who she is: the claims of her validated ID token", t.profile},
		{"What she may do: the gates", t.employeesGates},
		{"She works: calls with a bearer token", t.calls},
		{"A call without its scope is not even made", t.callWithoutScope},
		{"She asks for more, and is not granted it", t.employeeStepsUp},
		{"The program starts again: stored credentials, no request", t.nextStart},
		{"An hour later: the token is renewed, the refresh token rotated", t.renewal},
		{"Morgan, a manager, signs in to a profile of their own", t.morganSignsIn},
		{"Morgan steps up when it is needed, and approves", t.managerStepsUp},
		{"Morgan is no longer a manager: a refresh closes the gate", t.roleChange},
		{"The tenant revokes Morgan's sign-in", t.revoked},
		{"Erin signs out", t.logout},
	}
	t.line("ExampleCo Timesheets: a tour with the generated client")
	t.line("")
	t.line("tenant  %s (Auth0's paths, people and roles; in this process)", t.local.tenant.Issuer())
	t.line("API     %s", t.local.baseURL)
	for i, step := range steps {
		t.step(i+1, len(steps), step.title)
		if err := errors.Join(step.do(ctx), t.err); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
	}
	t.line("")
	t.line("All %d steps went as they should.", len(steps))
	return t.err
}

// newApp is how a program starts. A real one calls timesheets.New() and no more:
// this one has a local tenant, a folder and a clock of its own.
func (t *tour) newApp(profile, email string) (*timesheets.App, error) {
	config := timesheets.DefaultConfig() // from timesheets.yaml
	config.Issuer = t.local.tenant.Issuer()
	config.BaseURL = t.local.baseURL
	config.Callbacks = t.local.callbacks
	config.Parameters = map[string]string{"login_hint": email}

	options := []timesheets.Option{
		timesheets.WithConfig(config),
		timesheets.WithStore(timesheets.NewFileStore(t.folder)),
		timesheets.WithProfile(profile),
		timesheets.WithClock(t.local.now),
		timesheets.WithMessages(t.messages),
	}
	if !t.byHand {
		options = append(options, timesheets.WithBrowser(t.visitor(email)))
	}
	return timesheets.New(options...)
}

// visitor is a person at a browser without a window, who signs in as they are
// asked to. Like a real browser it is not waited for.
func (t *tour) visitor(email string) func(ctx context.Context, address string) error {
	return func(ctx context.Context, address string) error {
		if strings.HasPrefix(address, t.local.tenant.URL(tenant.Logout)) {
			return t.visitSignOut(ctx, address)
		}
		failed := t.browserFailed // of this sign-in
		go func() {
			_, err := tenant.Browser{Email: email}.SignIn(ctx, address)
			if unreachable, ok := errors.AsType[*url.Error](err); ok {
				err = unreachable.Err // without the address, which may hold a code
			}
			if err != nil {
				failed(fmt.Errorf("the browser: %w", err))
			}
		}()
		return nil
	}
}

// visitSignOut goes to the tenant's sign-out page, and where that leads.
func (t *tour) visitSignOut(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	t.signedOut = resp.StatusCode == http.StatusOK
	return resp.Body.Close()
}

// login has the person sign in, for the scopes of a first sign-in and others.
func (t *tour) login(ctx context.Context, email string, scopes ...string) error {
	if t.byHand {
		t.say("Your browser opens. Sign in as %s there.", email)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t.browserFailed = cancel
	session, err := t.app.Login(ctx, scopes...)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return fmt.Errorf("%w (%w)", err, cause)
	}
	if err != nil {
		return err
	}
	if got := session.User().Email; got != email {
		return fmt.Errorf("%s signed in; this part of the tour is for %s", got, email)
	}
	t.session = session
	return nil
}
