package client

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// HTTPClient returns a client that adds the access token to requests to the
// API's own origin, and to no other: not to another host, port or scheme, nor
// when a redirect leads there. After a 401 it renews the token and tries once
// more, if the request's body can be sent again.
func (s *Session) HTTPClient() *http.Client {
	if s == nil || s.client == nil {
		return &http.Client{Transport: &bearerTransport{}}
	}
	client := *s.client // what the caller changes is the caller's
	return &client
}

// TokenSource returns the session as an [oauth2.TokenSource], for libraries
// that want one. Each token is valid for now and carries no refresh token,
// which must have one owner. Waiting for a renewal ends with ctx.
func (s *Session) TokenSource(ctx context.Context) oauth2.TokenSource {
	return sessionTokenSource{ctx: ctx, session: s}
}

type sessionTokenSource struct {
	ctx     context.Context
	session *Session
}

// Token implements [oauth2.TokenSource].
func (t sessionTokenSource) Token() (*oauth2.Token, error) {
	c, early, err := t.session.valid(t.ctx)
	if err != nil {
		return nil, err
	}
	early.settle(t.ctx)
	return &oauth2.Token{
		AccessToken: c.accessToken.reveal(),
		TokenType:   "Bearer",
		Expiry:      c.expiresAt,
	}, nil
}

func (s *Session) newHTTPClient() *http.Client {
	client := *s.app.httpClient
	client.Transport = &bearerTransport{session: s, base: client.Transport}
	return &client
}

// withoutRewriting returns a client that leaves a request as it is: a redirect
// that would turn it into a GET, or carry its body to another origin, is the
// answer.
func withoutRewriting(client *http.Client) *http.Client {
	strict := *client
	strict.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		first := via[0]
		if req.Method != first.Method || first.ContentLength != 0 && !sameOrigin(first.URL, req.URL) {
			return http.ErrUseLastResponse
		}
		if client.CheckRedirect != nil {
			return client.CheckRedirect(req, via)
		}
		if len(via) >= 10 { // as net/http has it
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
	return &strict
}

// bearerTransport adds the access token. It stands below the redirects, which
// it therefore sees one by one.
type bearerTransport struct {
	session *Session
	base    http.RoundTripper // nil: http.DefaultTransport
}

// RoundTrip implements [http.RoundTripper].
func (t *bearerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	base := t.base
	if base == nil {
		base = http.DefaultTransport
	}
	if t.session != nil && !onlyWithin(t.session.app.baseURL, req) {
		return base.RoundTrip(req)
	}
	c, early, err := t.session.valid(req.Context())
	if err != nil {
		return nil, closeBody(req, err)
	}
	defer early.settle(req.Context())
	resp, err := roundTripAs(base, req, c)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	if c.refreshToken.empty() || t.session.renewalIsFutile(c) {
		return resp, nil
	}
	again, ok := replay(req)
	if !ok {
		return resp, nil
	}
	// Its body may be without end, and nobody reads it.
	_ = resp.Body.Close()
	// The token may have been revoked, or the clocks differ.
	c, err = t.session.renew(req.Context(), c)
	if err != nil {
		return nil, closeBody(again, err)
	}
	resp, err = roundTripAs(base, again, c)
	if err == nil && resp.StatusCode == http.StatusUnauthorized {
		t.session.futile.Store(&futileRenewal{of: c, at: t.session.app.now()})
	}
	return resp, err
}

// futileRenewal is a renewal whose fresh token the API refused, too.
type futileRenewal struct {
	of *credentials
	at time.Time
}

// renewalIsFutile reports whether an API that refuses every token has just
// refused this one when it was fresh. Each call would use up a refresh token.
func (s *Session) renewalIsFutile(c *credentials) bool {
	last := s.futile.Load()
	if last == nil || last.of != c {
		return false
	}
	age := s.app.now().Sub(last.at)
	return age >= 0 && age < time.Minute // negative: the clock was set back
}

// roundTripAs sends a copy of the request with the header, since a RoundTripper
// must leave the request as it is. The reply names the original, which shows no
// token.
func roundTripAs(base http.RoundTripper, req *http.Request, c *credentials) (*http.Response, error) {
	authorized := *req
	authorized.Header = maps.Clone(req.Header)
	if authorized.Header == nil {
		authorized.Header = http.Header{}
	}
	maps.DeleteFunc(authorized.Header, func(name string, _ []string) bool { return strings.EqualFold(name, "Authorization") })
	authorized.Header["Authorization"] = []string{c.authorization.reveal()}
	resp, err := base.RoundTrip(&authorized)
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// replay returns the request to be sent a second time, and whether it can be.
func replay(req *http.Request) (*http.Request, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	again := *req
	again.Body = body
	return &again, true
}

// onlyWithin reports whether a request, and every redirect that led to it, is to
// one origin. Whoever redirected it chose its path, too.
func onlyWithin(origin *url.URL, req *http.Request) bool {
	for {
		if !sameOrigin(origin, req.URL) {
			return false
		}
		if req.Response == nil || req.Response.Request == nil {
			return true
		}
		req = req.Response.Request
	}
}

// sameOrigin compares scheme, host and port (RFC 6454 section 4).
func sameOrigin(a, b *url.URL) bool {
	return a != nil && a.Scheme == b.Scheme && (a.Host == b.Host ||
		strings.EqualFold(a.Hostname(), b.Hostname()) && originPort(a) == originPort(b))
}

func originPort(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// closeBody closes the body of a request that is not sent, as a RoundTripper
// must, and returns err.
func closeBody(req *http.Request, err error) error {
	if req.Body != nil {
		_ = req.Body.Close() // it was only read from
	}
	return err
}
