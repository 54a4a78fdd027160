package client

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestParseCallbackURL(t *testing.T) {
	const loopback = "http://127.0.0.1:8484/callback"
	query := "?code=the-code&state=" + callbackTestState
	for _, c := range []struct{ name, redirect, pasted string }{
		{"as it stands in the address bar", loopback, loopback + query},
		{"with white space around it", loopback, "\n  " + loopback + query + " \r\n"},
		{"with a fragment, which never reaches a server", loopback, loopback + query + "#_=_"},
		{"of an app's own scheme", "com.example.app:/callback", "com.example.app:/callback" + query},
		{"of an app's own scheme without slash", "com.example.app:callback", "com.example.app:callback" + query},
		{"with the default port left out", "http://127.0.0.1:80/callback", "http://127.0.0.1/callback" + query},
		{"with the slash that browsers add", "http://127.0.0.1:8484", "http://127.0.0.1:8484/" + query},
		{"of an app's own scheme in another case", "com.example.app:/callback", "COM.Example.App:/callback" + query},
		{"of an app's own scheme with a host", "com.example.app://tenant.example.com/ios/callback", "com.example.app://tenant.example.com/ios/callback" + query},
		{"of an app's own scheme with a host alone", "com.example.app://callback", "com.example.app://callback/" + query},
		{"with the default port of https left out", "https://app.example.com:443/cb", "https://app.example.com/cb" + query},
		{"of a host in another case", "https://App.example.com/cb", "https://app.example.com/cb" + query},
	} {
		t.Run("G5: a pasted callback URL is read: "+c.name, func(t *testing.T) {
			got, err := parseCallbackURL(c.redirect, c.pasted, callbackTestState)
			if err != nil || got.code != "the-code" {
				t.Errorf("code %q, %v", got.code, err)
			}
		})
	}

	for _, c := range []struct{ name, redirect, pasted string }{
		{"another opaque part", "com.example.app:callback", "com.example.app:other" + query},
		{"a host for a path", "com.example.app:/callback", "com.example.app://callback" + query},
		{"a host before the path", "com.example.app:/callback", "com.example.app://evil/callback" + query},
		{"a path for a host", "com.example.app://callback", "com.example.app:/callback" + query},
		{"an opaque part for a path", "com.example.app:/callback", "com.example.app:callback" + query},
		{"another path in another case", "com.example.app:/callback", "com.example.app:/Callback" + query},
		{"another app's scheme", "com.example.app:/callback", "com.example.app2:/callback" + query},
		{"user information in an app's own scheme", "com.example.app://host/callback", "com.example.app://me@host/callback" + query},
		{"another port of https", "https://app.example.com/cb", "https://app.example.com:8443/cb" + query},
		{"http for https", "https://app.example.com/cb", "http://app.example.com/cb" + query},
	} {
		t.Run("G5: a pasted callback URL is refused: "+c.name, func(t *testing.T) {
			if _, err := parseCallbackURL(c.redirect, c.pasted, callbackTestState); err == nil {
				t.Error("no error")
			}
		})
	}

	for _, c := range []struct{ name, pasted string }{
		{"nothing", ""},
		{"only the code", "the-code"},
		{"only the query", query},
		{"not a URL", "http://127.0.0.1:8484/callback\x00" + query},
		{"another scheme", "https://127.0.0.1:8484/callback" + query},
		{"another host", "http://localhost:8484/callback" + query},
		{"another port", "http://127.0.0.1:8485/callback" + query},
		{"another path", "http://127.0.0.1:8484/callback/" + query},
		{"an escaped slash", "http://127.0.0.1:8484%2Fcallback" + query},
		{"user information", "http://127.0.0.1:8484@attacker.example/callback" + query},
		{"user information before the right host", "http://me@127.0.0.1:8484/callback" + query},
		{"a wrong state", loopback + "?code=the-code&state=other"},
		{"no state", loopback + "?code=the-code"},
		{"a repeated code", loopback + query + "&code=the-code"},
		{"the answer in the fragment", loopback + "#" + query[1:]},
		{"a long query", loopback + query + strings.Repeat("&a=the-code", 1000)},
	} {
		t.Run("G5: a pasted callback URL is refused: "+c.name, func(t *testing.T) {
			_, err := parseCallbackURL(loopback, c.pasted, callbackTestState)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.Contains(err.Error(), "the-code") {
				t.Errorf("the error holds the code: %v", err)
			}
		})
	}
}

func TestAuthorizationResponseIsNotPrinted(t *testing.T) {
	response := authorizationResponse{code: "the-code"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		if text := fmt.Sprintf(verb, response); strings.Contains(text, "the-code") {
			t.Errorf("%s prints the code: %s", verb, text)
		}
	}
}

func FuzzParseAuthorizationResponse(f *testing.F) {
	for _, query := range []string{
		"", "code=a&state=S", "state=S&code=a&iss=https://id.example.com", "error=access_denied&state=S",
		"error=%1b[31m&error_description=%e2%80%ae%00&state=S", "code=a&code=b&state=S", "code=a;state=S", "%zz", "error=%ff&state=S",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		response, err := parseAuthorizationResponse(query, "S")
		pasted, pasteErr := parseCallbackURL("http://127.0.0.1:8484/callback", "http://127.0.0.1:8484/callback?"+query, "S")
		if pasteErr == nil && !strings.ContainsAny(query, "#") && strings.TrimSpace(query) == query && pasted != response {
			t.Errorf("pasted and received differ for %q", query)
		}
		if err != nil {
			if response != (authorizationResponse{}) {
				t.Errorf("a response beside the error %v", err)
			}
			return
		}
		if (response.code == "") == (response.errorCode == "") {
			t.Errorf("code %q and error %q", response.code, response.errorCode)
		}
		checkPrintableText(t, response.errorCode, 100)
		checkPrintableText(t, response.errorDescription, 500)
		if !strings.Contains(query, "=S") && !strings.Contains(query, "=%53") {
			t.Errorf("accepted without the state: %q", query)
		}
	})
}

func FuzzParseCallbackURL(f *testing.F) {
	const redirect = "http://127.0.0.1:8484/callback"
	f.Add(redirect + "?code=a&state=S")
	f.Add(redirect + "?error=access_denied&state=S#_=_")
	f.Add("http://127.0.0.1:8484@attacker.example/callback?code=a&state=S")
	f.Add("HTTP://127.0.0.1:8484/callback?state=S&code=a")
	f.Fuzz(func(t *testing.T, pasted string) {
		response, err := parseCallbackURL(redirect, pasted, "S")
		if err != nil {
			return
		}
		if (response.code == "") == (response.errorCode == "") {
			t.Errorf("code %q and error %q", response.code, response.errorCode)
		}
		if trimmed := strings.TrimSpace(pasted); !strings.EqualFold(trimmed[:len("http")], "http") ||
			!strings.HasPrefix(trimmed[len("http"):], redirect[len("http"):]+"?") {
			t.Errorf("accepted %q", pasted)
		}
	})
}

func checkPrintableText(t *testing.T, text string, limit int) {
	t.Helper()
	if n := utf8.RuneCountInString(text); n > limit {
		t.Errorf("%d characters, limit %d", n, limit)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
		t.Errorf("%q is not printable at %d", text, i)
	}
}
