package client

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	sentRefreshToken = "sent-SECRET-refresh+token/1"
	goodTokens       = `"access_token":"SECRET-access","token_type":"Bearer"`
)

func refreshForm() url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {sentRefreshToken}}
}

func TestTokenRequestIsThatOfAPublicClient(t *testing.T) {
	t.Run("G6: a form is posted, with client_id in the body and no other credentials", func(t *testing.T) {
		var got url.Values
		var header http.Header
		h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || r.ParseForm() != nil {
				t.Errorf("method %s", r.Method)
			}
			got, header = r.PostForm, r.Header
			replyJSON("{"+goodTokens+"}")(w, r)
		}})
		form := refreshForm()
		if _, err := h.tenant.requestTokens(t.Context(), form); err != nil {
			t.Fatal(err)
		}
		want := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {sentRefreshToken}, "client_id": {"client-1"}}
		if got.Encode() != want.Encode() {
			t.Errorf("G6: sent %v, want %v", got, want)
		}
		if header.Get("Authorization") != "" || header.Get("Content-Type") != "application/x-www-form-urlencoded" ||
			header.Get("Accept") != "application/json" {
			t.Errorf("G6: headers %v", header)
		}
		if form.Has("client_id") {
			t.Error("the caller's form was changed")
		}
	})
}

func TestTokenReplyIsAccepted(t *testing.T) {
	type accepted struct {
		scopes      []string
		scopesGiven bool
		expiresIn   time.Duration
	}
	tests := []struct {
		name, contentType, members string
		want                       accepted
	}{
		{"G6: expires_in absent is a short assumed life", "", ``, accepted{nil, false, 5 * time.Minute}},
		{"G6: expires_in null is a short assumed life", "", `,"expires_in":null`, accepted{nil, false, 5 * time.Minute}},
		{"G6: expires_in in seconds", "", `,"expires_in":3600`, accepted{nil, false, time.Hour}},
		{"G6: expires_in 1e3", "", `,"expires_in":1e3`, accepted{nil, false, 1000 * time.Second}},
		{"G6: expires_in 3600.0", "", `,"expires_in":3600.0`, accepted{nil, false, time.Hour}},
		{"G6: expires_in as digits in a string", "", `,"expires_in":"3600"`, accepted{nil, false, time.Hour}},
		{"G6: expires_in of years is clamped", "", `,"expires_in":9e9`, accepted{nil, false, 720 * time.Hour}},
		{"G6: expires_in beyond all numbers is clamped", "", `,"expires_in":1e999`, accepted{nil, false, 720 * time.Hour}},
		{"G6: expires_in of a thousand digits is clamped", "", `,"expires_in":"` + strings.Repeat("9", 1000) + `"`, accepted{nil, false, 720 * time.Hour}},
		{"G7: scope absent is not given", "", ``, accepted{nil, false, 5 * time.Minute}},
		{"G7: scope empty grants nothing", "", `,"scope":""`, accepted{nil, true, 5 * time.Minute}},
		{"G7: scopes are split at spaces", "", `,"scope":"openid read:notes"`, accepted{[]string{"openid", "read:notes"}, true, 5 * time.Minute}},
		{"G7: a wider grant is recorded", "", `,"scope":"a b  c "`, accepted{[]string{"a", "b", "c"}, true, 5 * time.Minute}},
		{"G6: JSON with parameters", "Application/JSON; charset=utf-8", ``, accepted{nil, false, 5 * time.Minute}},
		{"G6: +json", "application/oauth+json", ``, accepted{nil, false, 5 * time.Minute}},
		{"G6: an error that is null is none", "", `,"error":null`, accepted{nil, false, 5 * time.Minute}},
		{"G6: unknown members are ignored", "", `,"x":{"access_token":"y"}`, accepted{nil, false, 5 * time.Minute}},
		{"G6: space after the end", "", "} \n", accepted{nil, false, 5 * time.Minute}},
	}
	h := newHostileTenant(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			body := strings.TrimSuffix("{"+goodTokens+`,"refresh_token":"SECRET-refresh","id_token":"SECRET-id"`+test.members+"}", "}")
			if !strings.HasSuffix(body, "\n") {
				body += "}"
			}
			contentType := test.contentType
			if contentType == "" {
				contentType = "application/json"
			}
			h.answer(tokenPath, replyWith(200, contentType, body))
			reply, err := h.tenant.requestTokens(t.Context(), refreshForm())
			if err != nil {
				t.Fatal(err)
			}
			if reply.accessToken.reveal() != "SECRET-access" || reply.refreshToken.reveal() != "SECRET-refresh" || reply.idToken.reveal() != "SECRET-id" {
				t.Errorf("tokens are mixed up")
			}
			got := accepted{reply.scopes, reply.scopesGiven, reply.expiresIn}
			if !slices.Equal(got.scopes, test.want.scopes) || got.scopesGiven != test.want.scopesGiven || got.expiresIn != test.want.expiresIn {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
	t.Run("G6: a token may have any visible character of ASCII", func(t *testing.T) {
		reply, err := parseTokenReply([]byte(`{"access_token":"!#$az~","token_type":"bearer"}`), nil)
		if err != nil || reply.accessToken.reveal() != "!#$az~" {
			t.Error(err)
		}
	})
	t.Run("G6: token_type in any case", func(t *testing.T) {
		if _, err := parseTokenReply([]byte(`{"access_token":"a","token_type":"bEARER"}`), nil); err != nil {
			t.Error(err)
		}
	})
	t.Run("G12: a reply without refresh_token has none", func(t *testing.T) {
		for _, members := range []string{``, `,"refresh_token":null`} {
			reply, err := parseTokenReply([]byte("{"+goodTokens+members+"}"), nil)
			if err != nil || !reply.refreshToken.empty() || !reply.idToken.empty() {
				t.Errorf("%q: %v, %v", members, reply, err)
			}
		}
	})
}

func TestTokenReplyIsRefused(t *testing.T) {
	tests := []struct {
		name, body string
		text       string // that the error holds
	}{
		{"G6: duplicate access_token", `{` + goodTokens + `,"access_token":"SECRET-evil"}`, "access_token twice"},
		{"G6: ACCESS_TOKEN beside access_token", `{` + goodTokens + `,"ACCESS_TOKEN":"SECRET-evil"}`, "access_token only in letter case"},
		{"G6: ACCESS_TOKEN alone", `{"ACCESS_TOKEN":"SECRET-evil","token_type":"Bearer"}`, "access_token only in letter case"},
		{"G6: a long s folds", `{` + goodTokens + `,"ſcope":"admin"}`, "scope only in letter case"},
		{"G6: a Kelvin sign folds", `{` + goodTokens + `,"refresh_to\u212Aen":"SECRET"}`, "refresh_token only in letter case"},
		{"G6: an unknown member twice", `{` + goodTokens + `,"SECRET":1,"SECRET":2}`, "a member twice"},
		{"G6: trailing data", `{` + goodTokens + `}{"access_token":"SECRET"}`, "data after its end"},
		{"G6: trailing bracket", `{` + goodTokens + `}]`, "data after its end"},
		{"G6: truncated", `{` + goodTokens + `,"refresh_tok`, "not valid JSON"},
		{"G6: truncated after a value", `{` + goodTokens, "not valid JSON"},
		{"G6: a missing value", `{` + goodTokens + `,"scope":}`, "not valid JSON"},
		{"G6: a list", `[{` + goodTokens + `}]`, "not a JSON object"},
		{"G6: a bare string", `"SECRET"`, "not a JSON object"},
		{"G6: empty", ``, "not a JSON object"},
		{"G6: not UTF-8", "{" + goodTokens + ",\"x\":\"\xff\"}", "not UTF-8"},
		{"G6: token_type missing", `{"access_token":"SECRET"}`, "token_type is not Bearer"},
		{"G6: token_type N_A", `{"access_token":"SECRET","token_type":"N_A"}`, "token_type is not Bearer"},
		{"G6: token_type DPoP", `{"access_token":"SECRET","token_type":"DPoP"}`, "token_type is not Bearer"},
		{"G6: token_type a list", `{"access_token":"SECRET","token_type":["Bearer"]}`, "token_type is not Bearer"},
		{"G6: access_token missing", `{"token_type":"Bearer"}`, "access_token is missing"},
		{"G6: access_token null", `{"token_type":"Bearer","access_token":null}`, "access_token is missing"},
		{"G6: access_token empty", `{"token_type":"Bearer","access_token":""}`, "access_token is empty"},
		{"G6: access_token a number", `{"token_type":"Bearer","access_token":12345}`, "access_token is not a string"},
		{"G6: access_token with CR LF", `{"token_type":"Bearer","access_token":"SECRET\r\nX: y"}`, "access_token is not printable"},
		{"G6: access_token with a space", `{"token_type":"Bearer","access_token":"SECRET x"}`, "access_token is not printable"},
		{"G6: access_token with an umlaut", `{"token_type":"Bearer","access_token":"SECRETü"}`, "access_token is not printable"},
		{"G6: access_token with DEL", `{"token_type":"Bearer","access_token":"SECRET\u007f"}`, "access_token is not printable"},
		{"G6: refresh_token empty", `{` + goodTokens + `,"refresh_token":""}`, "refresh_token is empty"},
		{"G6: refresh_token with NUL", `{` + goodTokens + `,"refresh_token":"SECRET\u0000"}`, "refresh_token is not printable"},
		{"G6: id_token an object", `{` + goodTokens + `,"id_token":{"sub":"SECRET"}}`, "id_token is not a string"},
		{"G6: expires_in 0", `{` + goodTokens + `,"expires_in":0}`, "expires_in is not positive"},
		{"G6: expires_in negative", `{` + goodTokens + `,"expires_in":-3600}`, "expires_in is not positive"},
		{"G6: expires_in minus infinity", `{` + goodTokens + `,"expires_in":-1e999}`, "expires_in is not positive"},
		{"G6: expires_in almost 0", `{` + goodTokens + `,"expires_in":1e-999}`, "expires_in is not positive"},
		{"G6: expires_in a fraction", `{` + goodTokens + `,"expires_in":3599.5}`, "expires_in is not a whole number"},
		{"G6: expires_in true", `{` + goodTokens + `,"expires_in":true}`, "expires_in is not a number"},
		{"G6: expires_in words", `{` + goodTokens + `,"expires_in":"SECRET"}`, "expires_in is not a number"},
		{"G6: expires_in a signed string", `{` + goodTokens + `,"expires_in":"-1"}`, "expires_in is not a number"},
		{"G6: expires_in NaN in a string", `{` + goodTokens + `,"expires_in":"NaN"}`, "expires_in is not a number"},
		{"G6: expires_in an empty string", `{` + goodTokens + `,"expires_in":""}`, "expires_in is not a number"},
		{"G7: scope a list", `{` + goodTokens + `,"scope":["openid"]}`, "scope is not a string"},
		{"G7: scope with a line end", `{` + goodTokens + `,"scope":"openid\nadmin"}`, "scope has characters"},
		{"G7: scope with a quote", `{` + goodTokens + `,"scope":"open\"id"}`, "scope has characters"},
		{"G6: error not a string", `{` + goodTokens + `,"error":{"message":"SECRET"}}`, "error is not an error code"},
		{"G6: error empty", `{` + goodTokens + `,"error":""}`, "error is not an error code"},
		{"G6: error of a kilometre", `{"error":"` + strings.Repeat("SECRET", 20) + `"}`, "error is not an error code"},
		{"G6: error with an escape sequence", `{"error":"a\u001b[31m"}`, "error is not an error code"},
	}
	h := newHostileTenant(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h.answer(tokenPath, replyJSON(test.body))
			_, err := h.tenant.requestTokens(t.Context(), refreshForm())
			if !errors.Is(err, ErrTemporary) {
				t.Fatalf("G14: got %v, want ErrTemporary", err)
			}
			if !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("got %q, want %q and no secret", err, test.text)
			}
		})
	}
}

func TestTokenEndpointFailures(t *testing.T) {
	tests := []struct {
		name        string
		status      int
		contentType string
		body        string
		retryAfter  string
		temporary   bool
		code        string
		wait        time.Duration
	}{
		{"G6: a form reply", 200, "application/x-www-form-urlencoded", "access_token=SECRET&token_type=bearer", "", true, "", 0},
		{"G6: text/plain", 200, "text/plain", "{" + goodTokens + "}", "", true, "", 0},
		{"G6: no content type", 200, "", "{" + goodTokens + "}", "", true, "", 0},
		{"G6: JSON of another kind", 200, "text/oauth+json", "{" + goodTokens + "}", "", true, "", 0},
		{"G6: JSON in name only", 200, "text/json+html", "{" + goodTokens + "}", "", true, "", 0},
		{"G6: tokens with 201", 201, "application/json", "{" + goodTokens + "}", "", true, "", 0},
		{"G6: tokens with 500", 500, "application/json", "{" + goodTokens + "}", "", true, "", 0},
		{"G14: HTML 502", 502, "text/html", "<html>SECRET</html>", "", true, "", 0},
		{"G14: HTML 403", 403, "text/html", "<html>SECRET</html>", "", true, "", 0},
		{"G14: JSON 500 without a code", 500, "application/json", `{"message":"SECRET"}`, "", true, "", 0},
		{"G14: 429 waits as told", 429, "text/plain", "", "7", true, "", 7 * time.Second},
		{"G14: 503 waits until a date", 503, "text/plain", "", testEpoch.Add(90 * time.Second).Format(http.TimeFormat), true, "", 90 * time.Second},
		{"G14: Retry-After of ten years is capped", 429, "text/plain", "", "315360000", true, "", 5 * time.Minute},
		{"G14: Retry-After beyond all numbers is capped", 429, "text/plain", "", strings.Repeat("9", 40), true, "", 5 * time.Minute},
		{"G14: Retry-After in a far year is capped", 503, "text/plain", "", "Mon, 02 Jan 2090 15:04:05 GMT", true, "", 5 * time.Minute},
		{"G14: Retry-After in the past", 503, "text/plain", "", "Mon, 02 Jan 2006 15:04:05 GMT", true, "", 0},
		{"G14: Retry-After negative", 503, "text/plain", "", "-5", true, "", 0},
		{"G14: Retry-After garbage", 503, "text/plain", "", "SECRET", true, "", 0},
		{"G14: invalid_grant with 400", 400, "application/json", `{"error":"invalid_grant"}`, "", false, "invalid_grant", 0},
		{"G14: invalid_grant with Auth0's 403", 403, "application/json", `{"error":"invalid_grant"}`, "", false, "invalid_grant", 0},
		{"G6: invalid_grant with 200", 200, "application/json", `{"error":"invalid_grant",` + goodTokens + `}`, "", false, "invalid_grant", 0},
		{"G14: invalid_grant with 500", 500, "application/json", `{"error":"invalid_grant"}`, "", false, "invalid_grant", 0},
		{"G14: mfa_required with 403", 403, "application/json", `{"error":"mfa_required"}`, "", false, "mfa_required", 0},
		{"G14: Auth0's access_denied with 429", 429, "application/json", `{"error":"access_denied"}`, "9", true, "access_denied", 9 * time.Second},
		{"G14: too_many_requests with 429", 429, "application/json", `{"error":"too_many_requests"}`, "", true, "too_many_requests", 0},
		{"G14: temporarily_unavailable with 400", 400, "application/json", `{"error":"temporarily_unavailable"}`, "3", true, "temporarily_unavailable", 3 * time.Second},
		{"G14: server_error with 400", 400, "application/json", `{"error":"server_error"}`, "", true, "server_error", 0},
		{"G14: slow_down with 400", 400, "application/json", `{"error":"slow_down"}`, "", true, "slow_down", 0},
	}
	h := newHostileTenant(t, nil)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h.answer(tokenPath, func(w http.ResponseWriter, _ *http.Request) {
				if test.retryAfter != "" {
					w.Header().Set("Retry-After", test.retryAfter)
				}
				w.Header()["Content-Type"] = []string{test.contentType}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			_, err := h.tenant.requestTokens(t.Context(), refreshForm())
			if err == nil || errors.Is(err, ErrTemporary) != test.temporary {
				t.Fatalf("got %v, want temporary: %v", err, test.temporary)
			}
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("the error holds the body: %v", err)
			}
			refusal, _ := errors.AsType[*TenantError](err)
			if (refusal == nil) != (test.code == "") {
				t.Fatalf("got %v, want code %q", err, test.code)
			}
			if refusal != nil && (refusal.Code != test.code || refusal.StatusCode != test.status) {
				t.Errorf("got %+v, want code %q, status %d", refusal, test.code, test.status)
			}
			if temporary, ok := errors.AsType[*temporaryError](err); ok && temporary.retryAfter != test.wait {
				t.Errorf("wait %v, want %v", temporary.retryAfter, test.wait)
			}
		})
	}
}

func TestErrorDescriptionIsMadeSafe(t *testing.T) {
	tests := []struct{ name, description, want string }{
		{"an echoed token is blacked out", "no token " + sentRefreshToken + " here", "no token [redacted] here"},
		{"an echoed token is blacked out when escaped", "no token " + url.QueryEscape(sentRefreshToken), "no token [redacted]"},
		{"a token across the cap is blacked out", strings.Repeat("x", 190) + sentRefreshToken, strings.Repeat("x", 190) + "[redacted]"},
		{"public values stay", "refresh_token is not a grant of client-1", "refresh_token is not a grant of client-1"},
		{"control characters go", "a\x1b[31mb\nc\u202ed", "a[31mb cd"},
		{"a long text is cut", strings.Repeat("y", 5000), strings.Repeat("y", 199) + "…"},
	}
	for _, test := range tests {
		t.Run("G6: "+test.name, func(t *testing.T) {
			body := mustJSON(map[string]string{"error": "invalid_grant", "error_description": test.description})
			h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: replyWith(400, "application/json", body)})
			_, err := h.tenant.requestTokens(t.Context(), refreshForm())
			refusal, ok := errors.AsType[*TenantError](err)
			if !ok || refusal.Description != test.want {
				t.Errorf("got %v, want description %q", err, test.want)
			}
		})
	}
	t.Run("G6: an echoed token is blacked out of the code", func(t *testing.T) {
		h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: replyWith(400, "application/json", `{"error":"bad `+sentRefreshToken+`"}`)})
		_, err := h.tenant.requestTokens(t.Context(), refreshForm())
		if refusal, ok := errors.AsType[*TenantError](err); !ok || refusal.Code != "bad [redacted]" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("G6: a description of another type is left out", func(t *testing.T) {
		_, err := parseTokenReply([]byte(`{"error":"invalid_grant","error_description":["SECRET"]}`), nil)
		if refusal, ok := errors.AsType[*TenantError](err); !ok || refusal.Description != "" {
			t.Errorf("got %v", err)
		}
	})
}

func FuzzTokenReply(f *testing.F) {
	f.Add(`{` + goodTokens + `,"expires_in":3600,"scope":"openid profile","refresh_token":"r","id_token":"a.b.c"}`)
	f.Add(`{"error":"invalid_grant","error_description":"sent-SECRET-refresh+token/1"}`)
	f.Add(`{` + goodTokens + `,"expires_in":"1e3"}`)
	f.Add(`{` + goodTokens + `,"ACCESS_TOKEN":"x"}`)
	f.Fuzz(func(t *testing.T, body string) {
		reply, err := parseTokenReply([]byte(body), refreshForm())
		if err != nil {
			text := err.Error()
			if strings.Contains(text, sentRefreshToken) || len(text) > 600 {
				t.Fatalf("the error holds what it must not: %q", text)
			}
			if reply.accessToken.text != nil || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
				t.Fatalf("an error with a token, or with control characters: %q", text)
			}
			if !reply.refreshToken.empty() && reply.refreshToken.reveal() != plainMembers(t, body)["refresh_token"] {
				t.Fatal("kept a refresh token that the reply does not have")
			}
			return
		}
		plain := plainMembers(t, body)
		kind, _ := plain["token_type"].(string)
		if plain["access_token"] != reply.accessToken.reveal() || !strings.EqualFold(kind, "bearer") || plain["error"] != nil {
			t.Fatalf("accepted as another reply than encoding/json reads: %q", body)
		}
		if reply.accessToken.empty() || reply.expiresIn <= 0 || reply.expiresIn > maxLifetime {
			t.Fatalf("accepted without token or life: %v", reply.expiresIn)
		}
		for _, token := range []secret{reply.accessToken, reply.refreshToken, reply.idToken} {
			if strings.ContainsFunc(token.reveal(), func(r rune) bool { return r <= ' ' || r > '~' }) {
				t.Fatal("accepted a token that no header can carry")
			}
		}
		if slices.Contains(reply.scopes, "") || len(reply.scopes) > 0 && !reply.scopesGiven {
			t.Fatalf("scopes %q", reply.scopes)
		}
	})
}

// plainMembers reads an object as every other reader would.
func plainMembers(t *testing.T, body string) map[string]any {
	t.Helper()
	var members map[string]any
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&members); err != nil {
		t.Fatalf("encoding/json refuses %q: %v", body, err)
	}
	return members
}
