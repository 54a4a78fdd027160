package doctor_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/internal/doctor"
)

func TestAllIsWell(t *testing.T) {
	for name, auth0 := range map[string]bool{"Auth0": true, "OpenID Connect": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, auth0)
			findings := w.examine()
			if doctor.Worst(findings) != doctor.OK {
				t.Errorf("\n%s", doctor.Text(findings, false))
			}
			var checks []string
			for _, f := range findings {
				checks = append(checks, f.Check)
				if f.Advice != "" {
					t.Errorf("%+v", f)
				}
			}
			want := []string{"spec", "callback port", "callback port", "discovery", "issuer", "endpoints", "PKCE", "response type", "grant types",
				"scopes", "ID tokens", "callback's iss", "revocation", "browser session", "device sign-in", "clock", "signing keys",
				"sign-in", "sign-in", "API", "API guard"}
			if auth0 {
				want = slices.Replace(want, 12, 13)
				want = slices.Insert(want, 16, "fixed path", "fixed path")
			}
			if !slices.Equal(checks, want) {
				t.Errorf("%q", checks)
			}
		})
	}
}

// The sign-in that is begun is that of a generated client, and nothing that is
// sent is a secret.
func TestWhatIsSent(t *testing.T) {
	for name, auth0 := range map[string]bool{"Auth0": true, "OpenID Connect": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, auth0)
			w.examine()
			close(w.requests)
			var callbacks []string
			for r := range w.requests {
				if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" || r.ContentLength > 0 {
					t.Errorf("%s %s with %v", r.Method, r.URL, r.Header)
				}
				if r.URL.Path != "/authorize" {
					continue
				}
				query := r.URL.Query()
				callbacks = append(callbacks, query.Get("redirect_uri"))
				for _, random := range []string{"state", "nonce", "code_challenge"} {
					if len(query.Get(random)) < 26 {
						t.Errorf("%s is %q", random, query.Get(random))
					}
					query.Del(random)
				}
				query.Del("redirect_uri")
				want := url.Values{
					"response_type": {"code"}, "client_id": {"notes"}, "scope": {"openid profile offline_access read:notes"},
					"code_challenge_method": {"S256"}, "ui_locales": {"de"},
				}
				if auth0 {
					want.Set("audience", "https://api.example.com/notes")
				} else {
					want.Set("resource", "https://api.example.com/notes")
					want.Set("prompt", "consent")
				}
				if !reflect.DeepEqual(query, want) {
					t.Errorf("%v", query)
				}
			}
			slices.Sort(callbacks)
			slices.Sort(w.callbacks)
			if !slices.Equal(callbacks, w.callbacks) {
				t.Errorf("callbacks: %q", callbacks)
			}
		})
	}
}

// rule is a change that makes the world worse, and what must be said of it.
type rule struct {
	name   string
	change func(w *world)
	status doctor.Status
	check  string
	says   string // is part of the detail, or of the advice
}

func without(member string) func(*world) {
	return func(w *world) { delete(w.document, member) }
}

func with(member string, value any) func(*world) {
	return func(w *world) { w.document[member] = value }
}

func serving(path string, status int, contentType, body string) func(*world) {
	return func(w *world) { w.handlers[path] = say(status, contentType, body) }
}

// leading makes the tenant answer a sign-in with a redirect; CALLBACK stands
// for the callback.
func leading(to string) func(*world) {
	return func(w *world) {
		w.handlers["/authorize"] = func(rw http.ResponseWriter, r *http.Request) {
			rw.Header().Set("Location", strings.ReplaceAll(to, "CALLBACK", r.URL.Query().Get("redirect_uri")))
			rw.WriteHeader(http.StatusFound)
		}
	}
}

func refusing(status int, body string) func(*world) {
	return serving("/authorize", status, "text/html", body)
}

func ahead(d time.Duration) func(*world) {
	return func(w *world) { w.now = func() time.Time { return time.Now().Add(d) } }
}

func test(t *testing.T, auth0 bool, rules []rule) {
	t.Helper()
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, auth0)
			r.change(w)
			findings := w.examine()
			found := slices.ContainsFunc(findings, func(f doctor.Finding) bool {
				return f.Status == r.status && f.Check == r.check && strings.Contains(f.Detail+" -> "+f.Advice, r.says) && (f.Status == doctor.OK) == (f.Advice == "")
			})
			if !found {
				t.Errorf("no %s of %s with %q in\n%s", r.status, r.check, r.says, doctor.Text(findings, false))
			}
			for _, f := range findings {
				if f.Status != doctor.OK && f.Check != r.check {
					t.Errorf("also: %+v", f)
				}
			}
		})
	}
}

func TestMachine(t *testing.T) {
	test(t, false, []rule{
		{"a port that is taken is a warning while another is free", func(w *world) { w.occupy(w.callbacks[0]) }, doctor.Warn, "callback port", "goes on to the next callback"},
		{"no free port is a failure", func(w *world) { w.occupy(w.callbacks[0]); w.occupy(w.callbacks[1]) }, doctor.Fail, "callback port", "nobody can sign in on this machine"},
		{"a clock that is 28 s ahead is fine", ahead(28 * time.Second), doctor.OK, "clock", "ahead of"},
		{"a clock that is 45 s ahead is a warning", ahead(45 * time.Second), doctor.Warn, "clock", "ahead of"},
		{"a clock that is 45 s behind is a warning", ahead(-45 * time.Second), doctor.Warn, "clock", "behind"},
		{"a clock that is 2 min behind is a failure", ahead(-2 * time.Minute), doctor.Fail, "clock", "behind the tenant -> set this machine's clock"},
		{"a reply without a date tells nothing", func(w *world) {
			handler := w.handlers["/.well-known/openid-configuration"]
			w.handlers["/.well-known/openid-configuration"] = func(rw http.ResponseWriter, r *http.Request) {
				rw.Header()["Date"] = nil
				handler(rw, r)
			}
		}, doctor.Warn, "clock", "no date"},
		{"a reply from a cache is as old as it says", func(w *world) {
			handler := w.handlers["/.well-known/openid-configuration"]
			w.handlers["/.well-known/openid-configuration"] = func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
				rw.Header().Set("Age", "3600")
				handler(rw, r)
			}
		}, doctor.OK, "clock", "this machine is"},
	})
	t.Run("an app's own callback is not looked for on this machine", func(t *testing.T) {
		w := newWorld(t, false)
		w.callbacks, w.offline = []string{"com.exampleco.notes:/callback"}, true
		if findings := w.examine(); len(findings) != 1 || findings[0].Check != "spec" {
			t.Errorf("%+v", findings)
		}
	})
	t.Run("offline sends nothing", func(t *testing.T) {
		w := newWorld(t, false)
		w.offline = true
		findings := w.examine()
		if len(findings) != 3 || len(w.requests) != 0 {
			t.Errorf("%d requests, %+v", len(w.requests), findings)
		}
	})
}

func TestTenant(t *testing.T) {
	test(t, false, []rule{
		{"a tenant that is not there", func(w *world) { w.tenant.Close() }, doctor.Fail, "discovery", "connection refused -> check the tenant's name"},
		{"discovery that is not there", serving("/.well-known/openid-configuration", 404, "text/html", ""), doctor.Fail, "discovery", "HTTP 404"},
		{"discovery elsewhere", func(w *world) {
			w.handlers["/.well-known/openid-configuration"] = http.RedirectHandler("/x", http.StatusMovedPermanently).ServeHTTP
		}, doctor.Fail, "discovery", "not followed"},
		{"an issuer with a slash more", func(w *world) { w.document["issuer"] = w.issuer + "/" }, doctor.Fail, "issuer", "-> write issuer: http://127.0.0.1"},
		{"no issuer", without("issuer"), doctor.Fail, "issuer", "not an OpenID Provider's"},
		{"no authorization endpoint", without("authorization_endpoint"), doctor.Fail, "endpoints", "authorization_endpoint is missing"},
		{"no token endpoint", without("token_endpoint"), doctor.Fail, "endpoints", "token_endpoint is missing"},
		{"no keys", without("jwks_uri"), doctor.Fail, "endpoints", "jwks_uri is missing"},
		{"an endpoint that is not https", with("token_endpoint", "http://id.example.com/token"), doctor.Fail, "endpoints", `"http://id.example.com/token" is not https`},
		{"an optional endpoint that is not https", with("userinfo_endpoint", "http://id.example.com/me"), doctor.Fail, "endpoints", "not https"},
		{"an endpoint that is no URL", with("token_endpoint", "/token"), doctor.Fail, "endpoints", "not a whole URL"},
		{"an endpoint with a fragment", with("token_endpoint", "https://id.example.com/token#a"), doctor.Fail, "endpoints", "has a fragment"},
		{"an endpoint with a password", with("token_endpoint", "https://a:b@id.example.com/token"), doctor.Fail, "endpoints", "password"},
		{"PKCE that is not published", without("code_challenge_methods_supported"), doctor.Warn, "PKCE", "not published"},
		{"PKCE without S256", with("code_challenge_methods_supported", []string{"plain"}), doctor.Fail, "PKCE", "no S256: plain"},
		{"response types that are not published", without("response_types_supported"), doctor.Warn, "response type", "not published"},
		{"no code", with("response_types_supported", []string{"id_token"}), doctor.Fail, "response type", "no code: id_token"},
		{"grant types that are not published are usual", without("grant_types_supported"), doctor.OK, "grant types", "usual"},
		{"no authorization_code", func(w *world) {
			delete(w.document, "device_authorization_endpoint")
			w.document["grant_types_supported"] = []string{}
		}, doctor.Fail, "grant types", "no authorization_code: (none)"},
		{"no refresh_token", func(w *world) {
			delete(w.document, "device_authorization_endpoint")
			w.document["grant_types_supported"] = []string{"authorization_code"}
		}, doctor.Warn, "grant types", "no refresh_token: authorization_code"},
		{"no refresh_token is fine without offline_access", func(w *world) {
			w.changes = []string{"offline_access: , ", ""}
			delete(w.document, "device_authorization_endpoint")
			w.document["grant_types_supported"] = []string{"authorization_code"}
		}, doctor.OK, "grant types", "authorization_code"},
		{"scopes that are not published are usual", without("scopes_supported"), doctor.OK, "scopes", "usual"},
		{"a standard scope that is not listed", with("scopes_supported", []string{"openid", "profile"}), doctor.Warn, "scopes", "has no offline_access"},
		{"an API's scopes that are not listed are usual", func(*world) {}, doctor.OK, "scopes", "usual for an API's: read:notes delete:notes"},
		{"all scopes", with("scopes_supported", []string{"openid", "profile", "offline_access", "read:notes", "delete:notes"}), doctor.OK, "scopes", "all are supported"},
		{"algorithms that are not published", without("id_token_signing_alg_values_supported"), doctor.Warn, "ID tokens", "RS256 is expected"},
		{"no algorithm for a public client", with("id_token_signing_alg_values_supported", []string{"HS256", "none"}), doctor.Fail, "ID tokens", "signed with HS256 none alone"},
		{"no promise of iss is usual", without("authorization_response_iss_parameter_supported"), doctor.OK, "callback's iss", "not promised"},
		{"no revocation", without("revocation_endpoint"), doctor.Warn, "revocation", "Logout forgets the credentials on this machine"},
		{"no end of the session", without("end_session_endpoint"), doctor.Warn, "browser session", "EndBrowserSession"},
		{"no device sign-in is usual", without("device_authorization_endpoint"), doctor.OK, "device sign-in", "not offered"},
		{"a device sign-in without its grant", with("grant_types_supported", []string{"authorization_code", "refresh_token"}), doctor.Warn, "device sign-in", "device_code"},
		{"a long list is cut", with("response_types_supported", strings.Fields("a b c d e f g h i j")), doctor.Fail, "response type", "a b c d e f g h and 2 more"},
		{"keys that are not there", serving("/.well-known/jwks.json", 500, "text/html", ""), doctor.Fail, "signing keys", "HTTP 500"},
		{"no key that verifies", serving("/.well-known/jwks.json", 200, "application/json", `{"keys": [{"kty": "oct", "k": "AAAA"}]}`), doctor.Fail, "signing keys", "none of the 1"},
	})
}

func TestAuth0(t *testing.T) {
	test(t, true, []rule{
		{"a domain that is not the canonical one", with("issuer", "https://login.example.com/"), doctor.Fail, "issuer", "-> write domain: login.example.com"},
		{"an issuer that is none of Auth0's", with("issuer", "https://tenant.example.com"), doctor.Fail, "issuer", "write issuer: https://tenant.example.com and provider: oidc"},
		{"another tenant's issuer with a path", with("issuer", "https://id.example.com/a/"), doctor.Fail, "issuer", "and provider: oidc"},
		{"an endpoint at another path", with("token_endpoint", "https://tenant.example.com/token"), doctor.Fail, "endpoints", "not at Auth0's fixed path -> is this an Auth0 tenant?"},
		{"a fixed path where nothing is", serving("/oauth/revoke", 404, "text/html", ""), doctor.Fail, "fixed path", "/oauth/revoke answers HTTP 404"},
		{"a fixed path that is in trouble", serving("/oauth/token", 502, "text/html", ""), doctor.Warn, "fixed path", "/oauth/token answers HTTP 502"},
		{"a fixed path that breaks off", func(w *world) {
			w.handlers["/oauth/token"] = func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, doctor.Fail, "fixed path", "/oauth/token: EOF"},
		{"older tenants do not publish these", func(w *world) {
			for _, member := range []string{"revocation_endpoint", "end_session_endpoint", "device_authorization_endpoint"} {
				delete(w.document, member)
			}
		}, doctor.OK, "browser session", "/v2/logout"},
		{"ID tokens with another algorithm than Auth0's", with("id_token_signing_alg_values_supported", []string{"ES256"}), doctor.Fail, "ID tokens", "ES256 alone"},
		{"a callback that is not registered", refusing(403, "<h1>Oops</h1>Callback URL mismatch. The provided redirect_uri ..."), doctor.Fail, "sign-in", "callback URL mismatch), HTTP 403 -> add it"},
		{"a client that is not known", refusing(400, "Unknown client: notes"), doctor.Fail, "sign-in", "does not know the client"},
		{"an audience that is not known", leading("CALLBACK?error=access_denied&error_description=Service+not+found"), doctor.Fail, "sign-in", "refused with access_denied: Service not found -> check audience"},
	})
}
