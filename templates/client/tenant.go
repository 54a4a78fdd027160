package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
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

// metadata is what has to be known of a provider (OpenID Connect Discovery 1.0
// section 3). Endpoints that it does not offer are empty.
type metadata struct {
	authorizationEndpoint string
	tokenEndpoint         string
	revocationEndpoint    string
	userInfoEndpoint      string
	deviceEndpoint        string // RFC 8628 section 4
	endSessionEndpoint    string
	jwksURI               string
	algorithms            []string // that may sign an ID token
	issInCallback         bool     // RFC 9207 authorization_response_iss_parameter_supported
}

// metadata returns what is known of the provider. Discovery is asked once;
// a failure is not remembered.
func (t *tenant) metadata(ctx context.Context) (metadata, error) {
	if t.config.Provider == ProviderAuth0 {
		return auth0Metadata(t.config.Issuer), nil
	}
	if known := t.discovered.Load(); known != nil {
		return *known, nil
	}
	const doing = "read the tenant's discovery document"
	found, err := t.discovery.do(ctx, func(ctx context.Context) (metadata, error) {
		if known := t.discovered.Load(); known != nil {
			return *known, nil
		}
		found, err := t.discover(ctx, doing)
		if err == nil {
			t.discovered.Store(&found)
		}
		return found, err
	})
	if err != nil && ctx.Err() != nil {
		return metadata{}, interruptedError(doing, ctx.Err())
	}
	return found, err
}

// auth0Metadata needs no request: an Auth0 tenant has its endpoints at fixed
// paths, and older ones do not list all of them in discovery.
func auth0Metadata(issuer string) metadata {
	base := strings.TrimSuffix(issuer, "/")
	return metadata{
		authorizationEndpoint: base + "/authorize",
		tokenEndpoint:         base + "/oauth/token",
		revocationEndpoint:    base + "/oauth/revoke",
		userInfoEndpoint:      base + "/userinfo",
		deviceEndpoint:        base + "/oauth/device/code",
		endSessionEndpoint:    base + "/v2/logout",
		jwksURI:               base + "/.well-known/jwks.json",
		algorithms:            []string{"RS256", "PS256"},
	}
}

// discover asks for the document (OpenID Connect Discovery 1.0 section 4).
func (t *tenant) discover(ctx context.Context, doing string) (metadata, error) {
	address := strings.TrimSuffix(t.config.Issuer, "/") + "/.well-known/openid-configuration"
	doing += " at " + address
	reply, err := t.get(ctx, doing, address, nil)
	if err != nil {
		return metadata{}, err
	}
	if reply.status != http.StatusOK {
		return metadata{}, t.statusError(doing, reply)
	}
	if !reply.isJSON() {
		return metadata{}, &temporaryError{doing: doing, problem: "the reply is not JSON"}
	}
	object, err := parseStrictObject(reply.body, metadataMembers)
	if err != nil {
		return metadata{}, &temporaryError{doing: doing, problem: "the reply " + err.Error()}
	}
	found, err := readMetadata(object, t.config.Issuer)
	if err != nil {
		return metadata{}, fmt.Errorf("%s: %w", doing, err)
	}
	return found, nil
}

// metadataMembers are the members of a discovery document that are read.
var metadataMembers = []string{
	"issuer", "authorization_endpoint", "token_endpoint", "revocation_endpoint", "userinfo_endpoint",
	"device_authorization_endpoint", "end_session_endpoint", "jwks_uri", "response_types_supported", "code_challenge_methods_supported",
	"id_token_signing_alg_values_supported", "authorization_response_iss_parameter_supported",
}

// readMetadata reads a discovery document. Its error lists all that is wrong,
// for whoever has to set the tenant right.
func readMetadata(object strictObject, issuer string) (metadata, error) {
	reader := metadataReader{object: object}
	reader.checkIssuer(issuer)
	found := metadata{
		authorizationEndpoint: reader.endpoint("authorization_endpoint", true),
		tokenEndpoint:         reader.endpoint("token_endpoint", true),
		revocationEndpoint:    reader.endpoint("revocation_endpoint", false),
		userInfoEndpoint:      reader.endpoint("userinfo_endpoint", false),
		deviceEndpoint:        reader.endpoint("device_authorization_endpoint", false),
		endSessionEndpoint:    reader.endpoint("end_session_endpoint", false),
		jwksURI:               reader.endpoint("jwks_uri", true),
		algorithms:            reader.algorithms("id_token_signing_alg_values_supported"),
		issInCallback:         reader.flag("authorization_response_iss_parameter_supported"),
	}
	reader.checkOffers("response_types_supported", "code")
	reader.checkOffers("code_challenge_methods_supported", "S256")
	if len(reader.problems) > 0 {
		return metadata{}, errors.New(strings.Join(reader.problems, "; "))
	}
	return found, nil
}

// metadataReader reads members and collects what is wrong with them.
type metadataReader struct {
	object   strictObject
	problems []string
}

func (r *metadataReader) report(format string, args ...any) {
	r.problems = append(r.problems, printableText(fmt.Sprintf(format, args...), 300))
}

// checkIssuer compares exactly (OpenID Connect Discovery 1.0 section 4.3): a
// provider that speaks for another issuer is how sign-ins get mixed up.
func (r *metadataReader) checkIssuer(want string) {
	issuer, err := r.object.text("issuer")
	switch {
	case err != nil:
		r.report("%v", err)
	case issuer != want:
		r.report("issuer is %q and not %q", issuer, want)
	}
}

func (r *metadataReader) endpoint(name string, required bool) string {
	address, err := r.object.text(name)
	switch {
	case err != nil:
		r.report("%v", err)
		return ""
	case address == "":
		if required {
			r.report("%s is missing", name)
		}
		return ""
	}
	endpoint, err := requireSecureURL(address)
	switch {
	case err != nil:
		r.report("%s: %v", name, err)
	case endpoint.Fragment != "" || strings.Contains(address, "#"): // RFC 6749 sections 3.1 and 3.2
		r.report("%s has a fragment", name)
	}
	return address
}

// algorithms returns those that both sides accept. RS256 is what every
// provider must support (OpenID Connect Core 1.0 section 15.1).
func (r *metadataReader) algorithms(name string) []string {
	offered, err := r.object.texts(name)
	if err != nil {
		r.report("%v", err)
		return nil
	}
	if len(offered) == 0 {
		return []string{"RS256"}
	}
	var accepted []string
	for _, algorithm := range idTokenAlgorithms {
		if slices.Contains(offered, algorithm) {
			accepted = append(accepted, algorithm)
		}
	}
	if len(accepted) == 0 {
		r.report("%s has none of %s", name, strings.Join(idTokenAlgorithms, " "))
	}
	return accepted
}

// checkOffers lets a list that is absent pass: many providers leave these out.
// An empty one says as little (RFC 8414 section 2).
func (r *metadataReader) checkOffers(name, want string) {
	offered, err := r.object.texts(name)
	switch {
	case err != nil:
		r.report("%v", err)
	case len(offered) > 0 && !slices.Contains(offered, want):
		r.report("%s has no %q", name, want)
	}
}

func (r *metadataReader) flag(name string) bool {
	set, err := r.object.flag(name)
	if err != nil {
		r.report("%v", err)
	}
	return set
}
