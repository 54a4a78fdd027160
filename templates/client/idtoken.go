package client

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// maxIDTokenSize is in bytes; tokens that list hundreds of groups stay below.
const maxIDTokenSize = 64 << 10

// idTokenAlgorithms are those that an ID token may be signed with, all of them
// asymmetric: a public client has no secret for HS256.
var idTokenAlgorithms = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
}

// idTokenError reports that an ID token failed a check. It names the check and
// holds nothing secret of the token.
type idTokenError struct {
	problem string
	foreign bool // the tenant did sign it, for or about somebody else
}

func (e *idTokenError) Error() string { return "the ID token " + e.problem }

// idTokenExpectation is what an ID token has to agree with.
type idTokenExpectation struct {
	nonce         string
	nonceOptional bool          // on refresh: the nonce may be absent
	accessToken   secret        // for at_hash; empty: not checked
	subject       string        // on refresh: whoever has been signed in; empty: anybody
	maxAge        time.Duration // that was asked for; 0: none
}

// verifyIDToken validates an ID token (OpenID Connect Core 1.0 sections
// 3.1.3.7 and 12.2). A token that fails is an *idTokenError; keys that cannot
// be had are an [ErrTemporary].
func (t *tenant) verifyIDToken(ctx context.Context, raw secret, want idTokenExpectation) (User, error) {
	if len(raw.reveal()) > maxIDTokenSize {
		return User{}, &idTokenError{problem: "is too long"}
	}
	provider, err := t.metadata(ctx)
	if err != nil {
		return User{}, err
	}
	keys := &idTokenKeys{tenant: t, provider: provider}
	verifier := oidc.NewVerifier(t.config.Issuer, keys, &oidc.Config{
		ClientID:             t.config.ClientID,
		SupportedSigningAlgs: provider.algorithms,
		SkipExpiryCheck:      true, // it allows no leeway
	})
	token, verifyErr := verifier.Verify(ctx, raw.reveal())
	switch {
	case keys.err != nil:
		return User{}, keys.err
	case keys.payload == nil:
		return User{}, &idTokenError{problem: "is not a JWT signed with " + strings.Join(provider.algorithms, ", ")}
	}
	// The checks below come before a look at go-oidc's error, whose text quotes
	// claims, and are exact where go-oidc is not.
	claims, err := parseIDTokenClaims(keys.payload)
	if err != nil {
		return User{}, &idTokenError{problem: err.Error()}
	}
	if err := claims.checkIdentity(t.config, want); err != nil {
		return User{}, &idTokenError{problem: err.Error(), foreign: true}
	}
	if err := claims.checkTimes(t.now(), want.maxAge); err != nil {
		return User{}, &idTokenError{problem: err.Error()}
	}
	if verifyErr != nil {
		return User{}, &idTokenError{problem: "has claims that are not acceptable"}
	}
	if claims.hasAccessTokenHash && !want.accessToken.empty() &&
		token.VerifyAccessToken(want.accessToken.reveal()) != nil {
		return User{}, &idTokenError{problem: "is for another access token (at_hash)", foreign: true}
	}
	return userOf(claims.all, claims.subject, keys.payload), nil
}

// idTokenClaims are the claims that are checked. A time that is absent is zero.
type idTokenClaims struct {
	issuer             string
	subject            string
	audience           []string
	authorizedParty    string
	hasAuthorizedParty bool
	nonce              string
	hasNonce           bool
	hasAccessTokenHash bool
	organizationID     string // of Auth0
	organizationName   string
	expiry             time.Time
	notBefore          time.Time
	issuedAt           time.Time
	authTime           time.Time
	all                strictObject // these and the profile
}

// idTokenMembers are the claims that [parseIDTokenClaims] reads.
var idTokenMembers = []string{
	"iss", "sub", "aud", "azp", "nonce", "at_hash", "exp", "nbf", "iat", "auth_time",
	"org_id", "org_name",
}

func parseIDTokenClaims(payload []byte) (idTokenClaims, error) {
	object, err := parseStrictObject(payload, idTokenMembers)
	if err != nil {
		return idTokenClaims{}, err
	}
	for _, name := range []string{"iss", "sub", "aud", "exp", "iat"} {
		if !object.has(name) {
			return idTokenClaims{}, fmt.Errorf("has no %s", name)
		}
	}
	claims := idTokenClaims{
		hasAuthorizedParty: object.has("azp"),
		hasNonce:           object.has("nonce"),
		hasAccessTokenHash: object.has("at_hash"),
		organizationID:     object.textOrNone("org_id"),
		organizationName:   object.textOrNone("org_name"),
		all:                object,
	}
	var problems [9]error
	claims.issuer, problems[0] = object.text("iss")
	claims.subject, problems[1] = subjectMember(object)
	claims.audience, problems[2] = audienceMember(object)
	claims.authorizedParty, problems[3] = object.text("azp")
	claims.nonce, problems[4] = object.text("nonce")
	claims.expiry, problems[5] = object.date("exp")
	claims.notBefore, problems[6] = object.date("nbf")
	claims.issuedAt, problems[7] = object.date("iat")
	claims.authTime, problems[8] = object.date("auth_time")
	if err := cmp.Or(problems[:]...); err != nil {
		return idTokenClaims{}, fmt.Errorf("is malformed: %w", err)
	}
	return claims, nil
}

// audienceMember reads aud, which may be a string or a list (RFC 7519 section 4.1.3).
func audienceMember(object strictObject) ([]string, error) {
	if one, err := object.text("aud"); err == nil {
		return []string{one}, nil
	}
	return object.texts("aud")
}

// checkIdentity returns in what the token is another's, as the end of a sentence
// about it.
func (c idTokenClaims) checkIdentity(config Config, want idTokenExpectation) error {
	if err := c.checkParties(config, want.subject); err != nil {
		return err
	}
	if !c.isOf(config) {
		return errors.New("is for another organization (org_id, org_name)")
	}
	switch {
	case !c.hasNonce && want.nonceOptional:
		return nil
	case !c.hasNonce || want.nonce == "":
		return errors.New("has no nonce, or one that was not asked for")
	case subtle.ConstantTimeCompare([]byte(c.nonce), []byte(want.nonce)) != 1:
		return errors.New("has another nonce, so it answers another sign-in")
	}
	return nil
}

// checkParties checks who made the token, about whom and for whom.
func (c idTokenClaims) checkParties(config Config, subject string) error {
	switch {
	case c.issuer != config.Issuer:
		return errors.New("is of another issuer (iss)")
	case !slices.Contains(c.audience, config.ClientID):
		return errors.New("is for another client (aud)")
	case len(c.audience) > 1 && !c.hasAuthorizedParty:
		return errors.New("has several audiences and no azp")
	case c.hasAuthorizedParty && c.authorizedParty != config.ClientID:
		return errors.New("was issued to another client (azp)")
	case subject != "" && c.subject != subject:
		return errors.New("is about another user (sub)")
	}
	return nil
}

// isOf reports whether the token is for the organization that was asked for:
// Auth0 lets a user of several choose, and leaves the check to the client.
func (c idTokenClaims) isOf(config Config) bool {
	want := config.Parameters["organization"]
	switch {
	case want == "" || config.Provider != ProviderAuth0:
		return true
	case strings.HasPrefix(want, "org_"):
		return c.organizationID == want
	}
	return strings.EqualFold(c.organizationName, want) // names have no case
}

// checkTimes allows for clocks that differ by clockLeeway.
func (c idTokenClaims) checkTimes(now time.Time, maxAge time.Duration) error {
	latest, earliest := now.Add(clockLeeway), now.Add(-clockLeeway)
	switch {
	case !c.expiry.After(earliest):
		return errors.New("has expired (exp); is this machine's clock right?")
	case c.notBefore.After(latest):
		return errors.New("is not valid yet (nbf); is this machine's clock right?")
	case c.issuedAt.After(latest):
		return errors.New("was issued in the future (iat); is this machine's clock right?")
	case maxAge <= 0:
		return nil
	case c.authTime.IsZero():
		return errors.New("does not say when the user signed in (auth_time)")
	case c.authTime.After(latest):
		return errors.New("is of a sign-in in the future (auth_time)")
	case c.authTime.Before(earliest.Add(-maxAge)):
		return errors.New("is of a sign-in too long ago (auth_time)")
	}
	return nil
}
