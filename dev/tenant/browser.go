package tenant

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Browser is a person with a browser, without the browser: it opens an
// authorization URL, fills in the forms that it meets, and follows to the
// application's callback.
type Browser struct {
	Email    string
	Password string
	Deny     bool              // press Cancel, on the first page that has it
	Decline  []string          // scopes not to allow; everything else is
	Opener   http.RoundTripper // default http.DefaultTransport
	Jar      http.CookieJar    // keeps the browser's session; nil: a new one each time
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

const (
	pageLimit = 1 << 20 // bytes
	mostPages = 5       // of a sign-in: each has a form that leads to the next
)

// SignIn goes from the authorization URL to the page that the application's
// callback shows. What that page says is the caller's to judge: after Deny it
// is an error page, and the error is nil.
func (b Browser) SignIn(ctx context.Context, authorizationURL string) (Page, error) {
	client := &http.Client{Jar: b.Jar, Transport: b.Opener}
	if b.Jar == nil {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return Page{}, fmt.Errorf("sign in: %w", err)
		}
		client.Jar = jar
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, authorizationURL, nil)
	if err != nil {
		return Page{}, fmt.Errorf("sign in: %w", err)
	}
	tenant := request.URL.Host
	for range mostPages {
		page, err := open(client, request)
		if err != nil || page.URL.Host != tenant {
			return page, err
		}
		form, err := findForm(page.Body)
		if page.Status != http.StatusOK || err != nil {
			return page, b.stuck(page, err)
		}
		if request, err = b.fill(ctx, page.URL, form); err != nil {
			return page, fmt.Errorf("sign in: %w", err)
		}
	}
	return Page{}, fmt.Errorf("sign in as %s: %w: it shows one form after the other", b.Email, ErrNotReturned)
}

// stuck is the error of a page that does not lead on.
func (b Browser) stuck(page Page, err error) error {
	if err == nil || page.Status != http.StatusOK {
		return fmt.Errorf("sign in as %s: %w: status %d: %s", b.Email, ErrNotReturned, page.Status, page.problem())
	}
	return fmt.Errorf("sign in: %w: %w: status %d: %s", ErrNotReturned, err, page.Status, page.problem())
}

// fill is the request that pressing a button of the form makes.
func (b Browser) fill(ctx context.Context, at *url.URL, f form) (*http.Request, error) {
	f.values.Set("action", "allow")
	if b.Deny {
		f.values.Set("action", "deny")
	}
	if f.values.Has("email") {
		f.values.Set("email", b.Email)
	}
	if f.values.Has("password") {
		f.values.Set("password", b.Password)
	}
	for _, scope := range b.Decline {
		if len(f.scopes) > 0 && !slices.Contains(f.scopes, scope) {
			return nil, fmt.Errorf("decline %s: the page offers %q", scope, f.scopes)
		}
	}
	for _, scope := range f.scopes {
		if !slices.Contains(b.Decline, scope) {
			f.values.Add("scope", scope)
		}
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
	scopes []string   // the boxes that can be ticked
}

var errNoForm = errors.New("the page has no form")

// findForm reads the first form of a page that can be left with Cancel. (The
// login page has another before it, with a button for each person.)
func findForm(page string) (form, error) {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return form{}, fmt.Errorf("read the page: %w", err)
	}
	for node := range root.Descendants() {
		if node.Type != html.ElementNode || node.Data != "form" || !canCancel(node) {
			continue
		}
		action, err := url.Parse(attribute(node, "action"))
		if err != nil {
			return form{}, fmt.Errorf("read the form: %w", err)
		}
		f := form{action: action, values: url.Values{}}
		for input := range node.Descendants() {
			name, value := attribute(input, "name"), attribute(input, "value")
			switch {
			case input.Data != "input" || name == "":
			case attribute(input, "type") == "checkbox":
				f.scopes = append(f.scopes, value)
			default:
				f.values.Add(name, value)
			}
		}
		return f, nil
	}
	return form{}, errNoForm
}

func canCancel(form *html.Node) bool {
	for node := range form.Descendants() {
		if node.Data == "button" && attribute(node, "name") == "action" && attribute(node, "value") == "deny" {
			return true
		}
	}
	return false
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
