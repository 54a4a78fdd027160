package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/internal/lazyregexp"
	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"example.com/scaffold/spec"
)

// guard lets a request through that carries an access token of the issuer, for
// this API, with the scopes of the endpoint (RFC 6750, RFC 9068).
type guard struct {
	issuer, audience, userinfo string
	realm                      string
	now                        func() time.Time
	client                     *http.Client
	keys                       *oidc.RemoteKeySet
}

// caller is who calls. The zero caller is nobody.
type caller struct {
	subject string
	scopes  []string
}

func (c caller) has(scope string) bool { return slices.Contains(c.scopes, scope) }

func newGuard(cfg Config) *guard {
	client := &http.Client{Timeout: 10 * time.Second}
	audience := cfg.Spec.Audience.Value
	return &guard{
		issuer: cfg.Issuer, audience: audience, userinfo: cfg.UserinfoURL,
		realm: cmp.Or(audience, cfg.Spec.BaseURL.Value), now: cfg.Now, client: client,
		keys: oidc.NewRemoteKeySet(oidc.ClientContext(context.Background(), client), cfg.KeysURL),
	}
}

// admit says who calls an endpoint, or refuses. Who calls without the scopes
// is known all the same.
func (g *guard) admit(r *http.Request, e *spec.Endpoint) (caller, *problem) {
	token, refused := g.bearer(r, e)
	if refused != nil {
		return caller{}, refused
	}
	who, err := g.caller(r.Context(), token)
	if errors.Is(err, errNoTenant) {
		return caller{}, &problem{Status: http.StatusServiceUnavailable, Detail: err.Error()}
	}
	if err != nil {
		return caller{}, g.challenge(http.StatusUnauthorized, "invalid_token", err.Error(), "")
	}
	missing, set := lacking(e.Scopes, who)
	if len(missing) == 0 {
		return who, nil
	}
	needs := strings.Join(missing, " ")
	p := g.challenge(http.StatusForbidden, "insufficient_scope", "the scope "+needs+" is missing", strings.Join(set, " "))
	p.said = "needs " + needs
	return who, p
}

// lacking returns what a caller lacks of the set of scopes that lacks least, and
// that set; nothing if one is complete.
func lacking(sets spec.AnyOf, who caller) (missing, set []string) {
	for i, texts := range sets {
		var all, without []string
		for _, scope := range texts {
			all = append(all, scope.Value)
			if !who.has(scope.Value) {
				without = append(without, scope.Value)
			}
		}
		if i == 0 || len(without) < len(missing) {
			missing, set = without, all
		}
	}
	return missing, set
}

// b64token is the form of a token (RFC 6750 section 2.1).
var b64token = lazyregexp.New(`^[A-Za-z0-9._~+/-]+=*$`)

// bearer reads the token from where RFC 6750 section 2.1 has it. A token in the
// query ends in logs and histories (RFC 9700 section 4.3.2), so it is refused.
func (g *guard) bearer(r *http.Request, e *spec.Endpoint) (string, *problem) {
	declared := slices.ContainsFunc(e.Query, func(f spec.Field) bool { return f.Name.Value == "access_token" })
	if !declared && r.URL.Query().Has("access_token") {
		return "", g.challenge(http.StatusBadRequest, "invalid_request", "the token belongs in the Authorization header, not in the query", "")
	}
	fields := r.Header.Values("Authorization")
	if len(fields) > 1 {
		return "", g.challenge(http.StatusBadRequest, "invalid_request", "there is more than one Authorization header", "")
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") { // the scheme has no case: RFC 9110 section 11.1
		return "", g.challenge(http.StatusUnauthorized, "", "an access token is needed: sign in", "") // no error code: RFC 6750 section 3.1
	}
	token = strings.TrimSpace(token)
	if !b64token().MatchString(token) {
		return "", g.challenge(http.StatusBadRequest, "invalid_request", "what follows Bearer is not a token", "")
	}
	return token, nil
}

// challenge is a refusal as RFC 6750 section 3 writes it.
func (g *guard) challenge(status int, code, description, scope string) *problem {
	header := "Bearer realm=" + quoted(g.realm)
	if code != "" {
		header += `, error="` + code + `", error_description=` + quoted(description)
	}
	if scope != "" {
		header += ", scope=" + quoted(scope)
	}
	return &problem{Status: status, Detail: description, header: map[string]string{"WWW-Authenticate": header}}
}

// quoted writes a quoted string (RFC 9110 section 5.6.4) of the characters that
// RFC 6750 section 3 allows.
func quoted(text string) string {
	return `"` + strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, text) + `"`
}

// errNoTenant is no fault of the token.
var errNoTenant = errors.New("the tenant cannot be asked about the access token")

// claims are those of an access token (RFC 9068 section 2.2).
type claims struct {
	Issuer    string    `json:"iss"`
	Audience  audiences `json:"aud"`
	Subject   string    `json:"sub"`
	Expires   float64   `json:"exp"` // seconds since 1970
	NotBefore float64   `json:"nbf"`
	Scope     string    `json:"scope"` // separated by spaces
}

// audiences is one or several (RFC 7519 section 4.1.3).
type audiences []string

// UnmarshalJSON implements [json.Unmarshaler].
func (a *audiences) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = []string{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// caller checks a token. The claims are compared here and not by the library,
// so that a refusal can say what it found.
func (g *guard) caller(ctx context.Context, token string) (caller, error) {
	if g.audience == "" {
		return g.askUserinfo(ctx, token)
	}
	payload, err := g.verify(ctx, token)
	if err != nil {
		return caller{}, err
	}
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return caller{}, errors.New("a claim of the access token is not of its type: iss, sub and scope are text, exp and nbf numbers")
	}
	now := float64(g.now().Unix())
	switch {
	case c.Issuer != g.issuer:
		return caller{}, fmt.Errorf("the access token is of the issuer %s, not of %s", c.Issuer, g.issuer)
	case len(c.Audience) == 0:
		return caller{}, errors.New("the access token has no audience")
	case !slices.Contains(c.Audience, g.audience):
		return caller{}, fmt.Errorf("the access token is for the audience %s, not for %s", strings.Join(c.Audience, " "), g.audience)
	case c.Expires == 0:
		return caller{}, errors.New("the access token does not say when it expires")
	case now >= c.Expires:
		return caller{}, fmt.Errorf("the access token expired at %s", time.Unix(int64(c.Expires), 0).UTC().Format(time.RFC3339))
	case now < c.NotBefore:
		return caller{}, errors.New("the access token is not valid yet")
	case c.Subject == "":
		return caller{}, errors.New("the access token does not say who calls")
	}
	return caller{subject: c.Subject, scopes: strings.Fields(c.Scope)}, nil
}

// verify returns the claims of a JWT that a key of the tenant has signed.
func (g *guard) verify(ctx context.Context, token string) ([]byte, error) {
	bad := errors.New("the access token is not a JWT that is signed with a key of the tenant")
	// The key set takes any algorithm, so that it is chosen here.
	if _, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256, jose.PS256, jose.ES256}); err != nil {
		return nil, bad
	}
	payload, err := g.keys.VerifySignature(ctx, token)
	if errors.Unwrap(err) != nil { // the keys could not be fetched; a wrong signature wraps nothing
		return nil, errNoTenant
	}
	if err != nil {
		return nil, bad
	}
	return payload, nil
}

// askUserinfo asks the tenant who an opaque token is of.
func (g *guard) askUserinfo(ctx context.Context, token string) (_ caller, err error) {
	refused := errors.New("the tenant does not accept the access token")
	if g.userinfo == "" {
		return caller{}, refused
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.userinfo, nil)
	if err != nil {
		return caller{}, refused
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := g.client.Do(req)
	if err != nil {
		return caller{}, errNoTenant
	}
	defer func() { _ = resp.Body.Close() }() // it was only read from
	var profile struct {
		Subject string `json:"sub"`
	}
	err = json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&profile)
	if resp.StatusCode >= http.StatusInternalServerError || resp.StatusCode == http.StatusTooManyRequests {
		return caller{}, errNoTenant
	}
	if err != nil || resp.StatusCode != http.StatusOK || profile.Subject == "" {
		return caller{}, refused
	}
	return caller{subject: profile.Subject, scopes: []string{oidc.ScopeOpenID}}, nil
}
