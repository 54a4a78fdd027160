package tenant

import (
	"net/http"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"example.com/scaffold/dev/pages"
)

const longestForm = 1 << 16 // bytes of a page's form

const outdated = "This form is out of date, or came from another page. Please try again."

func (f *front) showLogin(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "login page")
	in, err := f.store.pending(r.FormValue("id"))
	if err != nil {
		f.problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	// A device's code leads here whoever is signed in.
	if found, ok := f.sessions.of(r.Header); in.onDevice && f.next(in, found, ok) != toLogin {
		f.proceed(w, r, in)
		return
	}
	f.askLogin(w, r, in, pages.LoginView{Email: in.request.LoginHint})
}

func (f *front) askLogin(w http.ResponseWriter, r *http.Request, in signIn, view pages.LoginView) {
	view.Action, view.App, view.Fields = loginPath, f.cfg.App, f.fields(w, r, in)
	if in.onDevice {
		view.Code = in.id
	}
	for _, p := range f.cfg.People {
		view.People = append(view.People, p.view())
		view.Password = view.Password || p.Password != ""
	}
	pages.Login(w, view)
}

// fields are the hidden ones of the forms of a sign-in.
func (f *front) fields(w http.ResponseWriter, r *http.Request, in signIn) []pages.Field {
	return []pages.Field{{Name: "id", Value: in.id}, {Name: tokenField, Value: f.sessions.token(w, r)}}
}

func (p Person) view() pages.Person {
	return pages.Person{Email: p.Email, Name: p.Name, Roles: p.Roles}
}

func (f *front) login(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "sign-in")
	in, ok := f.posted(w, r)
	if !ok {
		return
	}
	email := r.PostFormValue("email")
	switch {
	case !f.sessions.genuine(r):
		say(r.Context(), "refused: the form is not from the page that this browser was shown")
		f.askLogin(w, r, in, pages.LoginView{Status: http.StatusForbidden, Email: email, Problem: outdated})
		return
	case r.PostFormValue("action") == "deny":
		f.deny(w, r, in.id)
		return
	}
	person, err := f.store.authenticate(email, r.PostFormValue("password"))
	if err != nil && !r.PostForm.Has("password") && person.Password != "" {
		say(r.Context(), "asks for the password")
		f.askLogin(w, r, in, pages.LoginView{Email: email})
		return
	}
	if err != nil {
		say(r.Context(), "refused: %s", err.Error())
		f.askLogin(w, r, in, pages.LoginView{Status: http.StatusUnauthorized, Email: email, Problem: err.Error()})
		return
	}
	if in.hinted != "" && in.hinted != person.Subject { // OpenID Connect Core 3.1.2.1
		say(r.Context(), "refused: the application asks for somebody else")
		f.askLogin(w, r, in, pages.LoginView{Status: http.StatusUnauthorized, Email: email, Problem: "The application asks for somebody else."})
		return
	}
	by := f.sessions.begin(w, r, person.Subject)
	say(r.Context(), "%s is signed in in this browser", person.Name)
	if in, err = f.store.signedInBy(in.id, by.id); err != nil {
		f.problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	f.proceedWith(w, r, in, by, true)
}

// posted reads a page's form, and finds the sign-in that it belongs to.
func (f *front) posted(w http.ResponseWriter, r *http.Request) (signIn, bool) {
	r.Body = http.MaxBytesReader(w, r.Body, longestForm)
	if err := r.ParseForm(); err != nil {
		f.problem(w, r, http.StatusBadRequest, "The form cannot be read.")
		return signIn{}, false
	}
	in, err := f.store.pending(r.PostFormValue("id"))
	if err != nil {
		f.problem(w, r, http.StatusBadRequest, err.Error())
		return signIn{}, false
	}
	return in, true
}

func (f *front) deny(w http.ResponseWriter, r *http.Request, id string) {
	in, err := f.store.deny(id)
	if err != nil {
		f.problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	say(r.Context(), "declined")
	if in.onDevice {
		pages.Declined(w, "Denied", "Your device is not signed in. You can close this window.")
		return
	}
	f.sendError(w, r, &in.request, refusal{"access_denied", "User did not authorize the request"})
}

// step is where a sign-in goes next.
type step int

const (
	toEnd step = iota
	toLogin
	toConsent
)

// next decides whether a person has to sign in, or to consent, before it goes
// on (OpenID Connect Core 3.1.2.3 and 3.1.2.4).
func (f *front) next(in signIn, by session, signedIn bool) step {
	prompts := []string(in.request.Prompt)
	again := slices.Contains(prompts, oidc.PromptLogin) || slices.Contains(prompts, oidc.PromptSelectAccount) ||
		in.onDevice && f.cfg.SkipConsent // a link to a device's code must not be all it takes
	age := in.request.MaxAge
	again = again || age != nil && *age == 0
	person, ok := f.store.person(by.subject)
	switch {
	case !signedIn || !ok, again && in.signedInBy != by.id, in.hinted != "" && in.hinted != by.subject:
		return toLogin
	case age != nil && *age > 0 && f.cfg.Now().Sub(by.authTime).Seconds() > float64(*age):
		return toLogin
	case f.cfg.SkipConsent:
		return toEnd
	case in.onDevice, slices.Contains(prompts, oidc.PromptConsent), f.store.needsConsent(in, person):
		return toConsent
	}
	return toEnd
}
