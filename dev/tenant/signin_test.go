package tenant_test

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
)

func TestSignInGivesTheTokensOfAuth0(t *testing.T) {
	t.Parallel()
	at := newClock()
	a := start(t, func(c *tenant.Config) { c.Now = at.now })
	back := a.signIn("morgan@exampleco.com", nil)
	if back.Get("state") != "the-state" || back.Get("code") == "" {
		t.Fatalf("the callback got %v", back)
	}
	at.add(30 * time.Second)
	r := a.exchange(back.Get("code"), nil)
	a.expect(r, http.StatusOK, "")
	if r.TokenType != "Bearer" || r.ExpiresIn != 3600 || r.RefreshToken == "" || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("reply: %+v", r)
	}
	if r.Scope != nil {
		t.Errorf("scope %q is said although all was granted", *r.Scope)
	}

	now := float64(at.now().Unix())
	access := a.claims(r.AccessToken)
	for name, want := range map[string]any{
		"iss": a.tenant.Issuer(), "sub": "auth0|morgan", "aud": []any{audience}, "azp": clientID,
		"scope": allAsked, "iat": now, "exp": now + 3600,
	} {
		if !reflect.DeepEqual(access[name], want) {
			t.Errorf("access token: %s is %v, want %v", name, access[name], want)
		}
	}

	sum := sha256.Sum256([]byte(r.AccessToken))
	id := a.claims(r.IDToken)
	for name, want := range map[string]any{
		"iss": a.tenant.Issuer(), "sub": "auth0|morgan", "aud": []any{clientID}, "nonce": "the-nonce",
		"iat": now, "exp": now + 36000, "auth_time": now - 30,
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
		"name":    "Morgan Lake", "nickname": "morgan", "picture": "https://exampleco.com/people/morgan.png",
		"updated_at": "2026-03-02T09:30:00.000Z", "email": "morgan@exampleco.com", "email_verified": false,
	} {
		if !reflect.DeepEqual(id[name], want) {
			t.Errorf("ID token: %s is %v, want %v", name, id[name], want)
		}
	}
}

func TestAuthorizationRequest(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	for _, c := range []struct {
		name   string
		change url.Values
		want   string // the error at the callback
	}{
		{"PKCE is required", url.Values{"code_challenge": nil, "code_challenge_method": nil}, "invalid_request"},
		{"PKCE plain is refused", url.Values{"code_challenge_method": {"plain"}}, "invalid_request"},
		{"prompt=none finds nobody signed in", url.Values{"prompt": {"none"}}, "login_required"},
		{"an unknown audience is refused", url.Values{"audience": {"https://other.example"}}, "access_denied"},
		{"another response type is refused", url.Values{"response_type": {"token"}}, "unsupported_response_type"},
		{"a missing response type is refused", url.Values{"response_type": nil}, "invalid_request"},
		{"another response mode is refused", url.Values{"response_mode": {"fragment"}}, "invalid_request"},
		{"a parameter twice is refused", url.Values{"nonce": {"one", "two"}}, "invalid_request"},
		{"a missing scope is refused", url.Values{"scope": nil}, "invalid_scope"},
		{"a request object is refused", url.Values{"request": {"e30.e30."}}, "request_not_supported"},
		{"a link to a request object is refused", url.Values{"request_uri": {"https://example.com"}}, "request_uri_not_supported"},
		{"prompt=none stands alone", url.Values{"prompt": {"none login"}}, "invalid_request"},
		{"a max_age that is no number is refused", url.Values{"max_age": {"soon"}}, "invalid_request"},
		{"an id_token_hint of another tenant is refused", url.Values{"id_token_hint": {"e30.e30.e30"}}, "login_required"},
		{"a code challenge that S256 cannot have made is refused", url.Values{"code_challenge": {"short"}}, "invalid_request"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := a.in(t)
			back := a.signIn("erin@exampleco.com", c.change)
			if back.Get("error") != c.want || back.Get("state") != "the-state" || back.Has("code") || back.Get("iss") != a.tenant.Issuer() {
				t.Errorf("the callback got %v, want the error %s", back, c.want)
			}
		})
	}
	port, err := url.Parse(a.callback)
	if err != nil {
		t.Fatal(err)
	}
	port.Host = "127.0.0.1:1"
	for name, change := range map[string]url.Values{
		"a callback that is not registered is refused in place": {"redirect_uri": {a.callback + "/other"}},
		"a callback at another port is refused in place":        {"redirect_uri": {port.String()}},
		"an unknown client is refused in place":                 {"client_id": {"someone"}},
		"a callback that is there twice is refused in place":    {"redirect_uri": {a.callback, a.callback}},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := (tenant.Browser{Email: "erin@exampleco.com"}).SignIn(t.Context(), a.authorizationURL(change))
			if !errors.Is(err, tenant.ErrNotReturned) || page.Status != http.StatusBadRequest {
				t.Errorf("status %d, error %v", page.Status, err)
			}
		})
	}
	if got := len(a.tenant.AuthorizationRequests()); got != 19 {
		t.Fatalf("%d requests were written down, want 19", got)
	}
	if got := a.tenant.AuthorizationRequests()[2].Get("prompt"); got != "none" {
		t.Errorf("the third request has prompt %q", got)
	}
}

func TestLoginPage(t *testing.T) {
	t.Parallel()
	a := start(t, func(c *tenant.Config) { c.People[0].Password = "Tr0ub4dor&3" })
	t.Run("Deny returns access_denied and the state", func(t *testing.T) {
		page, err := (tenant.Browser{Deny: true}).SignIn(t.Context(), a.authorizationURL(nil))
		if err != nil || page.Body != "back at the application" {
			t.Fatalf("page %q, error %v", page.Body, err)
		}
		if back := <-a.returned; back.Get("error") != "access_denied" || back.Get("state") != "the-state" {
			t.Errorf("the callback got %v", back)
		}
	})
	for name, b := range map[string]tenant.Browser{
		"an unknown person gets the form again": {Email: `"><script>alert(1)</script>`},
		"a wrong password gets the form again":  {Email: "erin@exampleco.com", Password: "guess"},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := b.SignIn(t.Context(), a.authorizationURL(nil))
			if !errors.Is(err, tenant.ErrNotReturned) || page.Status != http.StatusUnauthorized {
				t.Fatalf("status %d, error %v", page.Status, err)
			}
			if !strings.Contains(err.Error(), "wrong e-mail address or password") || strings.Contains(page.Body, "<script>") || !strings.Contains(page.Body, "<form") {
				t.Errorf("error %v, page %s", err, page.Body)
			}
		})
	}
	t.Run("where nobody has a password, an unknown person is told so", func(t *testing.T) {
		open := start(t, func(cfg *tenant.Config) { cfg.People = []tenant.Person{{Subject: "ada", Email: "ada@exampleco.com"}} })
		page, err := tenant.Browser{Email: "zoe@exampleco.com"}.SignIn(t.Context(), open.authorizationURL(nil))
		if !errors.Is(err, tenant.ErrNotReturned) || page.Status != http.StatusUnauthorized {
			t.Fatalf("status %d, error %v", page.Status, err)
		}
		if !strings.Contains(page.Body, "nobody here has this e-mail address") || strings.Contains(page.Body, "password") {
			t.Errorf("page %s", page.Body)
		}
	})
	t.Run("the right password signs in", func(t *testing.T) {
		b := tenant.Browser{Email: "erin@exampleco.com", Password: "Tr0ub4dor&3"}
		if _, err := b.SignIn(t.Context(), a.authorizationURL(nil)); err != nil {
			t.Fatal(err)
		}
		if back := <-a.returned; back.Get("code") == "" {
			t.Errorf("the callback got %v", back)
		}
	})
	t.Run("a form is good for one sign-in", func(t *testing.T) {
		p := a.in(t).pager()
		login := p.get(a.authorizationURL(nil))
		consent := p.post(login, url.Values{"email": {"morgan@exampleco.com"}})
		p.post(consent, url.Values{"action": {"allow"}, "scope": {"profile"}})
		<-a.returned
		for _, used := range []page{login, consent} {
			if again := p.post(used, url.Values{"email": {"morgan@exampleco.com"}, "action": {"allow"}}); again.status != http.StatusBadRequest {
				t.Errorf("status %d", again.status)
			}
		}
	})
	t.Run("a sign-in that was never begun says so", func(t *testing.T) {
		resp, err := http.Get(strings.TrimSuffix(a.tenant.Issuer(), "/") + "/login?id=x")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err := errors.Join(err, resp.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(body), "go back to the application") {
			t.Errorf("status %d: %s", resp.StatusCode, body)
		}
	})
}

func TestCodeExchangeRefusals(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	for _, c := range []struct {
		name   string
		change url.Values
		status int
		code   string
	}{
		{"a wrong verifier", url.Values{"code_verifier": {strings.Repeat("x", 43)}}, 403, "invalid_grant"},
		{"no verifier (code_verified is another parameter)", url.Values{"code_verifier": nil, "code_verified": {verifier}}, 400, "invalid_request"},
		{"another callback", url.Values{"redirect_uri": {"http://127.0.0.1:1/callback"}}, 403, "invalid_grant"},
		{"an unknown client", url.Values{"client_id": {"someone"}}, 401, "invalid_client"},
		{"an unknown code", url.Values{"code": {"nonsense"}}, 403, "invalid_grant"},
		{"an unknown grant type", url.Values{"grant_type": {"password"}}, 400, "unsupported_grant_type"},
		{"a parameter twice", url.Values{"code_verifier": {verifier, verifier}}, 400, "invalid_request"},
		{"a resource that is not the audience", url.Values{"resource": {"https://other.example"}}, 400, "invalid_target"},
	} {
		t.Run(c.name+" is refused", func(t *testing.T) {
			a := a.in(t)
			code := a.signIn("erin@exampleco.com", nil).Get("code")
			r := a.exchange(code, c.change)
			if r.status != c.status || r.Error != c.code || r.AccessToken != "" {
				t.Errorf("status %d, error %q, want %d, %q", r.status, r.Error, c.status, c.code)
			}
		})
	}
	t.Run("a code used twice is refused, and ends the first use's sign-in", func(t *testing.T) {
		a := a.in(t)
		code := a.signIn("erin@exampleco.com", nil).Get("code")
		first := a.exchange(code, nil)
		a.expect(first, http.StatusOK, "")
		a.expect(a.exchange(code, nil), http.StatusForbidden, "invalid_grant")
		a.expect(a.refresh(first.RefreshToken, nil), http.StatusForbidden, "invalid_grant")
	})
	t.Run("a GET is refused", func(t *testing.T) {
		a := a.in(t)
		resp, err := http.Get(a.tenant.URL(tenant.Token) + "?grant_type=refresh_token")
		a.expect(a.read(resp, err), http.StatusMethodNotAllowed, "")
	})
	t.Run("parameters of the query do not count", func(t *testing.T) {
		a := a.in(t)
		first := a.tokens("erin@exampleco.com", nil)
		query := url.Values{"grant_type": {"refresh_token"}, "client_id": {clientID}, "refresh_token": {first.RefreshToken}}
		resp, err := http.PostForm(a.tenant.URL(tenant.Token)+"?"+query.Encode(), nil)
		a.expect(a.read(resp, err), http.StatusBadRequest, "invalid_request")
	})
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	good := tenant.Config{ClientID: clientID, Callbacks: []string{"http://127.0.0.1:1/callback"}}
	for name, change := range map[string]func(*tenant.Config){
		"no client":                  func(c *tenant.Config) { c.ClientID = "" },
		"no callback":                func(c *tenant.Config) { c.Callbacks = nil },
		"every interface":            func(c *tenant.Config) { c.Addr = ":0" },
		"a subject that has a colon": func(c *tenant.Config) { c.People = []tenant.Person{{Subject: "a:b"}} },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := good
			change(&cfg)
			if started, err := tenant.Start(cfg); err == nil {
				started.Close()
				t.Error("it started")
			}
		})
	}
}
