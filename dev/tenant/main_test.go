package tenant_test

import (
	"net/http"
	"os"
	"testing"
)

// TestMain has each request make its own connection: one that is kept for the
// next would be of no use to a test that starts a tenant again on the same port.
func TestMain(m *testing.M) {
	if transport, ok := http.DefaultTransport.(*http.Transport); ok {
		transport.DisableKeepAlives = true
	}
	os.Exit(m.Run())
}
