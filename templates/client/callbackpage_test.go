package client

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// showCallbackPage has a real server write the outcome as the listener does.
func showCallbackPage(t *testing.T, outcome pageOutcome) browserReply {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		setCallbackHeaders(w.Header())
		writeCallbackPage(w, outcome)
	}))
	defer server.Close()
	reply := browseCallback(http.MethodGet, server.URL, nil)
	if reply.err != nil {
		t.Fatal(reply.err)
	}
	return reply
}

func checkCallbackHeaders(t *testing.T, header http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control":                "no-store",
		"Referrer-Policy":              "no-referrer",
		"X-Content-Type-Options":       "nosniff",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	policy := header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy lacks %s: %s", want, policy)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "script-src") {
		t.Errorf("the policy allows too much: %s", policy)
	}
	if origin := header.Get("Access-Control-Allow-Origin"); origin != "" {
		t.Errorf("another origin may read this: %q", origin)
	}
}

func TestCallbackPage(t *testing.T) {
	t.Run("G4: each page says what happened and what to do", func(t *testing.T) {
		for _, c := range []struct {
			outcome pageOutcome
			status  int
			want    string
		}{
			{signedInPage(), 200, "You can close this window and return to the application."},
			{signInFailedPage("access_denied"), 400, "Reason: <bdi>access_denied</bdi>"},
			{signInEndedPage(fmt.Errorf("sign in: %w", &TenantError{Code: "access_denied"})), 400, "<h1>Access was not granted</h1>"},
			{signInEndedPage(&TenantError{Code: "server_error"}), 400, "<h1>The sign-in failed</h1>"},
			{signInFailedPage(""), 400, "Return to the application to try again."},
			{unfinishedSignInPage(), 400, "Return to it to try again."},
		} {
			page := showCallbackPage(t, c.outcome)
			if page.status != c.status || !strings.Contains(page.body, c.want) ||
				!strings.Contains(page.body, "<title>"+c.outcome.Title+"</title>") {
				t.Errorf("status %d, page %s", page.status, page.body)
			}
			if strings.Contains(page.body, "Reason") != (c.outcome.Reason != "") {
				t.Errorf("the reason %q: %s", c.outcome.Reason, page.body)
			}
			checkCallbackHeaders(t, page.header)
		}
	})

	t.Run("G4: script in a reason is escaped, controls are stripped, the length is capped", func(t *testing.T) {
		page := showCallbackPage(t, signInFailedPage("<script>alert(1)</script>\x1b\"'&\u202e<img src=x onerror=y>"+strings.Repeat("z", 10_000)))
		if strings.Contains(page.body, "<script") || strings.Contains(page.body, "<img") {
			t.Errorf("not escaped: %s", page.body)
		}
		if !strings.Contains(page.body, "&lt;script&gt;alert(1)&lt;/script&gt;") {
			t.Errorf("the reason is missing: %s", page.body)
		}
		if strings.ContainsAny(page.body, "\x1b\u202e") || strings.Contains(page.body, strings.Repeat("z", 600)) {
			t.Errorf("not cleaned: %q", page.body)
		}
	})

	t.Run("G4: the policy allows exactly the style sheet that the page has", func(t *testing.T) {
		page := showCallbackPage(t, signedInPage())
		styles := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindAllStringSubmatch(page.body, -1)
		if len(styles) != 1 {
			t.Fatalf("%d style sheets", len(styles))
		}
		hash := sha256.Sum256([]byte(styles[0][1]))
		want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "';"
		if policy := page.header.Get("Content-Security-Policy"); !strings.Contains(policy, want) {
			t.Errorf("the policy %s lacks %s", policy, want)
		}
	})

	t.Run("G4: the page loads and links nothing, and is readable for everyone", func(t *testing.T) {
		page := showCallbackPage(t, signedInPage())
		for _, never := range []string{"<script", "src=", "href=", "url(", "@import", "<form", " style="} {
			if strings.Contains(page.body, never) {
				t.Errorf("the page holds %s", never)
			}
		}
		for _, always := range []string{`<html lang="en">`, `<meta charset="utf-8">`, `name="viewport"`, "<main>", "<h1>",
			"prefers-color-scheme: dark"} {
			if !strings.Contains(page.body, always) {
				t.Errorf("the page lacks %s", always)
			}
		}
		if got := page.header.Get("Content-Type"); got != "text/html; charset=utf-8" {
			t.Errorf("Content-Type = %q", got)
		}
	})
}
