package doctor

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/internal/lazyregexp"
	"example.com/scaffold/spec"
)

// signIn begins a sign-in as a generated client does, without a browser, and
// reads where the tenant leads: to a page for people, to an error page, or back
// to the callback with an error. Nobody keeps the verifier, so that whatever
// comes of it is of no use.
func (e *examiner) signIn(ctx context.Context, endpoint, callback string) []Finding {
	const check = "sign-in"
	if addressProblem(endpoint) != "" {
		return nil // endpoints has said so
	}
	var found Finding
	reply, err := e.client.Get(ctx, e.authorizationURL(endpoint, callback))
	switch {
	case err != nil:
		found = Finding{Status: Fail, Detail: fmt.Sprintf("%s: %v", endpoint, err), Advice: "check the network (proxy, firewall) of this machine"}
	case reply.Status >= 300 && reply.Status < 400:
		found = redirected(endpoint, callback, reply.Header.Get("Location"))
	default:
		found = answered(reply)
	}
	found.Check = check
	found.Detail = callback + ": " + found.Detail
	return []Finding{found}
}

// authorizationURL is the address of a first sign-in (OpenID Connect Core 1.0
// section 3.1.2.1).
func (e *examiner) authorizationURL(endpoint, callback string) string {
	tenant := e.file.Tenant
	query := url.Values{}
	for _, p := range tenant.Parameters {
		query.Set(p.Name.Value, p.Value.Value)
	}
	scopes := []string{"openid"}
	for _, s := range e.file.Scopes {
		if !s.OnDemand && s.Name.Value != "openid" {
			scopes = append(scopes, s.Name.Value)
		}
	}
	challenge := sha256.Sum256([]byte(rand.Text() + rand.Text()))
	for name, value := range map[string]string{
		"response_type": "code", "client_id": tenant.ClientID.Value, "redirect_uri": callback,
		"scope": strings.Join(scopes, " "), "state": rand.Text(), "nonce": rand.Text(),
		"code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "code_challenge_method": "S256",
	} {
		query.Set(name, value)
	}
	if audience := e.file.Audience.Value; audience != "" {
		name := "resource" // RFC 8707 section 2
		if e.isAuth0() {
			name = "audience"
		}
		query.Set(name, audience)
	}
	if spec.Provider(tenant.Provider.Value) == spec.OIDC && slices.Contains(scopes, "offline_access") && !query.Has("prompt") {
		query.Set("prompt", "consent")
	}
	separator := "?"
	if strings.Contains(endpoint, "?") {
		separator = "&"
	}
	return endpoint + separator + query.Encode()
}

const (
	registerCallback = "add it to the application's callback (redirect) URLs at the tenant, to the letter, the port too"
	lookInBrowser    = "sign in once with a browser: the page there says why"
)

// advices are what to do about the error codes of RFC 6749 section 4.1.2.1,
// OpenID Connect Core 1.0 section 3.1.2.6 and RFC 8707 section 2.
var advices = map[string]string{
	"unauthorized_client":       "allow the authorization code grant for the application at the tenant, which must be a native (public) one",
	"invalid_client":            "check client_id in the spec",
	"invalid_scope":             "declare the scopes at the tenant, or remove those that it does not know from the spec",
	"invalid_target":            "check audience in the spec: the tenant knows no such API",
	"access_denied":             "check audience in the spec and what the application may ask for at the tenant",
	"invalid_request":           "check client_id, audience and parameters in the spec",
	"invalid_redirect_uri":      registerCallback,
	"unsupported_response_type": "allow the authorization code flow for the application at the tenant",
	"server_error":              "try again later; the tenant is in trouble",
	"temporarily_unavailable":   "try again later; the tenant is in trouble",
}

// refusal says which error the tenant answered with.
func refusal(code, description string) Finding {
	detail := "refused with " + code
	if description != "" {
		detail += ": " + description
	}
	status := Fail
	switch code {
	case "server_error", "temporarily_unavailable":
		status = Warn
	case "login_required", "interaction_required", "consent_required", "account_selection_required":
		// With prompt=none among the parameters: everything else was accepted.
		return Finding{Status: OK, Detail: "accepted (" + code + ")"}
	}
	advice, ok := advices[code]
	if !ok {
		advice = lookInBrowser
	}
	return Finding{Status: status, Detail: detail, Advice: advice}
}

// redirected reads where the tenant leads. The way back to the callback is open
// only for a client and a callback that it knows (RFC 6749 section 4.1.2.1).
func redirected(endpoint, callback, location string) Finding {
	from, err := url.Parse(endpoint)
	if err != nil {
		return Finding{Status: Fail, Detail: "the address is not usable", Advice: lookInBrowser}
	}
	to, err := from.Parse(location)
	if err != nil || location == "" {
		return Finding{Status: Fail, Detail: "the tenant redirects to nowhere", Advice: lookInBrowser}
	}
	query := to.Query()
	code := query.Get("error")
	bare := *to
	bare.RawQuery, bare.Fragment = "", ""
	switch {
	case code != "":
		return refusal(code, query.Get("error_description"))
	case bare.String() == callback:
		return Finding{Status: OK, Detail: "accepted, and led straight back"}
	case strings.Contains(strings.ToLower(path.Base(to.Path)), "error"):
		return Finding{Status: Warn, Detail: "leads to " + bare.Host + bare.Path, Advice: lookInBrowser}
	}
	return Finding{Status: OK, Detail: "accepted as far as can be seen without a browser: it leads on to " + bare.Host + bare.Path}
}

// signs are what error pages for people say, in lower case, and what that
// means.
var signs = []struct{ text, means, advice string }{
	{"callback url mismatch", "the callback is not registered (callback URL mismatch)", registerCallback},
	{"redirect_uri_mismatch", "the callback is not registered (redirect_uri_mismatch)", registerCallback},
	{"invalid_redirect_uri", "the callback is not registered (invalid_redirect_uri)", registerCallback},
	{"invalid redirect uri", "the callback is not registered", registerCallback},
	{"invalid parameter: redirect_uri", "the callback is not registered", registerCallback},
	{"unknown client", "the tenant does not know the client", advices["invalid_client"]},
	{"client not found", "the tenant does not know the client", advices["invalid_client"]},
	{"invalid_client", "the tenant does not know the client (invalid_client)", advices["invalid_client"]},
	{"service not found", "the tenant knows no API of this audience", advices["invalid_target"]},
	{"unauthorized_client", "the application may not sign in this way (unauthorized_client)", advices["unauthorized_client"]},
}

// entraError is how Microsoft Entra ID says so, in a page of status 200.
var entraError = lazyregexp.New(`AADSTS\d{5,}`)

// answered reads a reply that is no redirect. Pages differ from tenant to
// tenant, so that only what is certain is called a failure.
func answered(reply discovery.Reply) Finding {
	if reply.Status == http.StatusOK {
		if code := entraError().Find(reply.Body); code != nil {
			return Finding{Status: Fail, Detail: "refused with " + string(code), Advice: lookInBrowser}
		}
		return Finding{Status: OK, Detail: "answered with a page, which only a browser can show"}
	}
	status := fmt.Sprintf("HTTP %d", reply.Status)
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	if json.Unmarshal(reply.Body, &body) == nil && body.Error != "" {
		return refusal(body.Error, body.Description)
	}
	page := strings.ToLower(string(reply.Body))
	for _, sign := range signs {
		if strings.Contains(page, sign.text) {
			return Finding{Status: Fail, Detail: sign.means + ", " + status, Advice: sign.advice}
		}
	}
	switch reply.Status {
	case http.StatusBadRequest:
		return Finding{Status: Fail, Detail: "refused with " + status, Advice: "check client_id, callbacks and audience; " + lookInBrowser}
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return Finding{Status: Fail, Detail: "there is no sign-in: " + status, Advice: "check the tenant's name and provider in the spec"}
	}
	return Finding{Status: Warn, Detail: status + ", which may be a firewall's or the tenant's trouble", Advice: lookInBrowser}
}
