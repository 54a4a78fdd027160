package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// revoke makes the tenant forget a token (RFC 7009). A token that it does not
// know is a success. hint is "refresh_token" or "access_token".
func (t *tenant) revoke(ctx context.Context, token secret, hint string) error {
	provider, err := t.metadata(ctx)
	if err != nil {
		return err
	}
	if provider.revocationEndpoint == "" {
		return errors.New("the tenant has no revocation endpoint")
	}
	const doing = "ask the revocation endpoint"
	form := url.Values{
		"client_id":       {t.config.ClientID},
		"token":           {token.reveal()},
		"token_type_hint": {hint},
	}
	reply, err := t.postForm(ctx, doing, provider.revocationEndpoint, form)
	if err != nil {
		return err
	}
	if reply.status == http.StatusOK || reply.status == http.StatusNoContent {
		return nil // the body means nothing (section 2.2)
	}
	if reply.isJSON() {
		_, err := parseOAuthReply(reply.body, nil, form)
		if refusal, ok := errors.AsType[*TenantError](err); ok {
			return t.tenantFailure(doing, reply, refusal)
		}
	}
	return t.statusError(doing, reply)
}

// endSessionURL returns where a browser ends the session at the tenant
// (OpenID Connect RP-Initiated Logout 1.0 section 2; at Auth0 /v2/logout).
// The URL holds the ID token: it is for the browser, not for a log.
func (t *tenant) endSessionURL(ctx context.Context, idToken secret, returnTo string) (string, error) {
	provider, err := t.metadata(ctx)
	if err != nil {
		return "", err
	}
	const doing = "build the sign-out URL"
	if provider.endSessionEndpoint == "" {
		return "", fmt.Errorf("%s: the tenant has no end_session_endpoint", doing)
	}
	address, err := url.Parse(provider.endSessionEndpoint)
	if err != nil {
		return "", fmt.Errorf("%s: the end_session_endpoint is not a URL", doing)
	}
	query := address.Query()
	query.Set("client_id", t.config.ClientID)
	returnName := "post_logout_redirect_uri"
	if t.config.Provider == ProviderAuth0 {
		returnName = "returnTo"
	} else if !idToken.empty() {
		query.Set("id_token_hint", idToken.reveal())
	}
	if returnTo != "" {
		query.Set(returnName, returnTo)
	}
	address.RawQuery = query.Encode()
	return address.String(), nil
}
