package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// userInfoCases are about the userinfo endpoint.
func userInfoCases() []hostileCase {
	answers := func(contentType, body string) func(*hostileRun) {
		return func(r *hostileRun) { r.onUserInfo = replyWith(200, contentType, body) }
	}
	status := func(code int) func(*hostileRun) {
		return func(r *hostileRun) {
			r.onUserInfo = replyWith(code, "application/json", `{"error":"invalid_token","x":"the-access-token-A"}`)
		}
	}
	const isJSON = "application/json"
	bad := func(rule, does, says string, want errorKind, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: userInfo, given: given, want: want, says: says}
	}
	cases := []hostileCase{
		{rule: "OIDC Core 5.3.2", does: "more than the ID token said", step: userInfo,
			given: answers("application/json; charset=utf-8", `{"sub":"auth0|ada","name":"Ada King","email_verified":"true","https://exampleco.com/roles":["manager"]}`),
			check: func(r *hostileRun) {
				var roles []string
				if err := r.user.Claim("https://exampleco.com/roles", &roles); err != nil || !slices.Equal(roles, []string{"manager"}) || !r.user.EmailVerified {
					r.t.Errorf("roles %q, verified %t, error %v", roles, r.user.EmailVerified, err)
				}
				if r.user.Issuer != r.app.config.Issuer || r.session.User().Name != "Ada Lovelace" {
					r.t.Errorf("issuer %s, and the session's user is %s", r.user.Issuer, r.session.User().Name)
				}
			}},
		{rule: "OIDC Core 5.3.2", does: "another iss among the claims", step: userInfo,
			given: answers(isJSON, `{"sub":"auth0|ada","iss":"https://evil.example.com/"}`), check: func(r *hostileRun) {
				if r.user.Issuer != r.app.config.Issuer {
					r.t.Errorf("issuer %s", r.user.Issuer)
				}
			}},
		{rule: "OIDC Core 5.1", does: "claims of odd types", step: userInfo, given: answers(isJSON, `{"sub":"auth0|ada","name":7,"updated_at":{},"email":null}`)},
		{rule: "RFC 9110 8.4", does: "claims in gzip", step: userInfo, given: func(r *hostileRun) { r.onUserInfo = gzipped(`{"sub":"auth0|ada"}`) }},
		bad("OIDC Core 5.3.2", "another user", "another user", plainError, answers(isJSON, `{"sub":"auth0|eve"}`)),
		bad("OIDC Core 5.3.2", "the user in capitals", "another user", plainError, answers(isJSON, `{"sub":"AUTH0|ADA"}`)),
		bad("OIDC Core 5.3.2", "SUB of the user beside sub of another", "letter case", temporary, answers(isJSON, `{"sub":"auth0|eve","SUB":"auth0|ada"}`)),
		bad("OIDC Core 5.3.2", "sub twice", "sub twice", temporary, answers(isJSON, `{"sub":"auth0|eve","sub":"auth0|ada"}`)),
		bad("OIDC Core 5.3.2", "no sub", "sub is missing", temporary, answers(isJSON, `{"name":"Ada"}`)),
		bad("OIDC Core 5.3.2", "a number for sub", "sub is not a string", temporary, answers(isJSON, `{"sub":7}`)),
		bad("G9", "a signed reply", "signed", plainError, answers("application/jwt", "a.b.c")),
		bad("G9", "a page", "not JSON", temporary, answers("text/html", `{"sub":"auth0|ada"}`)),
		bad("G9", "half of a reply", "not valid JSON", temporary, answers(isJSON, `{"sub":"auth0|ada"`)),
		bad("G9", "a list of users", "not a JSON object", temporary, answers(isJSON, `[{"sub":"auth0|ada"}]`)),
		bad("RFC 6750 3.1", "401", "audience", plainError, status(401)),
		bad("RFC 6750 3.1", "403", "HTTP 403", plainError, status(403)),
		bad("RFC 9110 15.5.5", "404", "HTTP 404", plainError, status(404)),
		bad("G6", "claims without end", "took too long", temporary, func(r *hostileRun) { r.onUserInfo = dripping(r) }),
	}
	set := func(r *hostileRun, answer http.HandlerFunc) { r.onUserInfo = answer }
	return append(cases, troubleCases("the userinfo endpoint", userInfo, 0, set)...)
}

// revocationCases are about the revocation endpoint (RFC 7009). Whatever it
// answers, the credentials are forgotten here.
func revocationCases() []hostileCase {
	const isJSON = "application/json"
	answers := func(status int, contentType, body string) func(*hostileRun) {
		return func(r *hostileRun) { r.onRevoke = replyWith(status, contentType, body) }
	}
	echo := `{"error":"invalid_request","error_description":"what is the-refresh-token-A?"}`
	bad := func(rule, does, says string, want errorKind, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: signOut, given: given, want: want, says: says}
	}
	cases := []hostileCase{
		{rule: "RFC 7009 2.2", does: "200 with a page", step: signOut, given: answers(200, "text/html", "<html>")},
		{rule: "RFC 7009 2.2", does: "200 with an error in it", step: signOut, given: answers(200, isJSON, `{"error":"invalid_token"}`)},
		{rule: "RFC 7009 2.2", does: "204", step: signOut, given: answers(204, "", "")},
		bad("RFC 7009 2.2.1", "unsupported_token_type for a refresh token", "unsupported_token_type", tenantRefused, answers(400, isJSON, `{"error":"unsupported_token_type"}`)),
		bad("G-errors", "an error that repeats the token", "what is [redacted]?", tenantRefused, answers(400, isJSON, echo)),
		bad("RFC 6749 5.2", "invalid_client", "invalid_client", tenantRefused, answers(401, isJSON, `{"error":"invalid_client"}`)),
		bad("RFC 7009 2.2.1", "400 without an error", "HTTP 400", plainError, answers(400, isJSON, `{"message":"the-refresh-token-A"}`)),
		bad("RFC 7009 2.2.1", "an error twice", "HTTP 400", plainError, answers(400, isJSON, `{"error":"a","error":"b"}`)),
		bad("RFC 9110 15.5.5", "404 for a revocation", "HTTP 404", plainError, answers(404, "text/html", "<html>")),
		bad("RFC 7009 2.2.1", "temporarily_unavailable", "temporarily_unavailable", temporary, answers(503, isJSON, `{"error":"temporarily_unavailable"}`)),
		bad("G6", "a revocation without end", "took too long", temporary, func(r *hostileRun) { r.onRevoke = dripping(r) }),
	}
	set := func(r *hostileRun, answer http.HandlerFunc) { r.onRevoke = answer }
	return append(cases, troubleCases("the revocation endpoint", signOut, 0, set)...)
}

// apiCases are about the API. The size of a reply is in TestCall;
// Origins, bodies and redirects that rewrite a
// request are in TestBearerGoesToTheAPIAlone, TestRedirectedCalls and TestRetryAfter401.
func apiCases() []hostileCase {
	answers := func(answer func(*hostileRun) http.HandlerFunc) func(*hostileRun) {
		return func(r *hostileRun) { r.onAPI = answer(r) }
	}
	says := func(status int, contentType, body string) func(*hostileRun) {
		return answers(always(replyWith(status, contentType, body)))
	}
	const isJSON = "application/json"
	bad := func(rule, does, text string, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: apiCall, given: given, want: apiRefused, says: text}
	}
	lacks := func(does, challenge string, scopes ...string) hostileCase {
		return hostileCase{rule: "RFC 6750 3.1", does: does, step: apiCall, want: scopeMissing, given: answers(always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", challenge)
			w.WriteHeader(http.StatusForbidden)
		})), check: func(r *hostileRun) {
			if missing, _ := errors.AsType[*MissingScopeError](r.err); !slices.Equal(missing.Scopes, scopes) {
				r.t.Errorf("missing %q, want %q", missing.Scopes, scopes)
			}
		}}
	}
	// The bearer goes nowhere else; TestHostileProvider looks at what got there.
	elsewhere := func(status int) hostileCase {
		return hostileCase{rule: "G15", does: fmt.Sprintf("%d to somebody else", status), step: apiCall, want: apiRefused,
			says: "the reply is empty", given: answers(func(r *hostileRun) http.HandlerFunc { return r.redirectAway(status) })}
	}
	return []hostileCase{
		{rule: "G15", does: "a list", step: apiCall, given: says(200, "text/plain", ` ["a note"] `), check: func(r *hostileRun) {
			if !slices.Equal(r.notes, []string{"a note"}) {
				r.t.Errorf("notes %q", r.notes)
			}
		}},
		{rule: "RFC 9110 8.4", does: "a list in gzip", step: apiCall, given: answers(always(gzipped(`["a note"]`)))},
		{rule: "G15", does: "401 for an old token", step: apiCall, tokens: new(1), rotates: true, given: func(r *hostileRun) {
			r.onAPI = func(w http.ResponseWriter, req *http.Request) {
				if req.Header.Get("Authorization") == "Bearer the-access-token-A" {
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				writeJSON(w, []string{})
			}
		}},
		{rule: "G15", does: "401 without end", step: apiCall, tokens: new(1), rotates: true, want: apiRefused, says: "status 401", given: says(401, isJSON, "{}"), check: func(r *hostileRun) {
			if len(r.apiTokens) != 2 {
				r.t.Errorf("%d requests to the API", len(r.apiTokens))
			}
		}},
		{rule: "G15", does: "401, and the tenant is down", step: apiCall, tokens: new(1), want: temporary, says: "HTTP 503", given: func(r *hostileRun) {
			r.onAPI = replyWith(401, "", "")
			r.onToken = replyWith(503, "", "")
		}},
		{rule: "G14", does: "401, and the tenant has revoked the grant", step: apiCall, tokens: new(1), want: loginRequired, ends: true, given: func(r *hostileRun) {
			r.onAPI = replyWith(401, "", "")
			r.onToken = replyWith(403, isJSON, `{"error":"invalid_grant"}`)
		}},
		lacks("insufficient_scope", `Bearer realm="x", error="insufficient_scope", scope="write:notes"`, ScopeWriteNotes),
		lacks("insufficient_scope behind another challenge", `Basic realm="a, Bearer", BEARER error = insufficient_scope , SCOPE="openid write:notes read:notes-all"`, ScopeWriteNotes, ScopeReadAll),
		lacks("insufficient_scope for scopes that nobody declares", `Bearer error="insufficient_scope", scope="admin:all \"x\""`),
		lacks("insufficient_scope without a scope", `Bearer error="insufficient_scope"`),
		bad("RFC 6750 3.1", "403 with another error", "status 403", answers(always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer error="insufficient_user_authentication", scope="write:notes"`)
			w.WriteHeader(http.StatusForbidden)
		}))),
		bad("RFC 6750 3.1", "a challenge whose quote never ends", "status 403", answers(always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="`+strings.Repeat(`\"`, 1000)+` error="insufficient_scope`)
			w.WriteHeader(http.StatusForbidden)
		}))),
		elsewhere(301), elsewhere(302), elsewhere(303), elsewhere(307), elsewhere(308),
		{rule: "G15", does: "a redirect in circles", step: apiCall, want: plainError, says: "10 redirects", given: answers(always(func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, req.URL.Path, http.StatusFound)
		}))},
		bad("G-errors", "500 that repeats the token", "status 500", answers(always(func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("X-Debug", req.Header.Get("Authorization"))
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte(strings.Repeat(" ", maxErrorReply-10) + req.Header.Get("Authorization")))
		}))),
		bad("G-errors", "a success that repeats the token and is no JSON", "not JSON", answers(always(func(w http.ResponseWriter, req *http.Request) {
			_, _ = w.Write([]byte(req.Header.Get("Authorization")))
		}))),
		bad("G15", "a page with 200", "not JSON", says(200, "text/html", "<html>")),
		bad("G15", "a gateway's page", "status 502", says(502, "text/html", "<html>")),
		bad("G15", "nothing", "is empty", says(200, isJSON, "")),
		bad("G15", "204 instead of a list", "is empty", says(204, "", "")),
		bad("G15", "half of a list", "cut short", says(200, isJSON, `["a`)),
		bad("G15", "two lists", "after its end", says(200, isJSON, `[][]`)),
		bad("G15", "an object instead of a list", "not of the type", says(200, isJSON, `{"the-access-token-A":1}`)),
		bad("G15", "a reply that breaks off", "read the reply", answers(troubleNamed("a reply that breaks off"))),
		{rule: "G15", does: "a connection that is closed", step: apiCall, want: plainError, says: "EOF", given: answers(troubleNamed("a connection that is closed")),
			check: func(r *hostileRun) {
				if _, ok := errors.AsType[*url.Error](r.err); ok {
					r.t.Error("the error holds the address, which can hold what is private")
				}
			}},
		{rule: "G15", does: "a list without end", step: apiCall, want: apiRefused, says: "deadline exceeded", given: answers(dripping)},
		{rule: "RFC 8259", does: "long numbers", step: apiCall, given: says(200, isJSON, `[]`), check: func(r *hostileRun) {
			r.set(func() { r.onAPI = replyJSON(`{"id":12345678901234567890}`) })
			got, err := call[map[string]any](r.ctx, r.session, request{endpoint: listNotes, keepDigits: true})
			if err != nil || got["id"] != json.Number("12345678901234567890") {
				r.t.Errorf("got %v, %v", got, err)
			}
		}},
	}
}

// troubleNamed is one of the troubles.
func troubleNamed(name string) func(*hostileRun) http.HandlerFunc {
	list := troubles()
	return list[slices.IndexFunc(list, func(t trouble) bool { return t.does == name })].answer
}
