package discovery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"example.com/scaffold/spec"
)

// Document is what a discovery document says (OpenID Connect Discovery 1.0
// section 3). Texts that it does not hold are empty, and lists nil.
type Document struct {
	Issuer                string
	AuthorizationEndpoint string
	TokenEndpoint         string
	RevocationEndpoint    string
	UserInfoEndpoint      string
	DeviceEndpoint        string // RFC 8628 section 4
	EndSessionEndpoint    string
	JWKSURI               string
	ResponseTypes         []string
	GrantTypes            []string
	Scopes                []string
	ChallengeMethods      []string // of PKCE (RFC 8414 section 2)
	Algorithms            []string // that sign ID tokens
	IssInCallback         bool     // RFC 9207 section 3
}

// Parse reads a document as strictly as a generated client does: what one
// reader could take for another text than the next reader is an error.
func Parse(body []byte) (Document, error) {
	members, err := parseObject(body)
	if err != nil {
		return Document{}, err
	}
	r := reader{members: members}
	doc := Document{
		Issuer:                r.text("issuer"),
		AuthorizationEndpoint: r.text("authorization_endpoint"),
		TokenEndpoint:         r.text("token_endpoint"),
		RevocationEndpoint:    r.text("revocation_endpoint"),
		UserInfoEndpoint:      r.text("userinfo_endpoint"),
		DeviceEndpoint:        r.text("device_authorization_endpoint"),
		EndSessionEndpoint:    r.text("end_session_endpoint"),
		JWKSURI:               r.text("jwks_uri"),
		ResponseTypes:         r.texts("response_types_supported"),
		GrantTypes:            r.texts("grant_types_supported"),
		Scopes:                r.texts("scopes_supported"),
		ChallengeMethods:      r.texts("code_challenge_methods_supported"),
		Algorithms:            r.texts("id_token_signing_alg_values_supported"),
		IssInCallback:         r.flag("authorization_response_iss_parameter_supported"),
	}
	if len(r.problems) > 0 {
		return Document{}, errors.New(strings.Join(r.problems, "; "))
	}
	return doc, nil
}

// IsAuth0 reports whether the endpoints stand where every Auth0 tenant has
// them, below its own domain too.
func (d Document) IsAuth0() bool {
	host, ok := strings.CutPrefix(d.Issuer, "https://")
	host, slash := strings.CutSuffix(host, "/")
	at := spec.Auth0Endpoints(d.Issuer)
	return ok && slash && host != "" && !strings.ContainsAny(host, "/:") &&
		d.AuthorizationEndpoint == at.Authorization && d.TokenEndpoint == at.Token && d.JWKSURI == at.Keys
}

// parseObject parses a JSON object without members that stand twice, of which
// readers take the one or the other (RFC 8259 section 4).
func parseObject(data []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("the reply is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("the reply is not a JSON object")
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err == nil && ok {
			err = decoder.Decode(&value)
		}
		if err != nil || !ok {
			return nil, errors.New("the reply is not valid JSON")
		}
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("the reply has the member %.60q twice", name)
		}
		members[name] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errors.New("the reply is not valid JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("the reply has data after its end")
	}
	return members, nil
}

// reader reads members and collects what is wrong with them.
type reader struct {
	members  map[string]json.RawMessage
	problems []string
}

// read decodes a member, unless it is absent or null.
func (r *reader) read(name, kind string, into any) {
	for other := range r.members {
		if other != name && strings.EqualFold(other, name) {
			r.problems = append(r.problems, "a member differs from "+name+" only in letter case")
		}
	}
	value, ok := r.members[name]
	if !ok {
		return
	}
	if err := json.Unmarshal(value, into); err != nil {
		r.problems = append(r.problems, name+" is not "+kind)
	}
}

func (r *reader) text(name string) string {
	var text string
	r.read(name, "text", &text)
	return text
}

func (r *reader) texts(name string) []string {
	var entries []*string // pointers, because a null would pass for an empty text
	r.read(name, "a list of texts", &entries)
	if slices.Contains(entries, nil) {
		r.problems = append(r.problems, name+" is not a list of texts")
		return nil
	}
	if entries == nil {
		return nil
	}
	texts := make([]string, len(entries))
	for i, entry := range entries {
		texts[i] = *entry
	}
	return texts
}

func (r *reader) flag(name string) bool {
	var flag bool
	r.read(name, "true or false", &flag)
	return flag
}
