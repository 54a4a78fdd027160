package tenant_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
)

func TestBrowserSession(t *testing.T) {
	t.Parallel()
	at := newClock()
	a := start(t, func(c *tenant.Config) { c.Now = at.now })
	jar := newJar(t)
	back := a.visitBack(tenant.Browser{Email: morgan, Jar: jar}, nil)
	signedIn := at.now()
	hint := a.exchange(back.Get("code"), nil).IDToken
	other := a.tokens(erin, nil).IDToken
	at.add(time.Hour)

	for _, c := range []struct {
		name   string
		change url.Values
		want   string
	}{
		{"a second sign-in needs no page", nil, "code"},
		{"prompt=none succeeds", url.Values{"prompt": {"none"}}, "code"},
		{"prompt=none says that consent is needed", url.Values{"prompt": {"none"}, "scope": {"openid create:timesheets"}}, "consent_required"},
		{"a step-up asks for consent only", url.Values{"scope": {allAsked + " create:timesheets"}}, "/consent"},
		{"prompt=login shows the login page", url.Values{"prompt": {"login"}}, "/login"},
		{"prompt=select_account shows the login page", url.Values{"prompt": {"select_account"}}, "/login"},
		{"a session younger than max_age is good", url.Values{"max_age": {"3600"}}, "code"},
		{"a session older than max_age is not", url.Values{"max_age": {"3599"}}, "/login"},
		{"max_age=0 shows the login page", url.Values{"max_age": {"0"}}, "/login"},
		{"an older session is not for prompt=none either", url.Values{"max_age": {"3599"}, "prompt": {"none"}}, "login_required"},
		{"an id_token_hint of the person is good", url.Values{"prompt": {"none"}, "id_token_hint": {hint}}, "code"},
		{"an id_token_hint of somebody else is not", url.Values{"prompt": {"none"}, "id_token_hint": {other}}, "login_required"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := a.in(t).stops(jar, c.change); got != c.want {
				t.Errorf("it leads to %s, want %s", got, c.want)
			}
		})
	}
	t.Run("auth_time is that of the session", func(t *testing.T) {
		a := a.in(t)
		r := a.exchange(a.visitBack(tenant.Browser{Jar: jar}, nil).Get("code"), nil)
		if got := a.claims(r.IDToken)["auth_time"]; got != float64(signedIn.Unix()) {
			t.Errorf("auth_time %v, signed in at %d", got, signedIn.Unix())
		}
	})
	t.Run("prompt=login is content once the person has signed in, also as another", func(t *testing.T) {
		a := a.in(t)
		r := a.exchange(a.visitBack(tenant.Browser{Email: erin, Jar: jar}, url.Values{"prompt": {"login"}}).Get("code"), nil)
		if id := a.claims(r.IDToken); id["sub"] != "auth0|erin" || id["auth_time"] != float64(at.now().Unix()) {
			t.Errorf("ID token: %v", id)
		}
	})
	t.Run("the person of an id_token_hint has to sign in", func(t *testing.T) {
		a := a.in(t)
		p := a.pager()
		login := p.get(a.authorizationURL(url.Values{"id_token_hint": {hint}}))
		if refused := p.post(login, url.Values{"email": {erin}}); refused.status != http.StatusUnauthorized || !strings.Contains(refused.body, "somebody else") {
			t.Errorf("status %d: %s", refused.status, refused.body)
		}
		if after := p.post(login, url.Values{"email": {morgan}}); after.status != http.StatusOK || after.at.Path != "/callback" {
			t.Errorf("status %d at %s", after.status, after.at)
		}
		<-a.returned
	})
	t.Run("it ends after a day", func(t *testing.T) {
		at.add(24 * time.Hour)
		if got := a.in(t).stops(jar, nil); got != "/login" {
			t.Errorf("it leads to %s", got)
		}
	})
}

func (a *app) origin() *url.URL {
	a.Helper()
	at, err := url.Parse(a.tenant.Issuer())
	if err != nil {
		a.Fatal(err)
	}
	return at
}

func TestBrowserSessionEnds(t *testing.T) {
	t.Parallel()
	for name, layout := range map[string]tenant.Layout{"Auth0": tenant.Auth0, "Discovery": tenant.Discovery} {
		t.Run("with a logout at "+name, func(t *testing.T) {
			t.Parallel()
			a := start(t, func(c *tenant.Config) { c.Layout = layout })
			jar := newJar(t)
			a.visitBack(tenant.Browser{Email: erin, Jar: jar}, nil)
			if got := a.stops(jar, nil); got != "code" {
				t.Fatalf("before it leads to %s", got)
			}
			kept := newJar(t) // by somebody who has copied the cookie
			kept.SetCookies(a.origin(), jar.Cookies(a.origin()))
			p := &pager{t, &http.Client{Jar: jar}}
			if out := p.get(a.tenant.URL(tenant.Logout)); out.status != http.StatusOK || !strings.Contains(out.body, "Signed out") {
				t.Errorf("status %d: %s", out.status, out.body)
			}
			for name, jar := range map[string]http.CookieJar{"the browser": jar, "the copied cookie": kept} {
				if got := a.stops(jar, nil); got != "/login" {
					t.Errorf("after it %s is led to %s", name, got)
				}
			}
		})
	}
	t.Run("when all of a person's sign-ins are revoked", func(t *testing.T) {
		t.Parallel()
		a := start(t, nil)
		hers, other := newJar(t), newJar(t)
		a.visitBack(tenant.Browser{Email: erin, Jar: hers}, nil)
		a.visitBack(tenant.Browser{Email: morgan, Jar: other}, nil)
		a.tenant.RevokeAll("auth0|erin")
		if got := a.stops(hers, nil) + " " + a.stops(other, nil); got != "/login code" {
			t.Errorf("it leads to %s", got)
		}
	})
}

func TestLoginHint(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	login := a.pager().get(a.authorizationURL(url.Values{"login_hint": {`"><i>` + erin}}))
	if !strings.Contains(login.body, `value="&#34;&gt;&lt;i&gt;`+erin+`"`) || strings.Contains(login.body, "<i>") {
		t.Errorf("the page: %s", login.body)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	p := a.pager()
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	origin := strings.TrimSuffix(a.tenant.Issuer(), "/")
	login := p.get(origin + p.get(a.authorizationURL(nil)).header.Get("Location"))
	signedIn := p.post(login, url.Values{"email": {erin}})
	var values []string
	for _, page := range []page{login, signedIn} {
		cookie, err := http.ParseSetCookie(page.header.Get("Set-Cookie"))
		if err != nil {
			t.Fatal(err)
		}
		if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || len(cookie.Value) < 26 {
			t.Errorf("cookie %v", cookie)
		}
		values = append(values, cookie.Value)
	}
	if values[0] == values[1] {
		t.Error("the cookie from before the sign-in is that of the session")
	}
	t.Run("a session ends when the browser signs in as another", func(t *testing.T) {
		again := p.get(origin + p.get(a.authorizationURL(url.Values{"prompt": {"login"}})).header.Get("Location"))
		if moved := p.post(again, url.Values{"email": {morgan}}); moved.status != http.StatusFound {
			t.Fatalf("status %d", moved.status)
		}
		old, at := newJar(t), a.origin()
		old.SetCookies(at, []*http.Cookie{{Name: "tenant_" + at.Port(), Value: values[1], Path: "/"}})
		if got := a.in(t).stops(old, nil); got != "/login" {
			t.Errorf("the old cookie leads to %s", got)
		}
	})
}

func TestForms(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	victim, attacker := a.pager(), a.pager()
	login := victim.get(a.authorizationURL(nil))
	foreign := attacker.get(a.authorizationURL(nil)).hidden()["form_token"]
	for name, change := range map[string]url.Values{
		"without a token":                    {"form_token": nil},
		"with the token of another browser":  {"form_token": foreign},
		"a refusal is no less of a decision": {"form_token": nil, "action": {"deny"}},
	} {
		t.Run("a login form is refused: "+name, func(t *testing.T) {
			change.Set("email", erin)
			if got := victim.post(login, change); got.status != http.StatusForbidden || !strings.Contains(got.body, "try again") {
				t.Errorf("status %d: %s", got.status, got.body)
			}
		})
	}
	t.Run("from a browser without the cookie it is refused", func(t *testing.T) {
		bare := &pager{t, &http.Client{}}
		if got := bare.post(login, url.Values{"email": {erin}}); got.status != http.StatusForbidden {
			t.Errorf("status %d", got.status)
		}
	})
	t.Run("a consent is refused without a token", func(t *testing.T) {
		consent := victim.post(login, url.Values{"email": {erin}})
		for _, action := range []string{"allow", "deny"} {
			got := victim.post(consent, url.Values{"action": {action}, "form_token": foreign})
			if got.status != http.StatusForbidden {
				t.Errorf("%s: status %d", action, got.status)
			}
		}
	})
	t.Run("a consent is refused without the browser session", func(t *testing.T) {
		a := a.in(t)
		p := a.pager()
		consent := p.post(p.get(a.authorizationURL(nil)), url.Values{"email": {erin}})
		bare := a.pager()
		if got := bare.post(consent, url.Values{"action": {"allow"}}); got.at.Path != "/login" {
			t.Errorf("it leads to %s", got.at)
		}
	})
	t.Run("a person with a password is asked for it", func(t *testing.T) {
		a := start(t, func(c *tenant.Config) { c.People[0].Password = "Tr0ub4dor&3" })
		p := a.pager()
		login := p.get(a.authorizationURL(nil))
		asked := p.post(login, url.Values{"email": {erin}})
		if asked.status != http.StatusOK || !strings.Contains(asked.body, `type="password"`) || strings.Contains(asked.body, `role="alert"`) {
			t.Errorf("status %d: %s", asked.status, asked.body)
		}
		if wrong := p.post(asked, url.Values{"email": {erin}, "password": {""}}); wrong.status != http.StatusUnauthorized {
			t.Errorf("status %d", wrong.status)
		}
	})
}

func TestOtherHosts(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	address, err := url.Parse(a.tenant.Issuer())
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		address.Host: 200, "localhost:" + address.Port(): 200, "[::1]:" + address.Port(): 200,
		"evil.example:" + address.Port(): 421, "127.0.0.1:1": 421, "127.0.0.1": 421, "192.168.1.2:" + address.Port(): 421,
		"localhost.evil.example:" + address.Port(): 421,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.tenant.URL(tenant.Metadata), nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode != want {
			t.Errorf("%s: status %d, want %d", host, resp.StatusCode, want)
		}
	}
}
