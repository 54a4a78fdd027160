package client

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAuth0EndpointsNeedNoRequest(t *testing.T) {
	config := DefaultConfig()
	tenant := newTenant(config, &http.Client{Transport: failingTransport{t}}, time.Now)
	got, err := tenant.metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for want, endpoint := range map[string]string{
		"https://tenant.example.com/authorize":             got.authorizationEndpoint,
		"https://tenant.example.com/oauth/token":           got.tokenEndpoint,
		"https://tenant.example.com/oauth/revoke":          got.revocationEndpoint,
		"https://tenant.example.com/userinfo":              got.userInfoEndpoint,
		"https://tenant.example.com/oauth/device/code":     got.deviceEndpoint,
		"https://tenant.example.com/v2/logout":             got.endSessionEndpoint,
		"https://tenant.example.com/.well-known/jwks.json": got.jwksURI,
	} {
		if endpoint != want {
			t.Errorf("got %q, want %q", endpoint, want)
		}
	}
	if !slices.Equal(got.algorithms, []string{"RS256", "PS256"}) || got.issInCallback {
		t.Errorf("got %+v", got)
	}
}

// failingTransport is for what must not reach the network.
type failingTransport struct{ t *testing.T }

func (f failingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	f.t.Errorf("a request to %s", r.URL)
	return nil, errors.New("no network")
}

func TestDiscoveryIsRead(t *testing.T) {
	h := newHostileTenant(t, nil)
	got, err := h.tenant.metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	base := h.server.URL
	if got.authorizationEndpoint != base+"/authorize" || got.tokenEndpoint != base+tokenPath || got.jwksURI != base+jwksPath ||
		got.revocationEndpoint != base+revocationPath || got.userInfoEndpoint != base+userInfoPath || got.endSessionEndpoint != base+"/logout" {
		t.Errorf("got %+v", got)
	}
	if !slices.Equal(got.algorithms, []string{"RS256", "PS256", "ES256"}) {
		t.Errorf("G8: algorithms %v", got.algorithms)
	}
	t.Run("one slash at the end of the issuer is trimmed for the address, and kept for the comparison", func(t *testing.T) {
		config := h.config()
		config.Issuer += "/"
		h.answer(discoveryPath, replyJSON(mustJSON(goodDiscovery(base+"/"))))
		if _, err := newTenant(config, h.server.Client(), h.clock.now).metadata(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("G9: http is for loopback", func(t *testing.T) {
		plain := httptest.NewServer(h)
		defer plain.Close()
		h.answer(discoveryPath, replyJSON(mustJSON(goodDiscovery(plain.URL))))
		config := h.config()
		config.Issuer = plain.URL
		if _, err := newTenant(config, plain.Client(), h.clock.now).metadata(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestDiscoveryIsAskedOnce(t *testing.T) {
	t.Run("G9: discovery is asked once, and again after a failure", func(t *testing.T) {
		h := newHostileTenant(t, map[string]http.HandlerFunc{discoveryPath: replyWith(503, "text/html", "SECRET")})
		if _, err := h.tenant.metadata(t.Context()); !errors.Is(err, ErrTemporary) {
			t.Fatalf("G9: got %v", err)
		}
		h.answer(discoveryPath, nil)
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := h.tenant.metadata(t.Context()); err != nil {
					t.Errorf("a failure is remembered: %v", err)
				}
			})
		}
		group.Wait()
		if hits := h.hitCount(discoveryPath); hits != 2 {
			t.Errorf("%d requests, want 2", hits)
		}
	})
}

func TestDiscoveryIsNeededForAll(t *testing.T) {
	h := newHostileTenant(t, map[string]http.HandlerFunc{discoveryPath: replyWith(503, "text/html", "SECRET")})
	for name, do := range map[string]func() error{
		"a token request": func() error { _, err := h.tenant.requestTokens(t.Context(), refreshForm()); return err },
		"a revocation":    func() error { return h.tenant.revoke(t.Context(), newSecret("a"), "refresh_token") },
		"userinfo":        func() error { _, err := h.tenant.userInfo(t.Context(), newSecret("a"), "user-1"); return err },
		"an ID token": func() error {
			_, err := h.tenant.verifyIDToken(t.Context(), h.goodToken(t), idTokenExpectation{nonce: "nonce-1"})
			return err
		},
		"the sign-out URL": func() error { _, err := h.tenant.endSessionURL(t.Context(), newSecret("a"), ""); return err },
	} {
		t.Run("G9: without discovery there is a temporary failure that says so: "+name, func(t *testing.T) {
			if err := do(); !errors.Is(err, ErrTemporary) || !strings.Contains(err.Error(), "discovery document") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestDiscoveryOutlivesWhoAskedFirst(t *testing.T) {
	h := newHostileTenant(t, nil)
	asked, goOn := make(chan struct{}), make(chan struct{})
	h.answer(discoveryPath, func(w http.ResponseWriter, r *http.Request) {
		close(asked)
		<-goOn
		replyJSON(mustJSON(goodDiscovery(h.server.URL)))(w, r)
	})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := h.tenant.metadata(ctx)
		first <- err
	}()
	<-asked
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the first caller got %v", err)
	}
	close(goOn)
	if _, err := h.tenant.metadata(t.Context()); err != nil {
		t.Errorf("the second caller got %v", err)
	}
	if hits := h.hitCount(discoveryPath); hits != 1 {
		t.Errorf("%d requests, want 1", hits)
	}
}

func TestDiscoveryIsRefused(t *testing.T) {
	const remove = "(remove)"
	tests := []struct {
		name    string
		changes map[string]any
		texts   []string // empty: accepted
	}{
		{"G9: issuer of another host", map[string]any{"issuer": "https://evil.example.com"}, []string{"issuer is"}},
		{"G9: issuer with a slash more", map[string]any{"issuer": "BASE/"}, []string{"issuer is"}},
		{"G9: issuer in capitals", map[string]any{"issuer": "HTTPS://127.0.0.1"}, []string{"issuer is"}},
		{"G9: issuer missing", map[string]any{"issuer": remove}, []string{"issuer is"}},
		{"G9: issuer a list", map[string]any{"issuer": []string{"BASE"}}, []string{"issuer is not a string"}},
		{"G9: authorization_endpoint missing", map[string]any{"authorization_endpoint": remove}, []string{"authorization_endpoint is missing"}},
		{"G9: token_endpoint missing", map[string]any{"token_endpoint": remove}, []string{"token_endpoint is missing"}},
		{"G9: jwks_uri missing", map[string]any{"jwks_uri": remove}, []string{"jwks_uri is missing"}},
		{"G9: token_endpoint http", map[string]any{"token_endpoint": "http://id.example.com/token"}, []string{"token_endpoint", "is not https"}},
		{"G9: userinfo_endpoint http", map[string]any{"userinfo_endpoint": "http://id.example.com/u"}, []string{"userinfo_endpoint", "is not https"}},
		{"G9: revocation_endpoint http", map[string]any{"revocation_endpoint": "http://id.example.com/u"}, []string{"revocation_endpoint", "is not https"}},
		{"G9: end_session_endpoint a script", map[string]any{"end_session_endpoint": "javascript:alert(1)"}, []string{"end_session_endpoint"}},
		{"G9: authorization_endpoint a file", map[string]any{"authorization_endpoint": "file:///etc/passwd"}, []string{"authorization_endpoint"}},
		{"G9: jwks_uri relative", map[string]any{"jwks_uri": "/jwks"}, []string{"jwks_uri"}},
		{"G9: token_endpoint with a password", map[string]any{"token_endpoint": "https://a:SECRET@id.example.com/token"}, []string{"token_endpoint"}},
		{"G9: token_endpoint with an empty fragment", map[string]any{"token_endpoint": "https://id.example.com/token#"}, []string{"token_endpoint has a fragment"}},
		{"G9: token_endpoint with a fragment", map[string]any{"token_endpoint": "https://id.example.com/token#x"}, []string{"token_endpoint has a fragment"}},
		{"G9: token_endpoint a number", map[string]any{"token_endpoint": 1}, []string{"token_endpoint is not a string"}},
		{"G9: no response type code", map[string]any{"response_types_supported": []string{"id_token", "code token"}}, []string{"response_types_supported"}},
		{"G9: PKCE plain only", map[string]any{"code_challenge_methods_supported": []string{"plain"}}, []string{"code_challenge_methods_supported", "S256"}},
		{"G9: PKCE null in the list", map[string]any{"code_challenge_methods_supported": []any{nil, "S256"}}, []string{"code_challenge_methods_supported is not a list"}},
		{"G9: no asymmetric algorithm", map[string]any{"id_token_signing_alg_values_supported": []string{"none", "HS256"}}, []string{"id_token_signing_alg_values_supported"}},
		{"G9: algorithms a string", map[string]any{"id_token_signing_alg_values_supported": "RS256"}, []string{"id_token_signing_alg_values_supported is not a list"}},
		{"G9: iss promise a string", map[string]any{"authorization_response_iss_parameter_supported": "true"}, []string{"authorization_response_iss_parameter_supported is not"}},
		{"G9: all at once, by name", map[string]any{
			"issuer": "x", "authorization_endpoint": remove, "token_endpoint": "", "jwks_uri": nil, "code_challenge_methods_supported": []string{"plain"},
			"response_types_supported": []string{"id_token"}, "id_token_signing_alg_values_supported": []string{"none"},
		}, []string{"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "code_challenge_methods_supported", "response_types_supported", "id_token_signing_alg_values_supported"}},
		{"what is optional may be absent", map[string]any{
			"revocation_endpoint": remove, "userinfo_endpoint": remove, "end_session_endpoint": remove, "response_types_supported": remove,
			"code_challenge_methods_supported": remove, "id_token_signing_alg_values_supported": remove,
		}, nil},
		{"RFC 8414 2: a list that is empty is as good as absent", map[string]any{
			"response_types_supported": []string{}, "code_challenge_methods_supported": []string{}, "id_token_signing_alg_values_supported": []string{},
		}, nil},
	}
	h := newHostileTenant(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			document := goodDiscovery(h.server.URL)
			for name, value := range test.changes {
				if text, ok := value.(string); ok {
					value = strings.ReplaceAll(text, "BASE", h.server.URL)
				}
				document[name] = value
			}
			maps.DeleteFunc(document, func(_ string, value any) bool { return value == any(remove) })
			h.answer(discoveryPath, replyJSON(mustJSON(document)))
			got, err := newTenant(h.config(), h.server.Client(), h.clock.now).metadata(t.Context())
			if test.texts == nil {
				if err != nil || !slices.Equal(got.algorithms, []string{"RS256"}) {
					t.Errorf("got %+v, %v", got, err)
				}
				return
			}
			if err == nil || errors.Is(err, ErrTemporary) {
				t.Fatalf("got %v", err)
			}
			for _, text := range test.texts {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("got %q, want %q", err, text)
				}
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("got %q", err)
			}
		})
	}
}

func TestDiscoveryGarbageIsTemporary(t *testing.T) {
	h := newHostileTenant(t, nil)
	good := mustJSON(goodDiscovery(h.server.URL))
	tests := []struct {
		name      string
		answer    http.HandlerFunc
		temporary bool
	}{
		{"G9: HTML 502", replyWith(502, "text/html", "<html>"), true},
		{"G9: 429", replyWith(429, "text/plain", ""), true},
		{"G9: HTML 200", replyWith(200, "text/html", "<html>"), true},
		{"G9: JSON as text/plain", replyWith(200, "text/plain", good), true},
		{"G9: truncated", replyJSON(good[:len(good)-5]), true},
		{"G9: trailing data", replyJSON(good + "x"), true},
		{"G9: duplicate issuer", replyJSON(`{"issuer":"x",` + good[1:]), true},
		{"G9: case-folded token_endpoint", replyJSON(`{"Token_Endpoint":"x",` + good[1:]), true},
		{"G9: not found is for good", replyWith(404, "text/html", ""), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h.answer(discoveryPath, test.answer)
			_, err := newTenant(h.config(), h.server.Client(), h.clock.now).metadata(t.Context())
			if err == nil || errors.Is(err, ErrTemporary) != test.temporary || !strings.Contains(err.Error(), h.server.URL+discoveryPath) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzMetadata(f *testing.F) {
	f.Add(mustJSON(goodDiscovery("https://id.example.com")))
	f.Add(`{"issuer":"https://id.example.com","authorization_endpoint":"https://a","token_endpoint":"http://[::1]:1/","jwks_uri":"https://b#"}`)
	f.Fuzz(func(t *testing.T, body string) {
		object, err := parseStrictObject([]byte(body), metadataMembers)
		if err != nil {
			return
		}
		found, err := readMetadata(object, "https://id.example.com")
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' }) || len(err.Error()) > 12000 {
				t.Fatalf("unsafe error text %q", err)
			}
			return
		}
		for _, endpoint := range []string{found.authorizationEndpoint, found.tokenEndpoint, found.jwksURI} {
			if _, err := requireSecureURL(endpoint); err != nil {
				t.Fatalf("accepted %q: %v", endpoint, err)
			}
		}
		if len(found.algorithms) == 0 || slices.Contains(found.algorithms, "none") || slices.Contains(found.algorithms, "HS256") {
			t.Fatalf("algorithms %v", found.algorithms)
		}
	})
}
