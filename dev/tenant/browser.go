package tenant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// Browser is a person with a browser, without the browser: it opens an
// authorization URL, fills in the login form and follows to the application's
// callback.
type Browser struct {
	Email    string
	Password string
	Deny     bool              // press Deny
	Opener   http.RoundTripper // default http.DefaultTransport
}

// Page is where a Browser ended.
type Page struct {
	URL    *url.URL
	Status int
	Header http.Header
	Body   string
}

// ErrNotReturned is wrapped by SignIn's error when the tenant did not send the
// browser back to the application: the Page is then the tenant's.
var ErrNotReturned = errors.New("the tenant did not send the browser back")

const pageLimit = 1 << 20 // bytes

// SignIn goes from the authorization URL to the page that the application's
// callback shows. What that page says is the caller's to judge: after Deny it
// is an error page, and the error is nil.
func (b Browser) SignIn(ctx context.Context, authorizationURL string) (Page, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return Page{}, fmt.Errorf("sign in: %w", err)
	}
	client := &http.Client{Jar: jar, Transport: b.Opener}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, authorizationURL, nil)
	if err != nil {
		return Page{}, fmt.Errorf("sign in: %w", err)
	}
	page, err := open(client, request)
	if err != nil || page.URL.Host != request.URL.Host {
		return page, err // an error that the tenant sent back at once
	}
	form, err := findForm(page.Body)
	if err != nil {
		return page, fmt.Errorf("sign in: %w: %w: status %d: %s", ErrNotReturned, err, page.Status, page.problem())
	}
	request, err = b.fill(ctx, page.URL, form)
	if err != nil {
		return page, fmt.Errorf("sign in: %w", err)
	}
	page, err = open(client, request)
	if err == nil && page.URL.Host == request.URL.Host {
		err = fmt.Errorf("sign in as %s: %w: status %d: %s", b.Email, ErrNotReturned, page.Status, page.problem())
	}
	return page, err
}

// fill is the request that pressing a button of the form makes.
func (b Browser) fill(ctx context.Context, at *url.URL, f form) (*http.Request, error) {
	f.values.Set("action", "allow")
	if b.Deny {
		f.values.Set("action", "deny")
	}
	f.values.Set("email", b.Email)
	if f.values.Has("password") {
		f.values.Set("password", b.Password)
	}
	to := at.ResolveReference(f.action).String()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(f.values.Encode()))
	if err != nil {
		return nil, fmt.Errorf("fill in the form: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r, nil
}

func open(client *http.Client, r *http.Request) (_ Page, err error) {
	resp, err := client.Do(r)
	if err != nil {
		return Page{}, fmt.Errorf("open %s: %w", r.URL.Redacted(), err)
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, pageLimit))
	if err != nil {
		return Page{}, fmt.Errorf("read the page: %w", err)
	}
	return Page{URL: resp.Request.URL, Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, nil
}

// problem is what an error page says: its alert, or the whole of it when it
// has none.
func (p Page) problem() string {
	root, err := html.Parse(strings.NewReader(p.Body))
	if err != nil {
		return p.Body
	}
	for node := range root.Descendants() {
		if attribute(node, "role") == "alert" && node.FirstChild != nil {
			return node.FirstChild.Data
		}
	}
	return strings.TrimSpace(p.Body)
}

type form struct {
	action *url.URL
	values url.Values // the inputs as the page has them
}

var errNoForm = errors.New("the page has no form")

// findForm reads the first form of a page.
func findForm(page string) (form, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return form{}, fmt.Errorf("read the page: %w", err)
	}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode || node.Data != "form" {
			continue
		}
		action, err := url.Parse(attribute(node, "action"))
		if err != nil {
			return form{}, fmt.Errorf("read the form: %w", err)
		}
		f := form{action: action, values: url.Values{}}
		for input := range node.Descendants() {
			if name := attribute(input, "name"); input.Data == "input" && name != "" {
				f.values.Set(name, attribute(input, "value"))
			}
		}
		return f, nil
	}
	return form{}, errNoForm
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
