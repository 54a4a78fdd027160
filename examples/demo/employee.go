package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

func (t *tour) nobody(ctx context.Context) (err error) {
	t.code("app, err := timesheets.New()")
	if t.app, err = t.newApp("erin", erin); err != nil {
		return err
	}
	t.code("session, err := app.Session(ctx)")
	_, err = t.app.Session(ctx)
	if !errors.Is(err, timesheets.ErrLoginRequired) {
		return fmt.Errorf("got %v, want ErrLoginRequired", err)
	}
	t.say("err is ErrLoginRequired: %v", err)
	return nil
}

func (t *tour) erinSignsIn(ctx context.Context) error {
	t.code("session, err = app.Login(ctx)")
	if err := t.login(ctx, erin); err != nil {
		return err
	}
	if err := t.showSignIn(); err != nil {
		return err
	}
	return t.showGranted(ctx)
}

// showSignIn shows what the newest sign-in sent, and checks that it was bound
// to the application by PKCE.
func (t *tour) showSignIn() error {
	request := last(t.local.tenant.AuthorizationRequests())
	t.sent("GET", t.local.tenant.URL(tenant.Authorization), request)
	t.say("the browser came back to %s with a code", request.Get("redirect_uri"))
	exchange := last(t.local.tenant.TokenRequests())
	t.sent("POST", t.local.tenant.URL(tenant.Token), exchange)
	if oauth2.S256ChallengeFromVerifier(exchange.Get("code_verifier")) != request.Get("code_challenge") {
		return errors.New("code_verifier does not match code_challenge")
	}
	if exchange.Has("client_secret") {
		return errors.New("a client_secret was sent, and an installed program can keep none")
	}
	t.say("S256(code_verifier) is the code_challenge; there is no client_secret")
	return nil
}

func (t *tour) showGranted(ctx context.Context) error {
	token, err := t.session.TokenSource(ctx).Token()
	if err != nil {
		return err
	}
	lifetime := token.Expiry.Sub(t.local.now()).Round(time.Minute)
	if token.RefreshToken != "" || lifetime != time.Hour {
		return fmt.Errorf("the access token lives for %s, want an hour, and no refresh token beside it", lifetime)
	}
	t.say("came back: an ID token, a refresh token, and an access token for %s", lifetime)
	t.say("granted: %s", strings.Join(t.session.Granted(), " "))
	return nil
}

func (t *tour) profile(context.Context) error {
	t.code("user := session.User()")
	user := t.session.User()
	if user.Subject != "auth0|erin" || user.Name == "" || !user.EmailVerified || user.UpdatedAt.IsZero() {
		return fmt.Errorf("the profile of %s is not complete", user)
	}
	t.columns([]string{
		"Subject\t" + user.Subject,
		"Name\t" + user.Name,
		"Nickname\t" + user.Nickname,
		fmt.Sprintf("Email\t%s (verified: %t)", user.Email, user.EmailVerified),
		"Picture\t" + user.Picture,
		"UpdatedAt\t" + user.UpdatedAt.Format(time.RFC3339),
	})
	return nil
}

func (t *tour) employeesGates(context.Context) error {
	t.gates(t.session)
	return t.wantGates(timesheets.ListTimesheets, timesheets.CreateTimesheet, timesheets.DeleteTimesheet)
}

func (t *tour) calls(ctx context.Context) error {
	t.code("session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})")
	entries, err := t.session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})
	if err != nil {
		return err
	}
	t.timesheets(entries...)
	if len(entries) != 3 {
		return fmt.Errorf("%d entries, want 3", len(entries))
	}
	t.code(`session.CreateTimesheet(ctx, timesheets.NewTimesheet{Project: "Apollo", Date: today, Hours: 7.5})`)
	created, err := t.session.CreateTimesheet(ctx, timesheets.NewTimesheet{
		Project: "Apollo", Date: timesheets.DateOf(t.local.now()), Hours: 7.5,
	})
	if err != nil {
		return err
	}
	t.timesheets(created)
	t.code(fmt.Sprintf("session.DeleteTimesheet(ctx, %d)", created.ID))
	if err := t.session.DeleteTimesheet(ctx, created.ID); err != nil {
		return err
	}
	return t.showCalls("GET /timesheets", "POST /timesheets", fmt.Sprintf("DELETE /timesheets/%d", created.ID))
}

// showCalls shows what the API has been asked so far.
func (t *tour) showCalls(want ...string) error {
	t.say("the API saw:")
	var rows []string
	for i, call := range t.local.api.Calls() {
		if i >= len(want) || call.Method+" "+call.Path != want[i] || !call.Bearer || call.Status > 299 {
			return fmt.Errorf("unexpected: %s %s, status %d, bearer token: %t", call.Method, call.Path, call.Status, call.Bearer)
		}
		rows = append(rows, fmt.Sprintf("%s %s\tbearer token: %t\t%d", call.Method, call.Path, call.Bearer, call.Status))
	}
	t.columns(rows)
	return nil
}

func (t *tour) callWithoutScope(ctx context.Context) error {
	_, err := t.approveWithoutScope(ctx)
	return err
}

// approveWithoutScope makes a call that must be refused before it is sent.
func (t *tour) approveWithoutScope(ctx context.Context) (*timesheets.MissingScopeError, error) {
	before := t.local.requests()
	t.code("session.ApproveTimesheet(ctx, 1)")
	_, err := t.session.ApproveTimesheet(ctx, 1)
	missing, ok := errors.AsType[*timesheets.MissingScopeError](err)
	if !ok || !slices.Equal(missing.Scopes, []string{timesheets.ScopeApproveTimesheets}) {
		return nil, fmt.Errorf("got %v, want a missing scope", err)
	}
	if t.local.requests() != before {
		return nil, errors.New("a request was made")
	}
	t.say("err is a *MissingScopeError: %v; no request was made", err)
	return missing, nil
}

func (t *tour) employeeStepsUp(ctx context.Context) error {
	t.code(fmt.Sprintf("session, err = app.Login(ctx, %q)", timesheets.ScopeApproveTimesheets))
	if err := t.login(ctx, erin, timesheets.ScopeApproveTimesheets); err != nil {
		return err
	}
	t.say("asked for: %s", last(t.local.tenant.AuthorizationRequests()).Get("scope"))
	t.say("granted:   %s", strings.Join(t.session.Granted(), " "))
	t.gates(t.session)
	return t.wantGates(timesheets.ListTimesheets, timesheets.CreateTimesheet, timesheets.DeleteTimesheet)
}

func (t *tour) nextStart(ctx context.Context) (err error) {
	before := t.local.requests()
	if t.app, err = t.newApp("erin", erin); err != nil {
		return err
	}
	t.code("session, err := app.Session(ctx)")
	if t.session, err = t.app.Session(ctx); err != nil {
		return err
	}
	if n := t.local.requests() - before; n != 0 {
		return fmt.Errorf("the start made %d requests", n)
	}
	info, err := os.Stat(t.file("erin"))
	if err != nil {
		return err
	}
	t.say("%s is signed in, from %s (%s)", t.session.User().Name, filepath.Base(t.file("erin")), info.Mode())
	return nil
}

func (t *tour) renewal(ctx context.Context) error {
	before, err := t.refreshToken("erin")
	if err != nil {
		return err
	}
	t.local.skip(time.Hour)
	t.code("session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})")
	entries, err := t.session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{})
	if err != nil {
		return err
	}
	request := last(t.local.tenant.TokenRequests())
	t.sent("POST", t.local.tenant.URL(tenant.Token), request)
	after, err := t.refreshToken("erin")
	if err != nil {
		return err
	}
	if request.Get("refresh_token") != before || after == before {
		return errors.New("the refresh token was not rotated")
	}
	t.say("came back: a new access token, and a new refresh token, which is stored:")
	t.columns([]string{"before\t" + redact(before), "now\t" + redact(after)})
	t.say("then the call: %d entries", len(entries))
	return nil
}

// file is where a profile's credentials are kept.
func (t *tour) file(profile string) string {
	return filepath.Join(t.folder, "credentials-"+profile+".json")
}

// refreshToken looks into the file, as no application needs to.
func (t *tour) refreshToken(profile string) (string, error) {
	text, err := os.ReadFile(t.file(profile))
	if err != nil {
		return "", err
	}
	var record struct {
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(text, &record); err != nil {
		return "", fmt.Errorf("read the stored credentials: %w", err)
	}
	return record.RefreshToken, nil
}

// wantGates checks that these gates are open, and no others.
func (t *tour) wantGates(open ...timesheets.Endpoint) error {
	for _, e := range endpoints() {
		want := slices.ContainsFunc(open, func(o timesheets.Endpoint) bool { return o.Name() == e.Name() })
		if t.session.Can(e) != want {
			return fmt.Errorf("the gate %s is open: %t, want %t", e.Name(), !want, want)
		}
	}
	return nil
}

func last(requests []url.Values) url.Values { return requests[len(requests)-1] }
