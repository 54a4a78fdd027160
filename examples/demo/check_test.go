package main

import (
	"errors"
	"maps"
	"net/url"
	"strings"
	"testing"
)

func TestChecks(t *testing.T) {
	asked := url.Values{
		"response_type": {"code"}, "code_challenge_method": {"S256"}, "code_challenge": {"c"}, "state": {"s"}, "nonce": {"n"},
		"audience": {"a"}, "client_id": {"i"}, "redirect_uri": {"http://127.0.0.1:1/callback"}, "scope": {"openid a"},
	}
	without := func(name string, instead ...string) url.Values {
		other := maps.Clone(asked)
		other[name] = instead
		return other
	}
	token := request{`tokens for Ben: scope "a b"`, "tenant", "POST", "/oauth/token", "200"}
	page := request{"", "tenant", "GET", "/login", "200"}
	for _, c := range []struct {
		name string
		o    outcome
		check
		want string // in the error; empty: there is none
	}{
		{"the exit code that is wanted", outcome{code: 3}, exits(3), ""},
		{"another exit code", outcome{code: 1}, exits(0), "the exit code is 1, want 0"},
		{"text that is printed", outcome{out: "a\nb"}, says("a", "b"), ""},
		{"text that is not", outcome{out: "a"}, says("a", "b"), `it does not say "b"`},
		{"the menu", outcome{out: menuTitle + "  add   Add\n  help  Help\n\nFlags"}, offers("add"), ""},
		{"more in the menu", outcome{out: menuTitle + "  add   Add\n  list  List\n\n"}, offers("add"), `["add" "list"]`},
		{"no menu", outcome{}, offers("add"), `offers []`},
		{"requests beside pages", outcome{requests: []request{page, token}}, sends("POST /oauth/token 200"), ""},
		{"a request too many", outcome{requests: []request{token, token}}, sends("POST /oauth/token 200"), "it sent"},
		{"a request of the API too few", outcome{}, sends("GET /timesheets 200"), "it sent []"},
		{"no request", outcome{}, sendsNothing, ""},
		{"a page where no request is wanted", outcome{requests: []request{page}}, sendsNothing, "want nothing"},
		{"a scope that is granted", outcome{requests: []request{token}}, grants("b", true), ""},
		{"a scope whose beginning is granted", outcome{requests: []request{token}}, grants("bb", true), "granted bb: false"},
		{"a scope that must not be granted", outcome{requests: []request{token}}, grants("a", false), "granted a: true"},
		{"no tokens", outcome{requests: []request{page}}, grants("a", false), "no tokens"},
		{"an authorization request", outcome{asked: asked}, asksFor("a", "openid"), ""},
		{"none", outcome{}, asksFor("a"), "no sign-in"},
		{"another scope", outcome{asked: asked}, asksFor("openid"), "asked for the scopes"},
		{"no PKCE", outcome{asked: without("code_challenge")}, asksFor("a", "openid"), "code_challenge is missing"},
		{"plain PKCE", outcome{asked: without("code_challenge_method", "plain")}, asksFor("a", "openid"), `"plain", want "S256"`},
		{"no state", outcome{asked: without("state")}, asksFor("a", "openid"), "state is missing"},
		{"a callback elsewhere", outcome{asked: without("redirect_uri", "https://evil.example")}, asksFor("a", "openid"), "redirect_uri"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := expect(c.o, nil, c.check)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
	t.Run("a run that failed is not looked at", func(t *testing.T) {
		failed := errors.New("failed")
		if err := expect(outcome{}, failed, exits(3)); err != failed {
			t.Error(err)
		}
	})
}
