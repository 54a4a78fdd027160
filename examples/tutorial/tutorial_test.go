// Package tutorial_test walks through the ExampleCo Timesheets tutorial with
// the generated client, against a real OpenID Provider and a real API on
// loopback: once with Auth0's paths and habits, once by discovery alone.
package tutorial_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

// firstScopes is what timesheets.yaml has a first sign-in ask for: approving is
// left for when it is needed.
const firstScopes = "openid profile email offline_access read:timesheets create:timesheets delete:timesheets"

// story is the tutorial in progress. Each step goes on where the last one ended.
type story struct {
	*world
	app     *timesheets.App // Erin's, and later Morgan's
	session *timesheets.Session
	page    tenant.Page // that the last sign-in ended on
	events  <-chan timesheets.SessionEvent
}

func TestTutorial(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		s := &story{}
		for _, step := range []struct {
			name string
			do   func(*story)
		}{
			{"nobody is signed in at first, and no request is made to find that out", (*story).nobody},
			{"a denied sign-in leaves nobody signed in", (*story).denied},
			{"Erin, an employee, signs in", (*story).erinSignsIn},
			{"the authorization request has every parameter", (*story).authorizationRequest},
			{"the callback shows that it worked", (*story).callback},
			{"the code is exchanged with the verifier of the challenge", (*story).exchange},
			{"the credentials are stored for Erin alone to read", (*story).storedCredentials},
			{"the next start finds the session without a request", (*story).nextStart},
			{"the profile is that of the validated ID token", (*story).profile},
			{"userinfo tells the same", (*story).userInfo},
			{"an employee's gates: everything but approving", (*story).employeesGates},
			{"the calls carry the token and return what the API has", (*story).calls},
			{"a call without its scope is not made", (*story).callWithoutScope},
			{"an employee who steps up is not granted more", (*story).employeeStepsUp},
			{"other libraries get the token from TokenSource and HTTPClient", (*story).otherLibraries},
			{"a minute before expiry a call renews, and the refresh token is rotated", (*story).renewal},
			{"Morgan, a manager, signs in beside Erin", (*story).morganSignsIn},
			{"a manager steps up on demand and approves", (*story).managerStepsUp},
			{"a denied step-up leaves the session as it was", (*story).deniedStepUp},
			{"the API's own insufficient_scope names what is missing", (*story).insufficientScope},
			{"when the role changes, the next refresh closes the gate", (*story).roleChange},
			{"when the tenant revokes, the next renewal asks for a sign-in", (*story).revoked},
			{"Erin's computer: somebody else signs in, and her session ends", (*story).anotherPerson},
			{"a sign-out revokes, forgets, and ends the session", (*story).logout},
			{"nothing that was logged or shown holds a secret", (*story).nothingLeaked},
		} {
			ok := w.Run(step.name, func(t *testing.T) {
				s.world = w.in(t)
				step.do(s)
			})
			if !ok {
				return // the rest of the story makes no sense
			}
		}
	})
}

func (s *story) nobody() {
	s.app = s.start()
	_, err := s.app.Session(s.Context())
	s.wantLogin(err, timesheets.ReasonNone)
	if n := s.sent.n.Load(); n != 0 {
		s.Errorf("%d requests were made", n)
	}
}

func (s *story) denied() {
	_, page, err := s.tryLogin(s.app, tenant.Browser{Deny: true})
	refusal, ok := errors.AsType[*timesheets.TenantError](err)
	if !ok || refusal.Code != "access_denied" || refusal.StatusCode != 0 {
		s.Fatalf("error %v, want access_denied", err)
	}
	if page.Status != http.StatusBadRequest || !strings.Contains(page.Body, "Access was not granted") || !strings.Contains(page.Body, "access_denied") {
		s.Errorf("status %d, page %s", page.Status, page.Body)
	}
	_, err = s.app.Session(s.Context())
	s.wantLogin(err, timesheets.ReasonNone)
	if n := len(s.tenant.TokenRequests()); n != 0 {
		s.Errorf("%d token requests", n)
	}
	if records, err := filepath.Glob(filepath.Join(s.folder, "*.json")); err != nil || len(records) > 0 {
		s.Errorf("stored %q, error %v", records, err)
	}
}

func (s *story) erinSignsIn() {
	s.session, s.page = s.login(s.app, erin)
	if got := s.session.User().Subject; got != "auth0|erin" {
		s.Errorf("%q is signed in", got)
	}
	if again, err := s.app.Session(s.Context()); err != nil || again != s.session {
		s.Errorf("Session returns %v, %v: not the session of Login", again, err)
	}
	s.stored("default") // notes the secrets
}

func (s *story) authorizationRequest() {
	got := last(s.tenant.AuthorizationRequests())
	want := map[string]string{
		"response_type": "code", "client_id": "q2hnj2iuPZ4XnV1sYhY0T6mK9wLrB3Dc", "scope": firstScopes,
		"code_challenge_method": "S256",
	}
	if s.layout == tenant.Auth0 {
		want["audience"] = "https://api.exampleco.com/timesheets"
	} else {
		want["resource"] = "https://api.exampleco.com/timesheets" // RFC 8707
		want["prompt"] = "consent"                                // OpenID Connect Core 11
	}
	for name, value := range want {
		if !slices.Equal(got[name], []string{value}) {
			s.Errorf("%s is %q, want %q", name, got[name], value)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(got[name]) != 1 || len(got.Get(name)) < 43 {
			s.Errorf("%s is %q", name, got[name])
		}
		want[name] = ""
	}
	if !slices.Contains(s.config.Callbacks, got.Get("redirect_uri")) {
		s.Errorf("redirect_uri %q is not registered", got.Get("redirect_uri"))
	}
	want["redirect_uri"] = ""
	s.wantNames(got, want)
}

func (s *story) callback() {
	if s.page.Status != http.StatusOK || !strings.Contains(s.page.Body, "You are signed in") {
		s.Errorf("status %d: %s", s.page.Status, s.page.Body)
	}
	if got := s.page.Header.Get("Cache-Control"); got != "no-store" {
		s.Errorf("Cache-Control is %q", got)
	}
	query, request := s.page.URL.Query(), last(s.tenant.AuthorizationRequests())
	if query.Get("state") != request.Get("state") || query.Get("code") == "" {
		s.Errorf("the browser came back with %v", query)
	}
	if query.Get("code") != last(s.tenant.TokenRequests()).Get("code") {
		s.Error("another code was exchanged")
	}
}

func (s *story) exchange() {
	if n := len(s.tenant.TokenRequests()); n != 1 {
		s.Fatalf("%d token requests, want 1", n)
	}
	request, form := last(s.tenant.AuthorizationRequests()), last(s.tenant.TokenRequests())
	sum := sha256.Sum256([]byte(form.Get("code_verifier")))
	if base64.RawURLEncoding.EncodeToString(sum[:]) != request.Get("code_challenge") || len(form.Get("code_verifier")) < 43 {
		s.Error("code_verifier does not match the challenge")
	}
	want := map[string]string{
		"grant_type": "authorization_code", "client_id": s.config.ClientID, "redirect_uri": request.Get("redirect_uri"),
		"code": form.Get("code"), "code_verifier": form.Get("code_verifier"),
	}
	if s.layout == tenant.Discovery {
		want["resource"] = s.config.Audience
	}
	for name, value := range want {
		if !slices.Equal(form[name], []string{value}) {
			s.Errorf("%s is sent %d times or wrong", name, len(form[name]))
		}
	}
	s.wantNames(form, want) // no client_secret, no code_verified
	s.secrets[form.Get("code")], s.secrets[form.Get("code_verifier")] = "code", "code verifier"
}

func (s *story) storedCredentials() {
	for path, want := range map[string]fs.FileMode{s.folder: fs.ModeDir | 0o700, s.file("default"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			s.Fatal(err)
		}
		if info.Mode() != want {
			s.Errorf("%s has mode %v, want %v", filepath.Base(path), info.Mode(), want)
		}
	}
	r := s.stored("default")
	// expires_in has become a point in time.
	if want := s.clock.now().Add(time.Hour); !r.ExpiresAt.Equal(want) || r.Version != 1 {
		s.Errorf("expires at %v, version %d, want %v, 1", r.ExpiresAt, r.Version, want)
	}
	if !slices.Equal(r.Granted, strings.Fields(firstScopes)) {
		s.Errorf("granted: %v", r.Granted)
	}
}

func (s *story) nextStart() {
	sent, tokens, opened := s.sent.n.Load(), len(s.tenant.TokenRequests()), s.browser.opened
	s.app = s.start()
	var err error
	if s.session, err = s.app.Session(s.Context()); err != nil {
		s.Fatal(err)
	}
	if got := s.session.User().Name; got != "Erin Field" || !s.session.Can(timesheets.ListTimesheets) {
		s.Errorf("name %q, can list: %t", got, s.session.Can(timesheets.ListTimesheets))
	}
	if s.sent.n.Load() != sent || len(s.tenant.TokenRequests()) != tokens || s.browser.opened != opened {
		s.Error("the start was not silent")
	}
}

func (s *story) profile() {
	user := s.session.User()
	updated := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	if user.Issuer != s.tenant.Issuer() || user.Subject != "auth0|erin" || user.Name != "Erin Field" || user.Nickname != "erin" ||
		user.Email != erin || !user.EmailVerified || user.Picture != "https://exampleco.com/people/erin.png" || !user.UpdatedAt.Equal(updated) {
		s.Errorf("%#v", user)
	}
	var issuedAt int64
	if err := user.Claim("iat", &issuedAt); err != nil || issuedAt != s.clock.now().Unix() {
		s.Errorf("iat is %d, %v", issuedAt, err)
	}
}

func (s *story) userInfo() {
	told, err := s.session.UserInfo(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	user := s.session.User()
	if told.Subject != user.Subject || told.Name != user.Name || told.Nickname != user.Nickname || told.Email != user.Email ||
		told.EmailVerified != user.EmailVerified || told.Picture != user.Picture || !told.UpdatedAt.Equal(user.UpdatedAt) {
		s.Errorf("%#v", told)
	}
}

func (s *story) employeesGates() {
	s.wantGates(s.session, true, true, true, false)
	if s.session.HasScope("read:timesheet") || s.session.HasScope("timesheets") {
		s.Error("a part of a scope opened something")
	}
}
