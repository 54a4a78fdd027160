package tenant

import (
	"cmp"
	"html/template"
	"net/http"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	loginPath     = "/login"
	signedOutPath = "/signed-out"
)

// pages is what people see: the login page, and the end of a logout.
type pages struct {
	store    *store
	cfg      Config
	provider *op.Provider
}

func (p *pages) register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+loginPath, p.showLogin)
	mux.HandleFunc("POST "+loginPath, p.login)
	mux.HandleFunc("GET "+devicePath, p.showDevice)
	mux.HandleFunc("GET "+signedOutPath, p.signedOut)
	if p.cfg.Layout == Auth0 {
		mux.HandleFunc("GET "+p.cfg.Layout.path(Logout), p.logout)
	}
}

// loginPage is what the template shows. Without an ID there is no form.
type loginPage struct {
	ID, Email, Problem string
	Client             string
	Scopes             []string
	People             []Person
	Password           bool
}

func (p *pages) showLogin(w http.ResponseWriter, r *http.Request) {
	in, err := p.store.pending(r.FormValue("id"))
	if err != nil {
		p.render(w, http.StatusBadRequest, loginPage{Problem: err.Error()})
		return
	}
	p.render(w, http.StatusOK, p.form(in, in.request.LoginHint, ""))
}

func (p *pages) form(in signIn, email, problem string) loginPage {
	return loginPage{
		ID: in.id, Email: email, Problem: problem,
		Client: in.request.ClientID, Scopes: in.request.Scopes, People: p.cfg.People,
		Password: slices.ContainsFunc(p.cfg.People, func(person Person) bool { return person.Password != "" }),
	}
}

func (p *pages) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	id, email := r.PostFormValue("id"), r.PostFormValue("email")
	if r.PostFormValue("action") == "deny" {
		p.deny(w, r, id)
		return
	}
	in, err := p.store.pending(id)
	if err != nil {
		p.render(w, http.StatusBadRequest, loginPage{Problem: err.Error()})
		return
	}
	if err := p.store.authenticate(id, email, r.PostFormValue("password")); err != nil {
		p.render(w, http.StatusUnauthorized, p.form(in, email, err.Error()))
		return
	}
	if in.onDevice {
		p.showEnd(w, "Signed in")
		return
	}
	done, err := p.store.AuthRequestByID(r.Context(), id)
	if err != nil {
		p.render(w, http.StatusBadRequest, loginPage{Problem: err.Error()})
		return
	}
	op.AuthResponse(done, p.provider, w, r) // makes the code and redirects to the callback
}

func (p *pages) deny(w http.ResponseWriter, r *http.Request, id string) {
	in, err := p.store.deny(id)
	if err != nil {
		p.render(w, http.StatusBadRequest, loginPage{Problem: err.Error()})
		return
	}
	if in.onDevice {
		p.showEnd(w, "Denied")
		return
	}
	op.AuthRequestError(w, r, &in, oidc.ErrAccessDenied().WithDescription("User did not authorize the request"), p.provider)
}

// logout is Auth0's: it ends the browser's session, of which there is none
// here, and returns to a registered address.
func (p *pages) logout(w http.ResponseWriter, r *http.Request) {
	returnTo := r.FormValue("returnTo")
	if id := r.FormValue("client_id"); id != "" && id != p.cfg.ClientID {
		http.Error(w, "Unknown client: "+id, http.StatusBadRequest)
		return
	}
	if returnTo != "" && !slices.Contains(p.cfg.Logouts, returnTo) {
		http.Error(w, "The returnTo address is not in the list of allowed logout URLs.", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, cmp.Or(returnTo, signedOutPath), http.StatusFound)
}

func (p *pages) signedOut(w http.ResponseWriter, _ *http.Request) {
	p.showEnd(w, "Signed out")
}

func (p *pages) showEnd(w http.ResponseWriter, title string) {
	headers(w, http.StatusOK)
	_ = endTemplate.Execute(w, title) // the browser may be gone
}

func (p *pages) render(w http.ResponseWriter, status int, page loginPage) {
	headers(w, status)
	_ = loginTemplate.Execute(w, page) // the browser may be gone
}

func headers(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	// No form-action: browsers apply it to the redirect that follows the form,
	// and that goes to the application.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
	w.WriteHeader(status)
}

var endTemplate = template.Must(template.New("end").Parse(pageHead + `<h1>{{.}}</h1>` + pageFoot))

var deviceTemplate = template.Must(template.New("device").Parse(pageHead + `
<h1>Sign in on a device</h1>
<form action="` + loginPath + `"><p><label>Code that the device shows <input name="id" autofocus></label></p>
<p><button>Continue</button></p></form>` + pageFoot))

var loginTemplate = template.Must(template.New("login").Parse(pageHead + `
<h1>Sign in</h1>
{{with .Problem}}<p role="alert">{{.}}</p>{{end}}
{{with .ID}}<form method="post" action="` + loginPath + `">
<p>The application <code>{{$.Client}}</code> asks for: {{range $.Scopes}}<code>{{.}}</code> {{end}}</p>
<input type="hidden" name="id" value="{{.}}">
<p><label>E-mail address <input name="email" type="email" list="people" value="{{$.Email}}" autofocus></label>
<datalist id="people">{{range $.People}}<option value="{{.Email}}">{{.Name}}</option>{{end}}</datalist></p>
{{if $.Password}}<p><label>Password <input name="password" type="password"></label></p>{{end}}
<p><button name="action" value="allow">Sign in</button>
<button name="action" value="deny" formnovalidate>Deny</button></p>
</form>{{end}}` + pageFoot))

const (
	pageHead = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Local tenant</title>
<style>body{font:1rem/1.5 system-ui,sans-serif;max-width:30rem;margin:4rem auto;padding:0 1rem}[role=alert]{color:#a00}</style></head><body>`
	pageFoot = `</body></html>
`
)
