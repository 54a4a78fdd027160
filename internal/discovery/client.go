// Package discovery owns the reading of what an OpenID Provider publishes about
// itself: its discovery document and its signing keys.
package discovery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	requestDeadline = 10 * time.Second // from connecting to the last byte
	maxSize         = 1 << 20          // bytes of a body that are read, after decompression
)

// Client asks a provider. It follows no redirect and keeps no cookie: what is
// published must stand where the issuer says (OpenID Connect Discovery 1.0
// section 4).
type Client struct {
	http http.Client
	now  func() time.Time
}

// NewClient returns a client that sends by transport and goes by the clock now.
func NewClient(transport http.RoundTripper, now func() time.Time) *Client {
	return &Client{
		http: http.Client{
			Transport:     transport,
			Timeout:       requestDeadline,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		now: now,
	}
}

// Reply is an HTTP reply of any status.
type Reply struct {
	Status   int
	Header   http.Header
	Body     []byte // its first 1 MiB
	Whole    bool   // Body is all of it
	Sent     time.Time
	Received time.Time // the header of the reply
}

// Get asks for a page or document.
func (c *Client) Get(ctx context.Context, address string) (Reply, error) {
	return c.send(ctx, http.MethodGet, address)
}

// Post sends an empty form.
func (c *Client) Post(ctx context.Context, address string) (Reply, error) {
	return c.send(ctx, http.MethodPost, address)
}

func (c *Client) send(ctx context.Context, method, address string) (Reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return Reply{}, errors.New("the address is not usable")
	}
	request.Header.Set("Accept", "application/json, text/html;q=0.9, */*;q=0.8")
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	sent := c.now()
	response, err := c.http.Do(request)
	if err != nil {
		return Reply{}, plain(err)
	}
	defer func() { _ = response.Body.Close() }()
	reply := Reply{Status: response.StatusCode, Header: response.Header, Sent: sent, Received: c.now()}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxSize+1))
	if err != nil {
		return Reply{}, plain(err)
	}
	reply.Whole = len(body) <= maxSize
	reply.Body = body[:min(len(body), maxSize)]
	return reply, nil
}

// plain leaves the address out, which whoever asked knows, and names a
// deadline in words.
func plain(err error) error {
	if timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); ok && timeout.Timeout() {
		return errors.New("there is no answer in time")
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		return outer.Err
	}
	return err
}

// Address returns where an issuer's discovery document stands.
func Address(issuer string) string {
	return strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
}

// Document asks for an issuer's discovery document. That it speaks for this
// issuer is left to the caller to compare, who may know what to suggest.
func (c *Client) Document(ctx context.Context, issuer string) (Document, Reply, error) {
	reply, err := c.Get(ctx, Address(issuer))
	if err == nil {
		err = reply.mustBeJSON()
	}
	if err != nil {
		return Document{}, reply, fmt.Errorf("read %s: %w", Address(issuer), err)
	}
	doc, err := Parse(reply.Body)
	if err != nil {
		return Document{}, reply, fmt.Errorf("read %s: %w", Address(issuer), err)
	}
	return doc, reply, nil
}

// Keys asks for a key set, and returns how many keys it has and how many of
// them can verify an ID token.
func (c *Client) Keys(ctx context.Context, address string) (usable, all int, err error) {
	reply, err := c.Get(ctx, address)
	if err == nil && reply.Status != http.StatusOK { // its media type varies too much to be checked
		err = reply.statusError()
	}
	if err == nil {
		usable, all, err = countKeys(reply.Body)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read %s: %w", address, err)
	}
	return usable, all, nil
}

// mustBeJSON refuses what is no JSON document (RFC 6839 section 3.1).
func (r Reply) mustBeJSON() error {
	if r.Status != http.StatusOK {
		return r.statusError()
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	isJSON := mediaType == "application/json" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
	switch {
	case err != nil || !isJSON:
		return errors.New("the reply does not say that it is JSON")
	case !r.Whole:
		return errors.New("the reply is longer than 1 MiB")
	}
	return nil
}

func (r Reply) statusError() error {
	if to := r.Header.Get("Location"); to != "" && r.Status >= 300 && r.Status < 400 {
		return fmt.Errorf("HTTP %d, a redirect to %q, which is not followed", r.Status, to)
	}
	return fmt.Errorf("HTTP %d", r.Status)
}

// Printable cuts what others wrote to a length for people, and keeps it from
// acting on a terminal.
func Printable(s string) string {
	const most = 400
	var b strings.Builder
	for _, r := range s {
		if !strconv.IsPrint(r) {
			r = '?'
		}
		if b.Len() >= most {
			return b.String() + "..."
		}
		b.WriteRune(r)
	}
	return b.String()
}
