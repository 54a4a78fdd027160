package client

import (
	"net/http"
	"net/url"
	"strings"
)

// callbackCases are about the authorization response. A replay while the
// exchange goes on, slow headers and busy ports are tests of the listener's own:
// TestCallbackOutcome, TestCallbackEnding and TestCallbackBinding.
func callbackCases() []hostileCase {
	none := new(0)
	long := strings.Repeat("0123456789abcdef", 128)
	cases := []hostileCase{
		{rule: "RFC 6749 4.1.2", does: "parameters that nobody knows", step: signIn,
			given: answerQuery(map[string][]string{"scope": {"openid"}, "session_state": {"x"}, "CODE": {"evil"}})},
		{rule: "RFC 6749 4.1.2", does: "a code with characters that must be encoded", step: signIn,
			given: answerQuery(map[string][]string{"code": {"4/0A+b=/&%;é code"}}), check: func(r *hostileRun) {
				if got := r.tokenForms[0].Get("code"); got != "4/0A+b=/&%;é code" {
					r.t.Error("the code was changed on its way")
				}
			}},
		{rule: "RFC 6749 4.1.2", does: "a code of 2 KiB", step: signIn, given: answerQuery(map[string][]string{"code": {long}})},
		{rule: "RFC 9207 2.4", does: "the right iss, without a promise", step: signIn, given: func(r *hostileRun) {
			answerQuery(map[string][]string{"iss": {r.app.config.Issuer}})(r)
		}},
		{rule: "RFC 9207 2.4", does: "another iss", step: signIn, given: answerQuery(map[string][]string{"iss": {"https://evil.example.com/"}}),
			want: plainError, says: "another issuer", tokens: none},
		{rule: "RFC 9207 2.4", does: "an iss without its slash", step: signIn, given: func(r *hostileRun) {
			answerQuery(map[string][]string{"iss": {strings.TrimSuffix(r.app.config.Issuer, "/")}})(r)
		}, want: plainError, says: "another issuer", tokens: none},
		{rule: "RFC 9207 2.4", does: "an empty iss", step: signIn, given: answerQuery(map[string][]string{"iss": {""}}),
			want: plainError, says: "another issuer", tokens: none},
		{rule: "RFC 9207 2.4", does: "no iss, against the promise", step: signIn, given: func(r *hostileRun) { r.promisesIss = true },
			want: plainError, says: "does not name its issuer", tokens: none},
		{rule: "RFC 9207 2.4", does: "an error of another iss", step: signIn,
			given: answerQuery(map[string][]string{"code": nil, "error": {"access_denied"}, "iss": {"https://evil.example.com/"}}),
			want:  plainError, says: "another issuer", tokens: none},
		{rule: "G3", does: "an error", step: signIn, given: answerQuery(map[string][]string{"code": nil, "error": {"access_denied"}}),
			want: tenantRefused, says: "access_denied", tokens: none},
		{rule: "G3", does: "a code and an error", step: signIn, given: answerQuery(map[string][]string{"error": {"server_error"}}),
			want: tenantRefused, says: "server_error", tokens: none},
		{rule: "G4", does: "script and controls in error_description", step: signIn, given: answerQuery(map[string][]string{
			"code": nil, "error": {"access_denied"}, "error_description": {"<script>alert(1)</script>\x1b[2J\u202e\r\nowned\x00"}}),
			want: tenantRefused, says: "<script>alert(1)</script>[2J  owned", tokens: none, check: func(r *hostileRun) {
				if page := <-r.pages; strings.Contains(page, "<script") || !strings.Contains(page, "&lt;script") {
					r.t.Errorf("the page is %s", page)
				}
			}},
		{rule: "G4", does: "an error of control characters alone", step: signIn,
			given: answerQuery(map[string][]string{"code": nil, "error": {"\x1b\x00"}}), want: tenantRefused, says: "unreadable_error", tokens: none},
		{rule: "G4", does: "a description of 7 KiB", step: signIn,
			given: answerQuery(map[string][]string{"code": nil, "error": {"x"}, "error_description": {strings.Repeat("long ", 1400)}}),
			want:  tenantRefused, tokens: none, check: func(r *hostileRun) {
				if n := len(r.err.Error()); n > 700 {
					r.t.Errorf("%d bytes of error text", n)
				}
			}},
	}
	return append(cases, strayCases()...)
}

// strayCases are requests to the callback that are not the browser coming back.
// They are answered and forgotten, and the sign-in goes on.
func strayCases() []hostileCase {
	query := func(change func(url.Values)) func(*http.Request) int {
		return func(req *http.Request) int {
			values := req.URL.Query()
			change(values)
			req.URL.RawQuery = values.Encode()
			return http.StatusBadRequest
		}
	}
	header := func(name, value string) func(*http.Request) int {
		return func(req *http.Request) int { req.Header.Set(name, value); return http.StatusNoContent }
	}
	method := func(method string) func(*http.Request) int {
		return func(req *http.Request) int { req.Method = method; return http.StatusMethodNotAllowed }
	}
	path := func(path string) func(*http.Request) int {
		return func(req *http.Request) int { req.URL.Path = path; return http.StatusNotFound }
	}
	strays := []struct {
		name string
		send func(*http.Request) int
	}{
		{"another state", query(func(q url.Values) { q.Set("state", "another-state") })},
		{"no state", query(func(q url.Values) { q.Del("state") })},
		{"an empty state", query(func(q url.Values) { q.Set("state", "") })},
		{"a state that only begins rightly", query(func(q url.Values) { q.Set("state", q.Get("state")+"x") })},
		{"an error without state", query(func(q url.Values) { q.Del("state"); q.Set("error", "access_denied") })},
		{"an error with another state", query(func(q url.Values) { q.Set("state", "x"); q.Set("error", "access_denied") })},
		{"two states", query(func(q url.Values) { q.Add("state", "x") })},
		{"two codes", query(func(q url.Values) { q.Add("code", "evil") })},
		{"two errors", query(func(q url.Values) { q.Add("error", "a"); q.Add("error", "b") })},
		{"two iss", query(func(q url.Values) { q.Add("iss", "a"); q.Add("iss", "b") })},
		{"neither code nor error", query(func(q url.Values) { q.Del("code") })},
		{"an empty code", query(func(q url.Values) { q.Set("code", "") })},
		{"a query of 9 KiB", query(func(q url.Values) { q.Set("x", strings.Repeat("a", 9<<10)) })},
		{"a malformed query", func(req *http.Request) int { req.URL.RawQuery += "&x=%zz"; return http.StatusBadRequest }},
		{"a parameter after a semicolon", func(req *http.Request) int { req.URL.RawQuery += "&a;b=c"; return http.StatusBadRequest }},
		{"HEAD", method(http.MethodHead)},
		{"OPTIONS", method(http.MethodOptions)},
		{"POST", method(http.MethodPost)},
		{"the favicon", path("/favicon.ico")},
		{"a path below", path("/callback/")},
		{"the path in another case", path("/Callback")},
		{"Sec-Purpose", header("Sec-Purpose", "prefetch;prerender")},
		{"Purpose", header("Purpose", "Prefetch")},
		{"X-Moz", header("X-Moz", "prefetch")},
		{"DNS rebinding", func(req *http.Request) int { req.Host = "evil.example.com"; return http.StatusMisdirectedRequest }},
		{"another name of this machine", func(req *http.Request) int {
			req.Host = "localhost:" + req.URL.Port()
			return http.StatusMisdirectedRequest
		}},
	}
	var cases []hostileCase
	for _, stray := range strays {
		cases = append(cases, hostileCase{rule: "G3", does: "a stray callback: " + stray.name, step: signIn, given: func(r *hostileRun) {
			r.strays = append(r.strays, stray.send)
		}})
	}
	return cases
}
