package client

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestUserIsReadFromClaims(t *testing.T) {
	user, err := newUser([]byte(`{"iss":"https://i/","sub":"auth0|1","name":"Ada Lovelace","given_name":"Ada","family_name":"Lovelace",
		"nickname":"ada","preferred_username":"ada.l","email":"ada@example.com","email_verified":true,"picture":"https://p/1.png",
		"locale":"en-GB","updated_at":1767225600,"https://exampleco.com/roles":["manager"],"nonce":"n"}`))
	if err != nil {
		t.Fatal(err)
	}
	want := User{
		Issuer: "https://i/", Subject: "auth0|1", Name: "Ada Lovelace", GivenName: "Ada", FamilyName: "Lovelace", Nickname: "ada",
		PreferredUsername: "ada.l", Email: "ada@example.com", EmailVerified: true, Picture: "https://p/1.png", Locale: "en-GB",
		UpdatedAt: time.Unix(1767225600, 0),
	}
	if got := mustJSON(user); got != mustJSON(want) {
		t.Errorf("got %s, want %s", got, mustJSON(want))
	}
	var roles []string
	if err := user.Claim("https://exampleco.com/roles", &roles); err != nil || len(roles) != 1 || roles[0] != "manager" {
		t.Errorf("roles %v, %v", roles, err)
	}
	restored, err := newUser(user.claims)
	if err != nil || mustJSON(restored) != mustJSON(user) {
		t.Errorf("restored %v, %v", restored, err)
	}
	absent := "unchanged"
	if err := user.Claim("HTTPS://EXAMPLECO.COM/ROLES", &absent); err != nil || absent != "unchanged" {
		t.Errorf("an absent claim: %q, %v", absent, err)
	}
	var number int
	if err := user.Claim("https://exampleco.com/roles", &number); err == nil || !strings.Contains(err.Error(), "roles") {
		t.Errorf("a claim of another type: %v", err)
	}
	if err := (User{}).Claim("x", &number); err != nil {
		t.Errorf("the zero user: %v", err)
	}
	if text := fmt.Sprintf("%v %+v %s", user, user, user); text != "auth0|1 auth0|1 auth0|1" {
		t.Errorf("printed %s", text)
	}
}

func TestUserClaimsOfOtherTypes(t *testing.T) {
	for claim, check := range map[string]func(User) bool{
		`"email_verified":"true"`:               func(u User) bool { return u.EmailVerified },
		`"email_verified":"false"`:              func(u User) bool { return !u.EmailVerified },
		`"email_verified":1`:                    func(u User) bool { return !u.EmailVerified },
		`"email_verified":"yes"`:                func(u User) bool { return !u.EmailVerified },
		`"updated_at":"2026-01-01T00:00:00Z"`:   func(u User) bool { return u.UpdatedAt.Unix() == 1767225600 },
		`"updated_at":"yesterday"`:              func(u User) bool { return u.UpdatedAt.IsZero() },
		`"updated_at":-1e300`:                   func(u User) bool { return u.UpdatedAt.IsZero() },
		`"updated_at":{}`:                       func(u User) bool { return u.UpdatedAt.IsZero() },
		`"name":{"first":"Ada"}`:                func(u User) bool { return u.Name == "" },
		`"NAME":"b","Locale":"en"`:              func(u User) bool { return u.Name == "" && u.Locale == "" },
		`"name":null`:                           func(u User) bool { return u.Name == "" },
		`"picture":["https://p"],"email":"a@b"`: func(u User) bool { return u.Picture == "" && u.Email == "a@b" },
	} {
		user, err := newUser([]byte(`{"sub":"u",` + claim + `}`))
		if err != nil || !check(user) {
			t.Errorf("%s: got %s, %v", claim, mustJSON(user), err)
		}
	}
	for _, claims := range []string{``, `{}`, `{"sub":7}`, `{"sub":""}`, `{"sub":"a","sub":"b"}`, `{"sub":"a","Sub":"b"}`, `[]`} {
		if user, err := newUser([]byte(claims)); err == nil {
			t.Errorf("%s: accepted as %v", claims, user)
		}
	}
}

func TestUserInfo(t *testing.T) {
	tests := []struct {
		name      string
		answer    http.HandlerFunc
		text      string // empty: accepted
		temporary bool
		status    int
	}{
		{"the profile", replyJSON(`{"sub":"user-1","name":"Ada","iss":"https://other"}`), "", false, 0},
		{"41: another subject", replyJSON(`{"sub":"user-2"}`), "another user", false, 0},
		{"41: SUB", replyJSON(`{"sub":"user-2","SUB":"user-1"}`), "letter case", true, 0},
		{"41: no subject", replyJSON(`{"name":"Ada"}`), "sub is missing", true, 0},
		{"G9: a signed reply", replyWith(200, "application/jwt", "SECRET.a.b"), "signed", false, 0},
		{"G9: HTML", replyWith(200, "text/html", `{"sub":"user-1"}`), "not JSON", true, 0},
		{"G9: truncated", replyJSON(`{"sub":"user-1"`), "not valid JSON", true, 0},
		{"a refused token", replyWith(401, "application/json", `{"error":"invalid_token","x":"SECRET"}`), "401", false, 401},
		{"403", replyWith(403, "text/html", `SECRET`), "403", false, 403},
		{"500", replyWith(500, "text/html", `SECRET`), "500", true, 0},
	}
	var authorization string
	h := newHostileTenant(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h.answer(userInfoPath, func(w http.ResponseWriter, r *http.Request) {
				authorization = r.Header.Get("Authorization")
				test.answer(w, r)
			})
			user, err := h.tenant.userInfo(t.Context(), newSecret("SECRET-access"), "user-1")
			if authorization != "Bearer SECRET-access" {
				t.Errorf("Authorization %q", authorization)
			}
			if test.text == "" {
				if err != nil || user.Name != "Ada" || user.Issuer != h.server.URL {
					t.Errorf("got %s, %v", mustJSON(user), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "SECRET") || errors.Is(err, ErrTemporary) != test.temporary {
				t.Fatalf("got %v", err)
			}
			if refused, ok := errors.AsType[*httpStatusError](err); ok != (test.status != 0) || ok && refused.status != test.status {
				t.Errorf("got %#v", err)
			}
		})
	}
}

func TestRevoke(t *testing.T) {
	tests := []struct {
		name      string
		answer    http.HandlerFunc
		temporary bool
		code      string
		text      string // empty: no error
	}{
		{"200 with an empty body", replyWith(200, "", ""), false, "", ""},
		{"200 with any body", replyWith(200, "text/html", `{"error":"x"}`), false, "", ""},
		{"503 is temporary", replyWith(503, "text/html", "SECRET"), true, "", "503"},
		{"unsupported_token_type", replyWith(400, "application/json", `{"error":"unsupported_token_type","error_description":"not SECRET-refresh"}`), false, "unsupported_token_type", "not [redacted]"},
		{"404", replyWith(404, "text/html", "SECRET"), false, "", "404"},
		{"JSON without a code", replyWith(400, "application/json", `{"message":"SECRET"}`), false, "", "400"},
		{"broken JSON", replyWith(400, "application/json", `{"error":"SECRET`), false, "", "400"},
	}
	h := newHostileTenant(t, nil)
	var got url.Values
	for _, test := range tests {
		t.Run("RFC 7009: "+test.name, func(t *testing.T) {
			h.answer(revocationPath, func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseForm()
				got = r.PostForm
				test.answer(w, r)
			})
			err := h.tenant.revoke(t.Context(), newSecret("SECRET-refresh"), "refresh_token")
			want := url.Values{"client_id": {"client-1"}, "token": {"SECRET-refresh"}, "token_type_hint": {"refresh_token"}}
			if got.Encode() != want.Encode() {
				t.Errorf("sent %v, want %v", got, want)
			}
			if test.text == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || errors.Is(err, ErrTemporary) != test.temporary || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "SECRET") {
				t.Fatalf("got %v", err)
			}
			if refusal, ok := errors.AsType[*TenantError](err); ok != (test.code != "") || ok && refusal.Code != test.code {
				t.Errorf("got %#v", err)
			}
		})
	}
}

func TestEndpointsThatATenantDoesNotHave(t *testing.T) {
	h := newHostileTenant(t, nil)
	document := goodDiscovery(h.server.URL)
	for _, name := range []string{"revocation_endpoint", "userinfo_endpoint", "end_session_endpoint"} {
		delete(document, name)
	}
	h.answer(discoveryPath, replyJSON(mustJSON(document)))
	_, userErr := h.tenant.userInfo(t.Context(), newSecret("a"), "user-1")
	_, urlErr := h.tenant.endSessionURL(t.Context(), newSecret("a"), "")
	revokeErr := h.tenant.revoke(t.Context(), newSecret("a"), "refresh_token")
	for name, err := range map[string]error{"userinfo": userErr, "end_session": urlErr, "revocation": revokeErr} {
		if err == nil || !strings.Contains(err.Error(), "has no "+name) || errors.Is(err, ErrTemporary) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestEndSessionURL(t *testing.T) {
	h := newHostileTenant(t, nil)
	document := goodDiscovery(h.server.URL)
	document["end_session_endpoint"] = "https://id.example.com/logout?realm=a"
	h.answer(discoveryPath, replyJSON(mustJSON(document)))
	auth0 := newTenant(DefaultConfig(), &http.Client{Transport: failingTransport{t}}, time.Now)
	tests := []struct {
		name     string
		tenant   *tenant
		returnTo string
		want     string
	}{
		{"OIDC", h.tenant, "http://127.0.0.1:8484/bye", "https://id.example.com/logout?client_id=client-1&id_token_hint=a.b.c&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8484%2Fbye&realm=a"},
		{"OIDC without a return", h.tenant, "", "https://id.example.com/logout?client_id=client-1&id_token_hint=a.b.c&realm=a"},
		{"Auth0", auth0, "http://127.0.0.1:8484/bye", "https://tenant.example.com/v2/logout?client_id=notes-client&returnTo=http%3A%2F%2F127.0.0.1%3A8484%2Fbye"},
		{"Auth0 without a return", auth0, "", "https://tenant.example.com/v2/logout?client_id=notes-client"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.tenant.endSessionURL(t.Context(), newSecret("a.b.c"), test.returnTo)
			if err != nil || got != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}
