// Package chromium drives a real browser by WebDriver (W3C), for tests. It
// needs Debian's packages chromium and chromium-driver.
package chromium

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Keys that have a name instead of a letter (WebDriver 17.4.2).
const (
	Tab   = "\ue004"
	Enter = "\ue007"
	Space = " "

	SelectAll = "\ue009a" // Control and a
)

// Browser is a running browser with one window. What goes wrong fails its test.
type Browser struct {
	t       testing.TB
	session string // URL of the WebDriver session
}

// Start starts a browser, which lives until the test ends.
func Start(t testing.TB) *Browser {
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
		b := &Browser{t: t, session: "http://127.0.0.1:" + port[1] + "/session"}
		b.open()
		t.Cleanup(b.quit)
		return b
	}
	t.Fatal("chromedriver did not start")
	return nil
}

func (b *Browser) open() {
	var made struct{ SessionID string }
	b.post("", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"goog:loggingPrefs": map[string]string{"browser": "ALL"},
		// The driver does the waiting for an element that is still to come.
		"timeouts": map[string]int{"implicit": 20_000},
		"goog:chromeOptions": map[string]any{"args": []string{
			"--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--user-data-dir=" + b.t.TempDir(),
			"--disable-background-networking", "--disable-component-update", "--disable-sync",
		}},
	}}}, &made)
	b.session += "/" + made.SessionID
}

// In is the same browser, for a part of the test.
func (b *Browser) In(t testing.TB) *Browser { return &Browser{t: t, session: b.session} }

// post sends a WebDriver command and decodes its value.
func (b *Browser) post(command string, body, into any) {
	b.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	resp, err := http.Post(b.session+command, "application/json", bytes.NewReader(data))
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("%s: %v %s", command, err, text)
	}
	if err := json.Unmarshal(text, &struct{ Value any }{into}); err != nil {
		b.t.Fatalf("%s: %v", command, err)
	}
}

func (b *Browser) quit() {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodDelete, b.session, nil)
	if err != nil {
		b.t.Error(err)
		return
	}
	if resp, err := http.DefaultClient.Do(req); err != nil {
		b.t.Error(err)
	} else {
		_ = resp.Body.Close()
	}
}

// devtools sends a command of the Chrome DevTools Protocol.
func (b *Browser) devtools(command string, parameters, into any) {
	b.t.Helper()
	b.post("/goog/cdp/execute", map[string]any{"cmd": command, "params": parameters}, into)
}

// Look sets the width of the window in CSS pixels and the colour scheme that
// the person prefers: light or dark.
func (b *Browser) Look(width int, scheme string) {
	b.t.Helper()
	b.devtools("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 860, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.devtools("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Open goes to an address.
func (b *Browser) Open(address string) {
	b.t.Helper()
	b.post("/url", map[string]string{"url": address}, nil)
}

// Await waits until the page has an element.
func (b *Browser) Await(selector string) {
	b.t.Helper()
	b.element(selector)
}

// Click clicks an element.
func (b *Browser) Click(selector string) {
	b.t.Helper()
	b.post("/element/"+b.element(selector)+"/click", map[string]any{}, nil)
}

func (b *Browser) element(selector string) string {
	b.t.Helper()
	var element map[string]string
	b.post("/element", map[string]string{"using": "css selector", "value": selector}, &element)
	for _, id := range element {
		return id
	}
	return ""
}

// Press presses keys one after the other, those of one argument together.
func (b *Browser) Press(chords ...string) {
	b.t.Helper()
	var actions []map[string]string
	for _, chord := range chords {
		keys := strings.Split(chord, "")
		for _, key := range keys {
			actions = append(actions, map[string]string{"type": "keyDown", "value": key})
		}
		for _, key := range slices.Backward(keys) {
			actions = append(actions, map[string]string{"type": "keyUp", "value": key})
		}
	}
	b.post("/actions", map[string]any{"actions": []any{map[string]any{"type": "key", "id": "keyboard", "actions": actions}}}, nil)
}

// TabTo presses the tabulator until an element has the focus, and fails when
// that cannot be seen.
func (b *Browser) TabTo(selector string) {
	b.t.Helper()
	b.Await(selector)
	for range 60 {
		if b.Evaluate("document.activeElement.matches("+quote(selector)+")") == "true" {
			if b.Evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none" {
				b.t.Errorf("the focus on %s cannot be seen", selector)
			}
			return
		}
		b.Press(Tab)
	}
	b.t.Fatalf("the keyboard does not come to %s", selector)
}

// Type types a text where the focus is.
func (b *Browser) Type(text string) {
	b.t.Helper()
	b.Press(strings.Split(text, "")...)
}

// Evaluate is the value of a JavaScript expression, as a string.
func (b *Browser) Evaluate(expression string) string {
	b.t.Helper()
	var value string
	b.post("/execute/sync", map[string]any{"script": "return String(" + expression + ")", "args": []any{}}, &value)
	return value
}

func quote(text string) string {
	data, _ := json.Marshal(text) // cannot fail: a string
	return string(data)
}
