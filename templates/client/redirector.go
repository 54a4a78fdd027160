package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// Redirector takes the user to the tenant and brings back the address at which
// the tenant sent the user. It is for a sign-in whose answer does not come to a
// port of this machine; see [WithRedirector].
//
// In a mobile app, Redirect opens authorizationURL in a Custom Tab (Android) or
// an ASWebAuthenticationSession (iOS), never in a web view of the app (RFC 8252
// section 8.12), and waits for the handler of the app's links: that gets the
// callback, such as com.exampleco.app:/callback?code=...&state=..., which
// Redirect returns whole. For a machine without a browser there is
// [PasteRedirector].
//
// Redirect judges nothing: whether the address is the answer to this sign-in is
// checked afterwards, and a wrong one ends the sign-in. The address holds a code,
// so it must not be logged. Redirect returns an error when ctx ends, or when the
// user gives up; [App.Login] returns that error, wrapped.
type Redirector interface {
	Redirect(ctx context.Context, authorizationURL string) (callbackURL string, err error)
}

// RedirectorFunc is a function as a [Redirector].
type RedirectorFunc func(ctx context.Context, authorizationURL string) (callbackURL string, err error)

// Redirect calls the function.
func (f RedirectorFunc) Redirect(ctx context.Context, authorizationURL string) (callbackURL string, err error) {
	return f(ctx, authorizationURL)
}

const (
	pasteAttempts = 5        // lines that a user may paste
	maxPastedLine = 16 << 10 // bytes; an answer has at most half of that
)

// PasteRedirector is a [Redirector] for a machine without a browser, such as one
// reached by SSH: it shows the authorization URL on out, for a browser anywhere,
// and reads from in the address at which that browser ended, which the user
// pastes as one line. A line that is not the answer to this sign-in is answered
// with what is wrong, and never repeated; the user has five tries.
//
// A read cannot be interrupted. When ctx ends, one may still be waiting on in:
// it takes the next line, which a later sign-in by the same PasteRedirector gets.
func PasteRedirector(in io.Reader, out io.Writer) Redirector {
	return &pasteRedirector{in: in, out: out, turn: make(chan struct{}, 1)}
}

type pasteRedirector struct {
	in  io.Reader
	out io.Writer

	// turn is held, as the one element in the channel, by the sign-in that asks.
	turn    chan struct{}
	lines   *bufio.Reader
	pending chan pastedLine // of a read under way; nil: none
}

// pastedLine is a line that was read. The text is secret: it may hold a code.
type pastedLine struct {
	text secret
	err  error
}

// Redirect implements [Redirector].
func (p *pasteRedirector) Redirect(ctx context.Context, authorizationURL string) (callbackURL string, err error) {
	if p.in == nil || p.out == nil {
		return "", errors.New("PasteRedirector was made without a reader or a writer")
	}
	address, err := url.Parse(authorizationURL)
	if err != nil {
		return "", errors.New("the authorization URL is malformed") // err would show the state
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return "", fmt.Errorf("wait for another sign-in: %w", context.Cause(ctx))
	}
	_, err = fmt.Fprintf(p.out, "To sign in, open this address in a browser, on any machine:\n\n%s\n\n"+
		"The browser will end on a page that it cannot show. Copy the whole address of that page\n"+
		"from the address bar, paste it here and press Enter:\n", authorizationURL)
	if err != nil {
		return "", fmt.Errorf("show the address to open: %w", err)
	}
	sent := address.Query()
	return p.ask(ctx, sent.Get("redirect_uri"), sent.Get("state"))
}

// ask reads lines until one is the answer to the sign-in that sent state.
func (p *pasteRedirector) ask(ctx context.Context, redirectURI, state string) (string, error) {
	var problem error
	for attempt := range pasteAttempts {
		if attempt > 0 {
			if _, err := fmt.Fprintf(p.out, "That was not it: %v. Paste the whole address:\n", problem); err != nil {
				return "", fmt.Errorf("say what was wrong: %w", err)
			}
		}
		line, err := p.line(ctx)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			problem = errors.New("the line is too long")
			continue
		case err != nil:
			return "", err
		}
		if _, problem = parseCallbackURL(redirectURI, line.reveal(), state); problem == nil {
			return line.reveal(), nil
		}
	}
	return "", fmt.Errorf("after %d tries: %w", pasteAttempts, problem)
}

// line returns the next line, or an error once ctx ends.
func (p *pasteRedirector) line(ctx context.Context) (secret, error) {
	if p.pending == nil {
		if p.lines == nil {
			p.lines = bufio.NewReaderSize(p.in, maxPastedLine)
		}
		pending, lines := make(chan pastedLine, 1), p.lines
		p.pending = pending
		go func() { pending <- readPastedLine(lines) }()
	}
	select {
	case line := <-p.pending:
		p.pending = nil
		return line.text, line.err
	case <-ctx.Done():
		return secret{}, fmt.Errorf("wait for the pasted address: %w", context.Cause(ctx))
	}
}

// readPastedLine reads one line. The last one may lack its end. Of a line that
// is longer than the buffer, which is bufio.ErrBufferFull, nothing is left over.
func readPastedLine(lines *bufio.Reader) pastedLine {
	text, err := lines.ReadSlice('\n')
	tooLong := errors.Is(err, bufio.ErrBufferFull)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = lines.ReadSlice('\n')
	}
	switch {
	case tooLong && err == nil:
		return pastedLine{err: bufio.ErrBufferFull}
	case err == nil, errors.Is(err, io.EOF) && len(text) > 0 && !tooLong:
		return pastedLine{text: newSecret(string(text))}
	}
	return pastedLine{err: fmt.Errorf("read the pasted address: %w", err)}
}

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
