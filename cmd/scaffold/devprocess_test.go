//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
	"example.com/scaffold/internal/freeport"
)

// freeCallback returns a redirect URI whose port was free a moment ago.
func freeCallback(t *testing.T) string {
	t.Helper()
	callbacks, err := freeport.Callbacks(1)
	if err != nil {
		t.Fatal(err)
	}
	return callbacks[0]
}

// served is a running scaffold dev.
type served struct {
	*testing.T
	cmd      *exec.Cmd
	lines    *bufio.Scanner
	guide    string
	issuer   string
	api      string
	callback string
}

// startDev runs the real command on the example, and reads what it prints first.
func startDev(t *testing.T, flags ...string) *served {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := &served{T: t, callback: freeCallback(t)}
	specPath, _ := copyExample(t, "http://127.0.0.1:8484/callback", s.callback)
	args := append([]string{"dev", specPath, "--addr", "127.0.0.1:0", "--api-addr", "127.0.0.1:0"}, flags...)
	s.cmd = exec.CommandContext(t.Context(), path, args...)
	s.cmd.Stderr = os.Stderr
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.lines = bufio.NewScanner(stdout)
	s.guide = s.until("The end:")
	for name, into := range map[string]*string{"tenant": &s.issuer, "API": &s.api} {
		found := regexp.MustCompile(`(?m)^  ` + name + ` +(http://127\.0\.0\.1:\S+)$`).FindStringSubmatch(s.guide)
		if found == nil {
			t.Fatalf("the guide has no address of the %s: %s", name, s.guide)
		}
		*into = found[1]
	}
	return s
}

// until returns what is printed, to the line that holds text.
func (s *served) until(text string) string {
	s.Helper()
	var all strings.Builder
	for s.lines.Scan() {
		all.WriteString(s.lines.Text() + "\n")
		if strings.Contains(s.lines.Text(), text) {
			return all.String()
		}
	}
	s.Fatalf("it never says %q: %s", text, all.String())
	return ""
}

// stop interrupts it, and returns what it still says.
func (s *served) stop(signal os.Signal) string {
	s.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.Fatal(err)
	}
	var rest strings.Builder
	for s.lines.Scan() {
		rest.WriteString(s.lines.Text() + "\n")
	}
	if err := s.cmd.Wait(); err != nil {
		s.Errorf("it ends with %v", err)
	}
	return rest.String()
}

func (s *served) keys() []string {
	s.Helper()
	resp, err := http.Get(s.issuer + ".well-known/jwks.json")
	if err != nil {
		s.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var set struct{ Keys []struct{ Kid string } }
	if err := json.NewDecoder(resp.Body).Decode(&set); err != nil {
		s.Fatal(err)
	}
	var ids []string
	for _, key := range set.Keys {
		ids = append(ids, key.Kid)
	}
	return ids
}

// client is the generated client, pointed at it as the guide says.
func (s *served) client(open func(context.Context, string) error) *timesheets.App {
	s.Helper()
	for _, line := range []string{
		"config := timesheets.DefaultConfig()", fmt.Sprintf("config.Issuer = %q", s.issuer),
		fmt.Sprintf("config.BaseURL = %q", s.api), "app, err := timesheets.New(timesheets.WithConfig(config))",
	} {
		if !strings.Contains(s.guide, line+"\n") {
			s.Errorf("the guide lacks %s", line)
		}
	}
	config := timesheets.DefaultConfig()
	config.Issuer, config.BaseURL, config.Callbacks = s.issuer, s.api, []string{s.callback}
	app, err := timesheets.New(timesheets.WithConfig(config), timesheets.WithStore(timesheets.NewMemoryStore()),
		timesheets.WithBrowser(open))
	if err != nil {
		s.Fatal(err)
	}
	return app
}

func TestDev(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state.json")
	s := startDev(t, "--token-ttl", "90s", "--overlap", "20s", "--fault", "userinfo:500x1", "--state", state)
	first, _, _ := strings.Cut(s.guide, "\n")
	if !strings.Contains(first, "for development only") {
		t.Errorf("the first line is %q", first)
	}
	for _, want := range []string{
		"access 1m30s, refresh tokens rotate, and are taken again for 20s", "state      " + state, "fault      userinfo:500x1",
		"ada@example.com  Ada Lovelace (manager)  approve:timesheets", "kill -HUP " + fmt.Sprint(s.cmd.Process.Pid),
		s.issuer + "dev/rotate-keys", s.issuer + "dev/faults",
	} {
		if !strings.Contains(s.guide, want) {
			t.Errorf("the guide lacks %q: %s", want, s.guide)
		}
	}

	visited := make(chan error, 1)
	app := s.client(func(_ context.Context, address string) error {
		go func() {
			ada := tenant.Browser{Email: "ada@example.com", Decline: []string{"delete:timesheets"}}
			_, err := ada.SignIn(t.Context(), address)
			visited <- err
		}()
		return nil
	})
	session, err := app.Login(t.Context(), timesheets.ScopeApproveTimesheets)
	if browserErr := <-visited; err != nil || browserErr != nil {
		t.Fatal(err, browserErr)
	}
	list, err := session.ListTimesheets(t.Context(), timesheets.ListTimesheetsParams{})
	if err != nil || session.Can(timesheets.DeleteTimesheet) || !session.Can(timesheets.ApproveTimesheet) {
		t.Errorf("%v, %v, granted %q", list, err, session.Granted())
	}
	token, err := session.TokenSource(t.Context()).Token()
	if err != nil {
		t.Fatal(err)
	}
	log := s.until("ListTimesheets")
	for _, want := range []string{
		"authorization request: scope", "PKCE S256", "consent -> given by Ada Lovelace, declined delete:timesheets",
		"token request: authorization_code -> tokens for Ada Lovelace", "api    200  GET    /timesheets",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q: %s", want, log)
		}
	}
	if strings.Contains(log, token.AccessToken[:40]) || strings.Contains(log, "\x1b") || strings.Contains(log, "code_verifier") {
		t.Errorf("the log: %s", log)
	}
	if left := time.Until(token.Expiry); left > 90*time.Second || left < 0 {
		t.Errorf("the access token is good for %s", left)
	}
	if _, err := session.UserInfo(t.Context()); err == nil {
		t.Error("the fault does not happen")
	}

	t.Run("SIGHUP rotates the keys, and the old one stays", func(t *testing.T) {
		before := s.keys()
		if err := s.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		s.until("signing keys are rotated")
		if after := s.keys(); len(before) != 1 || len(after) != 2 || after[1] != before[0] {
			t.Errorf("keys %q, before %q", after, before)
		}
		if err := session.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if rest := s.stop(os.Interrupt); strings.Contains(rest, "panic") {
		t.Errorf("it says %s", rest)
	}
	if text, err := os.ReadFile(state); err != nil || !strings.Contains(string(text), `"refresh_tokens"`) {
		t.Errorf("the state file: %v", err)
	}
}

func TestDevEndsWithTerm(t *testing.T) {
	s := startDev(t, "--rotation=false")
	if !strings.Contains(s.guide, "refresh tokens stay the same") || !strings.Contains(s.guide, "in memory") {
		t.Errorf("the guide: %s", s.guide)
	}
	s.stop(syscall.SIGTERM)
}
