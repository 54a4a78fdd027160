package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	maxReply      = 32 << 20 // bytes of a reply of the API that are read
	maxErrorReply = 64 << 10 // bytes of an error reply that an APIError holds
	maxTokenEcho  = 16 << 10 // bytes more that are searched for the token, which the end could cut in two
)

// Endpoint is one operation of the API: what [Session.Can] asks about, and
// what the method of the same name calls. The zero Endpoint is never allowed.
type Endpoint struct {
	name   string
	method string
	path   string
	public bool
	scopes [][]string // any of these sets, and of that set all
}

// String returns the endpoint's name.
func (e Endpoint) String() string { return e.name }

// Name returns the endpoint's name, which is also its method's.
func (e Endpoint) Name() string { return e.name }

// Method returns the HTTP method.
func (e Endpoint) Method() string { return e.method }

// Path returns the path below the API's base URL; {name} is a parameter.
func (e Endpoint) Path() string { return e.path }

// Public reports whether the endpoint is called without a token.
func (e Endpoint) Public() bool { return e.public }

// Scopes returns what a caller must have been granted: every scope of at least
// one of the sets. No set means that any signed-in user may call.
func (e Endpoint) Scopes() [][]string {
	sets := make([][]string, len(e.scopes))
	for i, set := range e.scopes {
		sets[i] = slices.Clone(set)
	}
	return sets
}

// Can reports whether the granted scopes allow a call of the endpoint. It
// compares whole scopes and makes no request. A nil Session is allowed what
// needs nobody to be signed in: public endpoints.
func (s *Session) Can(e Endpoint) bool {
	if e.public {
		return true
	}
	return e.name != "" && s.live() && len(s.missing(e)) == 0
}

// missing returns what the granted scopes lack for the endpoint: nothing, or
// what the nearest of its sets of scopes lacks.
func (s *Session) missing(e Endpoint) []string {
	var nearest []string
	for i, set := range e.scopes {
		var lacking []string
		for _, scope := range set {
			if !s.HasScope(scope) {
				lacking = append(lacking, scope)
			}
		}
		if len(lacking) == 0 {
			return nil
		}
		if i == 0 || len(lacking) < len(nearest) {
			nearest = lacking
		}
	}
	return nearest
}

// request is one call of an endpoint.
type request struct {
	endpoint   Endpoint
	pathParams []string // in the order of the path, as they are
	query      url.Values
	header     http.Header
	body       any  // sent as JSON; nil for none
	result     any  // where the JSON reply goes; nil when the endpoint has none
	keepDigits bool // of numbers that go to an any: each becomes a [json.Number]
}

// sender is whoever calls an endpoint: a [*Session], or an [*App] if the
// endpoint is public.
type sender interface {
	send(ctx context.Context, r request) error
}

// call sends the request and returns the decoded reply.
func call[T any](ctx context.Context, via sender, r request) (T, error) {
	var result T
	r.result = &result
	if err := via.send(ctx, r); err != nil {
		var none T
		return none, err
	}
	return result, nil
}

// send checks the scopes and sends the request with the access token.
func (s *Session) send(ctx context.Context, r request) error {
	c, err := s.current()
	if err != nil {
		return fmt.Errorf("%s: %w", r.endpoint.name, err)
	}
	if missing := s.missing(r.endpoint); len(missing) > 0 {
		return &MissingScopeError{Endpoint: r.endpoint, Scopes: missing}
	}
	err = s.application().exchange(ctx, s.calls, r)
	if apiError, ok := errors.AsType[*APIError](err); ok {
		return s.explain(apiError, c)
	}
	return err
}

// application returns the App of the session. That of a nil Session was not
// made by New, and its calls fail.
func (s *Session) application() *App {
	if s == nil || s.app == nil {
		return &App{}
	}
	return s.app
}

// explain turns a refusal for want of scopes (RFC 6750 section 3.1) into a
// MissingScopeError, and removes the token from a reply that repeats it.
func (s *Session) explain(e *APIError, used *credentials) error {
	challenge := bearerChallenge(e.Header)
	for _, c := range []*credentials{used, s.state.Load().credentials} {
		e.redact(c.accessToken)
	}
	e.Body = e.Body[:min(len(e.Body), maxErrorReply)]
	if e.StatusCode != http.StatusForbidden || challenge["error"] != "insufficient_scope" {
		return e
	}
	// What the spec does not declare would open no gate, and could be anything.
	required := strings.Fields(challenge["scope"])
	var missing []string
	for _, scope := range declaredScopes() {
		if slices.Contains(required, scope) && !s.HasScope(scope) {
			missing = append(missing, scope)
		}
	}
	return &MissingScopeError{Endpoint: e.Endpoint, Scopes: missing, refusal: e}
}

// send sends a request for which nobody needs to be signed in.
func (a *App) send(ctx context.Context, r request) error {
	return a.exchange(ctx, a.calls, r)
}

// exchange sends the request and decodes the reply. Its errors name the
// endpoint, and not the URL, which can hold what is private.
func (a *App) exchange(ctx context.Context, client *http.Client, r request) error {
	resp, err := a.sendPatiently(ctx, client, r)
	if err != nil {
		return fmt.Errorf("%s: %w", r.endpoint.name, err)
	}
	defer func() { _ = resp.Body.Close() }() // it was only read from
	return readReply(resp, r)
}

// sendOnce makes the request and sends it. Each attempt has one of its own: a
// client with a cookie jar adds to the header.
func (a *App) sendOnce(ctx context.Context, client *http.Client, r request) (*http.Response, error) {
	req, err := a.newRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return resp, err
}

// readReply decodes a reply. One that is not as the endpoint promises is an
// [*APIError].
func readReply(resp *http.Response, r request) error {
	body, err := readBody(resp)
	switch {
	case resp.StatusCode < 200 || resp.StatusCode > 299:
		err = nil // what could be read of it is enough to report
	case r.result == nil:
		return nil // the API has done it, whatever it says
	case err != nil:
		err = fmt.Errorf("read the reply: %w", err)
	case len(body) > maxReply:
		err = fmt.Errorf("the reply is larger than %d bytes", maxReply)
	default:
		if err = decodeReply(body, r); err == nil {
			return nil
		}
	}
	return &APIError{
		Endpoint:   r.endpoint,
		StatusCode: resp.StatusCode,
		Header:     resp.Header,
		Body:       body[:min(len(body), maxErrorReply+maxTokenEcho)],
		cause:      err,
	}
}

// readBody reads a body, to its end or a little over maxReply. Where the reply
// says how long it is, the memory for that and for finding its end is taken at
// once, within reason.
func readBody(resp *http.Response) ([]byte, error) {
	size := int64(bytes.MinRead)
	if resp.ContentLength >= 0 {
		size = min(resp.ContentLength, maxErrorReply) + 1
	}
	body := make([]byte, 0, size)
	for len(body) <= maxReply {
		n, err := resp.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return body, err
		}
		if len(body) == cap(body) {
			body = slices.Grow(body, bytes.MinRead)
		}
	}
	return body, nil
}

// decodeReply decodes one JSON value.
func decodeReply(body []byte, r request) error {
	if !r.keepDigits && json.Unmarshal(body, r.result) == nil {
		return nil
	}
	// A Decoder takes more time and memory. It can keep digits, where a float64
	// would change those of a long id, and it tells better what is wrong.
	if len(bytes.TrimSpace(body)) == 0 {
		return errors.New("the reply is empty")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(r.result); err != nil {
		return decodeError(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("decode the reply: there is something after its end")
	}
	return nil
}

// decodeError says what it can without a word of the reply, which can hold
// anything: many decoders quote what they do not understand.
func decodeError(err error) error {
	if mistyped, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("decode the reply: %s is not of the type %s", cmp.Or(mistyped.Field, "the value"), mistyped.Type)
	}
	if malformed, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("decode the reply: not JSON at byte %d", malformed.Offset)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("decode the reply: it is cut short")
	}
	return errors.New("decode the reply: a value is not in the form of its type")
}

func (a *App) newRequest(ctx context.Context, r request) (*http.Request, error) {
	if a.tenant == nil {
		return nil, errors.New("the App or Session was not made by New")
	}
	if a.baseURL == nil {
		return nil, errors.New("no base URL of the API is configured")
	}
	path, err := expandPath(r.endpoint.path, r.pathParams)
	if err != nil {
		return nil, err
	}
	mark, query := "", ""
	if len(r.query) > 0 {
		mark, query = "?", r.query.Encode()
	}
	address := strings.TrimSuffix(a.config.BaseURL, "/") + path + mark + query
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return nil, fmt.Errorf("encode the body: %w", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, r.endpoint.method, address, body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.header {
		req.Header[name] = values
	}
	mediaType := []string{"application/json"}
	req.Header["Accept"] = mediaType
	if body != nil {
		req.Header["Content-Type"] = mediaType
	}
	return req, nil
}

// expandPath puts the parameters in the place of {name}, one after the other.
func expandPath(path string, params []string) (string, error) {
	if len(params) == 0 {
		return path, nil
	}
	var expanded strings.Builder
	for _, param := range params {
		literal, rest, _ := strings.Cut(path, "{")
		name, after, _ := strings.Cut(rest, "}")
		// These would call another path than the one that was declared.
		if param == "" || param == "." || param == ".." {
			return "", fmt.Errorf("the path parameter %s cannot be %q", name, param)
		}
		expanded.WriteString(literal)
		expanded.WriteString(url.PathEscape(param))
		path = after
	}
	expanded.WriteString(path)
	return expanded.String(), nil
}
