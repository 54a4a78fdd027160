package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// openInBrowser opens an address in the browser that [WithBrowser] chose, or in
// the system's.
func (a *App) openInBrowser(ctx context.Context, address string) error {
	if a.browser != nil {
		return a.browser(ctx, address)
	}
	return openBrowser(ctx, address)
}

// openBrowser opens an http or https URL in the system's browser, as RFC 8252
// section 6 asks of native apps. It does not wait for the browser to be closed.
//
// It is written out here because the known packages run the command to its end,
// which may be hours away, and send its output to the application's terminal by
// way of package variables.
func openBrowser(ctx context.Context, rawURL string) error {
	if err := checkBrowserURL(rawURL); err != nil {
		return fmt.Errorf("open the browser: %w", err)
	}
	if err := runBrowserCommand(ctx, browserCommands(runtime.GOOS, rawURL), time.Second); err != nil {
		return fmt.Errorf("open the browser: %w", err)
	}
	return nil
}

// checkBrowserURL refuses what the system would open with something else than a
// browser, and what a launcher's quoting may get wrong: only the characters of
// RFC 3986 section 2 pass. The errors do not repeat the URL: it holds the state.
func checkBrowserURL(rawURL string) error {
	const punctuation = "-._~:/?#[]@!$&'()*+,;=%"
	for _, c := range []byte(rawURL) {
		if ('a' > c || c > 'z') && ('A' > c || c > 'Z') && ('0' > c || c > '9') && strings.IndexByte(punctuation, c) < 0 {
			return errors.New("the address holds a character that must be percent-encoded")
		}
	}
	target, err := url.Parse(rawURL)
	if err != nil || target.Host == "" || (target.Scheme != "http" && target.Scheme != "https") {
		return errors.New("the address is not an http or https URL")
	}
	return nil
}

// browserCommands lists the commands to try on an operating system, best first.
// None of them passes the URL through a shell, where & would end it, and none
// is a text-mode browser, which would take over the terminal.
func browserCommands(goos, rawURL string) [][]string {
	switch goos {
	case "darwin":
		return [][]string{{"open", rawURL}}
	case "windows":
		return [][]string{{"rundll32", "url.dll,FileProtocolHandler", rawURL}}
	}
	return [][]string{
		{"xdg-open", rawURL},
		{"x-www-browser", rawURL},
		{"wslview", rawURL}, // last: on a Linux with a browser of its own, that one is meant
	}
}

// runBrowserCommand starts the commands in turn until one succeeds or still
// runs after the grace period: launchers that fail do so at once, and some run
// for as long as the browser does.
func runBrowserCommand(ctx context.Context, commands [][]string, grace time.Duration) error {
	var failures []string
	for _, command := range commands {
		if err := ctx.Err(); err != nil {
			return err
		}
		// The browser outlives the sign-in, and must not be killed with its context.
		// Its input and output stay unset: they go to the null device.
		cmd := exec.CommandContext(context.WithoutCancel(ctx), command[0], command[1:]...)
		if err := cmd.Start(); err != nil {
			failures = append(failures, err.Error())
			continue
		}
		exited := make(chan error, 1)
		go func() { exited <- cmd.Wait() }() // leaves no zombie, whenever it ends
		select {
		case err := <-exited:
			if err == nil {
				return nil
			}
			failures = append(failures, command[0]+": "+err.Error())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(grace):
			return nil
		}
	}
	return errors.New("no command could do it: " + strings.Join(failures, "; "))
}
