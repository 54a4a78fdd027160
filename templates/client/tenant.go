package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

const (
	exchangeDeadline = 30 * time.Second // of one request, from connecting to the last byte
	maxReplySize     = 1 << 20          // bytes of a body, after decompression
	clockLeeway      = 60 * time.Second // between the tenant's clock and ours
)

// tenant speaks the protocol with one OpenID Provider.
type tenant struct {
	config     Config
	client     *http.Client
	now        func() time.Time
	discovery  sharedFetch[metadata]
	discovered atomic.Pointer[metadata]
	keys       keyCache
}

// newTenant takes the transport of httpClient. Cookies are not kept and
// redirects not followed: a redirect would carry a code or a refresh token to
// another host.
func newTenant(config Config, httpClient *http.Client, now func() time.Time) *tenant {
	guarded := *httpClient
	guarded.Jar = nil
	guarded.Timeout = 0 // exchangeDeadline is for the tenant: a reply cut off may hold a rotated token
	guarded.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &tenant{config: config, client: &guarded, now: now}
}

// tenantReply is a whole HTTP reply of the tenant.
type tenantReply struct {
	status int
	header http.Header
	body   []byte
}

// isJSON reports whether the reply says that it is JSON (RFC 6839 section 3.1).
func (r tenantReply) isJSON() bool {
	mediaType, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	return err == nil && (mediaType == "application/json" ||
		strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json"))
}

// isJWT reports whether the reply says that it is signed or encrypted.
func (r tenantReply) isJWT() bool {
	mediaType, _, err := mime.ParseMediaType(r.header.Get("Content-Type"))
	return err == nil && mediaType == "application/jwt"
}

// get fetches a document.
func (t *tenant) get(ctx context.Context, doing, address string, header http.Header) (tenantReply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return tenantReply{}, fmt.Errorf("%s: the address is not usable", doing)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	return t.exchange(doing, request)
}

// postForm sends a form as a public client, which names itself in the body
// (RFC 6749 section 3.2.1).
func (t *tenant) postForm(ctx context.Context, doing, address string, form url.Values) (tenantReply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return tenantReply{}, fmt.Errorf("%s: the address is not usable", doing)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return t.exchange(doing, request)
}

// requestJSON sends a form to an endpoint that answers in JSON, and returns what
// parse makes of the reply, even with an error. A request that was sent fails
// with a [*TenantError], with the error of a cancelled ctx, or else with an
// [ErrTemporary].
func requestJSON[T any](ctx context.Context, t *tenant, doing, address string, form url.Values,
	parse func(body []byte, sent url.Values) (T, error),
) (T, error) {
	var none T
	reply, err := t.postForm(ctx, doing, address, form)
	if err != nil {
		return none, err
	}
	trouble := t.troubleWith(doing, reply)
	if !reply.isJSON() {
		trouble.problem += " and no JSON"
		return none, trouble
	}
	parsed, err := parse(reply.body, form)
	if refusal, ok := errors.AsType[*TenantError](err); ok {
		return none, t.tenantFailure(doing, reply, refusal)
	}
	switch {
	case reply.status != http.StatusOK:
		trouble.problem += " without an error code"
		return none, trouble
	case err != nil:
		trouble.problem = "the reply " + err.Error()
		return parsed, trouble
	}
	return parsed, nil
}

// exchange sends a request and reads the reply within the bounds above.
func (t *tenant) exchange(doing string, request *http.Request) (tenantReply, error) {
	caller := request.Context()
	ctx, cancel := context.WithTimeout(caller, exchangeDeadline)
	defer cancel()
	request.Header.Set("Accept", "application/json")

	response, err := t.client.Do(request.WithContext(ctx))
	if err != nil {
		return tenantReply{}, exchangeError(caller, doing, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReplySize+1))
	if err != nil {
		return tenantReply{}, exchangeError(caller, doing, err)
	}
	reply := tenantReply{status: response.StatusCode, header: response.Header, body: body}
	switch {
	case reply.status >= 300 && reply.status < 400:
		problem := fmt.Sprintf("answered HTTP %d, a redirect, which is not followed", reply.status)
		return tenantReply{}, &temporaryError{doing: doing, problem: problem}
	case len(body) > maxReplySize:
		return tenantReply{}, &temporaryError{doing: doing, problem: "the reply is longer than 1 MiB"}
	}
	return reply, nil
}

// exchangeError tells the end of the caller's patience from other failures.
func exchangeError(caller context.Context, doing string, err error) error {
	if ended := caller.Err(); ended != nil {
		return interruptedError(doing, ended)
	}
	return connectionError(doing, err)
}
