package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/internal/freeport"
)

// untilTheWait are the steps before those in which a token has to expire, which
// takes longer than a test should. `make demo` takes them all.
const untilTheWait = 12

// TestTour builds once, and has people use what was built.
func TestTour(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	var out bytes.Buffer
	built := newTestTour(t, &out, nil)
	built.tokenTTL = time.Minute // nobody waits for it
	defer func() {               // before the context ends
		if err := built.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := built.walk(t.Context(), built.steps()[:untilTheWait]); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	t.Run("every step is told: the command, what it prints, and what it sends", func(t *testing.T) {
		for _, want := range []string{
			" 1/12  Generate the client into a new module", "    $ scaffold generate timesheets.yaml\n", "    $ timesheets --profile ada approve 7\n",
			"    Ben is not allowed to", "  tenant 200  POST   /oauth/token  token request: refresh_token -> rotated", "        code_challenge_method  S256\n",
			"    Approved 7: 7.5 hours of ben for Apollo",
		} {
			if !strings.Contains(strings.ReplaceAll(out.String(), "timesheets: Ben", "Ben"), want) {
				t.Errorf("it lacks %q", want)
			}
		}
	})
	t.Run("no secret is told", func(t *testing.T) {
		if len(built.secrets) != 8 { // a state and a nonce for each sign-in
			t.Fatalf("%d secrets to look for", len(built.secrets))
		}
		for _, secret := range append([]string{"state=", "nonce="}, built.secrets...) {
			if strings.Contains(out.String(), secret) {
				t.Errorf("printed: %s", secret)
			}
		}
		if token := regexp.MustCompile(`eyJ[\w-]+\.`).FindString(out.String()); token != "" {
			t.Errorf("printed a token: %s", token)
		}
	})
	t.Run("the spec's callbacks are others in each demo", func(t *testing.T) {
		if regexp.MustCompile(`:(8484|8485|8400|8401)\b`).MatchString(out.String()) {
			t.Error("a registered port is used, which another demo may use")
		}
	})
	t.Run("people sign in by hand", func(t *testing.T) { byHand(t, built) })
	t.Run("the first wrong step is named, with what it printed", func(t *testing.T) { wrongSteps(t, built) })
	t.Run("an interrupt ends what runs", func(t *testing.T) { interrupted(t, built) })
	t.Run("nothing is left behind", func(t *testing.T) {
		address := built.tenant
		if connection, err := net.Dial("tcp", address); err != nil || connection.Close() != nil {
			t.Fatalf("the tenant does not run: %v", err)
		}
		if err := built.close(); err != nil {
			t.Error(err)
		}
		if connection, err := net.Dial("tcp", address); err == nil {
			t.Error("the tenant still runs", connection.Close())
		}
		wantEmpty(t, temporary)
	})
}

func newTestTour(t *testing.T, out io.Writer, open opener) *tour {
	t.Helper()
	made, err := newTour(out, open)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// again is a tour of what another has built, from its second step on.
func again(t *testing.T, built *tour, out io.Writer, open opener) *tour {
	t.Helper()
	made := newTestTour(t, out, open)
	made.module, made.scaffold, made.program = built.module, built.scaffold, built.program
	addresses, err := freeport.Addresses(2)
	if err != nil {
		t.Fatal(err)
	}
	made.tenant, made.api = addresses[0], addresses[1]
	made.state = made.folder + "/dev-state.json"
	return made
}

// byHand signs in as the demo says, in one browser, which keeps its sessions.
func byHand(t *testing.T, built *tour) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	emails := map[string]string{"Ben": built.ben.email, "Ada Lovelace": built.ada.email}
	visited := make(chan error, 4)
	tour := again(t, built, &out, func(ctx context.Context, address string) error {
		said := out.String()
		_, who, _ := strings.Cut(said[strings.LastIndex(said, "Your browser opens."):], "Sign in as ")
		who, _, _ = strings.Cut(who, " there")
		go func() {
			_, err := tenant.Browser{Email: emails[who], Jar: jar}.SignIn(context.WithoutCancel(ctx), address)
			visited <- err
		}()
		return nil
	})
	if err := errors.Join(tour.walk(t.Context(), tour.steps()[1:10]), tour.close()); err != nil {
		t.Errorf("%v\n%s", err, &out)
	}
	for range 4 {
		if err := <-visited; err != nil {
			t.Error(err)
		}
	}
}

func wrongSteps(t *testing.T, built *tour) {
	for _, c := range []struct {
		name   string
		change func(*tour)
		want   []string
	}{
		{"a browser that does not come back ends the sign-in", func(t *tour) { t.ben.email = "eve@example.com" },
			[]string{"step 3, Ben, an employee, signs in: ", "the browser: sign in as eve@example.com"}},
		{"an employee who may approve", func(t *tour) { t.ben.email = t.ada.email },
			[]string{"step 3, ", `it does not say "You are signed in as Ben.\n"`}},
		{"a manager who may not", func(t *tour) { t.ada.email, t.ada.jar = t.ben.email, t.ben.jar },
			[]string{"step 7, ", "Ada Lovelace"}},
		{"an app that is not there", func(t *tour) { t.program = t.folder + "/none" },
			[]string{"step 2, Nobody is signed in", "start the app: "}},
		{"a scaffold that does not serve", func(t *tour) { t.api = t.tenant },
			[]string{"step 1, Start a tenant", "scaffold dev has ended", "--api-addr"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			tour := again(t, built, &out, nil)
			c.change(tour)
			err := tour.walk(t.Context(), tour.steps()[1:8])
			if err := tour.close(); err != nil {
				t.Error(err)
			}
			if err == nil {
				t.Fatalf("it went well\n%s", &out)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %s", err, want)
				}
			}
		})
	}
}

func wantEmpty(t *testing.T, folder string) {
	t.Helper()
	left, err := os.ReadDir(folder)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// interrupted is ctrl-C once scaffold dev runs.
func interrupted(t *testing.T, built *tour) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	tour := again(t, built, writerFunc(func(p []byte) (int, error) {
		if strings.Contains(string(p), "$ timesheets login") {
			cancel()
		}
		return len(p), nil
	}), nil)
	if err := tour.walk(ctx, tour.steps()[1:8]); !errors.Is(err, context.Canceled) || !strings.HasPrefix(err.Error(), "step 3, ") {
		t.Errorf("error %v", err)
	}
	running := tour.served.cmd
	_ = tour.close() // the error is that scaffold dev was interrupted
	if running.ProcessState == nil {
		t.Error("scaffold dev still runs")
	}
}

// TestInterrupted is ctrl-C at once.
func TestInterrupted(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	ctx, cancel := context.WithCancel(t.Context())
	out := writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
	var stderr bytes.Buffer
	if code := run(ctx, nil, out, &stderr); code != 1 || stderr.String() != "demo: interrupted\n" {
		t.Errorf("exit code %d, stderr: %s", code, &stderr)
	}
	wantEmpty(t, temporary)
}

func TestWhatCannotBePrintedIsAnError(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	full := writerFunc(func([]byte) (int, error) { return 0, errors.New("the disk is full") })
	var stderr bytes.Buffer
	if code := run(t.Context(), nil, full, &stderr); code != 1 || stderr.String() != "demo: the disk is full\n" {
		t.Errorf("exit code %d, stderr: %s", code, &stderr)
	}
	wantEmpty(t, temporary)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestMisuse(t *testing.T) {
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
			if code := run(t.Context(), c.args, io.Discard, &stderr); code != c.code || !strings.Contains(stderr.String(), c.want) {
				t.Errorf("exit code %d, stderr: %s", code, &stderr)
			}
		})
	}
}

func TestTranscript(t *testing.T) {
	t.Run("a secret stops it before it is printed", func(t *testing.T) {
		var out strings.Builder
		told := &transcript{to: &out}
		told.secret("", "s3cret")
		told.say("fine")
		told.sent("it is s3cret")
		told.say("more")
		if told.err == nil || out.String() != "fine\n" {
			t.Errorf("error %v, printed %q", told.err, &out)
		}
	})
	t.Run("a terminal has styles", func(t *testing.T) {
		var out strings.Builder
		told := &transcript{to: &out, color: true}
		told.sent("x")
		told.output("y \n\n")
		if out.String() != "\x1b[2m        x\x1b[0m\n    y\n\n" || told.err != nil {
			t.Errorf("printed %q", &out)
		}
	})
	t.Run("addresses have no query", func(t *testing.T) {
		if got := cut("go to http://a/b?c=d&e#f now"); got != "go to http://a/b?... now" {
			t.Error(got)
		}
	})
	t.Run("parameters are sorted, and secrets cut", func(t *testing.T) {
		got := strings.Join(parameters(url.Values{"state": {"abcd"}, "scope": {"x y"}, "nonce": {"ef"}}), "|")
		if want := "nonce                  [cut: 2 characters]|scope                  x y|state                  [cut: 4 characters]"; got != want {
			t.Error(got)
		}
	})
}
