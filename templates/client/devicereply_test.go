package client

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestDeviceReplyIsClamped(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name, members      string
		interval, lifetime time.Duration
	}{
		{"interval absent is 5", ``, 5 * s, 600 * s},
		{"interval null is 5", `,"interval":null`, 5 * s, 600 * s},
		{"interval 0 is 5", `,"interval":0`, 5 * s, 600 * s},
		{"interval negative is 5", `,"interval":-1`, 5 * s, 600 * s},
		{"interval minus infinity is 5", `,"interval":-1e999`, 5 * s, 600 * s},
		{"interval below 5 is 5", `,"interval":3`, 5 * s, 600 * s},
		{"interval of digits in a string", `,"interval":"7"`, 7 * s, 600 * s},
		{"interval a fraction is rounded up", `,"interval":5.1`, 6 * s, 600 * s},
		{"interval of days is 60", `,"interval":1e300`, 60 * s, 600 * s},
		{"interval beyond all numbers is 60", `,"interval":1e999`, 60 * s, 600 * s},
		{"interval NaN is 5", `,"interval":"NaN"`, 5 * s, 600 * s},
		{"interval a list is 5", `,"interval":[9]`, 5 * s, 600 * s},
		{"expires_in of years is half an hour", `,"expires_in":1e300`, 5 * s, 1800 * s},
	}
	for _, test := range tests {
		t.Run("RFC 8628: "+test.name, func(t *testing.T) {
			body := `{"device_code":"d","user_code":"u","verification_uri":"https://a.example.com/"` + test.members
			if !strings.Contains(body, "expires_in") {
				body += `,"expires_in":600`
			}
			grant, err := parseDeviceReply([]byte(body+"}"), nil)
			if err != nil || grant.interval != test.interval || grant.lifetime != test.lifetime {
				t.Errorf("interval %v, lifetime %v, %v", grant.interval, grant.lifetime, err)
			}
		})
	}
}

func TestDevicePageThatIsOnlyAConvenience(t *testing.T) {
	for _, complete := range []any{
		"javascript:alert(1)", "http://tenant.example.com/a", "https://tenant.example.com/\x1b[31m", "https:///a", 5, "",
		"https://tenant.example.com/" + strings.Repeat("a", 3000), "https://me@tenant.example.com/",
	} {
		d := newDeviceFixture(t)
		d.device["verification_uri_complete"] = complete
		d.login()
		if got := d.shown[0].VerificationURIComplete; got != "" {
			t.Errorf("%.50q is shown as %.50q", complete, got)
		}
	}
}

func TestDeviceReplyIsRefused(t *testing.T) {
	tests := []struct {
		name, member string
		value        any    // nil: left out
		text         string // that the error holds
	}{
		{"no device_code", "device_code", nil, "device_code is missing"},
		{"a device_code with a line end", "device_code", "SECRET\r\n", "device_code is not printable"},
		{"a device_code that is a number", "device_code", 5, "device_code is not a string"},
		{"no user_code", "user_code", nil, "user_code is missing"},
		{"an empty user_code", "user_code", "", "user_code is empty"},
		{"a user_code with an escape sequence", "user_code", "\x1b[2JSECRET", "user_code is empty, too long or not printable"},
		{"a user_code that writes backwards", "user_code", "\u202eSECRET", "user_code is empty, too long or not printable"},
		{"a user_code that nobody would type", "user_code", strings.Repeat("SECRET", 20), "user_code is empty, too long"},
		{"no verification_uri", "verification_uri", nil, "verification_uri is missing"},
		{"a verification_uri of a script", "verification_uri", "javascript:SECRET", "verification_uri is not an https URL"},
		{"a verification_uri by http", "verification_uri", "http://tenant.example.com/SECRET", "verification_uri is not an https URL"},
		{"a verification_uri with a user", "verification_uri", "https://tenant.example.com@SECRET.example.com/", "verification_uri is not an https URL"},
		{"a verification_uri with a line end", "verification_uri", "https://tenant.example.com/\nSECRET", "verification_uri is not an https URL"},
		{"a verification_uri that writes backwards", "verification_uri", "https://tenant.example.com/\u202eSECRET", "verification_uri is not an https URL"},
		{"a verification_uri without end", "verification_uri", "https://tenant.example.com/" + strings.Repeat("SECRET", 1000), "verification_uri is not an https URL"},
		{"no expires_in", "expires_in", nil, "expires_in is missing"},
		{"an expires_in of 0", "expires_in", 0, "expires_in is not positive"},
		{"an expires_in below 0", "expires_in", -5, "expires_in is not positive"},
		{"an expires_in of words", "expires_in", "SECRET", "expires_in is not a number"},
		{"another case of device_code", "DEVICE_CODE", "SECRET-evil", "device_code only in letter case"},
	}
	for _, test := range tests {
		t.Run("RFC 8628: "+test.name+" is refused", func(t *testing.T) {
			d := newDeviceFixture(t)
			d.device[test.member] = test.value
			_, err := d.app.Login(t.Context())
			if !errors.Is(err, ErrTemporary) || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("error %v, want %q", err, test.text)
			}
			if len(d.shown) != 0 {
				t.Errorf("shown %+v", d.shown)
			}
		})
	}
}

func TestDeviceEndpointFailures(t *testing.T) {
	tests := []struct {
		name      string
		answer    http.HandlerFunc
		temporary bool
		text      string
	}{
		{"an application without the grant type is told so", replyWith(403, "application/json", `{"error":"unauthorized_client","error_description":"Grant type not allowed"}`), false, "unauthorized_client: Grant type not allowed"},
		{"an error counts with 200", replyJSON(`{"error":"invalid_scope","device_code":"SECRET"}`), false, "invalid_scope"},
		{"HTML is trouble", replyWith(502, "text/html", "SECRET"), true, "answered HTTP 502 and no JSON"},
		{"a good body with another status is trouble", replyWith(500, "application/json", `{"device_code":"SECRET","user_code":"u","verification_uri":"https://a.example.com/","expires_in":9}`), true, "answered HTTP 500 without an error code"},
		{"a redirect is not followed", http.RedirectHandler("/SECRET", http.StatusTemporaryRedirect).ServeHTTP, true, "a redirect"},
		{"no JSON object", replyJSON(`"SECRET"`), true, "the reply is not a JSON object"},
		{"an error that is none", replyJSON(`{"error":["SECRET"]}`), true, "error is not an error code"},
	}
	for _, test := range tests {
		t.Run("RFC 8628: "+test.name, func(t *testing.T) {
			h := newHostileTenant(t, map[string]http.HandlerFunc{"/device": test.answer})
			app := &App{config: h.config(), tenant: h.tenant, now: h.clock.now}
			_, err := app.requestDeviceGrant(t.Context(), metadata{deviceEndpoint: h.server.URL + "/device"}, nil)
			if err == nil || errors.Is(err, ErrTemporary) != test.temporary || !strings.Contains(err.Error(), test.text) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("error %v, want %q", err, test.text)
			}
		})
	}
	t.Run("discovery: an endpoint that is not https is named", func(t *testing.T) {
		h := newHostileTenant(t, nil)
		document := goodDiscovery(h.server.URL)
		document["device_authorization_endpoint"] = "http://tenant.example.com/device"
		h.answer(discoveryPath, replyJSON(mustJSON(document)))
		if _, err := h.tenant.metadata(t.Context()); err == nil || !strings.Contains(err.Error(), "device_authorization_endpoint") {
			t.Errorf("error %v", err)
		}
	})
}

func TestDeviceGrantIsNotPrinted(t *testing.T) {
	grant := deviceGrant{code: newSecret("SECRET-code")}
	for _, text := range everyRendering(&grant) {
		if strings.Contains(text, "SECRET") {
			t.Errorf("printed: %s", text)
		}
	}
}

func FuzzDeviceReply(f *testing.F) {
	f.Add(`{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://a.example.com/","expires_in":900,"interval":5}`)
	f.Add(`{"device_code":"d","user_code":"u","verification_uri":"http://127.0.0.1:1/","verification_uri_complete":"javascript:","expires_in":"1e3","interval":-1e999}`)
	f.Add(`{"error":"slow_down","error_description":"sent-SECRET","interval":1e300}`)
	sent := url.Values{"device_code": {sentRefreshToken}}
	f.Fuzz(func(t *testing.T, body string) {
		grant, err := parseDeviceReply([]byte(body), sent)
		if err != nil {
			text := err.Error()
			if strings.Contains(text, sentRefreshToken) || len(text) > 600 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' }) {
				t.Fatalf("the error holds what it must not: %q", text)
			}
			if grant != (deviceGrant{}) {
				t.Fatal("a grant beside the error")
			}
			return
		}
		if grant.interval < minPollInterval || grant.interval > maxPollInterval || grant.lifetime <= 0 || grant.lifetime > maxDeviceLifetime {
			t.Fatalf("interval %v, lifetime %v", grant.interval, grant.lifetime)
		}
		if grant.code.empty() || grant.shown.UserCode == "" || !json.Valid([]byte(body)) {
			t.Fatalf("accepted %+v", grant.shown)
		}
		checkPrintableText(t, grant.shown.UserCode, 64)
		for _, page := range []string{grant.shown.VerificationURI, grant.shown.VerificationURIComplete} {
			if page == "" {
				continue
			}
			checkPrintableText(t, page, 2048)
			if u, err := url.Parse(page); err != nil || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
				t.Fatalf("shown %q", page)
			}
		}
	})
}
