package tenant

import (
	"net/http"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"example.com/scaffold/dev/pages"
)

// asker finds who is asked for consent. It sends the browser elsewhere when
// that is not the next step.
func (f *front) asker(w http.ResponseWriter, r *http.Request, in signIn) (session, Person, bool) {
	by, signedIn := f.sessions.of(r.Header)
	person, ok := f.store.person(by.subject)
	if f.next(in, by, signedIn) == toLogin || !ok {
		f.proceedWith(w, r, in, by, signedIn)
		return by, person, false
	}
	return by, person, true
}

func (f *front) showConsent(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "consent page")
	in, err := f.store.pending(r.FormValue("id"))
	if err != nil {
		f.problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	if _, person, ok := f.asker(w, r, in); ok {
		f.askConsent(w, r, in, person)
	}
}

func (f *front) askConsent(w http.ResponseWriter, r *http.Request, in signIn, person Person) {
	view := pages.ConsentView{Action: consentPath, Fields: f.fields(w, r, in), App: f.cfg.App, Person: person.view()}
	if in.onDevice {
		view.Code = in.id
	}
	for _, scope := range f.store.offered(in, person) {
		view.Scopes = append(view.Scopes, pages.Scope{
			Name: scope, Description: f.cfg.Scopes[scope], Checked: true, Required: scope == oidc.ScopeOpenID,
		})
	}
	pages.Consent(w, view)
}

func (f *front) consent(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "consent")
	in, ok := f.posted(w, r)
	if !ok {
		return
	}
	by, person, ok := f.asker(w, r, in)
	if !ok {
		return
	}
	if !f.sessions.genuine(r) {
		say(r.Context(), "refused: the form is not from the page that this browser was shown")
		pages.Problem(w, http.StatusForbidden, "This does not work", outdated)
		return
	}
	if r.PostFormValue("action") != "allow" {
		f.deny(w, r, in.id)
		return
	}
	var allowed, declined []string
	for _, scope := range f.store.offered(in, person) {
		if scope == oidc.ScopeOpenID || slices.Contains(r.PostForm["scope"], scope) {
			allowed = append(allowed, scope)
		} else {
			declined = append(declined, scope)
		}
	}
	if len(allowed) == 0 {
		f.deny(w, r, in.id)
		return
	}
	f.store.rememberConsent(person.Subject, in.request.ClientID, allowed, declined)
	say(r.Context(), "given by %s%s", person.Name, but(declined))
	f.finish(w, r, in.id, by, declined)
}

func but(declined []string) string {
	if len(declined) == 0 {
		return ""
	}
	return ", declined " + strings.Join(declined, " ")
}

// consentOf is who has allowed scopes to whom.
type consentOf struct{ subject, clientID string }

// offered returns the scopes that a person can allow or decline: what is asked
// for and the person's role grants. The API's scopes are among them when the
// token request may still name the API (RFC 8707 section 2.2).
func (s *store) offered(in signIn, p Person) []string {
	audience := in.audience
	if s.layout == Discovery {
		audience = s.client.Audience
	}
	return grantable(in.request.Scopes, p, audience)
}

func (s *store) needsConsent(in signIn, p Person) bool {
	offered := s.offered(in, p)
	s.mu.Lock()
	defer s.mu.Unlock()
	allowed := s.consents[consentOf{p.Subject, in.request.ClientID}]
	return slices.ContainsFunc(offered, func(scope string) bool { return !slices.Contains(allowed, scope) })
}

// rememberConsent adds what a person has allowed to an application, and takes
// away what they have declined now.
func (s *store) rememberConsent(subject, clientID string, allowed, declined []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := consentOf{subject, clientID}
	kept := slices.DeleteFunc(slices.Clone(s.consents[key]), func(scope string) bool { return slices.Contains(declined, scope) })
	kept = append(kept, allowed...)
	slices.Sort(kept)
	s.consents[key] = slices.Compact(kept)
}
