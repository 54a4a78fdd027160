package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// firstScopes are those that the spec has a first sign-in ask for.
func firstScopes(more ...string) []string {
	return append([]string{
		"openid", "profile", "email", "offline_access", "read:timesheets", "create:timesheets", "delete:timesheets",
	}, more...)
}

const approve = "approve:timesheets"

// authorization shows what the newest sign-in asked for.
func (t *tour) authorization(o outcome) {
	t.say("\n       What the app asked for at /authorize:")
	t.sent(parameters(o.asked)...)
}

// menu runs the app without a command: what it offers makes no request.
func (t *tour) menu(ctx context.Context, user *person, flags []string, commands ...string) error {
	o, err := t.app(ctx, user, flags...)
	return expect(o, err, exits(0), offers(commands...), sendsNothing)
}

func (t *tour) nobody(ctx context.Context) error {
	if err := t.menu(ctx, t.ben, nil, "login"); err != nil {
		return err
	}
	o, err := t.app(ctx, t.ben, "list")
	return expect(o, err, exits(3), says("nobody is signed in; sign in with: timesheets login\n"), sendsNothing)
}

func (t *tour) benSignsIn(ctx context.Context) error {
	o, err := t.app(ctx, t.ben, "login")
	err = expect(o, err, exits(0), says("You are signed in as Ben.\n"), asksFor(firstScopes()...),
		sends("GET /authorize 302", "POST /oauth/token 200"), grants("create:timesheets", true), grants(approve, false))
	if err != nil {
		return err
	}
	t.authorization(o)
	return nil
}

func (t *tour) benMay(ctx context.Context) error {
	if err := t.menu(ctx, t.ben, nil, "add", "delete", "list", "login", "logout", "whoami"); err != nil {
		return err
	}
	o, err := t.app(ctx, t.ben, "whoami")
	return expect(o, err, exits(0), says("Ben\n", t.ben.email, "You may     list, add, delete\n", "On request  approve\n"), sendsNothing)
}

func (t *tour) benWorks(ctx context.Context) error {
	o, err := t.app(ctx, t.ben, "list")
	if err := expect(o, err, exits(0), says("HOURS", "Apollo", "draft"), sends("GET /timesheets 200")); err != nil {
		return err
	}
	o, err = t.app(ctx, t.ben, "add", "Apollo", "7.5", "--note", "Launch")
	return expect(o, err, exits(0), says("Added 7: 7.5 hours for Apollo"), sends("POST /timesheets 201"))
}

func (t *tour) benAsksForMore(ctx context.Context) error {
	o, err := t.app(ctx, t.ben, "approve", "7")
	err = expect(o, err, exits(1), asksFor(firstScopes(approve)...), grants(approve, false),
		says("Approving needs approve:timesheets: signing in again.\n", "Ben is not allowed to: approve:timesheets was not granted\n"),
		sends("GET /authorize 302", "POST /oauth/token 200")) // nothing at the API
	if err != nil {
		return err
	}
	t.say("\n       He was not granted it, so the API was not even asked, and the menu is as before:")
	return t.menu(ctx, t.ben, nil, "add", "delete", "list", "login", "logout", "whoami")
}

func (t *tour) adaSignsIn(ctx context.Context) error {
	o, err := t.app(ctx, t.ada, "--profile", "ada", "login")
	err = expect(o, err, exits(0), says("You are signed in as Ada Lovelace.\n"), asksFor(firstScopes()...),
		sends("GET /authorize 302", "POST /oauth/token 200"), grants(approve, false))
	if err != nil {
		return err
	}
	return t.menu(ctx, t.ada, []string{"--profile", "ada"}, "add", "delete", "list", "login", "logout", "whoami")
}

func (t *tour) adaApproves(ctx context.Context) error {
	o, err := t.app(ctx, t.ada, "--profile", "ada", "approve", "7")
	err = expect(o, err, exits(0), asksFor(firstScopes(approve)...), grants(approve, true),
		says("Approving needs approve:timesheets: signing in again.\n", "Approved 7: 7.5 hours of ben for Apollo"),
		sends("GET /authorize 302", "POST /oauth/token 200", "POST /timesheets/7/approval 200"))
	if err != nil {
		return err
	}
	t.authorization(o)
	t.say("\n       Now the menu has it:")
	return t.menu(ctx, t.ada, []string{"--profile", "ada"}, "add", "approve", "delete", "list", "login", "logout", "whoami")
}

func (t *tour) benSees(ctx context.Context) error {
	o, err := t.app(ctx, t.ben, "list")
	return expect(o, err, exits(0), says("7.5    Apollo   approved   Launch\n"), sends("GET /timesheets 200"))
}

func (t *tour) restart(ctx context.Context) error {
	if err := t.stopServed(); err != nil {
		return err
	}
	t.say("       scaffold dev was stopped.")
	if err := t.serve(ctx, "--token-ttl", t.tokenTTL.String()); err != nil {
		return err
	}
	o, err := t.app(ctx, t.ben, "list")
	if err := expect(o, err, exits(0), says("Kick-off"), sends("GET /timesheets 200")); err != nil {
		return err
	}
	t.say("\n       The API's entries are those of the beginning; Ben's token is good as before.")
	return nil
}

func (t *tour) refused(ctx context.Context) error {
	t.say("       The API is to find one token expired, as when a clock is wrong.")
	if err := t.fault(ctx, "api:expiredx1"); err != nil {
		return err
	}
	o, err := t.app(ctx, t.ben, "list")
	t.renewed = time.Now()
	if err := expect(o, err, exits(0), says("Kick-off"),
		sends("GET /timesheets 401", "POST /oauth/token 200", "GET /timesheets 200")); err != nil {
		return err
	}
	t.say("\n       The user saw nothing of it. The new token is good for %s.", t.tokenTTL)
	return nil
}

// fault switches a fault on, at the address that scaffold dev tells.
func (t *tour) fault(ctx context.Context, text string) error {
	t.say("       The demo posts fault=%s to %s.", text, t.served.faults)
	if err := t.served.fault(ctx, text); err != nil {
		return err
	}
	all, err := t.served.requests(ctx)
	for _, r := range all {
		t.sent(r.line)
	}
	return err
}

// wait lets the newest access token expire.
func (t *tour) wait(ctx context.Context) error {
	t.say("       %s later.", t.tokenTTL)
	timer := time.NewTimer(time.Until(t.renewed.Add(t.tokenTTL)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t *tour) expired(ctx context.Context) error {
	if err := t.steal(); err != nil {
		return fmt.Errorf("copy the credentials: %w", err)
	}
	if err := t.wait(ctx); err != nil {
		return err
	}
	o, err := t.app(ctx, t.ben, "list")
	t.renewed = time.Now()
	return expect(o, err, exits(0), says("Kick-off"), sends("POST /oauth/token 200", "GET /timesheets 200"))
}

func (t *tour) stolenHome() string { return filepath.Join(t.folder, "stolen") }

// steal copies what a thief finds in a backup of this moment.
func (t *tour) steal() error {
	if err := os.CopyFS(t.stolenHome(), os.DirFS(t.home)); err != nil {
		return err
	}
	// The app refuses credentials that others could read.
	return filepath.WalkDir(t.stolenHome(), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
}

func (t *tour) stolen(ctx context.Context) error {
	t.say("       The copy is from before the last renewal, so its refresh token has been used.")
	o, err := t.appAt(ctx, t.stolenHome(), t.ben, "list")
	return expect(o, err, exits(3), says("the tenant no longer accepts the credentials"), sends("POST /oauth/token 403"))
}

func (t *tour) benEnded(ctx context.Context) error {
	if err := t.wait(ctx); err != nil {
		return err
	}
	o, err := t.app(ctx, t.ben, "list")
	err = expect(o, err, exits(3), sends("POST /oauth/token 403"),
		says("the tenant no longer accepts the credentials; sign in with: timesheets login\n"))
	if err != nil {
		return err
	}
	return t.menu(ctx, t.ben, nil, "login")
}

func (t *tour) adaSignsOut(ctx context.Context) error {
	o, err := t.app(ctx, t.ada, "--profile", "ada", "logout")
	if err := expect(o, err, exits(0), says("You are signed out on this machine.\n"), sends("POST /oauth/revoke 200")); err != nil {
		return err
	}
	return t.menu(ctx, t.ada, []string{"--profile", "ada"}, "login")
}
