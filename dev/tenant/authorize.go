package tenant

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/scaffold/internal/lazyregexp"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// authorize is the authorization endpoint. It is ours, on zitadel's parser: it
// compares callbacks exactly, port included, as Auth0 does (zitadel follows
// RFC 8252 section 7.3), requires PKCE, and knows of audiences and sessions.
func (f *front) authorize(w http.ResponseWriter, r *http.Request) {
	say(r.Context(), "authorization request: scope %q, PKCE %s", r.Form.Get("scope"), cmp.Or(r.Form.Get("code_challenge_method"), "absent"))
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST") // OpenID Connect Core 3.1.2.1
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	// Without these two there is nobody to send an error to (RFC 6749 section 4.1.2.1).
	if id := r.Form["client_id"]; len(id) != 1 || id[0] != f.cfg.ClientID {
		f.problem(w, r, http.StatusBadRequest, "Unknown client: "+cmp.Or(strings.Join(id, ", "), "there is no client_id."))
		return
	}
	if to := r.Form["redirect_uri"]; len(to) != 1 || !slices.Contains(f.cfg.Callbacks, to[0]) {
		mismatch := "There is no redirect_uri."
		if len(to) > 0 {
			mismatch = strings.Join(to, ", ") + " is not in the list of allowed callback URLs."
		}
		f.problem(w, r, http.StatusBadRequest, "Callback URL mismatch. "+mismatch)
		return
	}
	request, err := op.ParseAuthorizeRequest(r, f.provider.Decoder())
	if err != nil {
		f.sendError(w, r, &oidc.AuthRequest{RedirectURI: r.Form.Get("redirect_uri"), State: r.Form.Get("state")},
			refusal{"invalid_request", "a parameter cannot be read"})
		return
	}
	audience := f.cfg.audienceIn(r.Form)
	if refused, ok := f.check(r.Form, request, audience); !ok {
		f.sendError(w, r, request, refused)
		return
	}
	hinted, err := op.ValidateAuthReqIDTokenHint(r.Context(), request.IDTokenHint, f.provider.IDTokenHintVerifier(r.Context()))
	if err != nil {
		f.sendError(w, r, request, refusal{"login_required", "the id_token_hint is not of this tenant"})
		return
	}
	f.proceed(w, r, f.store.begin(request, audience, hinted))
}

// refusal is an error for the application (RFC 6749 section 4.1.2.1).
type refusal struct{ code, description string }

// challengeForm is what S256 makes (RFC 7636 section 4.2).
var challengeForm = lazyregexp.New(`^[A-Za-z0-9_-]{43}$`)

// check refuses what the application asks for, or finds it in order.
func (f *front) check(form url.Values, r *oidc.AuthRequest, audience string) (refusal, bool) {
	for name, values := range form {
		if len(values) > 1 && name != "resource" { // RFC 6749 section 3.1; RFC 8707 section 2
			return refusal{"invalid_request", "a parameter is there more than once: " + name}, false
		}
	}
	prompts := []string(r.Prompt)
	for _, c := range []struct {
		wrong bool
		refusal
	}{
		{form.Has("request"), refusal{"request_not_supported", "request objects are not supported"}},
		{form.Has("request_uri"), refusal{"request_uri_not_supported", "request objects are not supported"}},
		{r.ResponseType == "", refusal{"invalid_request", "response_type is missing"}},
		{r.ResponseType != oidc.ResponseTypeCode, refusal{"unsupported_response_type", "only code is supported"}},
		{r.ResponseMode != "" && r.ResponseMode != oidc.ResponseModeQuery, refusal{"invalid_request", "only the response mode query is supported"}},
		{len(r.Scopes) == 0, refusal{"invalid_scope", "scope is missing"}},
		{r.CodeChallengeMethod != oidc.CodeChallengeMethodS256 || !challengeForm().MatchString(r.CodeChallenge), refusal{"invalid_request", "PKCE with S256 is required"}},
		{slices.Contains(prompts, oidc.PromptNone) && len(prompts) > 1, refusal{"invalid_request", "prompt none stands alone"}},
		{audience != "" && audience != f.cfg.Audience && f.cfg.Layout == Auth0, refusal{"access_denied", "Service not found: " + audience}},
		{audience != "" && audience != f.cfg.Audience, refusal{"invalid_target", "the resource is unknown"}},
	} {
		if c.wrong {
			return c.refusal, false
		}
	}
	return refusal{}, true
}

// proceed goes to the next step of a sign-in: a page, or back.
func (f *front) proceed(w http.ResponseWriter, r *http.Request, in signIn) {
	found, ok := f.sessions.of(r.Header)
	f.proceedWith(w, r, in, found, ok)
}

func (f *front) proceedWith(w http.ResponseWriter, r *http.Request, in signIn, by session, signedIn bool) {
	next, silent := f.next(in, by, signedIn), slices.Contains([]string(in.request.Prompt), oidc.PromptNone)
	switch {
	case next == toLogin && silent:
		f.sendError(w, r, &in.request, refusal{"login_required", "Login required"})
	case next == toConsent && silent:
		f.sendError(w, r, &in.request, refusal{"consent_required", "Consent required"})
	case next == toLogin:
		say(r.Context(), "login page")
		http.Redirect(w, r, loginPath+"?id="+url.QueryEscape(in.id), http.StatusFound)
	case next == toConsent:
		say(r.Context(), "consent page")
		http.Redirect(w, r, consentPath+"?id="+url.QueryEscape(in.id), http.StatusFound)
	default:
		say(r.Context(), "no page is needed: %s is signed in in this browser, and has consented", f.store.nameOf(by.subject))
		f.finish(w, r, in.id, by, nil)
	}
}

// finish gives the application its code, or the device its answer.
func (f *front) finish(w http.ResponseWriter, r *http.Request, id string, by session, declined []string) {
	done, err := f.store.complete(id, by, declined)
	if err != nil {
		f.problem(w, r, http.StatusBadRequest, err.Error())
		return
	}
	f.store.save(r.Context())
	if done.onDevice {
		say(r.Context(), "the device may fetch its tokens")
		endOnDevice(w)
		return
	}
	code, err := op.CreateAuthRequestCode(r.Context(), &done, f.store, f.provider.Crypto())
	if err != nil {
		f.problem(w, r, http.StatusInternalServerError, "The code could not be made.")
		return
	}
	say(r.Context(), "back to the application with a code")
	f.sendBack(w, r, &done.request, url.Values{"code": {code}})
}

func (f *front) sendError(w http.ResponseWriter, r *http.Request, request *oidc.AuthRequest, e refusal) {
	say(r.Context(), "back to the application with the error %s", e.code)
	f.sendBack(w, r, request, url.Values{"error": {e.code}, "error_description": {e.description}})
}

// sendBack redirects to the callback, with the issuer (RFC 9207 section 2).
func (f *front) sendBack(w http.ResponseWriter, r *http.Request, request *oidc.AuthRequest, values url.Values) {
	to, err := url.Parse(request.RedirectURI)
	if err != nil {
		f.problem(w, r, http.StatusBadRequest, "The callback is no URL.")
		return
	}
	query := to.Query()
	for name := range values {
		query.Set(name, values.Get(name))
	}
	if request.State != "" {
		query.Set("state", request.State)
	}
	query.Set("iss", f.issuer)
	to.RawQuery = query.Encode()
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, to.String(), http.StatusFound)
}
