//go:build chromium

// A real browser, for make test-long: it needs Debian's packages chromium and
// chromium-driver.

package tutorial_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

// chromium is a real browser, driven by WebDriver (W3C).
type chromium struct {
	*testing.T
	session string // URL of the WebDriver session
}

func startChromium(t *testing.T) *chromium {
	t.Helper()
	driver := exec.Command("chromedriver", "--port=0")
	stdout, err := driver.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := driver.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = driver.Process.Kill()
		_ = driver.Wait() // it was killed
	})
	started := regexp.MustCompile(`started successfully on port (\d+)`)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		port := started.FindStringSubmatch(lines.Text())
		if port == nil {
			continue
		}
		c := &chromium{T: t, session: "http://127.0.0.1:" + port[1] + "/session"}
		var made struct{ SessionID string }
		c.post("", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
			"goog:loggingPrefs": map[string]string{"browser": "ALL"},
			"goog:chromeOptions": map[string]any{"args": []string{
				"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--user-data-dir=" + t.TempDir(),
				"--disable-background-networking", "--disable-component-update", "--disable-sync",
			}},
		}}}, &made)
		c.session += "/" + made.SessionID
		t.Cleanup(c.quit)
		return c
	}
	t.Fatal("chromedriver did not start")
	return nil
}

// post sends a WebDriver command and decodes its value.
func (c *chromium) post(command string, body, into any) {
	c.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		c.Fatal(err)
	}
	resp, err := http.Post(c.session+command, "application/json", bytes.NewReader(data))
	if err != nil {
		c.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.Fatalf("%s: %v %s", command, err, text)
	}
	if err := json.Unmarshal(text, &struct{ Value any }{into}); err != nil {
		c.Fatalf("%s: %v", command, err)
	}
}

func (c *chromium) quit() {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodDelete, c.session, nil)
	if err != nil {
		c.Error(err)
		return
	}
	if resp, err := http.DefaultClient.Do(req); err != nil {
		c.Error(err)
	} else {
		_ = resp.Body.Close()
	}
}

func (c *chromium) open(address string) { c.post("/url", map[string]string{"url": address}, nil) }

func (c *chromium) click(selector string) {
	var element map[string]string
	c.post("/element", map[string]string{"using": "css selector", "value": selector}, &element)
	for _, id := range element {
		c.post("/element/"+id+"/click", map[string]any{}, nil)
	}
}

func (c *chromium) evaluate(script string) string {
	var value string
	c.post("/execute/sync", map[string]any{"script": "return String(" + script + ")", "args": []any{}}, &value)
	return value
}

// complaints returns what the browser wrote to its console, such as what the
// page's own policy made it refuse.
func (c *chromium) complaints() []string {
	var entries []struct{ Level, Message string }
	c.post("/se/log", map[string]string{"type": "browser"}, &entries)
	var list []string
	for _, entry := range entries {
		// A page that says that the sign-in failed has status 400, and neither
		// server has an icon.
		if !strings.Contains(entry.Message, "Failed to load resource") {
			list = append(list, entry.Level+" "+entry.Message)
		}
	}
	return list
}

func TestRealBrowser(t *testing.T) {
	browser := startChromium(t)
	w := newWorld(t, tenant.Auth0)
	for _, test := range []struct {
		name, button, title, says string
		code                      string // of the tenant's error
	}{
		{"G4: after a sign-in the page says so", "allow", "You are signed in", "close this window", ""},
		{"G4: after a refusal the page says why", "deny", "Access was not granted", "access_denied: User did not authorize", "access_denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			browser.T = t
			visited := make(chan struct{})
			app := w.in(t).start(timesheets.WithProfile(test.button), timesheets.WithBrowser(func(_ context.Context, address string) error {
				go func() {
					defer close(visited)
					browser.open(address + "&login_hint=" + erin)
					browser.click(fmt.Sprintf("button[value=%s]", test.button))
				}()
				return nil
			}))
			_, err := app.Login(t.Context())
			<-visited
			if refusal, ok := errors.AsType[*timesheets.TenantError](err); ok != (test.code != "") || ok && refusal.Code != test.code {
				t.Errorf("error %v", err)
			}
			if title := browser.evaluate("document.title"); title != test.title {
				t.Errorf("title %q", title)
			}
			if text := browser.evaluate("document.body.innerText"); !strings.Contains(text, test.says) {
				t.Errorf("the page says %q", text)
			}
			if display := browser.evaluate("getComputedStyle(document.body).display"); display != "grid" {
				t.Errorf("the page's own style is not applied: display is %s", display)
			}
			if list := browser.complaints(); len(list) > 0 {
				t.Errorf("the browser complains: %q", list)
			}
		})
	}
}
