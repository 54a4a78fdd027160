package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
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
