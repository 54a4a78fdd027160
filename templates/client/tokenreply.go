package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// tokenReply is a successful reply of the token endpoint (RFC 6749 section 5.1).
type tokenReply struct {
	accessToken  secret
	refreshToken secret // empty: none was given
	idToken      secret // empty: none was given
	scopes       []string
	scopesGiven  bool          // false: the reply does not say, so it is as requested
	expiresIn    time.Duration // of the access token; always positive
}

// requestTokens sends a token request; the client id is added to form. The
// errors are those of requestJSON. Of a success that is malformed, the refresh
// token is returned with the error: it has replaced the one sent.
func (t *tenant) requestTokens(ctx context.Context, form url.Values) (tokenReply, error) {
	provider, err := t.metadata(ctx)
	if err != nil {
		return tokenReply{}, err
	}
	sent := maps.Clone(form)
	sent.Set("client_id", t.config.ClientID)
	return requestJSON(ctx, t, "ask the token endpoint", provider.tokenEndpoint, sent, parseTokenReply)
}

// tokenMembers are the members of a token reply that are read.
var tokenMembers = []string{
	"access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token",
}

// parseTokenReply reads the body of a token reply. It is strict, because every
// guess here turns a broken reply into a token. An error that the body reports
// is a *TenantError without a status; other errors name a member and hold no
// text of the body.
func parseTokenReply(body []byte, sent url.Values) (tokenReply, error) {
	object, err := parseOAuthReply(body, tokenMembers, sent)
	if err != nil {
		return tokenReply{}, err
	}
	var reply tokenReply
	if err := reply.read(object); err != nil {
		return tokenReply{refreshToken: reply.refreshToken}, malformedMember(err)
	}
	return reply, nil
}

func malformedMember(err error) error { return fmt.Errorf("is malformed: %w", err) }

func (r *tokenReply) read(object strictObject) error {
	var problems [5]error
	r.refreshToken, problems[1] = tokenMember(object, "refresh_token")
	if !object.has("access_token") {
		return errors.New("access_token is missing")
	}
	// A token of a kind that we do not understand must not be used (section 7.1).
	if kind, err := object.text("token_type"); err != nil || !strings.EqualFold(kind, "bearer") {
		return errors.New("token_type is not Bearer")
	}
	r.accessToken, problems[0] = tokenMember(object, "access_token")
	r.idToken, problems[2] = tokenMember(object, "id_token")
	r.expiresIn, problems[3] = lifetimeMember(object, "expires_in")
	r.scopes, problems[4] = scopeMember(object, "scope")
	r.scopesGiven = object.has("scope")
	return cmp.Or(problems[:]...)
}

// tokenMember reads a token: visible ASCII and spaces (RFC 6749 appendices
// A.12 and A.17), and without spaces, which no header could carry. Absent and
// null are empty.
func tokenMember(object strictObject, name string) (secret, error) {
	if !object.has(name) {
		return secret{}, nil
	}
	token, err := object.text(name)
	if err != nil {
		return secret{}, err
	}
	if token == "" {
		return secret{}, fmt.Errorf("%s is empty", name)
	}
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return secret{}, fmt.Errorf("%s is not printable ASCII", name)
		}
	}
	return newSecret(token), nil
}

const (
	assumedLifetime = 5 * time.Minute     // of an access token whose reply does not say
	maxLifetime     = 30 * 24 * time.Hour // the longest that Auth0 lets an API set
)

// lifetimeMember reads whole seconds, clamped: no token is immortal. Some
// providers (Azure AD v1, PayPal) send the number as a string, which cannot
// be mistaken for anything else.
func lifetimeMember(object strictObject, name string) (time.Duration, error) {
	if !object.has(name) {
		return assumedLifetime, nil
	}
	text := string(object[name])
	if strings.HasPrefix(text, `"`) {
		quoted, err := object.text(name)
		if err != nil || strings.Trim(quoted, "0123456789") != "" {
			return 0, fmt.Errorf("%s is not a number", name)
		}
		text = quoted
	}
	seconds, err := strconv.ParseFloat(text, 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return 0, fmt.Errorf("%s is not a number", name)
	case seconds <= 0:
		return 0, fmt.Errorf("%s is not positive", name)
	case seconds != math.Trunc(seconds):
		return 0, fmt.Errorf("%s is not a whole number", name)
	}
	return time.Duration(min(seconds, maxLifetime.Seconds())) * time.Second, nil
}

// scopeMember reads scopes (RFC 6749 section 3.3). Absent, null and empty are nil.
func scopeMember(object strictObject, name string) ([]string, error) {
	text, err := object.text(name)
	if err != nil {
		return nil, err
	}
	var scopes []string
	for token := range strings.SplitSeq(text, " ") {
		if token == "" {
			continue
		}
		if !isUnquotedText(token) {
			return nil, fmt.Errorf("%s has characters that no scope has", name)
		}
		if !slices.Contains(scopes, token) {
			scopes = append(scopes, token)
		}
	}
	return scopes, nil
}

// isUnquotedText reports whether text is printable ASCII without quote and
// backslash: RFC 6749 appendix A's NQSCHAR, for scopes and error codes.
func isUnquotedText(text string) bool {
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// strictObject is a JSON object that every reader reads alike. encoding/json
// alone takes the last of two equal members and "SUB" for "sub", so that a
// reply could mean one thing to a gateway and another to us (RFC 8259 section 4).
type strictObject map[string]json.RawMessage

// parseStrictObject parses an object whose members named read are about to be
// read. Errors name those members and no other text of data.
func parseStrictObject(data []byte, read []string) (strictObject, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("is not a JSON object")
	}
	object := make(strictObject)
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errors.New("is not valid JSON")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errors.New("is not valid JSON")
		}
		if err := object.add(name, value, read); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errors.New("is not valid JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("has data after its end")
	}
	return object, nil
}

func (o strictObject) add(name string, value json.RawMessage, read []string) error {
	for _, known := range read {
		if name != known && strings.EqualFold(name, known) {
			return fmt.Errorf("has a member that differs from %s only in letter case", known)
		}
		if _, twice := o[name]; twice && name == known {
			return fmt.Errorf("has %s twice", known)
		}
	}
	if _, twice := o[name]; twice {
		return errors.New("has a member twice")
	}
	o[name] = value
	return nil
}

// has reports whether the member is there and not null.
func (o strictObject) has(name string) bool {
	value, ok := o[name]
	return ok && string(value) != "null"
}

// text returns a string; absent and null are empty.
func (o strictObject) text(name string) (string, error) {
	if !o.has(name) {
		return "", nil
	}
	// The value is JSON and UTF-8: what has no escape stands as it is.
	value := o[name]
	if value[0] == '"' && bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return "", fmt.Errorf("%s is not a string", name)
	}
	return text, nil
}

// texts returns a list of strings; absent and null are nil.
func (o strictObject) texts(name string) ([]string, error) {
	if !o.has(name) {
		return nil, nil
	}
	var entries []*string // pointers, because a null would pass for an empty string
	if err := json.Unmarshal(o[name], &entries); err != nil {
		return nil, fmt.Errorf("%s is not a list of strings", name)
	}
	texts := make([]string, 0, len(entries))
	for _, entry := range entries {
		if entry == nil {
			return nil, fmt.Errorf("%s is not a list of strings", name)
		}
		texts = append(texts, *entry)
	}
	return texts, nil
}

// flag returns a boolean; absent and null are false.
func (o strictObject) flag(name string) (bool, error) {
	switch {
	case !o.has(name) || string(o[name]) == "false":
		return false, nil
	case string(o[name]) == "true":
		return true, nil
	}
	return false, fmt.Errorf("%s is not true or false", name)
}

// maxNumericDate is the end of the year 9999, beyond which a time can
// neither be printed nor stored in the usual formats.
const maxNumericDate = 253402300799

// date returns a NumericDate (RFC 7519 section 2): seconds since 1970, perhaps
// with a fraction, which is dropped. Absent and null are the zero time.
func (o strictObject) date(name string) (time.Time, error) {
	if !o.has(name) {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseFloat(string(o[name]), 64)
	if err != nil || seconds < 1 || seconds > maxNumericDate {
		return time.Time{}, fmt.Errorf("%s is not a time in seconds since 1970", name)
	}
	return time.Unix(int64(seconds), 0), nil
}
