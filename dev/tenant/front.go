package tenant

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/zitadel/oidc/v3/pkg/op"

	"example.com/scaffold/dev/pages"
)

const (
	loginPath     = "/login"
	consentPath   = "/consent"
	signedOutPath = "/signed-out"
)

// front is what a browser meets: the authorization endpoint, the pages, and the
// way back to the application.
type front struct {
	cfg      Config
	issuer   string
	store    *store
	sessions *sessions
	provider *op.Provider
}

func (f *front) register(mux *http.ServeMux) {
	mux.HandleFunc(f.cfg.Layout.path(Authorization), f.authorize)
	mux.HandleFunc("GET "+loginPath, f.showLogin)
	mux.HandleFunc("POST "+loginPath, f.login)
	mux.HandleFunc("GET "+consentPath, f.showConsent)
	mux.HandleFunc("POST "+consentPath, f.consent)
	mux.HandleFunc("GET "+devicePath, f.showDevice)
	mux.HandleFunc("GET "+signedOutPath, f.signedOut)
	if f.cfg.Layout == Auth0 {
		mux.HandleFunc("GET "+f.cfg.Layout.path(Logout), f.logout)
	}
}

// logout is Auth0's: it ends the browser's session and returns to a registered
// address. That of OpenID Connect is in server.go.
func (f *front) logout(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "sign-out")
	returnTo := r.FormValue("returnTo")
	if id := r.FormValue("client_id"); id != "" && id != f.cfg.ClientID {
		f.problem(w, r, http.StatusBadRequest, "Unknown client: "+id)
		return
	}
	if returnTo != "" && !slices.Contains(f.cfg.Logouts, returnTo) {
		f.problem(w, r, http.StatusBadRequest, "The returnTo address is not in the list of allowed logout URLs.")
		return
	}
	gone, ended := f.sessions.end(r.Header)
	say(r.Context(), "the browser session %s", f.store.endedSession(ended))
	http.SetCookie(w, gone)
	http.Redirect(w, r, cmp.Or(returnTo, signedOutPath), http.StatusFound)
}

func (f *front) signedOut(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "signed-out page")
	pages.End(w, "Signed out", "You are signed out in this browser. You can close this window.")
}

// problem shows why it does not go on.
func (f *front) problem(w http.ResponseWriter, r *http.Request, status int, text string) {
	say(r.Context(), "refused: %s", text)
	pages.Problem(w, status, "This does not work", text)
}
