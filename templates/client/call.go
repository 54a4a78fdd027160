package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

const (
	maxReply      = 32 << 20 // bytes of a reply of the API that are read
	maxErrorReply = 64 << 10 // bytes of an error reply that an APIError holds
)

// request is one call of an endpoint.
type request struct {
	endpoint   Endpoint
	pathParams []string // in the order of the path, as they are
	query      url.Values
	header     http.Header
	body       any // sent as JSON; nil for none
}

// sender is whoever calls an endpoint: a [*Session], or an [*App] if the
// endpoint is public.
type sender interface {
	send(ctx context.Context, r request) ([]byte, error)
}

// call sends the request and decodes the JSON reply.
func call[T any](ctx context.Context, via sender, r request) (T, error) {
	var result T
	reply, err := via.send(ctx, r)
	if err != nil {
		return result, err
	}
	if err := json.Unmarshal(reply, &result); err != nil {
		var none T
		return none, fmt.Errorf("%s: decode the reply: %w", r.endpoint.name, err)
	}
	return result, nil
}

// send checks the scopes and sends the request with the access token.
func (s *Session) send(ctx context.Context, r request) ([]byte, error) {
	c, err := s.current()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.endpoint.name, err)
	}
	if missing := s.missing(r.endpoint); len(missing) > 0 {
		return nil, &MissingScopeError{Endpoint: r.endpoint, Scopes: missing}
	}
	reply, err := s.application().exchange(ctx, s.client, r)
	if apiError, ok := errors.AsType[*APIError](err); ok {
		return nil, s.explain(apiError, c)
	}
	return reply, err
}

// application returns the App of the session. A nil Session has one without a
// configuration, whose calls fail.
func (s *Session) application() *App {
	if s == nil || s.app == nil {
		return &App{}
	}
	return s.app
}

// explain turns a refusal for want of scopes (RFC 6750 section 3.1) into a
// MissingScopeError, and removes the token from a reply that repeats it.
func (s *Session) explain(e *APIError, used *credentials) error {
	for _, c := range []*credentials{used, s.state.Load().credentials} {
		if token := c.accessToken.reveal(); token != "" {
			e.Body = bytes.ReplaceAll(e.Body, []byte(token), []byte("[redacted]"))
		}
	}
	challenge := bearerChallenge(e.Header)
	if e.StatusCode != http.StatusForbidden || challenge["error"] != "insufficient_scope" {
		return e
	}
	required := strings.Fields(challenge["scope"])
	var missing []string
	for _, scope := range required {
		if isScopeToken(scope) && !s.HasScope(scope) {
			missing = append(missing, scope)
		}
	}
	return &MissingScopeError{Endpoint: e.Endpoint, Scopes: missing, refusal: e}
}

// send sends a request for which nobody needs to be signed in.
func (a *App) send(ctx context.Context, r request) ([]byte, error) {
	return a.exchange(ctx, a.httpClient, r)
}

// exchange sends the request and returns the body of a successful reply.
func (a *App) exchange(ctx context.Context, client *http.Client, r request) (body []byte, err error) {
	defer func() {
		if _, ok := errors.AsType[*APIError](err); err != nil && !ok {
			err = fmt.Errorf("%s: %w", r.endpoint.name, err)
		}
	}()
	req, err := a.newRequest(ctx, r)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if wrapped, ok := errors.AsType[*url.Error](err); ok && errors.Is(err, ErrLoginRequired) {
		return nil, wrapped.Err // no request was made, so none is to blame
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }() // it was only read from
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		// What can be read of it is enough to report.
		text, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorReply))
		return nil, &APIError{Endpoint: r.endpoint, StatusCode: resp.StatusCode, Header: resp.Header, Body: text}
	}
	body, err = io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	if err != nil {
		return nil, fmt.Errorf("read the reply: %w", err)
	}
	if len(body) > maxReply {
		return nil, fmt.Errorf("the reply is larger than %d bytes", maxReply)
	}
	return body, nil
}

func (a *App) newRequest(ctx context.Context, r request) (*http.Request, error) {
	if a.baseURL == nil {
		return nil, errors.New("no base URL of the API is configured")
	}
	path, err := expandPath(r.endpoint.path, r.pathParams)
	if err != nil {
		return nil, err
	}
	address := strings.TrimSuffix(a.config.BaseURL, "/") + path
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
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
	req.Header["Accept"] = []string{"application/json"}
	if body != nil {
		req.Header["Content-Type"] = []string{"application/json"}
	}
	return req, nil
}

// expandPath puts the parameters in the place of {name}, one after the other.
func expandPath(path string, params []string) (string, error) {
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
