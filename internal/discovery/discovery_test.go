package discovery_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/discovery"
	"github.com/go-jose/go-jose/v4"
)

const document = `{
	"issuer": "https://id.example.com", "authorization_endpoint": "https://id.example.com/authorize",
	"token_endpoint": "https://id.example.com/token", "revocation_endpoint": "https://id.example.com/revoke",
	"userinfo_endpoint": "https://id.example.com/me", "device_authorization_endpoint": "https://id.example.com/device",
	"end_session_endpoint": "https://id.example.com/end", "jwks_uri": "https://id.example.com/keys",
	"response_types_supported": ["code"], "grant_types_supported": ["authorization_code"], "scopes_supported": ["openid"],
	"code_challenge_methods_supported": ["S256"], "id_token_signing_alg_values_supported": ["RS256"],
	"authorization_response_iss_parameter_supported": true, "something_else": {"a": [1]}}`

func TestParse(t *testing.T) {
	want := discovery.Document{
		Issuer: "https://id.example.com", AuthorizationEndpoint: "https://id.example.com/authorize",
		TokenEndpoint: "https://id.example.com/token", RevocationEndpoint: "https://id.example.com/revoke",
		UserInfoEndpoint: "https://id.example.com/me", DeviceEndpoint: "https://id.example.com/device",
		EndSessionEndpoint: "https://id.example.com/end", JWKSURI: "https://id.example.com/keys",
		ResponseTypes: []string{"code"}, GrantTypes: []string{"authorization_code"}, Scopes: []string{"openid"},
		ChallengeMethods: []string{"S256"}, Algorithms: []string{"RS256"}, IssInCallback: true,
	}
	if got, err := discovery.Parse([]byte(document)); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := discovery.Parse([]byte(`{"scopes_supported": [], "grant_types_supported": null}`)); err != nil || got.Scopes == nil || got.GrantTypes != nil {
		t.Errorf("an empty list is a list, and null is none: %+v %v", got, err)
	}
	for name, test := range map[string]struct{ body, err string }{
		"text that is no JSON":                   {`<html>`, "not a JSON object"},
		"a list":                                 {`[]`, "not a JSON object"},
		"a document that is cut off":             {`{"issuer": "https://`, "not valid JSON"},
		"a document without an end":              {`{"issuer": "a"`, "not valid JSON"},
		"something after the end":                {`{} {}`, "data after its end"},
		"bytes that are not UTF-8":               {"{\"issuer\": \"\xff\"}", "not UTF-8"},
		"a member that stands twice":             {`{"issuer": "a", "issuer": "b"}`, `"issuer" twice`},
		"a member that differs in case":          {`{"issuer": "a", "ISSUER": "b"}`, "from issuer only in letter case"},
		"a number for a text":                    {`{"issuer": 1}`, "issuer is not text"},
		"a text for a list":                      {`{"scopes_supported": "openid"}`, "scopes_supported is not a list of texts"},
		"a null in a list":                       {`{"scopes_supported": ["openid", null]}`, "scopes_supported is not a list of texts"},
		"a text for a truth value":               {`{"authorization_response_iss_parameter_supported": "true"}`, "is not true or false"},
		"everything that is wrong, and not one:": {`{"issuer": 1, "jwks_uri": 2}`, "issuer is not text; jwks_uri is not text"},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if _, err := discovery.Parse([]byte(test.body)); err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%v", err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(document))
	f.Fuzz(func(t *testing.T, body []byte) {
		doc, err := discovery.Parse(body)
		var members map[string]any
		if err == nil && json.Unmarshal(body, &members) != nil {
			t.Errorf("%q is not JSON, and was read as %+v", body, doc)
		}
		if issuer, is := members["issuer"].(string); err == nil && is && doc.Issuer != issuer {
			t.Errorf("issuer %q was read as %q", issuer, doc.Issuer)
		}
	})
}

func TestIsAuth0(t *testing.T) {
	for name, test := range map[string]struct {
		issuer, authorize string
		want              bool
	}{
		"Auth0's paths": {"https://exampleco.eu.auth0.com/", "https://exampleco.eu.auth0.com/authorize", true},
		"Auth0's paths below a domain of one's own": {"https://login.exampleco.com/", "https://login.exampleco.com/authorize", true},
		"another path":                {"https://id.example.com/", "https://id.example.com/oauth2/authorize", false},
		"an issuer without a slash":   {"https://id.example.com", "https://id.example.com/authorize", false},
		"an issuer with a path":       {"https://id.example.com/a/", "https://id.example.com/a/authorize", false},
		"an issuer with a port":       {"https://id.example.com:8443/", "https://id.example.com:8443/authorize", false},
		"an issuer that is not https": {"http://id.example.com/", "http://id.example.com/authorize", false},
	} {
		t.Run(name, func(t *testing.T) {
			doc := discovery.Document{
				Issuer: test.issuer, AuthorizationEndpoint: test.authorize,
				TokenEndpoint: test.issuer + "oauth/token", JWKSURI: test.issuer + ".well-known/jwks.json",
			}
			if doc.IsAuth0() != test.want {
				t.Errorf("%+v", doc)
			}
		})
	}
}

// serve answers every request the same way.
func serve(t *testing.T, handler http.HandlerFunc) (*discovery.Client, string) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return discovery.NewClient(server.Client().Transport, time.Now), server.URL
}

func say(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestDocument(t *testing.T) {
	t.Run("it stands below the issuer, with or without a slash", func(t *testing.T) {
		client, url := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet || r.URL.Path != "/a/.well-known/openid-configuration" {
				http.NotFound(w, r)
				return
			}
			say(200, "application/json; charset=utf-8", document)(w, r)
		})
		for _, issuer := range []string{url + "/a", url + "/a/"} {
			doc, reply, err := client.Document(t.Context(), issuer)
			if err != nil || doc.Issuer != "https://id.example.com" || reply.Header.Get("Date") == "" || reply.Received.Before(reply.Sent) {
				t.Errorf("%s: %+v %+v %v", issuer, doc, reply, err)
			}
		}
	})
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		err     string
	}{
		"another status":           {say(503, "application/json", "{}"), "HTTP 503"},
		"a redirect":               {http.RedirectHandler("/elsewhere", http.StatusFound).ServeHTTP, `HTTP 302, a redirect to "/elsewhere", which is not followed`},
		"a page":                   {say(200, "text/html", document), "does not say that it is JSON"},
		"more than 1 MiB":          {say(200, "application/json", `{"a":"`+strings.Repeat("a", 1<<20)+`"}`), "longer than 1 MiB"},
		"what is no document":      {say(200, "application/json", `[]`), "not a JSON object"},
		"a connection that closes": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
	} {
		t.Run(name+" is an error that names the address", func(t *testing.T) {
			client, url := serve(t, test.handler)
			_, _, err := client.Document(t.Context(), url)
			if err == nil || !strings.Contains(err.Error(), test.err) || !strings.HasPrefix(err.Error(), "read "+url+"/.well-known/openid-configuration: ") {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("a deadline is told in words", func(t *testing.T) {
		client, url := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, _, err := client.Document(ctx, url); err == nil || !strings.HasSuffix(err.Error(), ": there is no answer in time") {
			t.Errorf("%v", err)
		}
	})
}

func TestKeys(t *testing.T) {
	signing, curve, private := testKeys(t)
	weak := rsaKey(t, 1024)
	with := func(key map[string]any, name string, value any) map[string]any {
		changed := maps.Clone(key)
		changed[name] = value
		return changed
	}
	for name, test := range map[string]struct {
		keys        []any
		usable, all int
	}{
		"an RSA key and an elliptic curve key": {[]any{signing, curve}, 2, 2},
		"no key":                               {[]any{}, 0, 0},
		"a key for encryption":                 {[]any{with(signing, "use", "enc")}, 0, 1},
		"a key that may not verify":            {[]any{with(signing, "key_ops", []string{"encrypt"})}, 0, 1},
		"a key that may verify":                {[]any{with(signing, "key_ops", []string{"verify"})}, 1, 1},
		"a private key":                        {[]any{private}, 0, 1},
		"a short key":                          {[]any{weak}, 0, 1},
		"a symmetric key":                      {[]any{map[string]any{"kty": "oct", "k": "AAAA"}}, 0, 1},
		"an unknown kind beside a good one":    {[]any{map[string]any{"kty": "new"}, "text", signing}, 1, 3},
	} {
		t.Run(fmt.Sprintf("%s: %d usable", name, test.usable), func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"keys": test.keys})
			if err != nil {
				t.Fatal(err)
			}
			client, url := serve(t, say(200, "application/jwk-set+json", string(body)))
			usable, all, err := client.Keys(t.Context(), url)
			if err != nil || usable != test.usable || all != test.all {
				t.Errorf("%d of %d, %v", usable, all, err)
			}
		})
	}
	for name, handler := range map[string]http.HandlerFunc{
		"HTTP 404":                           say(404, "application/json", `{"keys": []}`),
		"the reply has no list named keys":   say(200, "application/json", `{}`),
		"the reply is not a JSON object":     say(200, "application/json", `no`),
		`HTTP 307, a redirect to "/of"`:      http.RedirectHandler("/of", http.StatusTemporaryRedirect).ServeHTTP,
		"the reply is not valid JSON":        say(200, "application/json", `{"keys": [`),
		`the reply has the member "a" twice`: say(200, "application/json", `{"a": 1, "a": 2}`),
	} {
		t.Run(name, func(t *testing.T) {
			client, url := serve(t, handler)
			if _, _, err := client.Keys(t.Context(), url); err == nil || !strings.HasPrefix(err.Error(), "read "+url+": "+name) {
				t.Errorf("%v", err)
			}
		})
	}
}

func testKeys(t *testing.T) (rsaPublic, ecPublic, ecPrivate map[string]any) {
	t.Helper()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return rsaKey(t, 2048), published(t, ec.Public()), published(t, ec)
}

func rsaKey(t *testing.T, bits int) map[string]any {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return published(t, key.Public())
}

func published(t *testing.T, key any) map[string]any {
	t.Helper()
	text, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	return members
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"Zoë, 100 %":                "Zoë, 100 %",
		"\x1b[2Jgone\r\n\u202e\xff": "?[2Jgone???\ufffd",
		strings.Repeat("a", 401):    strings.Repeat("a", 400) + "...",
	} {
		if got := discovery.Printable(text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
