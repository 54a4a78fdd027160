//go:build long

// A certified client of another language, for make test-long: it needs Node.js
// and npm, and npm's registry.

package tenant_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"example.com/scaffold/dev/tenant"
)

func TestOpenIDClient(t *testing.T) {
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS("testdata/openid-client")); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, args[0], err, out)
		}
		return string(out)
	}
	run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
	for layout, parameter := range map[tenant.Layout]string{tenant.Auth0: "audience", tenant.Discovery: "resource"} {
		a := start(t, func(c *tenant.Config) { c.Layout = layout })
		browser := httptest.NewServer(http.HandlerFunc(a.signInFor))
		t.Cleanup(browser.Close)
		out := run("node", "client.js", a.tenant.Issuer(), clientID, a.callback, audience, parameter, browser.URL)
		if got := strings.Count(out, "ok "); got != 9 {
			t.Errorf("%d rules held, want 9:\n%s", got, out)
		}
	}
}

// signInFor is the browser of a client elsewhere. It answers with the address
// of the callback, or with the status of the tenant's page.
func (a *app) signInFor(w http.ResponseWriter, r *http.Request) {
	page, err := (tenant.Browser{Email: morgan}).SignIn(r.Context(), r.URL.Query().Get("url"))
	switch {
	case errors.Is(err, tenant.ErrNotReturned):
		w.WriteHeader(page.Status)
		return
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	<-a.returned
	_, _ = io.WriteString(w, page.URL.String()) // the client may be gone
}
