package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

const signInFirst = "timesheets: nobody is signed in; sign in with: timesheets login\n"

func TestNobodyIsSignedIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.menu(); got != "login" {
		t.Errorf("the menu offers %s", got)
	}
	for _, line := range []string{"whoami", "list", "add Apollo 1", "delete 1", "approve 1"} {
		w.want(line, exitSignIn, "", signInFirst)
	}
	w.want("logout", exitFine, "", "You are signed out on this machine.\n")
	if calls := w.server.API().Calls(); len(calls) > 0 {
		t.Errorf("the API was called: %v", calls)
	}
}

func TestEmployee(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person = tenant.Browser{Email: "ben@example.com"}
	w.want("login", exitFine, "You are signed in as Ben.\n", "Sign in with your browser.\nWhat you may do is shown by: timesheets help\n")
	for _, line := range []string{"", "--help", "help"} {
		if got := w.menu(strings.Fields(line)...); got != "add delete list login logout whoami" {
			t.Errorf("%s offers %s", line, got)
		}
	}
	w.want("whoami", exitFine, "Name        Ben\nE-mail      ben@example.com\nTenant      "+w.server.Issuer()+"\n"+
		"You may     list, add, delete\nOn request  approve\n", "")
	who := decode[profile](t, w.run("whoami", "--json").out)
	if who.Subject != "ben" || !slices.Contains(who.Granted, "create:timesheets") || !slices.Equal(who.MayNot, []string{"approve"}) {
		t.Errorf("%+v", who)
	}
	w.entries()
	t.Run("an employee who asks for more is told that it is not granted", func(t *testing.T) {
		w := w.in(t)
		w.want("approve 4", exitFailed, "", "Approving needs approve:timesheets: signing in again.\n"+
			"timesheets: Ben is not allowed to: approve:timesheets was not granted\n")
		if w.opened != 2 {
			t.Errorf("the browser was opened %d times", w.opened)
		}
	})
}

// entries adds one, lists and deletes it.
func (w *world) entries() {
	w.Helper()
	w.want("add Apollo 7.25 --date 2026-03-31 --note x\x1b[31m", exitFine, "Added 7: 7.25 hours for Apollo on 2026-03-31 (draft).\n", "")
	w.want("list", exitFine, ""+
		"ID  DATE        HOURS  PROJECT  STATUS     NOTE\n"+
		"4   2026-03-30  7.5    Apollo   draft      Kick-off\n"+
		"5   2026-03-29  8      Gemini   submitted\n"+
		"6   2026-03-28  4      Mercury  approved   Planning\n"+
		"7   2026-03-31  7.25   Apollo   draft      x?[31m\n"+
		"                26.75\n", "")
	some := decode[[]timesheets.Timesheet](w.T, w.run("list", "--json", "--from", "2026-03-29", "--to", "2026-03-30").out)
	if len(some) != 2 || some[0].ID != 4 || some[1].Status != timesheets.StatusSubmitted {
		w.Errorf("%+v", some)
	}
	w.want("list --from 2199-01-01", exitFine, "There are no timesheets.\n", "")
	w.want("list --from 2199-01-01 --json", exitFine, "[]\n", "")
	w.want("delete 7", exitFine, "Deleted 7.\n", "")
	w.want("delete 7", exitFailed, "", "timesheets: there is no Timesheet 7\n")
	w.want("delete 6 --json", exitFine, "{\n  \"deleted\": 6\n}\n", "")
	before := timesheets.DateOf(time.Now())
	added := decode[timesheets.Timesheet](w.T, w.run("add", "Gemini", "1", "--json").out)
	if added.ID != 8 || added.Date != before && added.Date != timesheets.DateOf(time.Now()) || added.Note != nil {
		w.Errorf("%+v, not of today", added)
	}
}

func TestManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.login("ada")
	if got := w.menu(); strings.Contains(got, "approve") {
		t.Errorf("before the step-up the menu offers %s", got)
	}
	t.Run("a script is told instead of asked", func(t *testing.T) {
		w.in(t).want("approve 4 --json", exitFailed, "", "timesheets: this needs approve:timesheets; sign in with: timesheets login --scope approve:timesheets\n")
	})
	t.Run("a sign-in that is declined changes nothing", func(t *testing.T) {
		w := w.in(t)
		w.person.Deny = true
		w.want("approve 4", exitFailed, "", "Approving needs approve:timesheets: signing in again.\n"+
			"timesheets: the sign-in was declined, and nothing has changed\n")
		if got := w.menu(); got != "add delete list login logout whoami" {
			t.Errorf("the menu offers %s", got)
		}
	})
	t.Run("a manager who asks is granted", func(t *testing.T) {
		w := w.in(t)
		w.want("approve 4", exitFine, "Approved 4: 7.5 hours of ben for Apollo on 2026-03-30.\n", "Approving needs approve:timesheets: signing in again.\n")
		w.want("approve 4", exitFine, "Approved 4: 7.5 hours of ben for Apollo on 2026-03-30.\n", "")
		if got := w.menu(); got != "add approve delete list login logout whoami" {
			t.Errorf("the menu offers %s", got)
		}
		if got := decode[timesheets.Timesheet](t, w.run("approve", "5", "--json").out); got.ID != 5 || got.Status != timesheets.StatusApproved {
			t.Errorf("%+v", got)
		}
	})
	t.Run("and sees whose the entries are", func(t *testing.T) {
		got := w.in(t).run("list")
		if !strings.Contains(got.out, "NOTE      USER\n") || !strings.Contains(got.out, "approved   Kick-off  ben\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("which can be asked for at once", func(t *testing.T) {
		w := newWorld(t)
		w.login("ada", "--scope", "approve:timesheets", "--json")
		if got := w.menu(); !strings.Contains(got, "approve") {
			t.Errorf("the menu offers %s", got)
		}
	})
}

func TestTheSessionGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.login("ben")
	t.Run("an expired token is renewed", func(t *testing.T) {
		w := w.in(t)
		w.clock.Advance(2 * time.Hour)
		if got := w.run("list"); got.code != exitFine || got.err != "" {
			t.Errorf("%+v", got)
		}
		if n := len(w.server.Tenant().TokenRequests()); n != 2 || w.opened != 1 {
			t.Errorf("%d token requests, %d times in the browser", n, w.opened)
		}
	})
	t.Run("until somebody signs out elsewhere", func(t *testing.T) {
		w := w.in(t)
		w.server.Tenant().RevokeAll("ben")
		w.clock.Advance(2 * time.Hour)
		w.want("list", exitSignIn, "", "timesheets: the tenant no longer accepts the credentials; sign in with: timesheets login\n")
		w.want("list", exitSignIn, "", signInFirst)
		if got := w.menu(); got != "login" {
			t.Errorf("the menu offers %s", got)
		}
	})
}

func TestLogout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.login("ben")
	w.want("logout", exitFine, "", "You are signed out on this machine.\n")
	w.want("whoami", exitSignIn, "", signInFirst)
	if n := len(w.server.Tenant().RevocationRequests()); n != 1 {
		t.Errorf("%d revocations", n)
	}
	t.Run("what cannot be revoked is said", func(t *testing.T) {
		w := w.in(t)
		w.login("ben")
		w.fault("revoke:500")
		got := w.run("logout")
		if got.code != exitFailed || !strings.HasPrefix(got.err, "You are signed out on this machine.\ntimesheets: sign out: revoke the credentials at the tenant: ") {
			t.Errorf("%+v", got)
		}
		w.want("whoami", exitSignIn, "", signInFirst)
	})
	t.Run("the browser is sent to sign out", func(t *testing.T) {
		w := w.in(t)
		w.server.Faults().Clear()
		w.login("ben")
		address := ""
		_, run := w.start(timesheets.WithBrowser(func(_ context.Context, a string) error { address = a; return nil }))
		if got := run("logout", "--browser"); got.code != exitFine || !strings.HasPrefix(address, w.server.Tenant().URL(tenant.Logout)) {
			t.Errorf("%+v, the browser was sent to %s", got, address)
		}
	})
}

func TestAccountsSideBySide(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.login("ben")
	w.login("ada", "--profile", "boss")
	for line, want := range map[string]string{"whoami": "Ben", "whoami --profile boss": "Ada Lovelace"} {
		if got := w.run(strings.Fields(line)...); !strings.HasPrefix(got.out, "Name        "+want+"\n") {
			t.Errorf("%s: %+v", line, got)
		}
	}
	w.want("--profile none whoami", exitSignIn, "", "timesheets: nobody is signed in; sign in with: timesheets --profile none login\n")
}

func TestMisuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for line, want := range map[string]string{
		"lst":              `unknown command "lst" for "timesheets"`,
		"list all":         `unknown command "all" for "timesheets list"`,
		"list --since x":   "unknown flag: --since",
		"list --from x":    `invalid argument "x" for "--from" flag: "x" is not a date such as 2006-01-02`,
		"add Apollo":       "accepts 2 arg(s), received 1",
		"add Apollo seven": `"seven" is not a number of hours, like 7.5`,
		"delete":           "accepts 1 arg(s), received 0",
		"approve one":      `"one" is not the ID of an entry, which is a number`,
	} {
		got := w.run(strings.Fields(line)...)
		if got.code != exitMisuse || got.out != "" || !strings.HasPrefix(got.err, "timesheets: "+want) {
			t.Errorf("%s: %+v, want %s", line, got, want)
		}
	}
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.login("ben")
	t.Run("what the API says is wrong is repeated", func(t *testing.T) {
		got := w.in(t).run("add", "Apollo", "NaN")
		if got.code != exitFailed || !strings.Contains(got.err, "NaN") {
			t.Errorf("%+v", got)
		}
	})
	for fault, want := range map[string]string{
		"api:500x1":    "timesheets: the API is out of order (status 500); try again later\n",
		"api:429=1hx1": "timesheets: the API has too much to do; try again later\n",
	} {
		t.Run(fault, func(t *testing.T) {
			w := w.in(t)
			w.fault(fault)
			w.want("list", exitFailed, "", want)
			if got := w.run("list"); got.code != exitFine {
				t.Errorf("afterwards: %+v", got)
			}
		})
	}
	t.Run("a tenant that is busy is no end of the session", func(t *testing.T) {
		w := w.in(t)
		w.clock.Advance(2 * time.Hour)
		w.fault("token:500x1")
		if got := w.run("list"); got.code != exitFailed || !strings.HasSuffix(got.err, "; try again later\n") {
			t.Errorf("%+v", got)
		}
		if got := w.run("list"); got.code != exitFine {
			t.Errorf("afterwards: %+v", got)
		}
	})
	t.Run("who waits no longer", func(t *testing.T) {
		w := w.in(t)
		ctx, cancel := context.WithCancel(t.Context())
		p, _ := w.start(timesheets.WithBrowser(func(context.Context, string) error { cancel(); return nil }))
		if code := p.run(ctx, []string{"login"}); code != exitFailed || !strings.HasSuffix(fmt.Sprint(p.err), "timesheets: interrupted\n") {
			t.Errorf("exit code %d: %s", code, p.err)
		}
	})
}

func TestAnotherTenantAndAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.login("ben")
	p, run := w.start()
	p.options = p.options[1:] // not the configuration of the test
	if got := run("--issuer", w.config.Issuer, "--api", w.config.BaseURL, "list", "--json"); got.code != exitFine || !strings.Contains(got.out, `"Apollo"`) {
		t.Errorf("%+v", got)
	}
	p, run = w.start()
	p.options = p.options[1:]
	if got := run("list"); got.code != exitSignIn || !strings.Contains(got.err, "are for another tenant") {
		t.Errorf("%+v", got)
	}
}

func TestHelpSaysHowToTryItWithoutATenant(t *testing.T) {
	t.Parallel()
	_, run := newWorld(t).start()
	for _, args := range [][]string{{}, {"login", "--help"}} {
		if got := run(args...); got.code != exitFine || !strings.Contains(got.out, "scaffold dev examples/timesheets.yaml ") || !strings.Contains(got.out, "timesheets --dev login\n") {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

func TestDevThatDoesNotRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + listener.Addr().String() + "/"
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	p, run := w.start()
	p.options = p.options[1:]
	got := run("--dev", "--issuer", nobody, "login")
	if got.code != exitFailed || !strings.HasSuffix(got.err, "is this running? scaffold dev examples/timesheets.yaml\n") || w.opened > 0 {
		t.Errorf("%+v", got)
	}
	p, run = w.start()
	p.options = p.options[1:]
	if got := run("--dev", "--issuer", w.config.Issuer, "list"); got.err != "timesheets: nobody is signed in; sign in with: timesheets --dev login\n" {
		t.Errorf("%+v", got)
	}
}

func TestDeviceLoginShowsWhereAndWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	told := make(chan string, 1)
	p, _ := w.start()
	p.err = writerFunc(func(text []byte) (int, error) {
		select {
		case told <- string(text):
			cancel() // the user has seen it, and goes away
		default:
		}
		return len(text), nil
	})
	if code := p.run(ctx, []string{"login", "--device"}); code != exitFailed {
		t.Errorf("exit code %d", code)
	}
	if got := <-told; !strings.Contains(got, w.server.Issuer()) || w.opened > 0 {
		t.Errorf("the user was told %s", got)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(text []byte) (int, error) { return f(text) }

func TestDevKeepsItsCredentialsApart(t *testing.T) {
	t.Parallel()
	usual, local := (&program{}).config(), (&program{dev: true}).config()
	if local.Name == usual.Name || local.Issuer != "http://127.0.0.1:8400/" || local.BaseURL != "http://127.0.0.1:8401" {
		t.Errorf("%+v", local)
	}
	if usual.Issuer != timesheets.DefaultConfig().Issuer || local.ClientID != usual.ClientID {
		t.Errorf("%+v", usual)
	}
}
