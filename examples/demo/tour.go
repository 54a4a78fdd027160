package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/freeport"
)

// tour is the walk through the steps, in a folder of its own.
type tour struct {
	*transcript
	folder   string
	home     string        // of the app's users
	module   string        // the new module's folder
	scaffold string        // the program
	program  string        // the app
	tokenTTL time.Duration // of the access tokens of the second scaffold dev
	open     opener        // nil: people sign in without a browser
	ben, ada *person

	tenant, api string  // the addresses of scaffold dev
	state       string  // the file of its state
	served      *served // nil: it does not run
	renewed     time.Time
}

// tokenTTL leaves an access token enough time to be used in, even on a machine
// that has much else to do.
const tokenTTL = 5 * time.Second

func newTour(stdout io.Writer, open opener) (*tour, error) {
	t := &tour{transcript: &transcript{to: stdout, color: colored(stdout)}, tokenTTL: tokenTTL, open: open}
	var err error
	if t.ben, err = newPerson("Ben", "ben@example.com"); err != nil {
		return nil, err
	}
	if t.ada, err = newPerson("Ada Lovelace", "ada@example.com"); err != nil {
		return nil, err
	}
	if t.folder, err = os.MkdirTemp("", "timesheets-demo-"); err != nil {
		return nil, fmt.Errorf("make a folder for the demo: %w", err)
	}
	t.home, t.module = filepath.Join(t.folder, "home"), filepath.Join(t.folder, "exampleco")
	t.state = "dev-state.json" // in the module's folder
	t.scaffold, t.program = filepath.Join(t.folder, "bin", "scaffold"), filepath.Join(t.folder, "bin", "timesheets")
	return t, nil
}

// close ends what runs, and removes what was written.
func (t *tour) close() error {
	return errors.Join(t.stopServed(), os.RemoveAll(t.folder))
}

func (t *tour) stopServed() error {
	if t.served == nil {
		return nil
	}
	running := t.served
	t.served = nil
	return running.stop()
}

type step struct {
	title string
	do    func(context.Context) error
}

func (t *tour) steps() []step {
	return []step{
		{"Generate the client into a new module, and build the app with it", t.build},
		{"Start a tenant and an API on this machine", t.start},
		{"Nobody is signed in: the app offers to sign in", t.nobody},
		{"Ben, an employee, signs in", t.benSignsIn},
		{"The menu has what his scopes allow, and no more", t.benMay},
		{"He lists his timesheets, and adds one", t.benWorks},
		{"He asks to approve it: the tenant does not grant that", t.benAsksForMore},
		{"Ada, a manager, signs in to a profile of her own", t.adaSignsIn},
		{"She approves: the app signs in again for the scope that is missing", t.adaApproves},
		{"Ben sees that it is approved", t.benSees},
		{"The tenant is started again, with short-lived tokens: sign-ins survive", t.restart},
		{"The API finds Ben's token expired: renewed, and called again", t.refused},
		{"The next token expires by the clock: renewed", t.expired},
		{"Somebody uses a stolen copy: the tenant revokes Ben's sign-in", t.stolen},
		{"Ben has to sign in again", t.benEnded},
		{"Ada signs out", t.adaSignsOut},
	}
}

// walk takes one step after the other, and stops at the first that is not as it
// should be.
func (t *tour) walk(ctx context.Context, steps []step) error {
	t.line(bold, "ExampleCo Timesheets: from a spec to an app that people use")
	for i, step := range steps {
		t.title(i+1, len(steps), step.title)
		if t.err != nil {
			return t.err
		}
		if err := errors.Join(step.do(ctx), t.err); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.title, err)
		}
	}
	return nil
}

// build makes scaffold from this checkout, the client by it, and the app.
func (t *tour) build(ctx context.Context) error {
	source, err := findCheckout(ctx, t.folder)
	if err != nil {
		return err
	}
	addresses, err := freeport.Addresses(4)
	if err != nil {
		return err
	}
	t.tenant, t.api = addresses[0], addresses[1]
	callbacks := []string{"http://" + addresses[2] + "/callback", "http://" + addresses[3] + "/callback"}
	if err := source.copyApp(t.module, callbacks); err != nil {
		return fmt.Errorf("make a new module: %w", err)
	}
	t.say("       %s is a new module: the spec examples/timesheets.yaml and the app", customer)
	t.say("       examples/timesheets. The first build takes a moment.")
	if _, err := tool(ctx, t.folder, source.dir, "go", "build", "-o", t.scaffold, "./cmd/scaffold"); err != nil {
		return err
	}
	for _, command := range [][]string{
		{t.scaffold, "generate", "timesheets.yaml"},
		{"go", "build", "-o", t.program, "."},
	} {
		if err := t.tool(ctx, command); err != nil {
			return err
		}
	}
	return t.withoutScaffold(ctx, source.path)
}

// tool shows and runs a command in the new module.
func (t *tour) tool(ctx context.Context, command []string) error {
	t.command(strings.ReplaceAll(strings.Join(command, " "), filepath.Dir(t.program)+string(filepath.Separator), ""))
	out, err := tool(ctx, t.folder, t.module, command[0], command[1:]...)
	if err != nil {
		return err
	}
	t.output(brief(out, 3))
	return nil
}

// brief is the beginning of a text with many lines.
func brief(text string, lines int) string {
	all := slices.Collect(strings.Lines(text))
	if len(all) <= lines+1 {
		return text
	}
	return strings.Join(all[:lines], "") + fmt.Sprintf("... and %d more\n", len(all)-lines)
}

// withoutScaffold checks that the app needs nothing of scaffold's.
func (t *tour) withoutScaffold(ctx context.Context, path string) error {
	out, err := tool(ctx, t.folder, t.module, "go", "list", "-deps", ".")
	if err != nil {
		return err
	}
	if strings.Contains(out, path) || !strings.Contains(out, customer+"/timesheets\n") {
		return fmt.Errorf("the app is built of other packages than it should be:\n%s", out)
	}
	t.say("\n       The app is built of the generated package; nothing in it imports scaffold.")
	return nil
}

// start starts scaffold dev, and shows what it says first.
func (t *tour) start(ctx context.Context) error {
	if err := t.serve(ctx); err != nil {
		return err
	}
	before, _, found := strings.Cut(t.served.guide, "\nPoint the client at it:")
	if !found || !strings.Contains(before, "Ben (employee)") || !strings.Contains(before, "Ada Lovelace (manager)") {
		return fmt.Errorf("scaffold dev said:\n%s", t.served.guide)
	}
	t.output(strings.TrimRight(before, "\n") + "\n")
	t.say("\n       Below, timesheets stands for timesheets --issuer %s --api %s.", t.served.issuer, t.served.api)
	t.say("       After what it prints come the requests that it causes, from scaffold dev's log.")
	return nil
}

// serve starts scaffold dev in the new module.
func (t *tour) serve(ctx context.Context, more ...string) (err error) {
	args := append([]string{"timesheets.yaml", "--addr", t.tenant, "--api-addr", t.api, "--state", t.state}, more...)
	t.command("scaffold dev " + strings.Join(args, " "))
	t.served, err = serve(ctx, t.scaffold, t.module, args...)
	return err
}
