package client

import (
	"context"
	"fmt"
	"net/http"
)

// userInfo asks the userinfo endpoint (OpenID Connect Core 1.0 section 5.3)
// for the profile of subject. A refused access token is an *httpStatusError
// of status 401.
func (t *tenant) userInfo(ctx context.Context, accessToken secret, subject string) (User, error) {
	provider, err := t.metadata(ctx)
	if err != nil {
		return User{}, err
	}
	const doing = "ask for user information"
	if provider.userInfoEndpoint == "" {
		return User{}, fmt.Errorf("%s: the tenant has no userinfo endpoint", doing)
	}
	bearer := http.Header{"Authorization": {"Bearer " + accessToken.reveal()}}
	reply, err := t.get(ctx, doing, provider.userInfoEndpoint, bearer)
	switch {
	case err != nil:
		return User{}, err
	case reply.status != http.StatusOK:
		return User{}, t.statusError(doing, reply)
	case reply.isJWT():
		return User{}, fmt.Errorf("%s: the reply is signed, which is not supported: let the tenant send plain JSON", doing)
	case !reply.isJSON():
		return User{}, &temporaryError{doing: doing, problem: "the reply is not JSON"}
	}
	user, err := newUser(reply.body)
	if err != nil {
		return User{}, &temporaryError{doing: doing, problem: err.Error()}
	}
	if user.Subject != subject {
		// Section 5.3.2: a token may have been swapped for another user's.
		return User{}, fmt.Errorf("%s: the reply is about another user", doing)
	}
	user.Issuer = t.config.Issuer
	return user, nil
}
