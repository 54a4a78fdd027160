package dev

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"example.com/scaffold/dev/tenant"
)

// SignIn goes from an authorization URL to where the tenant sends the browser
// back, and returns that address instead of opening it: it is what a redirector
// of an application needs, and takes no port. The browser's Opener is replaced.
func (s *Server) SignIn(ctx context.Context, browser tenant.Browser, authorizationURL string) (callbackURL string, err error) {
	issuer, err := url.Parse(s.Issuer())
	if err != nil {
		return "", fmt.Errorf("sign in: %w", err)
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	catch := &catcher{next: transport, host: issuer.Host}
	browser.Opener = catch
	page, err := browser.SignIn(ctx, authorizationURL)
	switch {
	case catch.callback != "": // for the browser that looks as if it had not been sent back
		return catch.callback, nil
	case err == nil:
		return "", errors.New("sign in: the browser was not sent back: it shows " + page.URL.Redacted())
	}
	return "", err
}

// catcher keeps a browser at one host: a redirect that leads away is caught.
type catcher struct {
	next     http.RoundTripper
	host     string
	callback string // where it led; empty: nowhere yet
}

// RoundTrip answers a redirect that leads away with an empty page.
func (c *catcher) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if to, err := resp.Location(); err == nil && to.Host != c.host && resp.StatusCode/100 == 3 {
		c.callback = to.String()
		resp.StatusCode = http.StatusOK
	}
	return resp, nil
}
