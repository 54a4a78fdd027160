package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/examples/people"
)

func TestDemo(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Run("every step goes as it should, and nothing is left behind", func(t *testing.T) {
		var stdout, stderr bytes.Buffer
		if code := run(nil, &stdout, &stderr); code != 0 || stderr.Len() > 0 {
			t.Fatalf("exit code %d, stderr: %s", code, &stderr)
		}
		for _, want := range []string{" 1/14  ", "14/14  ", "All 14 steps went as they should.", "Erin Field", "Morgan Lake"} {
			if !strings.Contains(stdout.String(), want) {
				t.Errorf("the output has no %q", want)
			}
		}
		left, err := os.ReadDir(temporary)
		if err != nil || len(left) > 0 {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	t.Run("what cannot be printed is an error", func(t *testing.T) {
		var stderr bytes.Buffer
		if code := run(nil, full{}, &stderr); code != 1 || stderr.String() != "demo: step 1, Nobody is signed in yet: the disk is full\n" {
			t.Errorf("exit code %d, stderr: %s", code, &stderr)
		}
	})
	for _, c := range []struct {
		name string
		args []string
		code int
		want string
	}{
		{"an argument is misuse", []string{"now"}, 2, `unexpected argument "now"`},
		{"an unknown flag is misuse", []string{"-fast"}, 2, "-fast"},
		{"help is told", []string{"-h"}, 0, "-browser"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stderr bytes.Buffer
			if code := run(c.args, io.Discard, &stderr); code != c.code || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("exit code %d, stderr: %s", code, &stderr)
			}
		})
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// take takes the tour with people of the test's choice.
func take(t *testing.T, people []tenant.Person) (*tour, string, error) {
	t.Helper()
	local, err := startLocal(people)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.close(); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out bytes.Buffer
	walker := &tour{printer: &printer{to: &out}, local: local, folder: t.TempDir(), messages: io.Discard}
	err = walker.walk(ctx)
	return walker, out.String(), err
}

func TestTourPrintsNoSecret(t *testing.T) {
	walker, out, err := take(t, people.Timesheets())
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for _, request := range walker.local.tenant.AuthorizationRequests() {
		secrets = append(secrets, request.Get("state"), request.Get("nonce"))
	}
	for _, form := range walker.local.tenant.TokenRequests() {
		for _, name := range []string{"code", "code_verifier", "refresh_token"} {
			if form.Has(name) {
				secrets = append(secrets, form.Get(name))
			}
		}
	}
	if len(secrets) < 16 {
		t.Fatalf("only %d secrets to look for", len(secrets))
	}
	secrets = append(secrets, "eyJ") // how every JWT begins
	for _, secret := range secrets {
		if strings.Contains(out, secret) {
			t.Errorf("printed: %s", secret)
		}
	}
}

func TestTourStopsAtTheFirstWrongStep(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func([]tenant.Person)
		want   string
	}{
		{"a browser that does not come back ends the sign-in", func(p []tenant.Person) { p[0].Password = "secret" }, "step 2, Erin, an employee, signs in: sign in: "},
		{"a profile that lacks claims", func(p []tenant.Person) { p[0].EmailVerified = false }, "step 3, "},
		{"an employee with too many scopes", func(p []tenant.Person) { p[0].Scopes = p[1].Scopes }, "step 7, "},
		{"a manager without scopes", func(p []tenant.Person) { p[1].Scopes = nil }, "step 10, "},
		{"a manager who may not approve", func(p []tenant.Person) { p[1].Scopes = p[0].Scopes }, "step 11, "},
	} {
		t.Run(c.name, func(t *testing.T) {
			these := people.Timesheets()
			c.change(these)
			_, out, err := take(t, these)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(out, "as they should") {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}
