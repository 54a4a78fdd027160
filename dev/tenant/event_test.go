package tenant_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
)

// journal is what a tenant said of its requests.
type journal struct {
	mu     sync.Mutex
	events []tenant.Event
}

func (j *journal) add(e tenant.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.events = append(j.events, e)
}

// take returns what was said since it was last asked.
func (j *journal) take() []tenant.Event {
	j.mu.Lock()
	defer j.mu.Unlock()
	events := j.events
	j.events = nil
	return events
}

func TestEvents(t *testing.T) {
	t.Parallel()
	at := newClock()
	for _, c := range []struct {
		name string
		act  func(a *app)
		want []string // METHOD PATH STATUS STEP, each event's beginning
	}{
		{"a sign-in with consent, and its tokens", func(a *app) {
			back := a.visitBack(tenant.Browser{Email: erin, Decline: []string{"profile"}}, nil)
			a.expect(a.exchange(back.Get("code"), nil), 200, "")
		}, []string{
			`GET /authorize 302 authorization request: scope "openid profile email offline_access read:timesheets approve:timesheets", PKCE S256 -> login page`,
			`GET /login 200 login page`,
			`POST /login 302 sign-in -> Erin Field is signed in in this browser -> consent page`,
			`GET /consent 200 consent page`,
			`POST /consent 302 consent -> given by Erin Field, declined profile -> back to the application with a code`,
			`POST /oauth/token 200 token request: authorization_code -> tokens for Erin Field: scope "openid email offline_access read:timesheets", with a refresh token`,
		}},
		{"a refresh that narrows, and a replay", func(a *app) {
			first := a.tokens(morgan, nil)
			if err := a.tenant.SetScopes(morgan, nil); err != nil {
				a.Fatal(err)
			}
			a.refresh(first.RefreshToken, nil)
			a.refresh(first.RefreshToken, nil)
			a.refresh("nonsense", nil)
		}, []string{"", "", "", "", "", "",
			`POST /oauth/token 200 token request: refresh_token -> the scopes change from "` + allAsked + `" -> rotated -> tokens for Morgan Lake: scope "openid profile email offline_access"`,
			`POST /oauth/token 403 token request: refresh_token -> reuse of a traded refresh token: its whole family is revoked -> refused: invalid_grant`,
			`POST /oauth/token 403 token request: refresh_token -> unknown refresh token -> refused: invalid_grant`,
		}},
		{"refusals", func(a *app) {
			a.pager().get(a.authorizationURL(url.Values{"redirect_uri": {"http://127.0.0.1:1/x\x1b[31m"}}))
			a.pager().get(a.authorizationURL(url.Values{"redirect_uri": nil}))
			a.pager().get(a.authorizationURL(url.Values{"client_id": nil}))
			a.signIn(erin, url.Values{"prompt": {"none"}})
			p := a.pager()
			login := p.get(a.authorizationURL(nil))
			p.post(login, url.Values{"email": {"nobody"}, "password": {"Tr0ub4dor&3"}})
			p.post(login, url.Values{"action": {"deny"}})
			<-a.returned
			a.exchange("nonsense", nil)
		}, []string{
			`GET /authorize 400 authorization request: scope "` + allAsked + `", PKCE S256 -> refused: Callback URL mismatch. http://127.0.0.1:1/x?[31m is not in the list of allowed callback URLs.`,
			`GET /authorize 400 authorization request: scope "` + allAsked + `", PKCE S256 -> refused: Callback URL mismatch. There is no redirect_uri.`,
			`GET /authorize 400 authorization request: scope "` + allAsked + `", PKCE S256 -> refused: Unknown client: there is no client_id.`,
			`GET /authorize 302 authorization request: scope "` + allAsked + `", PKCE S256 -> back to the application with the error login_required`,
			"", "",
			`POST /login 401 sign-in -> refused: nobody here has this e-mail address`,
			`POST /login 302 sign-in -> declined -> back to the application with the error access_denied`,
			`POST /oauth/token 403 token request: authorization_code -> refused: invalid_grant`,
		}},
		{"everything else", func(a *app) {
			r := a.tokens(erin, nil)
			a.userinfo(r.AccessToken)
			a.userinfo("junk")
			a.post(tenant.Revocation, url.Values{"client_id": {clientID}, "token": {r.AccessToken}})
			a.post(tenant.Revocation, url.Values{"client_id": {clientID}, "token": {r.RefreshToken}})
			a.keys()
			a.pager().get(a.tenant.URL(tenant.Metadata))
			a.pager().get(a.tenant.URL(tenant.Logout))
			a.tenant.Faults().Add(fault.Fault{Kind: fault.Unavailable, Times: 1})
			a.refresh(r.RefreshToken, nil)
			a.pager().get(strings.TrimSuffix(a.tenant.Issuer(), "/") + "/elsewhere?token=" + r.AccessToken)
		}, []string{"", "", "", "", "", "",
			`GET /userinfo 200 userinfo`,
			`GET /userinfo 401 userinfo -> refused: invalid_token`,
			`POST /oauth/revoke 200 revocation -> an access token of Erin Field is revoked`,
			`POST /oauth/revoke 200 revocation -> a sign-in of Erin Field is revoked`,
			`GET /.well-known/jwks.json 200 signing keys`,
			`GET /.well-known/openid-configuration 200 discovery`,
			`GET /v2/logout 302 sign-out -> the browser session was none`,
			`GET /signed-out 200 signed-out page`,
			`POST /oauth/token 500 a fault: 500 -> refused: server_error`,
			`GET /elsewhere 404 not found`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var seen journal
			a := start(t, func(cfg *tenant.Config) { cfg.Now, cfg.Log = at.now, seen.add })
			c.act(a)
			a.tenant.Close()
			events := seen.take()
			if len(events) != len(c.want) {
				t.Errorf("%d events, want %d", len(events), len(c.want))
			}
			for i, e := range events {
				if got := fmt.Sprintf("%s %s %d %s", e.Method, e.Path, e.Status, e.Step); i < len(c.want) && c.want[i] != "" && got != c.want[i] {
					t.Errorf("event %d:\n got %s\nwant %s", i, got, c.want[i])
				}
				if e.Server != "tenant" || !e.Time.Equal(at.now()) || e.Took < 0 {
					t.Errorf("event %d: %+v", i, e)
				}
			}
		})
	}
}

func TestEventsHoldNoSecret(t *testing.T) {
	t.Parallel()
	var seen journal
	a := start(t, func(c *tenant.Config) { c.Log, c.People[0].Password = seen.add, "Tr0ub4dor&3" })
	back := a.visitBack(tenant.Browser{Email: erin, Password: "Tr0ub4dor&3"}, nil)
	first := a.exchange(back.Get("code"), nil)
	second := a.refresh(first.RefreshToken, nil)
	a.exchange(back.Get("code"), nil)
	a.post(tenant.Revocation, url.Values{"client_id": {clientID}, "token": {second.RefreshToken}})
	a.userinfo(second.AccessToken)
	device := a.askForCode(nil)
	a.askForTokens(device.DeviceCode)
	for _, garbled := range []url.Values{
		{"grant_type": {first.RefreshToken}, "client_id": {second.RefreshToken}},
		{"grant_type": {"authorization_code"}, "client_id": {second.RefreshToken}, "code": {second.AccessToken}},
	} {
		a.post(tenant.Token, garbled)
	}
	a.tenant.Close()
	secrets := map[string]string{
		"code": back.Get("code"), "verifier": verifier, "state": "the-state", "nonce": "the-nonce", "password": "Tr0ub4dor",
		"access token": first.AccessToken, "ID token": first.IDToken, "refresh token": first.RefreshToken,
		"next refresh token": second.RefreshToken, "next access token": second.AccessToken, "device code": device.DeviceCode,
	}
	events := seen.take()
	if len(events) < 13 {
		t.Fatalf("%d events", len(events))
	}
	for _, e := range events {
		for kind, secret := range secrets {
			if strings.Contains(e.String(), secret) || strings.Contains(e.String(), secret[:len(secret)*2/3]) {
				t.Errorf("an event holds the %s: %s", kind, e)
			}
		}
	}
}

func TestEventAsALine(t *testing.T) {
	t.Parallel()
	e := tenant.Event{
		Time: time.Date(2026, 3, 2, 9, 30, 5, 0, time.UTC), Server: "api", Method: "G\nET", Path: "/x\x1b[31m" + strings.Repeat("y", 500),
		Status: 403, Step: "refused",
	}
	long := "/x?[31m" + strings.Repeat("y", 393) + "..."
	if got, want := e.String(), "09:30:05  api    403  G?ET   "+long+"  refused"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got, want := e.Text(true), "\x1b[2m09:30:05\x1b[0m  api    \x1b[33m403\x1b[0m  G?ET   "+long+"  refused"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for status, color := range map[int]string{200: "32", 302: "32", 500: "31"} {
		e.Status = status
		if got := e.Text(true); !strings.Contains(got, fmt.Sprintf("\x1b[%sm%d\x1b[0m", color, status)) {
			t.Errorf("%q", got)
		}
	}
}

func TestCloseWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	under, closed := make(chan struct{}), make(chan struct{})
	a := start(t, func(c *tenant.Config) {
		c.Log = func(tenant.Event) {
			close(under)
			select {
			case <-closed:
				t.Error("it is closed before the last request is logged")
			case <-time.After(100 * time.Millisecond): // too short, it could only miss the error
			}
		}
	})
	go func() {
		resp, err := http.Get(a.tenant.URL(tenant.Metadata)) // which Close cuts
		if err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-under
	a.tenant.Close()
	close(closed)
}
