package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A check says what is wrong with an outcome.
type check func(outcome) error

// expect makes all checks, of an outcome that came without an error.
func expect(o outcome, err error, checks ...check) error {
	if err != nil {
		return err
	}
	for _, c := range checks {
		err = errors.Join(err, c(o))
	}
	return err
}

func exits(code int) check {
	return func(o outcome) error {
		if o.code != code {
			return fmt.Errorf("the exit code is %d, want %d", o.code, code)
		}
		return nil
	}
}

func says(texts ...string) check {
	return func(o outcome) (err error) {
		for _, text := range texts {
			if !strings.Contains(o.out, text) {
				err = errors.Join(err, fmt.Errorf("it does not say %q", text))
			}
		}
		return err
	}
}

const menuTitle = "Available Commands:\n" // in the app's help

// offers: the menu has these commands, and no others.
func offers(commands ...string) check {
	return func(o outcome) error {
		_, rest, _ := strings.Cut(o.out, menuTitle)
		list, _, _ := strings.Cut(rest, "\n\n")
		var got []string
		for line := range strings.Lines(list) {
			if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); name != "help" {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, commands) {
			return fmt.Errorf("the menu offers %q, want %q", got, commands)
		}
		return nil
	}
}

// sends: these are the requests that matter, as METHOD PATH STATUS, and there
// are no others. The tenant's pages, and what is public there, do not count.
func sends(want ...string) check {
	return func(o outcome) error {
		var got []string
		for _, r := range o.requests {
			switch {
			case r.from == "api", r.path == "/authorize", r.path == "/oauth/token", r.path == "/oauth/revoke":
				got = append(got, r.method+" "+r.path+" "+r.status)
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("it sent %q, want %q", got, want)
		}
		return nil
	}
}

// sendsNothing: it did without the network.
func sendsNothing(o outcome) error {
	if len(o.requests) > 0 {
		return fmt.Errorf("it sent %q, want nothing", o.requests[0].line)
	}
	return nil
}

// grants: the tenant gave tokens for these scopes, and not for those.
func grants(scope string, granted bool) check {
	return func(o outcome) error {
		for _, r := range o.requests {
			if r.path != "/oauth/token" {
				continue
			}
			_, scopes, _ := strings.Cut(r.line, `scope "`)
			scopes, _, _ = strings.Cut(scopes, `"`)
			if got := slices.Contains(strings.Fields(scopes), scope); got != granted {
				return fmt.Errorf("the tenant granted %s: %t, want %t", scope, got, granted)
			}
			return nil
		}
		return errors.New("no tokens were asked for")
	}
}

// asksFor: the authorization request is as RFC 7636, RFC 8252 and OpenID
// Connect want it, and names these scopes.
func asksFor(scopes ...string) check {
	return func(o outcome) (err error) {
		if o.asked == nil {
			return errors.New("no sign-in was asked for")
		}
		for name, want := range map[string]string{"response_type": "code", "code_challenge_method": "S256"} {
			if got := o.asked.Get(name); got != want {
				err = errors.Join(err, fmt.Errorf("%s is %q, want %q", name, got, want))
			}
		}
		for _, name := range []string{"state", "nonce", "code_challenge", "audience", "client_id"} {
			if o.asked.Get(name) == "" {
				err = errors.Join(err, fmt.Errorf("%s is missing", name))
			}
		}
		if !strings.HasPrefix(o.asked.Get("redirect_uri"), "http://127.0.0.1:") {
			err = errors.Join(err, fmt.Errorf("redirect_uri is %q", o.asked.Get("redirect_uri")))
		}
		got := strings.Fields(o.asked.Get("scope"))
		slices.Sort(got)
		slices.Sort(scopes)
		if !slices.Equal(got, scopes) {
			err = errors.Join(err, fmt.Errorf("it asked for the scopes %q, want %q", got, scopes))
		}
		return err
	}
}
