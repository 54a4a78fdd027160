//go:build unix

package client

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// systemBrowser stands in for the system's launcher, and returns the file to
// which it writes the address.
func systemBrowser(t *testing.T) (opened string) {
	t.Helper()
	dir := t.TempDir()
	opened = filepath.Join(dir, "opened")
	text := "#!/bin/sh\nprintf '%s\\n' \"$1\" > '" + opened + "'\n"
	launcher := filepath.Join(dir, browserCommands(runtime.GOOS, "")[0][0])
	if err := os.WriteFile(launcher, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	return opened
}

func TestSystemBrowser(t *testing.T) {
	signOut := func(t *testing.T, option Option) (messages string) {
		t.Helper()
		f := newFixture(t)
		var shown bytes.Buffer
		app := f.newApp(option, WithMessages(&shown))
		app.browser = nil
		if err := app.Logout(t.Context(), EndBrowserSession("")); err != nil {
			t.Error(err)
		}
		return shown.String()
	}
	t.Run("G16: a sign-out that is asked to opens the system's browser", func(t *testing.T) {
		opened := systemBrowser(t)
		shown := signOut(t, nil)
		if address := browserScriptWrote(t, opened); !strings.Contains(address, "/v2/logout?client_id=notes-client") || shown != "" {
			t.Errorf("opened %q, shown %q", address, shown)
		}
	})
	t.Run("G5: when there is none the address is shown", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if shown := signOut(t, nil); !strings.Contains(shown, "/v2/logout?client_id=notes-client\n") {
			t.Errorf("shown %q", shown)
		}
	})
	for name, option := range map[string]Option{
		"redirector":   WithRedirector(RedirectorFunc(func(context.Context, string) (string, error) { return "", io.EOF })),
		"device login": WithDeviceLogin(nil),
	} {
		t.Run("G16: with a "+name+" the system's browser stays shut", func(t *testing.T) {
			opened := systemBrowser(t)
			shown := signOut(t, option)
			if _, err := os.Stat(opened); err == nil || !strings.Contains(shown, "/v2/logout?client_id=notes-client\n") {
				t.Errorf("opened: %v, shown %q", err == nil, shown)
			}
		})
	}
	t.Run("G5: nothing but a web address is given to it", func(t *testing.T) {
		opened := systemBrowser(t)
		if err := openBrowser(t.Context(), "file:///etc/passwd"); err == nil {
			t.Error("no error")
		}
		if _, err := os.Stat(opened); err == nil {
			t.Error("it was opened")
		}
	})
}
