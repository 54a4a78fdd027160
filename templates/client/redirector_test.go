package client

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// arriveAt is the browser of another machine: it signs in at address, and
// returns where the tenant sends it, as an address bar shows.
func (f *fixture) arriveAt(ctx context.Context, address string) (string, error) {
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	return resp.Header.Get("Location"), resp.Body.Close()
}

func TestMobileApp(t *testing.T) {
	for _, callback := range []string{
		"com.exampleco.notes:/callback",
		"com.exampleco.notes://callback",
		"com.exampleco.notes://exampleco.eu.auth0.com/ios/com.exampleco.notes/callback",
		"https://notes.example.com/callback",
		"http://127.0.0.1:8484/callback",
	} {
		t.Run("RFC 8252: a redirector brings back the first callback: "+callback, func(t *testing.T) {
			f := newFixture(t)
			config := f.app.config
			config.Callbacks = append([]string{callback}, config.Callbacks...)
			app := f.newApp(WithConfig(config), WithBrowser(noBrowser(t)), WithRedirector(RedirectorFunc(f.arriveAt)))
			session, err := app.Login(t.Context())
			if err != nil || session.User().Name != "Ada Lovelace" {
				t.Errorf("session %v, error %v", session, err)
			}
			if got := f.tokenForms[0].Get("redirect_uri"); got != callback {
				t.Errorf("redirect_uri = %q", got)
			}
		})
	}
	t.Run("RFC 8252: without a redirector, the listener takes the loopback callbacks alone", func(t *testing.T) {
		f := newFixture(t)
		config := f.app.config
		config.Callbacks = append([]string{"com.exampleco.notes:/callback"}, config.Callbacks...)
		if _, err := f.newApp(WithConfig(config)).Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := f.tokenForms[0].Get("redirect_uri"); got != config.Callbacks[1] {
			t.Errorf("redirect_uri = %q", got)
		}
	})
	t.Run("RFC 8252: without a redirector and without a loopback callback, the error names the way", func(t *testing.T) {
		f := newFixture(t)
		config := f.app.config
		config.Callbacks = []string{"com.exampleco.notes:/callback"}
		_, err := f.newApp(WithConfig(config), WithBrowser(noBrowser(t))).Login(t.Context())
		if err == nil || !strings.Contains(err.Error(), "com.exampleco.notes:/callback") || !strings.Contains(err.Error(), "WithRedirector") {
			t.Errorf("error %v", err)
		}
	})
	t.Run("the redirector's own error is the sign-in's", func(t *testing.T) {
		f := newFixture(t)
		dismissed := errors.New("the user closed the tab")
		app := f.newApp(WithRedirector(RedirectorFunc(func(context.Context, string) (string, error) { return "", dismissed })))
		if _, err := app.Login(t.Context()); !errors.Is(err, dismissed) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("WithRedirector(nil) changes nothing", func(t *testing.T) {
		f := newFixture(t)
		app := f.newApp(WithBrowser(noBrowser(t)), WithRedirector(RedirectorFunc(f.arriveAt)), WithRedirector(nil))
		if _, err := app.Login(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestRedirectorAnswersAreChecked(t *testing.T) {
	tests := []struct {
		name   string
		answer func(callback, state, issuer string) string
		want   string
	}{
		{"another state", func(c, _, _ string) string { return c + "?code=SECRET&state=x" }, "does not belong to this sign-in"},
		{"an error without the state", func(c, _, _ string) string { return c + "?error=SECRET" }, "does not belong to this sign-in"},
		{"the state twice", func(c, s, _ string) string { return c + "?code=SECRET&state=" + s + "&state=" + s }, "state is repeated"},
		{"the code twice", func(c, s, _ string) string { return c + "?code=SECRET&code=SECRET&state=" + s }, "code is repeated"},
		{"another issuer", func(c, s, _ string) string { return c + "?code=SECRET&iss=https://evil.example.com/&state=" + s }, "another issuer"},
		{"another address", func(_, s, _ string) string { return "com.evil:/callback?code=SECRET&state=" + s }, "does not begin with com.exampleco.notes:/callback"},
		{"another path", func(c, s, _ string) string { return c + "/x?code=SECRET&state=" + s }, "does not begin with"},
		{"a host where there was none", func(_, s, _ string) string { return "com.exampleco.notes://evil/callback?code=SECRET&state=" + s }, "does not begin with"},
		{"nothing", func(_, _, _ string) string { return "" }, "does not begin with"},
		{"a refusal with the state", func(c, s, _ string) string { return c + "?error=access_denied&state=" + s }, "the tenant answered access_denied"},
	}
	for _, test := range tests {
		t.Run("G3: "+test.name+" ends the sign-in, unredeemed", func(t *testing.T) {
			f := newFixture(t)
			config := f.app.config
			config.Callbacks = []string{"com.exampleco.notes:/callback"}
			app := f.newApp(WithConfig(config), WithRedirector(RedirectorFunc(func(_ context.Context, address string) (string, error) {
				u, err := url.Parse(address)
				return test.answer(u.Query().Get("redirect_uri"), u.Query().Get("state"), config.Issuer), err
			})))
			_, err := app.Login(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "SECRET") || len(f.tokenForms) != 0 {
				t.Errorf("error %v after %d exchanges, want %q", err, len(f.tokenForms), test.want)
			}
		})
	}
}

// terminal is where a PasteRedirector reads and writes.
type terminal struct {
	t      *testing.T
	f      *fixture
	in     io.Reader
	typed  *io.PipeWriter
	screen *bufio.Reader
	out    io.Writer
}

func newTerminal(t *testing.T, f *fixture) *terminal {
	in, typed := io.Pipe()
	screen, out := io.Pipe()
	return &terminal{t, f, in, typed, bufio.NewReader(screen), out}
}

// address waits until an address is shown, signs in there and returns where
// that ended.
func (s *terminal) address() string {
	s.t.Helper()
	line := s.until("http")
	s.until("press Enter")
	arrived, err := s.f.arriveAt(s.t.Context(), strings.TrimSpace(line))
	if err != nil {
		s.t.Fatal(err)
	}
	return arrived
}

// until returns the next line of the screen that holds text.
func (s *terminal) until(text string) string {
	s.t.Helper()
	for {
		line, err := s.screen.ReadString('\n')
		if err != nil {
			s.t.Fatalf("%v before %q", err, text)
		}
		if strings.Contains(line, text) {
			return line
		}
	}
}

func (s *terminal) paste(text string) {
	s.t.Helper()
	if _, err := io.WriteString(s.typed, text); err != nil {
		s.t.Fatal(err)
	}
}

// login signs in by pasting; its error comes on the channel.
func (s *terminal) login(ctx context.Context, redirector Redirector) <-chan error {
	app := s.f.newApp(WithBrowser(noBrowser(s.t)), WithRedirector(redirector))
	done := make(chan error, 1)
	go func() {
		_, err := app.Login(ctx)
		done <- err
	}()
	return done
}

func TestPaste(t *testing.T) {
	t.Run("G5: the user pastes where the browser ended", func(t *testing.T) {
		f := newFixture(t)
		s := newTerminal(t, f)
		done := s.login(t.Context(), PasteRedirector(s.in, s.out))
		s.paste(s.address() + "\n")
		if err := <-done; err != nil || f.tokenForms[0].Get("code") != "the-code" {
			t.Errorf("error %v", err)
		}
	})
	for name, c := range map[string]struct{ line, problem string }{
		"an empty line":                {"\n", "it does not begin with http://"},
		"another sign-in's answer":     {"CALLBACK?code=SECRET&state=x\n", "does not belong to this sign-in"},
		"only the code":                {"SECRET\n", "it does not begin with http://"},
		"an address without an answer": {"CALLBACK\n", "does not belong to this sign-in"},
		"a line without end":           {strings.Repeat("SECRET", 20_000) + "\n", "the line is too long"},
	} {
		t.Run("G5: "+name+" is answered with what is wrong, not repeated, and followed by another try", func(t *testing.T) {
			f := newFixture(t)
			s := newTerminal(t, f)
			done := s.login(t.Context(), PasteRedirector(s.in, s.out))
			arrived := s.address()
			callback, _, _ := strings.Cut(arrived, "?")
			s.paste(strings.ReplaceAll(c.line, "CALLBACK", callback))
			if said := s.until("That was not it"); !strings.Contains(said, c.problem) || strings.Contains(said, "SECRET") {
				t.Errorf("said %q, want %q", said, c.problem)
			}
			s.paste("  " + arrived + " \r\n")
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("G5: a pasted refusal is the tenant's, and no second try", func(t *testing.T) {
		f := newFixture(t)
		f.onAuthorize = func(request url.Values) url.Values {
			return url.Values{"error": {"access_denied"}, "state": request["state"]}
		}
		s := newTerminal(t, f)
		done := s.login(t.Context(), PasteRedirector(s.in, s.out))
		s.paste(s.address() + "\n")
		if refusal, ok := errors.AsType[*TenantError](<-done); !ok || refusal.Code != "access_denied" {
			t.Errorf("error %v", refusal)
		}
	})
}

func TestPasteEnds(t *testing.T) {
	const line = "http://127.0.0.1:1/callback?code=SECRET&state=x\n"
	paste := func(in io.Reader) (string, error) {
		f := newFixture(t)
		var screen strings.Builder
		_, err := f.newApp(WithRedirector(PasteRedirector(in, &screen))).Login(t.Context())
		return screen.String(), err
	}
	t.Run("G5: five wrong lines end the sign-in", func(t *testing.T) {
		in := strings.NewReader(strings.Repeat(line, 7))
		screen, err := paste(in)
		if err == nil || !strings.Contains(err.Error(), "after 5 tries: it does not begin with") || strings.Contains(err.Error()+screen, "SECRET") {
			t.Errorf("error %v", err)
		}
		if got := strings.Count(screen, "That was not it"); got != 4 {
			t.Errorf("told %d times", got)
		}
	})
	for name, text := range map[string]string{"at once": "", "after a wrong line": line, "in a line without end": strings.Repeat("SECRET", 20_000)} {
		t.Run("G5: the end of the input is an error: "+name, func(t *testing.T) {
			if screen, err := paste(strings.NewReader(text)); !errors.Is(err, io.EOF) || strings.Contains(err.Error()+screen, "SECRET") {
				t.Errorf("error %v", err)
			}
		})
	}
	t.Run("a last line without its end counts", func(t *testing.T) {
		got := readPastedLine(bufio.NewReader(strings.NewReader("http://127.0.0.1:1/callback")))
		if got.err != nil || got.text.reveal() != "http://127.0.0.1:1/callback" {
			t.Errorf("got %v, %v", got.text.reveal(), got.err)
		}
	})
	t.Run("a redirector without reader or writer says so", func(t *testing.T) {
		for _, redirector := range []Redirector{PasteRedirector(nil, io.Discard), PasteRedirector(strings.NewReader(""), nil)} {
			if _, err := redirector.Redirect(t.Context(), "https://tenant.example.com/authorize"); err == nil {
				t.Error("no error")
			}
		}
	})
	t.Run("G5: a screen that cannot be written ends the sign-in", func(t *testing.T) {
		f := newFixture(t)
		_, out := io.Pipe()
		_ = out.Close()
		if _, err := f.newApp(WithRedirector(PasteRedirector(strings.NewReader(""), out))).Login(t.Context()); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("error %v", err)
		}
	})
}

func TestPasteIsCancelled(t *testing.T) {
	t.Run("G5: the end of the context ends the sign-in at once; the next one gets the line", func(t *testing.T) {
		f := newFixture(t)
		s := newTerminal(t, f)
		redirector := PasteRedirector(s.in, s.out)
		gone := errors.New("the user went home")
		ctx, cancel := context.WithCancelCause(t.Context())
		done := s.login(ctx, redirector)
		s.address()
		cancel(gone)
		if err := <-done; !errors.Is(err, gone) {
			t.Errorf("error %v", err)
		}
		done = s.login(t.Context(), redirector)
		s.paste(s.address() + "\n")
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Run("two sign-ins ask one after the other", func(t *testing.T) {
		f := newFixture(t)
		s := newTerminal(t, f)
		redirector := PasteRedirector(s.in, s.out)
		first := s.login(t.Context(), redirector)
		arrived := s.address()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := redirector.Redirect(ctx, "https://tenant.example.com/authorize"); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
		second := s.login(t.Context(), redirector)
		s.paste("\n")
		s.until("That was not it")
		s.paste(arrived + "\n")
		if err := <-first; err != nil {
			t.Error(err)
		}
		s.paste(s.address() + "\n")
		if err := <-second; err != nil {
			t.Error(err)
		}
	})
}

func TestCallbacksOfConfig(t *testing.T) {
	good := []string{
		"http://127.0.0.1:8484/callback", "http://[::1]:8484/callback", "com.exampleco.notes:/callback",
		"com.exampleco.notes://tenant.example.com/ios/com.exampleco.notes/callback", "com.exampleco.notes://callback",
		"com.exampleco.notes-2:/", "https://notes.example.com/callback", "https://notes.example.com:8443/callback",
	}
	for _, callback := range good {
		t.Run("RFC 8252: "+callback+" is accepted", func(t *testing.T) {
			if err := validateCallback(callback); err != nil {
				t.Error(err)
			}
		})
	}
	bad := map[string]string{
		"http://notes.example.com/callback":         "does not name a loopback address",
		"http://localhost:8484/callback":            "does not name a loopback address",
		"notes:/callback":                           "any app could claim",
		"javascript:alert(1)":                       "any app could claim",
		"file:///etc/passwd":                        "any app could claim",
		"com.:/callback":                            "any app could claim",
		"callback":                                  "has no scheme",
		"":                                          "has no scheme",
		"Com.ExampleCo.Notes:/callback":             "capital letters",
		"com.exampleco.notes:callback":              "has no path",
		"com.exampleco.notes:":                      "has no path",
		"com.exampleco.notes://":                    "has no path",
		"https://notes.example.com/callback#x":      "a query or a fragment",
		"https://notes.example.com/callback?x=1":    "a query or a fragment",
		"com.exampleco.notes:/callback#":            "a query or a fragment",
		"com.exampleco.notes:/callback?":            "a query or a fragment",
		"https://me:you@notes.example.com/callback": "user name or password",
		"com.exampleco.notes://me@host/callback":    "user name or password",
		"https://127.0.0.1:8484/callback":           "not the address of a web site",
		"https:///callback":                         "not the address of a web site",
		"https:callback":                            "not the address of a web site",
	}
	for callback, want := range bad {
		t.Run("RFC 8252: "+callback+" is refused", func(t *testing.T) {
			config := DefaultConfig()
			config.Callbacks = []string{callback}
			_, err := New(WithConfig(config), WithStore(NewMemoryStore()))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want %q", err, want)
			}
		})
	}
}
