package tutorial_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/dev/tenant"
)

// finding is a line of scaffold doctor.
type finding struct{ Status, Check, Detail, Advice string }

// buildScaffold builds the command, which this module does not import.
func buildScaffold(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "scaffold")
	build := exec.Command("go", "build", "-o", program, "./cmd/scaffold")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// scaffold runs the command and returns its exit code.
func (w *world) scaffold(program string, args ...string) (code int, stdout, stderr string) {
	w.Helper()
	var out, talk bytes.Buffer
	command := exec.CommandContext(w.Context(), program, args...)
	command.Stdout, command.Stderr = &out, &talk
	err := command.Run()
	if command.ProcessState == nil {
		w.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), talk.String()
}

// doctor examines the example spec, changed, against this world.
func (w *world) doctor(program string, changes ...string) (code int, findings []finding) {
	w.Helper()
	text, err := os.ReadFile("../timesheets.yaml")
	if err != nil {
		w.Fatal(err)
	}
	changes = append(changes,
		"provider: auth0", "provider: oidc", "domain: exampleco.eu.auth0.com", "issuer: "+w.tenant.Issuer(),
		"http://127.0.0.1:8484/callback", w.config.Callbacks[0], "http://127.0.0.1:8485/callback", w.config.Callbacks[1],
		"base_url: https://api.exampleco.com", "base_url: "+w.config.BaseURL)
	path := filepath.Join(w.TempDir(), "timesheets.yaml")
	if err := os.WriteFile(path, []byte(strings.NewReplacer(changes...).Replace(string(text))), 0o600); err != nil {
		w.Fatal(err)
	}
	code, stdout, stderr := w.scaffold(program, "doctor", path, "--format", "json")
	var out struct{ Findings []finding }
	if err := json.Unmarshal([]byte(stdout), &out); err != nil {
		w.Fatalf("exit code %d: %v\n%s%s", code, err, stdout, stderr)
	}
	return code, out.Findings
}

func TestInitAndDoctor(t *testing.T) {
	t.Parallel()
	program := buildScaffold(t)
	eachLayout(t, func(w *world) {
		w.Run("what init writes, doctor finds nothing wrong with", func(t *testing.T) {
			w := w.in(t)
			path := filepath.Join(t.TempDir(), "scaffold.yaml")
			code, _, stderr := w.scaffold(program, "init", path, "--issuer", w.tenant.Issuer(), "--client-id", w.config.ClientID,
				"--audience", w.config.Audience, "--base-url", w.config.BaseURL, "--scope", "read:timesheets",
				"--callback", w.config.Callbacks[0], "--callback", w.config.Callbacks[1])
			if code != 0 {
				t.Fatal(stderr)
			}
			if code, stdout, stderr := w.scaffold(program, "doctor", path); code != 0 {
				t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
			}
		})
		w.Run("an issuer with another slash is not written", func(t *testing.T) {
			w := w.in(t)
			issuer := w.tenant.Issuer()
			code, _, stderr := w.scaffold(program, "init", filepath.Join(t.TempDir(), "scaffold.yaml"), "--issuer", otherSlash(issuer), "--client-id", "a")
			if code != 2 || !strings.Contains(stderr, `spells its issuer "`+issuer+`"`) {
				t.Errorf("%d %s", code, stderr)
			}
		})
		w.Run("the example spec fits", func(t *testing.T) {
			w := w.in(t)
			code, findings := w.doctor(program)
			guard := finding{Status: "ok", Check: "API guard", Detail: "GET /timesheets without a token is refused with HTTP 401"}
			if code != 0 || !slices.Contains(findings, guard) {
				t.Errorf("exit code %d: %+v", code, findings)
			}
			for _, f := range findings {
				// In the Auth0 layout the tenant does not publish it.
				if f.Status != "ok" && (f.Check != "browser session" || w.layout != tenant.Auth0) {
					t.Errorf("%+v", f)
				}
			}
			if len(w.tenant.TokenRequests()) > 0 {
				t.Error("a token was asked for")
			}
		})
		for name, rule := range map[string]struct{ from, to, check, says string }{
			"a callback that is not registered": {"http://127.0.0.1:8484/callback", "http://127.0.0.1:8484/other", "sign-in", "callback URL mismatch"},
			"a client that is not registered":   {"client_id: q2hnj2iuPZ4XnV1sYhY0T6mK9wLrB3Dc", "client_id: other", "sign-in", "does not know the client"},
			"a missing slash in the issuer":     {"domain: exampleco.eu.auth0.com", "issuer: " + otherSlash(w.tenant.Issuer()), "issuer", "the tenant says"},
		} {
			w.Run(name+" is found", func(t *testing.T) {
				w := w.in(t)
				code, findings := w.doctor(program, rule.from, rule.to)
				found := slices.ContainsFunc(findings, func(f finding) bool {
					return f.Status == "fail" && f.Check == rule.check && strings.Contains(f.Detail, rule.says) && f.Advice != ""
				})
				if code != 1 || !found {
					t.Errorf("exit code %d: %+v", code, findings)
				}
			})
		}
		w.Run("an API that is not known is found", func(t *testing.T) {
			w := w.in(t)
			if w.layout == tenant.Auth0 {
				return // reads audience, and the spec for a tenant on loopback can only send resource
			}
			code, findings := w.doctor(program, "audience: https://api.exampleco.com/timesheets", "audience: https://api.exampleco.com/other")
			if code != 1 || !slices.ContainsFunc(findings, func(f finding) bool { return strings.Contains(f.Detail, "invalid_target") }) {
				t.Errorf("exit code %d: %+v", code, findings)
			}
		})
	})
}

// otherSlash returns the issuer with the slash that it lacks, or without that
// which it has.
func otherSlash(issuer string) string {
	if bare, has := strings.CutSuffix(issuer, "/"); has {
		return bare
	}
	return issuer + "/"
}
