package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// outcome is what one run of the app did.
type outcome struct {
	code     int
	out      string     // what it printed, results and talk
	requests []request  // that scaffold dev got
	asked    url.Values // of the newest authorization request; nil: none
}

const (
	patience    = 30 * time.Second // for a command, with nobody to wait for
	manPatience = 10 * time.Minute // for one that somebody signs in for
)

// app runs the app as its user types it, and shows what comes of it.
func (t *tour) app(ctx context.Context, user *person, args ...string) (outcome, error) {
	return t.appAt(ctx, t.home, user, args...)
}

// appAt is app on the machine whose users' folder is home.
func (t *tour) appAt(ctx context.Context, home string, user *person, args ...string) (outcome, error) {
	t.command(strings.Join(append([]string{"timesheets"}, args...), " "))
	limit := patience
	if t.open != nil {
		limit = manPatience
	}
	limited, cancel := context.WithTimeoutCause(ctx, limit, errors.New("it takes too long"))
	defer cancel()
	limited, fail := context.WithCancelCause(limited)
	defer fail(nil)

	screen := &screen{mark: t.served.issuer + "authorize?", found: make(chan string, 1)}
	cmd := exec.CommandContext(limited, t.program, append([]string{"--issuer", t.served.issuer, "--api", t.served.api}, args...)...)
	// There is no browser and no keyring where this runs: it prints the address
	// to open, and keeps credentials in a file.
	cmd.Env = []string{
		"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, ".config"), "PATH=",
		"DBUS_SESSION_BUS_ADDRESS=unix:path=" + filepath.Join(home, "no-keyring"),
	}
	cmd.Stdout, cmd.Stderr = screen, screen
	endGently(cmd)
	if err := cmd.Start(); err != nil {
		return outcome{}, fmt.Errorf("start the app: %w", err)
	}
	asked := make(chan url.Values, 1)
	go func() { asked <- t.attend(limited, user, screen.found, fail) }()
	err := cmd.Wait()
	close(screen.found) // Wait has seen the end of the output
	o := outcome{code: cmd.ProcessState.ExitCode(), out: screen.text.String(), asked: <-asked}
	if cause := context.Cause(limited); cause != nil {
		t.output(o.out)
		return o, cause
	}
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		return o, fmt.Errorf("run the app: %w", err)
	}
	return o, t.show(ctx, &o)
}

// attend sends the user to the address that the app prints, if it prints one,
// and returns what the app asks for there.
func (t *tour) attend(ctx context.Context, user *person, found <-chan string, fail context.CancelCauseFunc) url.Values {
	address, ok := <-found
	if !ok {
		return nil
	}
	target, err := url.Parse(address)
	if err != nil {
		fail(fmt.Errorf("the address to open: %w", err))
		return nil
	}
	if t.open != nil {
		address = user.asked(address)
		t.say("\n       Your browser opens. Sign in as %s there, and allow what is asked for.", user.name)
		t.say("       If it does not open, go to:\n%s", address)
	}
	if err := user.visit(ctx, address, t.open); err != nil {
		fail(err)
	}
	return target.Query()
}

// show prints what a command printed, and what it sent.
func (t *tour) show(ctx context.Context, o *outcome) (err error) {
	for _, name := range secretParameters() {
		t.secret(o.asked.Get(name))
	}
	t.output(menuOf(o.out))
	if o.requests, err = t.served.requests(ctx); err != nil {
		return err
	}
	for _, r := range o.requests {
		t.sent(r.line)
	}
	return t.err
}

// menuOf leaves the help's usage and flags out of what a command prints.
func menuOf(out string) string {
	_, rest, found := strings.Cut(out, menuTitle)
	if !found {
		return out
	}
	list, _, _ := strings.Cut(rest, "\n\n")
	return "...\n" + menuTitle + list + "\n...\n"
}

// screen takes what a command prints, and finds the first address that begins
// like mark.
type screen struct {
	text  bytes.Buffer
	mark  string
	found chan string
	seen  bool
}

// Write takes what one goroutine reads from the command.
func (s *screen) Write(p []byte) (int, error) {
	n, err := s.text.Write(p)
	_, rest, has := strings.Cut(s.text.String(), s.mark)
	rest, _, whole := strings.Cut(rest, "\n")
	if has && whole && !s.seen {
		s.seen = true
		s.found <- s.mark + rest
	}
	return n, err
}
