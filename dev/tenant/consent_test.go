package tenant_test

import (
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/scaffold/dev/tenant"
)

const (
	erin   = "erin@exampleco.com"
	morgan = "morgan@exampleco.com"
)

func newJar(t *testing.T) http.CookieJar {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return jar
}

// visitBack is a person's way through the pages, to the callback.
func (a *app) visitBack(b tenant.Browser, change url.Values) url.Values {
	a.Helper()
	if _, err := b.SignIn(a.Context(), a.authorizationURL(change)); err != nil {
		a.Fatal(err)
	}
	return <-a.returned
}

// stops tells where a browser with these cookies is led at first: to a page of
// the tenant, or back with an error or a code.
func (a *app) stops(jar http.CookieJar, change url.Values) string {
	a.Helper()
	p := &pager{a.T, &http.Client{Jar: jar}}
	at := p.get(a.authorizationURL(change))
	if strings.HasPrefix(at.at.String(), a.callback) {
		back := <-a.returned
		if back.Get("error") != "" {
			return back.Get("error")
		}
		if back.Get("code") == "" {
			a.Errorf("back with %v", back)
		}
		return "code"
	}
	return at.at.Path
}

func TestConsentPage(t *testing.T) {
	t.Parallel()
	a := start(t, func(c *tenant.Config) {
		c.App = "Timesheets"
		c.Scopes = map[string]string{"read:timesheets": "Read your own timesheets", "approve:timesheets": "Approve those of your team"}
	})
	p := a.pager()
	consent := p.post(p.get(a.authorizationURL(nil)), url.Values{"email": {erin}})
	if consent.status != http.StatusOK || consent.at.Path != "/consent" || !strings.Contains(consent.header.Get("Content-Security-Policy"), "default-src 'none'") {
		t.Errorf("status %d at %s: %v", consent.status, consent.at, consent.header)
	}
	for _, want := range []string{"Timesheets", "Erin Field", "Read your own timesheets", `value="profile"`, "read:timesheets"} {
		if !strings.Contains(consent.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(consent.body, "approve:timesheets") {
		t.Error("the page offers what the person's role does not grant")
	}
	t.Run("what is not ticked is declined, but for openid", func(t *testing.T) {
		a := a.in(t)
		p.post(consent, url.Values{"action": {"allow"}, "scope": {"profile", "offline_access", "approve:timesheets"}})
		r := a.exchange((<-a.returned).Get("code"), nil)
		a.expect(r, http.StatusOK, "")
		if r.Scope == nil || *r.Scope != "openid profile offline_access" || a.claims(r.AccessToken)["scope"] != *r.Scope {
			t.Errorf("granted %v, in the token %v", r.Scope, a.claims(r.AccessToken)["scope"])
		}
	})
}

func TestDeclinedScopes(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	back := a.visitBack(tenant.Browser{Email: morgan, Decline: []string{"approve:timesheets", "profile"}}, nil)
	first := a.exchange(back.Get("code"), nil)
	const given = "openid email offline_access read:timesheets"
	t.Run("they are in no token, and the reply says so", func(t *testing.T) {
		a := a.in(t)
		a.expect(first, http.StatusOK, "")
		if first.Scope == nil || *first.Scope != given || a.claims(first.AccessToken)["scope"] != given {
			t.Errorf("granted %v", first.Scope)
		}
		if _, has := a.claims(first.IDToken)["name"]; has || a.claims(first.IDToken)["email"] != morgan {
			t.Errorf("ID token: %v", a.claims(first.IDToken))
		}
		if _, claims, _ := a.userinfo(first.AccessToken); claims["name"] != nil || claims["email"] != morgan {
			t.Errorf("userinfo: %v", claims)
		}
	})
	t.Run("a refresh does not bring them back", func(t *testing.T) {
		a := a.in(t)
		a.expect(a.refresh(first.RefreshToken, url.Values{"scope": {"approve:timesheets"}}), http.StatusBadRequest, "invalid_scope")
		next := a.refresh(first.RefreshToken, nil)
		a.expect(next, http.StatusOK, "")
		if got := a.claims(next.AccessToken)["scope"]; got != given {
			t.Errorf("granted %v", got)
		}
	})
	t.Run("offline_access can be declined: then there is no refresh token", func(t *testing.T) {
		a := a.in(t)
		back := a.visitBack(tenant.Browser{Email: morgan, Decline: []string{"offline_access"}}, url.Values{"prompt": {"consent"}})
		if r := a.exchange(back.Get("code"), nil); r.RefreshToken != "" || r.AccessToken == "" {
			t.Errorf("reply: %+v", r)
		}
	})
	t.Run("who declines everything has denied", func(t *testing.T) {
		a := a.in(t)
		back := a.visitBack(tenant.Browser{Email: erin, Decline: []string{"email"}}, url.Values{"scope": {"email"}})
		if back.Get("error") != "access_denied" {
			t.Errorf("the callback got %v", back)
		}
	})
	for _, action := range []string{"deny", "", "other"} {
		t.Run("nothing is granted by the action "+strconv.Quote(action), func(t *testing.T) {
			a := a.in(t)
			p := a.pager()
			consent := p.post(p.get(a.authorizationURL(nil)), url.Values{"email": {erin}})
			p.post(consent, url.Values{"action": {action}, "scope": {"openid", "profile"}})
			if back := <-a.returned; back.Get("error") != "access_denied" || back.Has("code") {
				t.Errorf("the callback got %v", back)
			}
		})
	}
	t.Run("a browser cannot decline what is not offered", func(t *testing.T) {
		a := a.in(t)
		b := tenant.Browser{Email: erin, Decline: []string{"approve:timesheets"}}
		if _, err := b.SignIn(t.Context(), a.authorizationURL(nil)); err == nil || !strings.Contains(err.Error(), "decline approve:timesheets") {
			t.Errorf("error %v", err)
		}
	})
}

func TestConsentIsRemembered(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	firstScopes := url.Values{"scope": {"openid profile read:timesheets"}}
	jar := newJar(t)
	if got := a.stops(jar, firstScopes); got != "/login" {
		t.Errorf("at first: %s", got)
	}
	a.visitBack(tenant.Browser{Email: morgan, Jar: jar}, firstScopes)
	for _, c := range []struct {
		name   string
		change url.Values
		want   string
	}{
		{"the same again needs no page", firstScopes, "code"},
		{"less needs no page", url.Values{"scope": {"openid"}}, "code"},
		{"more is asked for", nil, "/consent"},
		{"prompt=consent asks again", url.Values{"scope": firstScopes["scope"], "prompt": {"consent"}}, "/consent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := a.in(t).stops(jar, c.change); got != c.want {
				t.Errorf("it leads to %s, want %s", got, c.want)
			}
		})
	}
	t.Run("the consent counts in another browser too, and is that of the person", func(t *testing.T) {
		a := a.in(t)
		for email, want := range map[string]string{morgan: "/callback", erin: "/consent"} {
			p := a.pager()
			after := p.post(p.get(a.authorizationURL(firstScopes)), url.Values{"email": {email}})
			if after.at.Path != want {
				t.Errorf("%s is led to %s, want %s", email, after.at.Path, want)
			}
			if want == "/callback" {
				<-a.returned
			}
		}
	})
	t.Run("what was declined is asked for again", func(t *testing.T) {
		a := a.in(t)
		a.visitBack(tenant.Browser{Jar: jar, Decline: []string{"profile"}}, url.Values{"scope": firstScopes["scope"], "prompt": {"consent"}})
		if got := a.stops(jar, firstScopes); got != "/consent" {
			t.Errorf("it leads to %s", got)
		}
		if got := a.stops(jar, url.Values{"scope": {"openid read:timesheets"}}); got != "code" {
			t.Errorf("without it, it leads to %s", got)
		}
	})
	t.Run("a token for the API that is only named at the token endpoint was consented to", func(t *testing.T) {
		d := start(t, func(c *tenant.Config) { c.Layout = tenant.Discovery })
		back := d.visitBack(tenant.Browser{Email: morgan, Decline: []string{"approve:timesheets"}}, url.Values{"audience": nil})
		r := d.exchange(back.Get("code"), url.Values{"resource": {audience}})
		if got := d.claims(r.AccessToken)["scope"]; got != "openid profile email offline_access read:timesheets" {
			t.Errorf("granted %v", got)
		}
	})
}

func TestSkipConsent(t *testing.T) {
	t.Parallel()
	a := start(t, func(c *tenant.Config) { c.SkipConsent = true })
	p := a.pager()
	if after := p.post(p.get(a.authorizationURL(nil)), url.Values{"email": {erin}}); after.at.Path != "/callback" {
		t.Fatalf("it leads to %s", after.at)
	}
	r := a.exchange((<-a.returned).Get("code"), nil)
	a.expect(r, http.StatusOK, "")
	if got := a.claims(r.AccessToken)["scope"]; got != "openid profile email offline_access read:timesheets" {
		t.Errorf("granted %v", got)
	}
	t.Run("a link to a device's code is not all it takes", func(t *testing.T) {
		a := a.in(t)
		if after := p.get(a.askForCode(nil).Complete); after.at.Path != "/login" {
			t.Errorf("it leads to %s", after.at)
		}
	})
}

func TestConsentOnADevice(t *testing.T) {
	t.Parallel()
	a := start(t, nil)
	jar := newJar(t)
	a.visitBack(tenant.Browser{Email: morgan, Jar: jar}, nil)
	r := a.askForCode(nil)
	p := &pager{t, &http.Client{Jar: jar}}
	consent := p.get(r.Complete)
	if consent.at.Path != "/consent" || !strings.Contains(consent.body, r.UserCode) {
		t.Fatalf("it leads to %s, which does not show the code: %s", consent.at, consent.body)
	}
	_, err := tenant.Browser{Jar: jar, Decline: []string{"approve:timesheets"}}.SignIn(t.Context(), r.Complete)
	if !errors.Is(err, tenant.ErrNotReturned) {
		t.Fatal(err)
	}
	tokens := a.askForTokens(r.DeviceCode)
	a.expect(tokens, http.StatusOK, "")
	if scopes := strings.Fields(a.claims(tokens.AccessToken)["scope"].(string)); slices.Contains(scopes, "approve:timesheets") || !slices.Contains(scopes, "read:timesheets") {
		t.Errorf("granted %q", scopes)
	}
	t.Run("a code that no device waits for is told apart", func(t *testing.T) {
		noDevice := a.in(t).pager().get(a.authorizationURL(nil)).hidden().Get("id")
		for _, code := range []string{"BCDF-GHJK", noDevice} {
			at := p.get(r.Page + "?user_code=" + code)
			if at.status != http.StatusBadRequest || !regexp.MustCompile(`role="alert"[^>]*>No device waits`).MatchString(at.body) {
				t.Errorf("status %d: %s", at.status, at.body)
			}
		}
	})
}
