package dev_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev"
	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/spec"
)

const (
	auth0Tenant = "tenant: {domain: exampleco.eu.auth0.com, client_id: notes, callbacks: ['http://127.0.0.1:8484/callback']}\n"
	oidcTenant  = "tenant: {issuer: https://id.example.com, client_id: notes, callbacks: ['com.exampleco.notes:/callback']}\n"
	notes       = `version: 1
package: notes
audience: https://api.exampleco.com/notes
scopes: {openid: , offline_access: , read:notes: Read your notes, write:notes: {request: on-demand}, read:all: {request: on-demand}}
api: {base_url: https://api.exampleco.com/v1/}
types: {Note: {id: integer, text: string}}
endpoints:
  ListNotes: {get: /notes, scopes: [read:notes], returns: [Note]}
  AddNote: {post: /notes, scopes: [write:notes], body: Note, returns: Note}
  Version: {get: /version, auth: none, returns: string}
`
	people = `dev:
  roles: {reader: [read:notes], writer: [write:notes, read:notes]}
  users: {carl: {roles: [writer, reader], name: Carl Gauss, email: carl@exampleco.com}, dora: , emmy: {roles: [reader]}}
`
)

func parse(t *testing.T, text string) *spec.File {
	t.Helper()
	file, err := dev.Parse("notes.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func start(t *testing.T, cfg dev.Config) *dev.Server {
	t.Helper()
	server, err := dev.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return server
}

func TestPeople(t *testing.T) {
	t.Parallel()
	list := func(text string) string {
		var all []string
		for _, p := range dev.People(parse(t, text)) {
			all = append(all, fmt.Sprintf("%s (%s, %s, %v): %s", p.Subject, p.Name, p.Email, p.Roles, strings.Join(p.Scopes, " ")))
		}
		return strings.Join(all, "\n")
	}
	eager := strings.ReplaceAll(notes, "{request: on-demand}", "Anything")
	const ada = "ada (Ada, ada@example.com, []): "
	for _, test := range []struct{ name, spec, want string }{
		{"as the spec says", notes + auth0Tenant + people, "carl (Carl Gauss, carl@exampleco.com, [writer reader]): read:notes write:notes\n" +
			"dora (Dora, dora@example.com, []): \nemmy (Emmy, emmy@example.com, [reader]): read:notes"},
		{"without dev, Ben has what a first sign-in asks for", notes + auth0Tenant,
			ada + "read:notes write:notes read:all\nben (Ben, ben@example.com, []): read:notes"},
		{"or, if that is all, what reading needs", eager + auth0Tenant,
			ada + "read:notes write:notes read:all\nben (Ben, ben@example.com, []): read:notes"},
		{"without an API, nothing is to be granted", "version: 1\npackage: notes\nscopes: {openid: , offline_access: }\n" + oidcTenant,
			ada + "\nben (Ben, ben@example.com, []): "},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := list(test.spec); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// authorizationURL is what an application opens.
func authorizationURL(s *dev.Server, callback, scope string) string {
	return s.Tenant().URL(tenant.Authorization) + "?" + url.Values{
		"response_type": {"code"}, "client_id": {"notes"}, "redirect_uri": {callback}, "scope": {scope}, "state": {"opaque"},
		"code_challenge": {strings.Repeat("c", 43)}, "code_challenge_method": {"S256"},
	}.Encode()
}

func TestSignInReturnsTheCallback(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ tenant, callback string }{
		"on loopback, where nobody listens": {auth0Tenant, "http://127.0.0.1:8484/callback"},
		"of an app's own scheme":            {oidcTenant, "com.exampleco.notes:/callback"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := start(t, dev.Config{Spec: parse(t, notes+test.tenant)})
			for browser, want := range map[string]string{"": "code=", "Deny": "error=access_denied"} {
				got, err := server.SignIn(t.Context(), tenant.Browser{Email: "ada@example.com", Deny: browser == "Deny"},
					authorizationURL(server, test.callback, "openid read:notes"))
				if err != nil || !strings.HasPrefix(got, test.callback+"?") || !strings.Contains(got, want) || !strings.Contains(got, "state=opaque") {
					t.Errorf("%q, %v; want %s", got, err, want)
				}
			}
		})
	}
	t.Run("and does not open it", func(t *testing.T) {
		t.Parallel()
		callback := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Error("opened", r.URL.Path) }))
		t.Cleanup(callback.Close)
		server := start(t, dev.Config{Spec: parse(t, notes+strings.Replace(auth0Tenant, "http://127.0.0.1:8484", callback.URL, 1))})
		got, err := server.SignIn(t.Context(), tenant.Browser{Email: "ada@example.com"}, authorizationURL(server, callback.URL+"/callback", "openid"))
		if err != nil || !strings.HasPrefix(got, callback.URL+"/callback?") {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("or says why there is none", func(t *testing.T) {
		t.Parallel()
		server := start(t, dev.Config{Spec: parse(t, notes+auth0Tenant)})
		good := authorizationURL(server, "http://127.0.0.1:8484/callback", "openid")
		for address, browser := range map[string]tenant.Browser{
			good:                                     {Email: "nobody@example.com"},
			strings.Replace(good, "8484", "8486", 1): {Email: "ada@example.com"},
		} {
			if got, err := server.SignIn(t.Context(), browser, address); !errors.Is(err, tenant.ErrNotReturned) {
				t.Errorf("%q, %v", got, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if got, err := server.SignIn(ctx, tenant.Browser{Email: "ada@example.com"}, good); !errors.Is(err, context.Canceled) {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func get(t *testing.T, address string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Error(err)
	}
	return resp
}

func TestTheAPIIsServedBelowThePathOfTheSpec(t *testing.T) {
	t.Parallel()
	server := start(t, dev.Config{Spec: parse(t, notes+auth0Tenant)})
	if base := server.BaseURL(); !strings.HasPrefix(base, "http://127.0.0.1:") || !strings.HasSuffix(base, "/v1") {
		t.Fatalf("BaseURL = %q", base)
	}
	if resp := get(t, server.BaseURL()+"/version"); resp.StatusCode != http.StatusOK {
		t.Errorf("a public endpoint: status %d", resp.StatusCode)
	}
	resp := get(t, server.BaseURL()+"/notes")
	if challenge := resp.Header.Get("WWW-Authenticate"); resp.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(challenge, "Bearer") {
		t.Errorf("without a token: status %d, %q", resp.StatusCode, challenge)
	}
	if calls := server.API().Calls(); len(calls) != 2 || calls[1].Endpoint != "ListNotes" {
		t.Errorf("calls: %+v", calls)
	}
}

func TestFaultsOfTheAPI(t *testing.T) {
	t.Parallel()
	server := start(t, dev.Config{Spec: parse(t, notes+auth0Tenant)})
	for _, kind := range []fault.Kind{fault.Unavailable, fault.TooMany, fault.Expired} {
		server.Faults().Add(fault.Fault{Endpoint: fault.API, Kind: kind, After: time.Second, Times: 1})
	}
	for _, want := range []struct {
		status                int
		retryAfter, challenge string
	}{{500, "", ""}, {429, "1", ""}, {401, "", "invalid_token"}, {200, "", ""}} {
		resp := get(t, server.BaseURL()+"/version")
		if resp.StatusCode != want.status || resp.Header.Get("Retry-After") != want.retryAfter || !strings.Contains(resp.Header.Get("WWW-Authenticate"), want.challenge) {
			t.Errorf("status %d, %v; want %+v", resp.StatusCode, resp.Header, want)
		}
	}
}

func TestBothAreLogged(t *testing.T) {
	t.Parallel()
	events := make(chan tenant.Event, 10)
	server := start(t, dev.Config{Spec: parse(t, notes+auth0Tenant), Log: func(e tenant.Event) { events <- e }})
	get(t, server.Issuer()+".well-known/openid-configuration")
	get(t, server.BaseURL()+"/notes")
	get(t, server.BaseURL()+"/nowhere")
	for _, want := range []string{"/.well-known/openid-configuration", "/v1/notes  ListNotes by somebody: ", "/v1/nowhere  "} {
		if line := (<-events).String(); !strings.Contains(line, want) {
			t.Errorf("line %q, want %q", line, want)
		}
	}
}

func TestWithoutAnAPI(t *testing.T) {
	t.Parallel()
	server := start(t, dev.Config{Spec: parse(t, "version: 1\npackage: notes\nscopes: {openid: , offline_access: }\n"+oidcTenant)})
	if server.BaseURL() != "" || server.API() != nil {
		t.Errorf("BaseURL = %q, API = %v", server.BaseURL(), server.API())
	}
	if resp := get(t, server.Issuer()+"/.well-known/openid-configuration"); resp.StatusCode != http.StatusOK {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestAddPerson(t *testing.T) {
	t.Parallel()
	taken := strings.Replace(people, "dora: ", "user-4: {email: user-5@example.com}", 1)
	server := start(t, dev.Config{Spec: parse(t, notes+auth0Tenant+taken)})
	var ids []string
	for range 2 {
		p, err := server.AddPerson("read:notes")
		if err != nil || !slices.Equal(p.Scopes, []string{"read:notes"}) {
			t.Fatalf("%+v, %v", p, err)
		}
		if _, err := server.SignIn(t.Context(), tenant.Browser{Email: p.Email}, authorizationURL(server, "http://127.0.0.1:8484/callback", "openid")); err != nil {
			t.Error(err)
		}
		ids = append(ids, p.Subject)
	}
	if !slices.Equal(ids, []string{"user-6", "user-7"}) || len(server.People()) != 5 {
		t.Errorf("added %q to %d", ids, len(server.People()))
	}
}

func TestWhatCannotBeServed(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := busy.Close(); err != nil {
			t.Error(err)
		}
	})
	file := parse(t, notes+auth0Tenant)
	for name, test := range map[string]struct {
		cfg  dev.Config
		says string
	}{
		"no spec":                         {dev.Config{}, "there is no spec"},
		"a tenant that others can reach":  {dev.Config{Spec: file, Addr: "0.0.0.0:0"}, "not a loopback address"},
		"an API that others can reach":    {dev.Config{Spec: file, APIAddr: ":0"}, "not a loopback address"},
		"an API at something odd":         {dev.Config{Spec: file, APIAddr: "here"}, "missing port"},
		"an API at a port that is in use": {dev.Config{Spec: file, APIAddr: busy.Addr().String()}, "address already in use"},
	} {
		t.Run(name, func(t *testing.T) {
			if server, err := dev.Start(test.cfg); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v, %v", server, err)
			}
		})
	}
}

func TestTheAPIAnswersForLoopbackAddressesAlone(t *testing.T) {
	t.Parallel()
	server := start(t, dev.Config{Spec: parse(t, notes+auth0Tenant)})
	address, err := url.Parse(server.BaseURL())
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]int{
		address.Host: 200, "localhost:" + address.Port(): 200, "[::1]:" + address.Port(): 200,
		"evil.example:" + address.Port(): 421, "127.0.0.1:1": 421, "192.168.1.2:" + address.Port(): 421,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.BaseURL()+"/version", nil)
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

func TestParseTellsEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := dev.Parse("notes.yaml", []byte(strings.NewReplacer("[read:notes]", "[read:note]", "returns: Note", "returns: Nota").Replace(notes+auth0Tenant)))
	if err == nil || !strings.Contains(err.Error(), `did you mean "read:notes"?`) || !strings.Contains(err.Error(), `did you mean "Note"?`) {
		t.Errorf("%v", err)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	var clock dev.Clock
	if ahead := time.Until(clock.Now()); ahead > time.Second || ahead < -time.Minute {
		t.Errorf("the zero Clock is %v ahead", ahead)
	}
	clock.Advance(time.Hour)
	clock.Advance(time.Hour)
	if ahead := time.Until(clock.Now()); ahead > 2*time.Hour || ahead < 2*time.Hour-time.Minute {
		t.Errorf("%v ahead, want two hours", ahead)
	}
}
