package chromium

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Inspector looks at pages.
type Inspector struct {
	Axe    []byte // the text of axe.min.js, of npm's axe-core
	Folder string // where the pictures go
}

// Inspect takes a picture of the page as it is now, and fails the test for what
// is wrong with it: what axe-core finds, what the browser wrote to its console
// (such as what the page's own policy made it refuse), and text beside the
// window.
func (i Inspector) Inspect(b *Browser, picture string) {
	b.t.Helper()
	b.screenshot(filepath.Join(i.Folder, picture+".png"))
	var width struct{ Page, Window int }
	b.post("/execute/sync", map[string]any{"args": []any{}, "script": "return {page: document.documentElement.scrollWidth, window: innerWidth}"}, &width)
	if width.Page > width.Window {
		b.t.Errorf("%s: the page is %d wide in a window of %d", picture, width.Page, width.Window)
	}
	for _, problem := range append(b.complaints(), b.axe(i.Axe)...) {
		b.t.Errorf("%s: %s", picture, problem)
	}
}

// complaints is what the browser has written to its console since it was last
// asked.
func (b *Browser) complaints() []string {
	b.t.Helper()
	var entries []struct{ Level, Message string }
	b.post("/se/log", map[string]string{"type": "browser"}, &entries)
	var list []string
	for _, entry := range entries {
		// A page that tells of a problem has a status that says so, and not
		// every server has an icon. INFO is what the browser remarks, such as
		// that somebody was faster than the page's autofocus.
		expected := strings.Contains(entry.Message, "Failed to load resource: the server responded with a status of 4")
		if entry.Level != "INFO" && !expected {
			list = append(list, entry.Level+" "+entry.Message)
		}
	}
	return list
}

// screenshot writes a picture of the whole page, however long it is.
func (b *Browser) screenshot(file string) {
	b.t.Helper()
	var shot struct{ Data string }
	b.devtools("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &shot)
	picture, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// axe is what axe-core finds wrong, and what it cannot decide. The driver's
// scripts run whatever the page's policy says.
func (b *Browser) axe(source []byte) []string {
	b.t.Helper()
	var found []struct{ Rule, HTML, Why string }
	b.post("/execute/async", map[string]any{"args": []any{}, "script": string(source) + `
const done = arguments[arguments.length - 1]
const failed = problem => [{rule: "axe-core does not run", html: "", why: String(problem)}]
axe.run().then(result => [...result.violations, ...result.incomplete].flatMap(rule => rule.nodes.map(
	node => ({rule: rule.help, html: node.html, why: node.failureSummary})))).catch(failed).then(done)`}, &found)
	var list []string
	for _, each := range found {
		list = append(list, fmt.Sprintf("%s: %s: %s", each.Rule, each.HTML, each.Why))
	}
	return list
}
