package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// User is the profile of whoever is signed in, from the validated ID token
// (OpenID Connect Core 1.0 section 5.1). What the tenant does not tell, or
// tells in another type than the standard's, is zero.
type User struct {
	Issuer            string // the tenant; only Issuer and Subject together name a user for good
	Subject           string
	Name              string
	GivenName         string
	FamilyName        string
	Nickname          string
	PreferredUsername string // may change, and may be anything
	Email             string
	EmailVerified     bool
	Picture           string // URL
	Locale            string
	UpdatedAt         time.Time

	claims json.RawMessage
}

// String returns the subject, so that a log line names a user without telling
// the profile.
func (u User) String() string { return u.Subject }

// Claim decodes any claim, such as "https://exampleco.com/roles", as
// [json.Unmarshal] does. A claim that is absent leaves into as it is.
func (u User) Claim(name string, into any) error {
	var claims map[string]json.RawMessage
	if u.claims != nil {
		if err := json.Unmarshal(u.claims, &claims); err != nil {
			return fmt.Errorf("claim %q: the profile is not readable", name)
		}
	}
	claim, ok := claims[name]
	if !ok {
		return nil
	}
	if err := json.Unmarshal(claim, into); err != nil {
		return fmt.Errorf("claim %q: %w", name, err)
	}
	return nil
}

// newUser reads the claims of an ID token that has been validated, now or
// before it was stored, or of a userinfo reply.
func newUser(claims []byte) (User, error) {
	object, err := parseStrictObject(claims, []string{"iss", "sub"}) // the others name nobody
	if err != nil {
		return User{}, fmt.Errorf("the user's profile %w", err)
	}
	subject, err := subjectMember(object)
	if err != nil {
		return User{}, fmt.Errorf("the user's profile: %w", err)
	}
	return userOf(object, subject, claims), nil
}

// userOf reads the claims from what they say.
func userOf(object strictObject, subject string, claims []byte) User {
	return User{
		Issuer:            object.textOrNone("iss"),
		Subject:           subject,
		Name:              object.textOrNone("name"),
		GivenName:         object.textOrNone("given_name"),
		FamilyName:        object.textOrNone("family_name"),
		Nickname:          object.textOrNone("nickname"),
		PreferredUsername: object.textOrNone("preferred_username"),
		Email:             object.textOrNone("email"),
		EmailVerified:     emailVerified(object),
		Picture:           object.textOrNone("picture"),
		Locale:            object.textOrNone("locale"),
		UpdatedAt:         updatedAt(object),
		claims:            slices.Clone(claims),
	}
}

// maxSubjectSize is from OpenID Connect Core 1.0 section 2.
const maxSubjectSize = 255

// subjectMember reads sub, without which nobody is signed in.
func subjectMember(object strictObject) (string, error) {
	subject, err := object.text("sub")
	if err != nil {
		return "", err
	}
	if subject == "" || len(subject) > maxSubjectSize {
		return "", errors.New("sub is missing or too long")
	}
	for _, c := range []byte(subject) {
		if c < ' ' || c > '~' {
			return "", errors.New("sub is not printable ASCII")
		}
	}
	return subject, nil
}

// textOrNone returns a string, and nothing for another type: no odd claim of
// the profile shall keep anybody from signing in.
func (o strictObject) textOrNone(name string) string {
	text, err := o.text(name)
	if err != nil {
		return ""
	}
	return text
}

// emailVerified also takes a string, which some providers send.
func emailVerified(object strictObject) bool {
	value := string(object["email_verified"])
	return value == "true" || value == `"true"`
}

// updatedAt takes the standard's seconds and Auth0's RFC 3339 text.
func updatedAt(object strictObject) time.Time {
	if at, err := object.date("updated_at"); err == nil {
		return at
	}
	at, err := time.Parse(time.RFC3339, object.textOrNone("updated_at"))
	if err != nil {
		return time.Time{}
	}
	return at
}

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
