//go:build chromium

package tutorial_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
	"example.com/scaffold/internal/chromium"
)

// keyboard is a person with a real browser and no mouse.
type keyboard struct {
	*chromium.Browser
	*world
	inspector chromium.Inspector
	scheme    string
}

// look inspects the page on a small telephone and on a desk.
func (k keyboard) look(name string) {
	k.Helper()
	for _, width := range []int{320, 1100} {
		k.Look(width, k.scheme)
		k.inspector.Inspect(k.Browser, fmt.Sprintf("%s-%s-%d", name, k.scheme, width))
	}
}

// press goes to an element with the tabulator and presses a key there.
func (k keyboard) press(key, selector string) {
	k.TabTo(selector)
	k.Press(key)
}

// says sees that the page is the one that is expected.
func (k keyboard) says(title, text string) {
	k.Helper()
	if got := k.Evaluate("document.title"); got != title {
		k.Errorf("title %q, want %q", got, title)
	}
	if got := k.Evaluate("document.body.innerText"); !strings.Contains(got, text) {
		k.Errorf("the page lacks %q: %s", text, got)
	}
}

// signIn starts the application's sign-in, has the person do their part, and
// returns when both are through.
func (k keyboard) signIn(app *timesheets.App, addresses <-chan string, person func()) (*timesheets.Session, error) {
	k.Helper()
	ctx, cancel := context.WithTimeout(k.Context(), time.Minute)
	defer cancel()
	var session *timesheets.Session
	ended := make(chan error, 1)
	go func() {
		var err error
		session, err = app.Login(ctx)
		ended <- err
	}()
	select {
	case address := <-addresses:
		k.Open(address)
	case err := <-ended:
		k.Fatalf("no browser was opened: %v", err)
	}
	person()
	err := <-ended
	return session, err
}

func (k keyboard) opener(addresses chan<- string) timesheets.Option {
	return timesheets.WithBrowser(func(_ context.Context, address string) error {
		addresses <- address
		return nil
	})
}

const (
	erinsButton = `button[value="` + erin + `"]`
	allow, deny = `button[value="allow"]`, `button[value="deny"]`
	consent     = `input[type="checkbox"]`
	callback    = "body > main" // the tenant's pages have a card around it
)

// TestRealBrowser is make test-long's: AXE names the file axe.min.js,
// SCREENSHOTS the folder for the pictures.
func TestRealBrowser(t *testing.T) {
	axe, err := os.ReadFile(os.Getenv("AXE"))
	if err != nil {
		t.Fatalf("AXE must name axe.min.js, which make test-long fetches: %v", err)
	}
	inspector := chromium.Inspector{Axe: axe, Folder: cmp.Or(os.Getenv("SCREENSHOTS"), t.ArtifactDir())}
	t.Logf("screenshots: %s", inspector.Folder)
	browser := chromium.Start(t)
	for _, scheme := range []string{"light", "dark"} {
		for name, test := range map[string]func(keyboard){
			"G4: by keyboard through login and consent, one scope declined": declineOneScope,
			"G4: who cancels the login is told that nobody is signed in":    cancelLogin,
			"G4: who declines everything is told that nobody is signed in":  declineAll,
			"by keyboard through the sign-in of a device":                   connectDevice,
		} {
			t.Run(scheme+"/"+name, func(t *testing.T) {
				b := browser.In(t)
				b.Look(1100, scheme)
				test(keyboard{b, newWorld(t, tenant.Auth0), inspector, scheme})
			})
		}
	}
}

func declineOneScope(k keyboard) {
	addresses := make(chan string, 1)
	session, err := k.signIn(k.start(k.opener(addresses)), addresses, func() {
		k.Await(erinsButton)
		k.look("flow-1-login")
		k.press(chromium.Enter, erinsButton)
		k.Await(consent)
		k.look("flow-2-consent")
		k.press(chromium.Space, `input[value="delete:timesheets"]`)
		k.TabTo(allow)
		k.look("flow-3-consent-declined")
		k.Press(chromium.Enter)
		k.Await(callback)
	})
	if err != nil {
		k.Fatal(err)
	}
	k.look("flow-4-callback")
	k.says("You are signed in", "close this window")
	if session.User().Email != erin || !session.Can(timesheets.ListTimesheets) || session.Can(timesheets.DeleteTimesheet) {
		k.Errorf("%v, granted %q", session, session.Granted())
	}
}

func cancelLogin(k keyboard) {
	addresses := make(chan string, 1)
	_, err := k.signIn(k.start(k.opener(addresses)), addresses, func() {
		k.press(chromium.Enter, deny)
		k.Await(callback)
	})
	k.declined(err)
	k.look("flow-5-callback-declined")
}

func declineAll(k keyboard) {
	addresses := make(chan string, 1)
	_, err := k.signIn(k.start(k.opener(addresses)), addresses, func() {
		k.TabTo(`input[name="email"]`)
		k.Type(erin)
		k.Press(chromium.Enter)
		k.Await(consent)
		k.press(chromium.Enter, deny)
		k.Await(callback)
	})
	k.declined(err)
}

func (k keyboard) declined(err error) {
	k.Helper()
	if refusal, ok := errors.AsType[*timesheets.TenantError](err); !ok || refusal.Code != "access_denied" {
		k.Errorf("error %v, want access_denied", err)
	}
	k.says("Access was not granted", "access_denied: User did not authorize")
}

func connectDevice(k keyboard) {
	codes, addresses := make(chan string, 1), make(chan string, 1)
	app := k.start(timesheets.WithDeviceLogin(func(_ context.Context, login timesheets.DeviceLogin) error {
		codes <- login.UserCode
		addresses <- login.VerificationURI
		return nil
	}))
	session, err := k.signIn(app, addresses, func() {
		code := <-codes
		k.Await(`input[name="user_code"]`)
		k.look("flow-6-device")
		k.Type("no-code")
		k.Press(chromium.Enter)
		k.Await("[role=alert]")
		k.look("flow-7-device-problem")
		k.TabTo(`input[name="user_code"]`)
		k.Press(chromium.SelectAll)
		k.Type(strings.ToLower(code))
		k.Press(chromium.Enter)
		k.press(chromium.Enter, erinsButton)
		k.Await(consent)
		k.look("flow-8-device-consent")
		k.says("Allow access · Local tenant", code)
		k.press(chromium.Enter, allow)
		k.Await(".mark.done")
		k.look("flow-9-device-end")
	})
	if err != nil || session.User().Email != erin {
		k.Errorf("%v: %v", session, err)
	}
}
