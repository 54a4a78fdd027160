//go:build chromium

package pages_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"example.com/scaffold/internal/chromium"
)

// TestRealBrowser looks at every page in a real browser, for make test-long.
// AXE names the file axe.min.js, SCREENSHOTS the folder for the pictures.
func TestRealBrowser(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("AXE"))
	if err != nil {
		t.Fatalf("AXE must name axe.min.js, which make test-long fetches: %v", err)
	}
	inspector := chromium.Inspector{Axe: axe, Folder: cmp.Or(os.Getenv("SCREENSHOTS"), t.ArtifactDir())}
	t.Logf("screenshots: %s", inspector.Folder)
	mux := http.NewServeMux()
	for _, page := range allPages() {
		mux.HandleFunc("/"+page.name, func(w http.ResponseWriter, _ *http.Request) { page.show(w) })
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	browser := chromium.Start(t)
	for _, page := range allPages() {
		for scheme, text := range map[string]string{"light": "rgb(22, 24, 29)", "dark": "rgb(242, 243, 247)"} {
			for _, width := range []int{1100, 320} { // 320 is also 1280 zoomed to 400% (WCAG 1.4.10)
				t.Run(fmt.Sprintf("%s in %s, %d wide", page.name, scheme, width), func(t *testing.T) {
					b := browser.In(t)
					b.Look(width, scheme)
					b.Open(server.URL + "/" + page.name)
					inspector.Inspect(b, fmt.Sprintf("page-%s-%s-%d", page.name, scheme, width))
					if got := b.Evaluate("getComputedStyle(document.body).color"); got != text {
						t.Errorf("the text is %s, want %s", got, text)
					}
				})
			}
		}
	}
}
