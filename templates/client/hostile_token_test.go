package client

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// replies changes the token replies; nil leaves a member out.
func replies(changes map[string]any) func(*hostileRun) {
	return func(r *hostileRun) { r.reply = changes }
}

// repliesText changes the text of the token replies, and their type.
func repliesText(contentType string, change func(good string) string) func(*hostileRun) {
	return func(r *hostileRun) {
		r.onToken = func(w http.ResponseWriter, req *http.Request) {
			good := mustJSON(r.tokens(req.PostForm.Get("grant_type") == "authorization_code"))
			replyWith(http.StatusOK, contentType, change(good))(w, req)
		}
	}
}

// refuses has the token endpoint answer with an error.
func refuses(status int, body string) func(*hostileRun) {
	return func(r *hostileRun) { r.onToken = replyWith(status, "application/json", body) }
}

// livesFor checks for how long the access token is taken to be valid.
func livesFor(want time.Duration) func(*hostileRun) {
	return func(r *hostileRun) {
		token, err := r.session.TokenSource(r.t.Context()).Token()
		if err != nil || token.Expiry.Sub(r.clock.now()) != want {
			r.t.Errorf("the token lives for %v, want %v, error %v", token.Expiry.Sub(r.clock.now()), want, err)
		}
	}
}

// grants checks the scopes, and whether the gates of two calls are open.
func grants(scopes string, list, write bool) func(*hostileRun) {
	return func(r *hostileRun) {
		if got := strings.Join(r.session.Granted(), " "); got != scopes || r.session.Can(listNotes) != list || r.session.Can(writeNote) != write {
			r.t.Errorf("granted %q, list %t, write %t", got, r.session.Can(listNotes), r.session.Can(writeNote))
		}
	}
}

// tokenCases are about the members of a token reply. Each is played at the
// sign-in and at a renewal, whose refresh token must survive.
func tokenCases() []hostileCase {
	asked := strings.Join(DefaultConfig().Scopes, " ")
	var reversed []string
	reversed = append(reversed, DefaultConfig().Scopes...)
	slices.Reverse(reversed)
	good := func(rule, does string, given, check func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, given: given, check: check}
	}
	// A member that is wrong does not make the new refresh token wrong.
	bad := func(rule, does, says string, changes map[string]any) hostileCase {
		return hostileCase{rule: rule, does: does, given: replies(changes), want: temporary, says: says, rotates: true}
	}
	cases := []hostileCase{
		good("RFC 6749 7.1", "token_type bearer", replies(map[string]any{"token_type": "bearer"}), nil),
		good("RFC 6749 7.1", "token_type BEARER", replies(map[string]any{"token_type": "BEARER"}), nil),
		good("G7", "no scope", replies(map[string]any{"scope": nil}), grants(asked, true, false)),
		good("G7", "scope of null", repliesText("application/json", withMembers(`"scope":null`)), grants(asked, true, false)),
		good("G7", "scopes in another order", replies(map[string]any{"scope": strings.Join(reversed, " ")}), grants(strings.Join(reversed, " "), true, false)),
		good("G7", "fewer scopes", replies(map[string]any{"scope": "openid"}), grants("openid", false, false)),
		good("G7", "an empty scope", replies(map[string]any{"scope": ""}), grants("", false, false)),
		good("G7", "more scopes than were asked for", replies(map[string]any{"scope": asked + " write:notes admin:all"}),
			grants(asked+" write:notes admin:all", true, true)),
		good("G7", "a scope that another begins with", replies(map[string]any{"scope": "openid read:notes-all"}), grants("openid read:notes-all", false, false)),
		good("G7", "a scope in another case", replies(map[string]any{"scope": "openid READ:NOTES"}), grants("openid READ:NOTES", false, false)),
		good("RFC 6749 3.3", "scopes twice and blanks", replies(map[string]any{"scope": " openid  read:notes openid "}), grants("openid read:notes", true, false)),
		good("RFC 6749 5.1", "members that nobody knows", replies(map[string]any{"x": map[string]any{"access_token": "evil"}, "ext_expires_in": []int{}}), nil),
		good("RFC 6749 5.1", "expires_in as text", replies(map[string]any{"expires_in": "3600"}), livesFor(time.Hour)),
		good("RFC 6749 5.1", "expires_in as 3.6e3", repliesText("application/json", func(good string) string {
			return strings.Replace(good, `"expires_in":3600`, `"expires_in":3.6e3`, 1)
		}), livesFor(time.Hour)),
		good("G6", "no expires_in", replies(map[string]any{"expires_in": nil}), livesFor(assumedLifetime)),
		good("G6", "expires_in of a century", replies(map[string]any{"expires_in": 3155760000}), livesFor(maxLifetime)),
		good("G6", "expires_in beyond all numbers", repliesText("application/json", func(good string) string {
			return strings.Replace(good, `"expires_in":3600`, `"expires_in":1e999`, 1)
		}), livesFor(maxLifetime)),
		good("RFC 6749 5.1", "an access token of 60 KiB", replies(map[string]any{"access_token": strings.Repeat("long-access-token", 3600)}), nil),
		good("RFC 6749 5.2", "an error of null", repliesText("application/json", withMembers(`"error":null`)), nil),
		good("RFC 8259", "blanks around it", repliesText("application/json", func(good string) string { return "\r\n\t " + good + " \n" }), nil),
		good("RFC 8259", "a type with a charset", repliesText("Application/JSON;charset=UTF-8", suffixed("")), nil),
		good("RFC 6839 3.1", "a token reply whose type ends in +json", repliesText("application/x+json", suffixed("")), nil),
		bad("RFC 6749 5.1", "no token_type", "token_type", map[string]any{"token_type": nil}),
		bad("RFC 6749 7.1", "token_type N_A", "token_type", map[string]any{"token_type": "N_A"}),
		bad("RFC 6749 7.1", "token_type DPoP", "token_type", map[string]any{"token_type": "DPoP"}),
		bad("RFC 6749 7.1", "a list of token_type", "token_type", map[string]any{"token_type": []string{"Bearer"}}),
		bad("RFC 6749 5.1", "no access token", "access_token", map[string]any{"access_token": nil}),
		bad("G6", "an empty access token", "access_token", map[string]any{"access_token": ""}),
		bad("G6", "an access token with a header in it", "access_token", map[string]any{"access_token": "evil-access-token\r\nX-Evil: 1"}),
		bad("G6", "an access token with a blank", "access_token", map[string]any{"access_token": "evil-access-token x"}),
		bad("G6", "an access token beyond ASCII", "access_token", map[string]any{"access_token": "evil-access-tokén"}),
		bad("G6", "a number for an access token", "access_token", map[string]any{"access_token": 12345678}),
		bad("G6", "an ID token with a line break", "id_token", map[string]any{"id_token": "a.b\n.c"}),
		bad("G6", "expires_in of 0", "expires_in", map[string]any{"expires_in": 0}),
		bad("G6", "expires_in below 0", "expires_in", map[string]any{"expires_in": -3600}),
		bad("G6", "expires_in with a fraction", "expires_in", map[string]any{"expires_in": 0.5}),
		bad("G6", "expires_in as 1e3 in text", "expires_in", map[string]any{"expires_in": "1e3"}),
		bad("G6", "expires_in as a date", "expires_in", map[string]any{"expires_in": "2030-01-01T00:00:00Z"}),
		bad("G6", "expires_in of true", "expires_in", map[string]any{"expires_in": true}),
		bad("RFC 6749 3.3", "a list of scopes", "scope", map[string]any{"scope": []string{"openid"}}),
		bad("RFC 6749 3.3", "a scope with a quote", "scope", map[string]any{"scope": `openid "x"`}),
		bad("RFC 6749 3.3", "scopes with a line break", "scope", map[string]any{"scope": "openid\nread:notes"}),
	}
	return atBoth(append(cases, malformedCases()...))
}

// atBoth plays cases at the sign-in and at a renewal.
func atBoth(cases []hostileCase) (both []hostileCase) {
	for _, test := range cases {
		renewed := test
		renewed.step = renewal
		test.step, test.rotates = signIn, false
		both = append(both, test, renewed)
	}
	return both
}

// malformedCases are replies that two readers could read differently, or that
// nobody can. Of these no token is taken, not even the refresh token.
func malformedCases() []hostileCase {
	bad := func(rule, does, says string, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, given: given, want: temporary, says: says}
	}
	const isJSON = "application/json"
	return []hostileCase{
		bad("G6", "two access tokens", "access_token twice", repliesText(isJSON, withMembers(`"access_token":"evil-access-token"`))),
		bad("G6", "two refresh tokens", "refresh_token twice", repliesText(isJSON, withMembers(`"refresh_token":"evil-refresh-token"`))),
		bad("G6", "access_token and ACCESS_TOKEN", "letter case", repliesText(isJSON, withMembers(`"ACCESS_TOKEN":"evil-access-token"`))),
		bad("G6", "access_token and acceſs_token", "letter case", repliesText(isJSON, withMembers(`"acceſs_token":"evil-access-token"`))),
		bad("G6", "an empty refresh token", "refresh_token is empty", replies(map[string]any{"refresh_token": ""})),
		bad("G6", "a refresh token with a line break", "refresh_token", replies(map[string]any{"refresh_token": "evil-refresh\ntoken"})),
		bad("G6", "text/plain", "no JSON", repliesText("text/plain", suffixed(""))),
		bad("G6", "text/html", "no JSON", repliesText("text/html", suffixed(""))),
		bad("G6", "no type", "no JSON", repliesText("", suffixed(""))),
		bad("G6", "a form", "no JSON", repliesText("application/x-www-form-urlencoded", constant("access_token=evil-access-token&token_type=Bearer"))),
		bad("G6", "half of it", "not valid JSON", repliesText(isJSON, func(good string) string { return good[:len(good)/2] })),
		bad("G6", "data after its end", "after its end", repliesText(isJSON, suffixed(`{"x":1}`))),
		bad("G6", "a list", "not a JSON object", repliesText(isJSON, func(good string) string { return "[" + good + "]" })),
		bad("G6", "null", "not a JSON object", repliesText(isJSON, constant("null"))),
		bad("G6", "nothing", "not a JSON object", repliesText(isJSON, constant(""))),
		bad("G6", "an empty object", "access_token is missing", repliesText(isJSON, constant("{}"))),
		bad("G6", "bytes that are not UTF-8", "UTF-8", repliesText(isJSON, withMembers("\"x\":\"\xff\""))),
		bad("RFC 8259 8.1", "a byte order mark", "not a JSON object", repliesText(isJSON, prefixed("\ufeff"))),
		bad("RFC 6749 5.1", "201", "HTTP 201", func(r *hostileRun) {
			r.onToken = replyWith(http.StatusCreated, isJSON, `{"access_token":"evil-access-token","token_type":"Bearer"}`)
		}),
		bad("RFC 6749 5.1", "204", "no JSON", func(r *hostileRun) { r.onToken = replyWith(http.StatusNoContent, "", "") }),
		bad("RFC 6749 5.2", "an empty error", "error is not an error code", repliesText(isJSON, withMembers(`"error":""`))),
		bad("RFC 6749 5.2", "an error with a line break", "HTTP 400", refuses(400, `{"error":"x\ninvalid_grant"}`)),
		bad("RFC 6749 5.2", "an error of 1 KiB", "HTTP 400", refuses(400, `{"error":"`+strings.Repeat("x", 1024)+`"}`)),
		bad("RFC 6749 5.2", "400 without an error", "HTTP 400", refuses(400, `{"message":"the-refresh-token-A"}`)),
		bad("RFC 6749 5.2", "401 with a page", "HTTP 401", func(r *hostileRun) { r.onToken = replyWith(401, "text/html", "<html>") }),
		bad("G14", "server_error with 400", "server_error", refuses(400, `{"error":"server_error"}`)),
		bad("G14", "temporarily_unavailable with 200", "temporarily_unavailable", refuses(200, `{"error":"temporarily_unavailable"}`)),
		bad("G14", "slow_down", "slow_down", refuses(400, `{"error":"slow_down"}`)),
		bad("G14", "Auth0's access_denied for too many requests", "access_denied", refuses(429, `{"error":"access_denied","error_description":"Too many requests"}`)),
		{rule: "RFC 6749 5.2", does: "invalid_client", given: refuses(401, `{"error":"invalid_client"}`), want: tenantRefused, says: "invalid_client"},
		{rule: "RFC 6749 5.2", does: "unauthorized_client with 200", given: refuses(200, `{"error":"unauthorized_client"}`), want: tenantRefused, says: "unauthorized_client"},
		{rule: "RFC 6749 5.2", does: "an error that nobody knows", given: refuses(403, `{"error":"policy_violation"}`), want: tenantRefused, says: "policy_violation"},
		{rule: "G4", does: "an error whose description could change a terminal", want: tenantRefused, says: "[2J owned",
			given: refuses(403, `{"error":"policy_violation","error_description":"\u001b[2J\u202e owned\u0000"}`)},
		{rule: "RFC 6749 5.2", does: "a description that is no text", want: tenantRefused, says: "policy_violation",
			given: refuses(403, `{"error":"policy_violation","error_description":{"x":1}}`)},
		{rule: "G-errors", does: "an error that repeats what was sent", want: tenantRefused, says: "[redacted]", given: func(r *hostileRun) {
			r.onToken = func(w http.ResponseWriter, req *http.Request) {
				sent := req.PostForm
				body := fmt.Sprintf(`{"error":"invalid_request","error_description":"%s %s %s"}`, sent.Get("code"), sent.Get("code_verifier"), sent.Get("refresh_token"))
				replyWith(http.StatusBadRequest, isJSON, body)(w, req)
			}
		}},
	}
}

// tokenTransportCases are about how a token reply comes.
func tokenTransportCases() []hostileCase {
	cases := []hostileCase{
		{rule: "RFC 9112 7.1", does: "a reply in chunks", step: signIn, given: func(r *hostileRun) {
			r.onToken = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				for _, c := range mustJSON(r.tokens(true)) {
					_, _ = io.WriteString(w, string(c))
					_ = http.NewResponseController(w).Flush()
				}
			}
		}},
		{rule: "RFC 9110 8.4", does: "a reply in gzip", step: signIn, given: func(r *hostileRun) {
			r.onToken = func(w http.ResponseWriter, req *http.Request) { gzipped(mustJSON(r.tokens(true)))(w, req) }
		}},
		{rule: "G6", does: "a reply without end", step: signIn, want: temporary, says: "took too long", given: func(r *hostileRun) { r.onToken = dripping(r) }},
		{rule: "G8", does: "no ID token", step: signIn, given: replies(map[string]any{"id_token": nil}), want: plainError, says: "no id_token"},
		{rule: "RFC 6749 5.2", does: "invalid_grant", step: signIn, given: refuses(403, `{"error":"invalid_grant"}`), want: tenantRefused, says: "invalid_grant"},
	}
	set := func(r *hostileRun, answer http.HandlerFunc) { r.onToken = answer }
	cases = append(cases, troubleCases("the token endpoint", signIn, 1, set)...)
	return append(cases, troubleCases("the token endpoint", renewal, 1, set)...)
}
