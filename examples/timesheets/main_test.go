package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/scaffold/dev"
	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
	"example.com/scaffold/internal/freeport"
)

// world is a tenant and an API, and a machine on which the program is run, by a
// person with a browser.
type world struct {
	*testing.T
	server  *dev.Server
	clock   *clock
	config  timesheets.Config
	folder  string // of the credentials
	person  tenant.Browser
	opened  int // how often the browser was
	visited chan error
}

// clock is the time of the tenant, the API and the program.
type clock struct {
	mu sync.Mutex
	at time.Time
}

// Now returns it.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves it ahead.
func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	text, err := os.ReadFile("../timesheets.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := dev.Parse("timesheets.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		T: t, clock: &clock{at: time.Date(2026, 3, 31, 9, 0, 0, 0, time.UTC)}, config: timesheets.DefaultConfig(),
		folder: filepath.Join(t.TempDir(), "timesheets"), visited: make(chan error, 1),
	}
	w.config.Callbacks = freeCallbacks(t, 2)
	for i, callback := range w.config.Callbacks {
		file.Tenant.Callbacks[i].Value = callback
	}
	if w.server, err = dev.Start(dev.Config{Spec: file, Now: w.clock.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.server.Close)
	w.config.Issuer, w.config.BaseURL = w.server.Issuer(), w.server.BaseURL()
	return w
}

// freeCallbacks returns redirect URIs whose ports were free a moment ago.
func freeCallbacks(t *testing.T, n int) []string {
	t.Helper()
	callbacks, err := freeport.Callbacks(n)
	if err != nil {
		t.Fatal(err)
	}
	return callbacks
}

func (w world) in(t *testing.T) *world {
	w.T = t
	return &w
}

// open is the browser.
func (w *world) open(ctx context.Context, address string) error {
	w.opened++
	go func() {
		_, err := w.person.SignIn(ctx, address)
		w.visited <- err
	}()
	return nil
}

// outcome is what a run of the program printed, and its exit code.
type outcome struct {
	code     int
	out, err string
}

func (w *world) start(options ...timesheets.Option) (*program, func(args ...string) outcome) {
	var out, talk bytes.Buffer
	p := &program{in: strings.NewReader(""), out: &out, err: &talk, options: append([]timesheets.Option{
		timesheets.WithConfig(w.config),
		timesheets.WithStore(timesheets.NewFileStore(w.folder)),
		timesheets.WithClock(w.clock.Now),
		timesheets.WithBrowser(w.open),
	}, options...)}
	return p, func(args ...string) outcome {
		ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
		defer cancel()
		opened := w.opened
		code := p.run(ctx, args)
		if w.opened > opened {
			if err := <-w.visited; err != nil {
				w.Errorf("the browser: %v", err)
			}
		}
		return outcome{code, out.String(), talk.String()}
	}
}

// run runs the program once. Each run is a process of its own, as far as the
// stored credentials go.
func (w *world) run(args ...string) outcome {
	w.Helper()
	_, run := w.start()
	return run(args...)
}

// want runs the program and compares what it prints on either side.
func (w *world) want(line string, code int, out, talk string) {
	w.Helper()
	got := w.run(strings.Fields(line)...)
	if got.code != code || got.out != out || got.err != talk {
		w.Errorf("%s: exit code %d, want %d\nout: %q\nwant %q\nerr: %q\nwant %q", line, got.code, code, got.out, out, got.err, talk)
	}
}

// login signs somebody in who must succeed.
func (w *world) login(id string, args ...string) {
	w.Helper()
	w.person = tenant.Browser{Email: id + "@example.com"}
	if got := w.run(append([]string{"login"}, args...)...); got.code != exitFine {
		w.Fatalf("sign in as %s: %+v", id, got)
	}
}

// menu returns the commands that the help offers.
func (w *world) menu(args ...string) string {
	w.Helper()
	got := w.run(args...)
	_, rest, found := strings.Cut(got.out, "Available Commands:\n")
	list, _, _ := strings.Cut(rest, "\n\n")
	if got.code != exitFine || !found {
		w.Fatalf("no menu: %+v", got)
	}
	var names []string
	for line := range strings.Lines(list) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name != "help" {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return value
}

func (w *world) fault(text string) {
	w.Helper()
	f, err := fault.Parse(text)
	if err != nil {
		w.Fatal(err)
	}
	w.server.Faults().Add(f)
}
