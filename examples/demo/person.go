package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"runtime"

	"example.com/scaffold/dev/tenant"
)

// person is one of those whom the spec lets sign in, at a browser.
type person struct {
	name, email string
	jar         http.CookieJar // of the browser without a window: who is signed in there
	been        bool           // at the tenant, in the system's browser
}

func newPerson(name, email string) (*person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &person{name: name, email: email, jar: jar}, nil
}

// opener opens an address in a browser, before which somebody sits.
type opener func(ctx context.Context, address string) error

// visit goes to where the app wants its user to sign in: without a window, or,
// with an opener, by hand.
func (p *person) visit(ctx context.Context, address string, open opener) error {
	if open != nil {
		return open(ctx, address)
	}
	_, err := tenant.Browser{Email: p.email, Jar: p.jar}.SignIn(ctx, address)
	if unreachable, ok := errors.AsType[*url.Error](err); ok {
		err = unreachable.Err // without the address, which may hold a code
	}
	if err != nil {
		return fmt.Errorf("the browser: %w", err)
	}
	return nil
}

// asked is the address at which the tenant asks who it is: the system's browser
// may be signed in as another of the demo's people (OpenID Connect Core 1.0
// section 3.1.2.1).
func (p *person) asked(address string) string {
	if p.been {
		return address
	}
	p.been = true
	return address + "&prompt=select_account"
}

// openBrowser opens the system's browser, and does not wait for it.
func openBrowser(_ context.Context, address string) error {
	var err error
	for _, command := range browsers(runtime.GOOS) {
		// It outlives the sign-in, and the demo.
		cmd := exec.Command(command[0], append(command[1:], address)...)
		if err = cmd.Start(); err == nil {
			go func() { _ = cmd.Wait() }() // leaves no zombie; what it shows is what matters
			return nil
		}
	}
	return fmt.Errorf("open the browser: %w", err)
}

func browsers(goos string) [][]string {
	switch goos {
	case "darwin":
		return [][]string{{"open"}}
	case "windows":
		return [][]string{{"rundll32", "url.dll,FileProtocolHandler"}}
	}
	return [][]string{{"xdg-open"}, {"x-www-browser"}, {"wslview"}}
}
