package doctor_test

import (
	"net/http"
	"testing"

	"example.com/scaffold/internal/doctor"
)

func TestSignIn(t *testing.T) {
	test(t, false, []rule{
		{"the way to the login page is fine", leading("/login?client_id=a"), doctor.OK, "sign-in", "/login"},
		{"the way straight back is fine", leading("CALLBACK?code=a"), doctor.OK, "sign-in", "led straight back"},
		{"a page is fine", refusing(200, "<form>"), doctor.OK, "sign-in", "answered with a page"},
		{"login_required, for prompt=none, is fine", leading("CALLBACK?error=login_required"), doctor.OK, "sign-in", "accepted (login_required)"},
		{"unauthorized_client is not", leading("CALLBACK?error=unauthorized_client"), doctor.Fail, "sign-in", "allow the authorization code grant"},
		{"invalid_scope is not", leading("CALLBACK?error=invalid_scope"), doctor.Fail, "sign-in", "declare the scopes"},
		{"invalid_target is not", leading("CALLBACK?error=invalid_target"), doctor.Fail, "sign-in", "check audience"},
		{"an error of a new kind is not", leading("CALLBACK?error=new_kind"), doctor.Fail, "sign-in", "refused with new_kind -> sign in once"},
		{"an error on a page of the tenant's own is not", leading("/oops?error=invalid_request"), doctor.Fail, "sign-in", "invalid_request"},
		{"temporarily_unavailable tells nothing", leading("CALLBACK?error=temporarily_unavailable"), doctor.Warn, "sign-in", "try again later"},
		{"an error page somewhere tells nothing for certain", leading("/signin/oauth/error?authError=x"), doctor.Warn, "sign-in", "leads to 127.0.0.1"},
		{"the way to nowhere", leading(""), doctor.Fail, "sign-in", "redirects to nowhere"},
		{"Entra's error in a page", refusing(200, "AADSTS50011: The redirect URI"), doctor.Fail, "sign-in", "refused with AADSTS50011"},
		{"an error in JSON", serving("/authorize", 400, "application/json", `{"error": "invalid_client", "error_description": "who?"}`), doctor.Fail, "sign-in", "invalid_client: who? -> check client_id"},
		{"Keycloak's page for a callback", refusing(400, "Invalid parameter: redirect_uri"), doctor.Fail, "sign-in", "the callback is not registered"},
		{"a bad request", refusing(400, "no"), doctor.Fail, "sign-in", "refused with HTTP 400"},
		{"no sign-in there", refusing(404, "no"), doctor.Fail, "sign-in", "there is no sign-in: HTTP 404"},
		{"a firewall tells nothing", refusing(403, "are you a robot?"), doctor.Warn, "sign-in", "HTTP 403, which may be a firewall's"},
		{"a tenant in trouble tells nothing", refusing(503, ""), doctor.Warn, "sign-in", "HTTP 503"},
		{"a connection that breaks off", func(w *world) {
			w.handlers["/authorize"] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, doctor.Fail, "sign-in", "EOF"},
		{"one callback of two", func(w *world) {
			w.handlers["/authorize"] = func(rw http.ResponseWriter, r *http.Request) {
				if r.URL.Query().Get("redirect_uri") == w.callbacks[1] {
					say(400, "text/html", "redirect_uri_mismatch")(rw, r)
				}
			}
		}, doctor.Fail, "sign-in", "redirect_uri_mismatch"},
	})
	t.Run("an endpoint with a query of its own keeps it", func(t *testing.T) {
		w := newWorld(t, false)
		w.document["authorization_endpoint"] = w.issuer + "/authorize?tenant=a"
		w.handlers["/authorize"] = func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("tenant") != "a" || r.URL.Query().Get("client_id") != "notes" {
				rw.WriteHeader(http.StatusBadRequest)
			}
		}
		if findings := w.examine(); doctor.Worst(findings) != doctor.OK {
			t.Errorf("\n%s", doctor.Text(findings, false))
		}
	})
}
