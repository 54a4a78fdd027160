package client

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// strayCallbackRequests are all the requests that must leave a sign-in as it was.
func strayCallbackRequests() []strayCallbackRequest {
	genuine := "/callback?code=stolen&state=" + callbackTestState
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	host := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	return []strayCallbackRequest{
		{"G3: a missing state", "GET", "/callback?code=stolen", nil, 400},
		{"G3: an empty state", "GET", "/callback?code=stolen&state=", nil, 400},
		{"G3: a wrong state", "GET", "/callback?code=stolen&state=" + strings.ToLower(callbackTestState), nil, 400},
		{"G3: a state that is only a prefix", "GET", "/callback?code=stolen&state=" + callbackTestState[:20], nil, 400},
		{"G3: an error without state", "GET", "/callback?error=access_denied", nil, 400},
		{"G3: an error with a wrong state", "GET", "/callback?error=access_denied&state=x", nil, 400},
		{"G3: neither code nor error", "GET", "/callback?state=" + callbackTestState, nil, 400},
		{"G3: an empty code", "GET", "/callback?code=&state=" + callbackTestState, nil, 400},
		{"G3: a repeated code", "GET", genuine + "&code=stolen", nil, 400},
		{"G3: a repeated state", "GET", genuine + "&state=" + callbackTestState, nil, 400},
		{"G3: a repeated error", "GET", "/callback?error=a&error=b&state=" + callbackTestState, nil, 400},
		{"G3: a repeated iss", "GET", genuine + "&iss=https://a.example&iss=https://b.example", nil, 400},
		{"G3: a repeated error_description", "GET",
			"/callback?error=a&error_description=b&error_description=c&state=" + callbackTestState, nil, 400},
		{"G3: a malformed query", "GET", genuine + "&x=%zz", nil, 400},
		{"G3: a semicolon as separator", "GET", genuine + ";x=1", nil, 400},
		{"G3: a query beyond 8 KiB", "GET", genuine + "&x=" + strings.Repeat("a", 8<<10), nil, 400},
		{"G3: HEAD", "HEAD", genuine, nil, 405},
		{"G3: OPTIONS", "OPTIONS", genuine, nil, 405},
		{"G3: POST", "POST", genuine, nil, 405},
		{"G3: Sec-Purpose prefetch", "GET", genuine, header("Sec-Purpose", "prefetch;prerender"), 204},
		{"G3: Purpose prefetch", "GET", genuine, header("Purpose", "Prefetch"), 204},
		{"G3: X-Moz prefetch", "GET", genuine, header("X-Moz", "prefetch"), 204},
		{"G3: the favicon", "GET", "/favicon.ico", nil, 404},
		{"G2: another path", "GET", strings.Replace(genuine, "callback", "", 1), nil, 404},
		{"G2: a longer path", "GET", strings.Replace(genuine, "callback", "callback/", 1), nil, 404},
		{"G2: a path of another case", "GET", strings.Replace(genuine, "callback", "Callback", 1), nil, 404},
		{"G3: a foreign Host", "GET", genuine, host("attacker.example"), 421},
		{"G3: localhost as Host", "GET", genuine, host("localhost"), 421},
		{"G3: Host without the port", "GET", genuine, host("127.0.0.1"), 421},
		{"G3: Host with another port", "GET", genuine, host("127.0.0.1:1"), 421},
	}
}

type strayCallbackRequest struct {
	name, method, target string
	edit                 func(*http.Request)
	status               int
}

func TestCallbackStrayRequests(t *testing.T) {
	l := startCallbackListener(t)
	results := waitForCallbackInBackground(t.Context(), l)
	for _, stray := range strayCallbackRequests() {
		t.Run(stray.name+" is inert", func(t *testing.T) {
			reply := browseCallback(stray.method, "http://"+l.redirect.Host+stray.target, stray.edit)
			if reply.err != nil || reply.status != stray.status {
				t.Fatalf("status %d, %v; want %d", reply.status, reply.err, stray.status)
			}
			if allow := reply.header.Get("Allow"); (stray.status == 405) != (allow == "GET") {
				t.Errorf("Allow = %q", allow)
			}
			if strings.Contains(reply.body, "stolen") {
				t.Error("the page repeats the code")
			}
			checkCallbackHeaders(t, reply.header)
		})
	}
	t.Run("G3: OPTIONS * is inert", func(t *testing.T) {
		conn := dialCallback(t, l)
		sendToCallback(t, conn, "OPTIONS * HTTP/1.1\r\nHost: "+l.redirect.Host+"\r\n\r\n")
		answer := make([]byte, len("HTTP/1.1 404"))
		if _, err := conn.Read(answer); err != nil || string(answer) != "HTTP/1.1 404" {
			t.Errorf("answer %q, %v", answer, err)
		}
	})
	t.Run("G3: after all of them the sign-in still succeeds", func(t *testing.T) {
		mustReceiveCode(t, l, results)
	})
}

func TestParseAuthorizationResponse(t *testing.T) {
	state := "&state=" + callbackTestState
	for _, c := range []struct {
		name, query string
		want        authorizationResponse
	}{
		{"G3: a code", "code=abc" + state, authorizationResponse{code: "abc"}},
		{"G3: unknown parameters are ignored", "code=abc&scope=a&scope=b" + state, authorizationResponse{code: "abc"}},
		{"G3: an iss", "code=abc&iss=https%3A%2F%2Fid.example.com" + state,
			authorizationResponse{code: "abc", iss: "https://id.example.com", issPresent: true}},
		{"G3: an empty iss is present", "code=abc&iss=" + state, authorizationResponse{code: "abc", issPresent: true}},
		{"G3: code and error together are an error", "code=abc&error=access_denied" + state,
			authorizationResponse{errorCode: "access_denied"}},
		{"G3: an error of nothing but control characters is still an error", "error=%01" + state,
			authorizationResponse{errorCode: "unreadable_error"}},
		{"G3: control and direction characters are stripped from the description",
			"error=e%0D%0A&error_description=" + url.QueryEscape("a\x1b]0;b\a\u202ec\nd\u200b ") + state,
			authorizationResponse{errorCode: "e", errorDescription: "a]0;bc d"}},
		{"G3: long errors are cut", "error=" + strings.Repeat("é", 200) + "&error_description=" + strings.Repeat("d", 600) + state,
			authorizationResponse{errorCode: strings.Repeat("é", 99) + "…", errorDescription: strings.Repeat("d", 499) + "…"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseAuthorizationResponse(c.query, callbackTestState)
			if err != nil || got != c.want {
				t.Errorf("got code %q, iss %q %v, error %q %q; %v", got.code, got.iss, got.issPresent,
					got.errorCode, got.errorDescription, err)
			}
		})
	}
	t.Run("G3: without an expected state nothing is right", func(t *testing.T) {
		if _, err := parseAuthorizationResponse("code=abc&state=", ""); err == nil {
			t.Error("no error")
		}
	})
}
