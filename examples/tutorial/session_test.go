package tutorial_test

import (
	"encoding/json"
	"errors"

	"net/http"
	"net/url"

	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

func (s *story) calls() {
	from := len(s.api.Calls())
	entries, err := s.session.ListTimesheets(s.Context(), timesheets.ListTimesheetsParams{
		From: &timesheets.Date{Year: 2026, Month: time.March, Day: 30},
	})
	if err != nil {
		s.Fatal(err)
	}
	if len(entries) != 1 || entries[0].ID != 1 || entries[0].UserID != "auth0|erin" || entries[0].Status != timesheets.StatusDraft || entries[0].Note == nil {
		s.Errorf("list: %+v", entries)
	}
	day := timesheets.DateOf(s.clock.now())
	created, err := s.session.CreateTimesheet(s.Context(), timesheets.NewTimesheet{Project: "Apollo", Date: day, Hours: 7.5, Note: new("Review")})
	if err != nil {
		s.Fatal(err)
	}
	if created.ID != 7 || created.UserID != "auth0|erin" || created.Project != "Apollo" || created.Date != day || created.Hours != 7.5 ||
		created.Status != timesheets.StatusDraft || created.Note == nil || *created.Note != "Review" {
		s.Errorf("create: %+v", created)
	}
	if err := s.session.DeleteTimesheet(s.Context(), created.ID); err != nil {
		s.Fatal(err)
	}
	refused, ok := errors.AsType[*timesheets.APIError](s.session.DeleteTimesheet(s.Context(), created.ID))
	if !ok || refused.StatusCode != http.StatusNotFound || refused.Endpoint.Name() != "DeleteTimesheet" || !strings.Contains(string(refused.Body), "there is no Timesheet 7") {
		s.Errorf("a second delete: %+v", refused)
	}
	want := []string{"GET /timesheets 200", "POST /timesheets 201", "DELETE /timesheets/7 204", "DELETE /timesheets/7 404"}
	if got := s.apiSaw(from); !slices.Equal(got, want) {
		s.Errorf("the API saw %q", got)
	}
}

func (s *story) callWithoutScope() {
	sent := s.sent.n.Load()
	_, err := s.session.ApproveTimesheet(s.Context(), 1)
	s.wantMissing(err, "approve:timesheets")
	if refused, ok := errors.AsType[*timesheets.APIError](err); ok || s.sent.n.Load() != sent {
		s.Errorf("a request was made: %v", refused)
	}
}

func (s *story) employeeStepsUp() {
	_, err := s.session.ApproveTimesheet(s.Context(), 1)
	missing := s.wantMissing(err, "approve:timesheets")
	session, _ := s.login(s.app, erin, missing...)
	if session != s.session {
		s.Error("the same person has another session")
	}
	if got := last(s.tenant.AuthorizationRequests()).Get("scope"); got != firstScopes+" approve:timesheets" {
		s.Errorf("asked for %q", got)
	}
	if got := s.session.Granted(); !slices.Equal(got, strings.Fields(firstScopes)) {
		s.Errorf("granted: %v", got)
	}
	s.wantGates(s.session, true, true, true, false)
	_, err = s.session.ApproveTimesheet(s.Context(), 1)
	s.wantMissing(err, "approve:timesheets")
	s.stored("default")
}

func (s *story) otherLibraries() {
	token, err := s.session.TokenSource(s.Context()).Token()
	if err != nil {
		s.Fatal(err)
	}
	if token.RefreshToken != "" || token.AccessToken != s.stored("default").AccessToken || !token.Expiry.Equal(s.clock.now().Add(time.Hour)) {
		s.Errorf("expiry %v, has a refresh token: %t", token.Expiry, token.RefreshToken != "")
	}
	for name, client := range map[string]*http.Client{
		"HTTPClient":         s.session.HTTPClient(),
		"x/oauth2.NewClient": oauth2.NewClient(s.Context(), fixedTime{s.session.TokenSource(s.Context())}),
	} {
		resp, err := client.Get(s.config.BaseURL + "/timesheets")
		if err != nil {
			s.Fatal(err)
		}
		var entries []timesheets.Timesheet
		err = json.NewDecoder(resp.Body).Decode(&entries)
		if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK || len(entries) != 3 {
			s.Errorf("%s: status %d, %d entries, error %v", name, resp.StatusCode, len(entries), err)
		}
	}
	// By hand, the API's refusal is a plain reply.
	resp, err := s.session.HTTPClient().Post(s.config.BaseURL+"/timesheets/1/approval", "application/json", nil)
	if err != nil {
		s.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusForbidden {
		s.Errorf("status %d, error %v", resp.StatusCode, err)
	}
}

// fixedTime takes the expiry off a token: x/oauth2 compares it with the real
// time, and the story has its own.
type fixedTime struct{ oauth2.TokenSource }

func (f fixedTime) Token() (*oauth2.Token, error) {
	token, err := f.TokenSource.Token()
	if err != nil {
		return nil, err
	}
	token.Expiry = time.Time{}
	return token, nil
}

func (s *story) renewal() {
	s.watch()
	before, requests := s.stored("default"), len(s.tenant.TokenRequests())
	s.clock.add(time.Hour - 61*time.Second)
	s.list(3)
	if n := len(s.tenant.TokenRequests()); n != requests {
		s.Fatalf("renewed %d times more than a minute before expiry", n-requests)
	}
	s.clock.add(time.Second)
	s.list(3)
	if n := len(s.tenant.TokenRequests()); n != requests+1 {
		s.Fatalf("%d token requests, want 1", n-requests)
	}
	form := last(s.tenant.TokenRequests())
	want := map[string]string{"grant_type": "refresh_token", "client_id": s.config.ClientID, "refresh_token": before.RefreshToken}
	if s.layout == tenant.Discovery {
		want["resource"] = s.config.Audience
	}
	for name, value := range want {
		if form.Get(name) != value {
			s.Errorf("%s is wrong", name)
		}
	}
	s.wantNames(form, want)

	after := s.stored("default")
	if after.RefreshToken == before.RefreshToken || after.AccessToken == before.AccessToken || !after.ExpiresAt.Equal(s.clock.now().Add(time.Hour)) {
		s.Errorf("the file has the old tokens, or expires at %v", after.ExpiresAt)
	}
	s.wantEvent(timesheets.SessionEvent{Kind: timesheets.SessionRefreshed})
	// The new one lives: it is what the next renewal presents.
	s.clock.add(2 * time.Hour)
	s.list(3)
	if got := last(s.tenant.TokenRequests()).Get("refresh_token"); got != after.RefreshToken {
		s.Error("the next renewal did not present the rotated token")
	}
	s.stored("default")
}

func (s *story) morganSignsIn() {
	profile := timesheets.WithProfile("morgan")
	s.app = s.start(profile)
	_, err := s.app.Session(s.Context())
	s.wantLogin(err, timesheets.ReasonNone)
	s.session, s.page = s.login(s.app, morgan)
	if got := last(s.tenant.AuthorizationRequests()).Get("scope"); got != firstScopes {
		s.Errorf("asked for %q", got)
	}
	if user := s.session.User(); user.Name != "Morgan Lake" || user.EmailVerified {
		s.Errorf("%#v", user)
	}
	// A manager may approve, but has not asked to yet.
	s.wantGates(s.session, true, true, true, false)
	s.list(3)
	other, err := s.start().Session(s.Context())
	if err != nil || other.User().Subject != "auth0|erin" {
		s.Errorf("Erin's profile has %v, %v", other, err)
	}
	s.stored("morgan")
}

func (s *story) managerStepsUp() {
	sent := s.sent.n.Load()
	_, err := s.session.ApproveTimesheet(s.Context(), 1)
	missing := s.wantMissing(err, "approve:timesheets")
	if s.sent.n.Load() != sent {
		s.Error("a request was made")
	}
	session, _ := s.login(s.app, morgan, missing...)
	if session != s.session {
		s.Error("the same person has another session")
	}
	s.wantGates(s.session, true, true, true, true)
	entry, err := s.session.ApproveTimesheet(s.Context(), 1)
	if err != nil || entry.ID != 1 || entry.UserID != "auth0|erin" || entry.Status != timesheets.StatusApproved {
		s.Errorf("approve: %+v, %v", entry, err)
	}
	s.list(6) // whoever approves sees the team's
	s.stored("morgan")
}

func (s *story) deniedStepUp() {
	before := s.stored("morgan")
	_, _, err := s.tryLogin(s.app, tenant.Browser{Deny: true})
	if refusal, ok := errors.AsType[*timesheets.TenantError](err); !ok || refusal.Code != "access_denied" {
		s.Errorf("error %v, want access_denied", err)
	}
	if s.stored("morgan").AccessToken != before.AccessToken {
		s.Error("the credentials have changed")
	}
	s.wantGates(s.session, true, true, true, true)
	s.list(6)
}

func (s *story) insufficientScope() {
	s.stricter.Store(true)
	defer s.stricter.Store(false)
	app := s.start() // Erin's
	session, err := app.Session(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	err = session.DeleteTimesheet(s.Context(), 2)
	s.wantMissing(err, "approve:timesheets") // delete:timesheets is granted
	refused, ok := errors.AsType[*timesheets.APIError](err)
	if !ok || refused.StatusCode != http.StatusForbidden || refused.Endpoint.Name() != "DeleteTimesheet" {
		s.Errorf("the refusal is %+v", refused)
	}
}

func (s *story) roleChange() {
	s.watch()
	if err := s.tenant.SetScopes(morgan, []string{"read:timesheets", "create:timesheets", "delete:timesheets"}); err != nil {
		s.Fatal(err)
	}
	s.wantGates(s.session, true, true, true, true) // the token in hand still says so
	if err := s.session.Refresh(s.Context()); err != nil {
		s.Fatal(err)
	}
	s.wantEvent(timesheets.SessionEvent{Kind: timesheets.SessionDowngraded, Lost: []string{"approve:timesheets"}})
	s.wantGates(s.session, true, true, true, false)
	sent := s.sent.n.Load()
	_, err := s.session.ApproveTimesheet(s.Context(), 2)
	s.wantMissing(err, "approve:timesheets")
	if s.sent.n.Load() != sent {
		s.Error("a request was made")
	}
	s.list(3)
	s.stored("morgan")
}

func (s *story) revoked() {
	s.watch()
	opened := s.browser.opened
	s.tenant.RevokeAll("auth0|morgan")
	s.list(3) // until it expires, the access token is good
	s.clock.add(2 * time.Hour)
	_, err := s.session.ListTimesheets(s.Context(), timesheets.ListTimesheetsParams{})
	s.wantLogin(err, timesheets.ReasonRevoked)
	s.wantEvent(timesheets.SessionEvent{Kind: timesheets.SessionEnded, Reason: timesheets.ReasonRevoked})
	s.wantGates(s.session, false, false, false, false)
	if s.session.User().Subject != "" || s.browser.opened != opened {
		s.Error("somebody is still signed in, or a browser was opened")
	}
	s.wantNoFile("morgan")
	_, err = s.app.Session(s.Context())
	s.wantLogin(err, timesheets.ReasonNone)
}

func (s *story) anotherPerson() {
	s.app = s.start()
	erins, err := s.app.Session(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	s.session = erins
	s.watch()
	morgans, _ := s.login(s.app, morgan)
	s.wantEvent(timesheets.SessionEvent{Kind: timesheets.SessionEnded, Reason: timesheets.ReasonSignedOut})
	_, err = erins.ListTimesheets(s.Context(), timesheets.ListTimesheetsParams{})
	s.wantLogin(err, timesheets.ReasonSignedOut)
	if morgans == erins || morgans.User().Subject != "auth0|morgan" {
		s.Errorf("signed in: %v", morgans)
	}
	s.session = morgans
	s.list(3)
}

func (s *story) logout() {
	s.watch()
	stored := s.stored("default")
	opened := s.browser.opened
	s.browser.goodbye = func(address string) {
		s.wantNoFile("default") // before the browser opens
		s.wantEndSession(address, stored)
	}
	if err := s.app.Logout(s.Context(), timesheets.EndBrowserSession(landing)); err != nil {
		s.Fatal(err)
	}
	if s.browser.opened != opened+1 {
		s.Errorf("the browser was opened %d times", s.browser.opened-opened)
	}
	form := last(s.tenant.RevocationRequests())
	want := map[string]string{"client_id": s.config.ClientID, "token": stored.RefreshToken, "token_type_hint": "refresh_token"}
	s.wantNames(form, want)
	for name, value := range want {
		if form.Get(name) != value {
			s.Errorf("revocation: %s is wrong", name)
		}
	}
	if got := s.tradeAtTenant(stored.RefreshToken); got != "invalid_grant" {
		s.Errorf("the tenant still takes the refresh token: %q", got)
	}
	s.wantNoFile("default")
	s.wantGates(s.session, false, false, false, false)
	s.wantEvent(timesheets.SessionEvent{Kind: timesheets.SessionEnded, Reason: timesheets.ReasonSignedOut})
	_, err := s.session.ListTimesheets(s.Context(), timesheets.ListTimesheetsParams{})
	s.wantLogin(err, timesheets.ReasonSignedOut)
	_, err = s.app.Session(s.Context())
	s.wantLogin(err, timesheets.ReasonNone)
	if err := s.app.Logout(s.Context()); err != nil || len(s.tenant.RevocationRequests()) != 1 || s.browser.opened != opened+1 {
		s.Errorf("a second sign-out: %v, %d revocations", err, len(s.tenant.RevocationRequests()))
	}
}

// wantEndSession has a browser open the address, which leads to the landing page.
func (s *story) wantEndSession(address string, stored record) {
	s.Helper()
	got, err := url.Parse(address)
	if err != nil {
		s.Fatal(err)
	}
	want := url.Values{"client_id": {s.config.ClientID}, "returnTo": {landing}}
	if s.layout == tenant.Discovery {
		want = url.Values{"client_id": {s.config.ClientID}, "post_logout_redirect_uri": {landing}, "id_token_hint": {stored.IDToken}}
	}
	if got.Query().Encode() != want.Encode() || !strings.HasPrefix(address, s.tenant.URL(tenant.Logout)+"?") {
		s.Error("the sign-out address is wrong")
	}
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(address)
	if err != nil {
		s.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.Header.Get("Location") != landing {
		s.Errorf("status %d, leads to %q, error %v", resp.StatusCode, resp.Header.Get("Location"), err)
	}
}

func (s *story) nothingLeaked() {
	for _, form := range s.tenant.TokenRequests() {
		for _, name := range []string{"code", "code_verifier", "refresh_token"} {
			if form.Has(name) {
				s.secrets[form.Get(name)] = name
			}
		}
	}
	printed := s.output.String()
	for secret, kind := range s.secrets {
		if strings.Contains(printed, secret) {
			s.Errorf("the log holds a %s", kind)
		}
	}
	if len(s.secrets) < 20 || !strings.Contains(printed, "signed in") {
		s.Errorf("only %d secrets were looked for, in %q", len(s.secrets), printed)
	}
}
