package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestProtocolPrintsNoSecret is G48 for what the protocol code returns and holds.
func TestProtocolPrintsNoSecret(t *testing.T) {
	h := newHostileTenant(t, nil)
	reply, err := parseTokenReply([]byte(`{`+goodTokens+`,"refresh_token":"SECRET-r","id_token":"SECRET-i","scope":"a"}`), nil)
	if err != nil {
		t.Fatal(err)
	}
	user, err := h.tenant.verifyIDToken(t.Context(), h.goodToken(t), idTokenExpectation{nonce: "nonce-1"})
	if err != nil {
		t.Fatal(err)
	}
	provider, err := h.tenant.metadata(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{
		"token reply": reply, "pointer to token reply": &reply, "list of token replies": []tokenReply{reply},
		"user": user, "metadata": provider, "tenant": h.tenant,
		"expectation": idTokenExpectation{accessToken: newSecret("SECRET-a")},
	}
	echo := fmt.Sprintf(`{"error":"invalid_grant","error_description":"unknown %s"}`, sentRefreshToken)
	for name, answer := range map[string]http.HandlerFunc{
		"invalid_grant": replyWith(403, "application/json", echo),
		"server error":  replyWith(500, "application/json", echo),
		"HTML":          replyWith(502, "text/html", sentRefreshToken),
		"status":        replyWith(401, "text/plain", sentRefreshToken),
		"malformed":     replyJSON(`{"access_token":["` + sentRefreshToken + `"],"token_type":"Bearer"}`),
		"redirect":      http.RedirectHandler("/?"+sentRefreshToken, http.StatusTemporaryRedirect).ServeHTTP,
	} {
		for _, path := range []string{tokenPath, userInfoPath, revocationPath} {
			h.answer(path, answer)
		}
		_, tokenErr := h.tenant.requestTokens(t.Context(), refreshForm())
		_, userErr := h.tenant.userInfo(t.Context(), newSecret(sentRefreshToken), "user-1")
		values[name+" at token"], values[name+" at userinfo"] = tokenErr, userErr
		values[name+" at revocation"] = h.tenant.revoke(t.Context(), newSecret(sentRefreshToken), "refresh_token")
	}
	broken := h.goodToken(t).reveal() + "SECRET"
	_, values["ID token"] = h.tenant.verifyIDToken(t.Context(), newSecret(broken), idTokenExpectation{})
	for name, value := range values {
		for _, text := range everyRendering(value) {
			if strings.Contains(text, "SECRET") || strings.Contains(text, broken[:40]) {
				t.Errorf("%s shows a secret: %s", name, text)
			}
		}
	}
}

// everyRendering prints, marshals and logs a value, and if it is an error what
// it wraps.
func everyRendering(value any) []string {
	var texts []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		texts = append(texts, fmt.Sprintf(verb, value))
	}
	marshalled, _ := json.Marshal(value)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("text", "value", value)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("json", "value", value)
	texts = append(texts, string(marshalled), log.String())
	switch wrapped := value.(type) {
	case interface{ Unwrap() error }:
		if inner := wrapped.Unwrap(); inner != nil {
			texts = append(texts, everyRendering(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range wrapped.Unwrap() {
			texts = append(texts, everyRendering(inner)...)
		}
	}
	return texts
}

func TestTemporaryErrorText(t *testing.T) {
	err := error(&temporaryError{doing: "request tokens", problem: "answered HTTP 503", retryAfter: time.Second, cause: &TenantError{Code: "busy"}})
	if got, want := err.Error(), "temporary failure: request tokens: answered HTTP 503: the tenant answered busy"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
