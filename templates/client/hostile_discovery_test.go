package client

import (
	"net/http"
	"strings"
)

func (r *hostileRun) goodDiscovery() map[string]any {
	document := goodDiscovery(r.tenant.URL)
	document["issuer"] = r.tenant.URL + "/"
	document["authorization_endpoint"] = r.tenant.URL + "/authorize"
	document["token_endpoint"] = r.tenant.URL + "/oauth/token"
	document["jwks_uri"] = r.tenant.URL + "/.well-known/jwks.json"
	return document
}

// discovers changes the discovery document; nil leaves a member out.
func discovers(changes map[string]any) func(*hostileRun) {
	return func(r *hostileRun) { r.discovery = changes }
}

// discoversText changes the text of the discovery document.
func discoversText(contentType string, change func(good string) string) func(*hostileRun) {
	return func(r *hostileRun) {
		r.onDiscovery = replyWith(http.StatusOK, contentType, change(mustJSON(r.goodDiscovery())))
	}
}

func prefixed(prefix string) func(string) string {
	return func(text string) string { return prefix + text }
}

func suffixed(suffix string) func(string) string {
	return func(text string) string { return text + suffix }
}

// withMembers puts more members at the end of an object.
func withMembers(members string) func(string) string {
	return func(text string) string {
		return strings.TrimSuffix(strings.TrimSpace(text), "}") + "," + members + "}"
	}
}

// discoveryCases are about OpenID Connect Discovery.
func discoveryCases() []hostileCase {
	const rule = "OIDC Discovery 3"
	none := new(0)
	refused := func(rule, does, says string, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: signIn, given: given, want: plainError, says: says, tokens: none}
	}
	passing := func(rule, does, says string, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: signIn, given: given, want: temporary, says: says, tokens: none}
	}
	cases := []hostileCase{
		{rule: rule, does: "members that nobody knows", step: signIn,
			given: discovers(map[string]any{"x": map[string]any{"issuer": 1}, "mtls_endpoint_aliases": []int{1}})},
		{rule: rule, does: "null for what it does not offer", step: signIn,
			given: discoversText("application/json", withMembers(`"check_session_iframe":null,"claims_supported":null`))},
		{rule: rule, does: "a type with a charset", step: signIn, given: discoversText("application/json; charset=UTF-8", suffixed("\n"))},
		{rule: "RFC 6839 3.1", does: "a type that ends in +json", step: signIn, given: discoversText("application/hal+json", suffixed(""))},
		{rule: "RFC 9110 8.4", does: "gzip", step: signIn, given: func(r *hostileRun) { r.onDiscovery = gzipped(mustJSON(r.goodDiscovery())) }},
		{rule: "RFC 7636 4.3", does: "S256 and plain", step: signIn,
			given: discovers(map[string]any{"code_challenge_methods_supported": []string{"plain", "S256"}})},
		{rule: "RFC 6749 3.1", does: "an authorization endpoint with a query", step: signIn, given: func(r *hostileRun) {
			r.discovery = map[string]any{"authorization_endpoint": r.tenant.URL + "/authorize?tenant=a"}
		}, check: func(r *hostileRun) {
			if got := r.authorization[0]["tenant"]; len(got) != 1 || got[0] != "a" {
				r.t.Errorf("the query became %q", got)
			}
		}},
		refused("G9", "an issuer without its slash", "issuer is", func(r *hostileRun) { r.discovery = map[string]any{"issuer": r.tenant.URL} }),
		refused("G9", "an issuer in capitals", "issuer is", func(r *hostileRun) {
			r.discovery = map[string]any{"issuer": strings.ToUpper(r.tenant.URL) + "/"}
		}),
		refused("G9", "another issuer", "issuer is", discovers(map[string]any{"issuer": "https://evil.example.com/"})),
		refused("G9", "no issuer", "issuer is", discovers(map[string]any{"issuer": nil})),
		refused("G9", "a list of issuers", "issuer is not a string", discovers(map[string]any{"issuer": []string{"a"}})),
		refused("G9", "a token endpoint in the clear", "token_endpoint", discovers(map[string]any{"token_endpoint": "http://id.example.com/token"})),
		refused("G9", "keys in the clear", "jwks_uri", discovers(map[string]any{"jwks_uri": "http://id.example.com/keys"})),
		refused("G9", "userinfo in the clear", "userinfo_endpoint", discovers(map[string]any{"userinfo_endpoint": "http://id.example.com/me"})),
		refused("G9", "a script for an authorization endpoint", "authorization_endpoint", discovers(map[string]any{"authorization_endpoint": "javascript:alert(1)"})),
		refused("G9", "a file for an authorization endpoint", "authorization_endpoint", discovers(map[string]any{"authorization_endpoint": "file:///etc/passwd"})),
		refused("G9", "an endpoint with a password", "token_endpoint", discovers(map[string]any{"token_endpoint": "https://a:b@id.example.com/"})),
		refused("RFC 6749 3.2", "an endpoint with a fragment", "fragment", discovers(map[string]any{"token_endpoint": "https://id.example.com/#x"})),
		refused("G9", "a relative endpoint", "token_endpoint", discovers(map[string]any{"token_endpoint": "/oauth/token"})),
		refused("G9", "no token endpoint", "token_endpoint is missing", discovers(map[string]any{"token_endpoint": nil})),
		refused("G9", "no keys", "jwks_uri is missing", discovers(map[string]any{"jwks_uri": nil})),
		refused("RFC 7636 4.2", "PKCE with plain only", "S256", discovers(map[string]any{"code_challenge_methods_supported": []string{"plain"}})),
		refused("G8", "no algorithm but HS256 and none", "id_token_signing_alg_values_supported", func(r *hostileRun) {
			r.discovery = map[string]any{"id_token_signing_alg_values_supported": []string{"HS256", "none"}}
		}),
		refused(rule, "no response type code", "response_types_supported", discovers(map[string]any{"response_types_supported": []string{"id_token"}})),
		refused(rule, "text where a list should be", "not a list", discovers(map[string]any{"code_challenge_methods_supported": "S256"})),
		passing("G6", "a member twice", "token_endpoint twice", discoversText("application/json", withMembers(`"token_endpoint":"https://evil.example.com/"`))),
		passing("G6", "a member in another case", "letter case", discoversText("application/json", withMembers(`"Token_Endpoint":"https://evil.example.com/"`))),
		passing("G9", "a list", "not a JSON object", discoversText("application/json", func(good string) string { return "[" + good + "]" })),
		passing("G9", "HTML", "not JSON", discoversText("text/html", suffixed(""))),
		passing("G9", "half of it", "not valid JSON", discoversText("application/json", func(good string) string { return good[:len(good)/2] })),
		passing("G9", "data after its end", "after its end", discoversText("application/json", suffixed("{}"))),
		passing("G9", "bytes that are not UTF-8", "UTF-8", discoversText("application/json", withMembers("\"x\":\"\xff\""))),
		passing("G6", "no end", "took too long", func(r *hostileRun) { r.onDiscovery = dripping(r) }),
		refused("G9", "404", "HTTP 404", func(r *hostileRun) { r.onDiscovery = http.NotFound }),
	}
	return append(cases, troubleCases("discovery", signIn, 0, func(r *hostileRun, answer http.HandlerFunc) { r.onDiscovery = answer })...)
}
