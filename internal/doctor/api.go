package doctor

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"example.com/scaffold/spec"
)

// api finds out whether the API is there, and whether it wants a token.
func (e *examiner) api(ctx context.Context) []Finding {
	base := e.file.BaseURL.Value
	if base == "" {
		return nil
	}
	checks := []func(context.Context) []Finding{func(ctx context.Context) []Finding { return e.reachable(ctx, base) }}
	if endpoint, ok := e.guarded(); ok {
		checks = append(checks, func(ctx context.Context) []Finding { return e.refuses(ctx, base, endpoint) })
	}
	return together(ctx, checks)
}

// reachable takes any status: few APIs have something at their root.
func (e *examiner) reachable(ctx context.Context, base string) []Finding {
	const check = "API"
	if _, err := e.client.Get(ctx, base); err != nil {
		return one(Fail, check, fmt.Sprintf("%s: %v", base, err), "check base_url in the spec, the API's certificate, and the network of this machine")
	}
	return one(OK, check, base+" can be reached", "")
}

// guarded returns an endpoint that can be called without knowing anything, and
// that needs a scope.
func (e *examiner) guarded() (spec.Endpoint, bool) {
	for _, endpoint := range e.file.Endpoints {
		if endpoint.Method == http.MethodGet && len(endpoint.Scopes) > 0 && len(endpoint.PathParams) == 0 {
			return endpoint, true
		}
	}
	return spec.Endpoint{}, false
}

// refuses calls an endpoint without a token, which must be answered with 401
// (RFC 6750 section 3.1). A generated client renews its token at that status.
func (e *examiner) refuses(ctx context.Context, base string, endpoint spec.Endpoint) []Finding {
	const check = "API guard"
	call := "GET " + endpoint.Path.Value + " without a token"
	reply, err := e.client.Get(ctx, strings.TrimSuffix(base, "/")+endpoint.Path.Value)
	switch {
	case err != nil:
		return one(Warn, check, fmt.Sprintf("%s: %v", call, err), "check base_url and the endpoint's path in the spec")
	case reply.Status == http.StatusUnauthorized:
		return one(OK, check, call+" is refused with HTTP 401", "")
	case reply.Status >= 200 && reply.Status < 300:
		return one(Warn, check, fmt.Sprintf("%s is answered with HTTP %d", call, reply.Status),
			"the spec says that it needs a scope: have the API check its access tokens")
	case reply.Status == http.StatusNotFound:
		return one(Warn, check, call+" is answered with HTTP 404", "check base_url and the endpoint's path in the spec")
	}
	return one(Warn, check, fmt.Sprintf("%s is answered with HTTP %d and not 401", call, reply.Status),
		"have the API answer 401 where there is no valid token: the client renews its token at that status alone")
}
