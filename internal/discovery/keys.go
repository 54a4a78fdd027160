package discovery

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"slices"

	"github.com/go-jose/go-jose/v4"
)

// minRSABits is what a generated client asks of an RSA key.
const minRSABits = 2048

// countKeys counts the keys of a JWK set (RFC 7517 section 5), and those of
// them that a generated client takes.
func countKeys(body []byte) (usable, all int, err error) {
	set, err := parseObject(body)
	if err != nil {
		return 0, 0, err
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(set["keys"], &entries); err != nil || entries == nil {
		return 0, 0, errors.New("the reply has no list named keys")
	}
	for _, entry := range entries {
		if isSigningKey(entry) {
			usable++
		}
	}
	return usable, len(entries), nil
}

// isSigningKey reports whether a key can verify an ID token: public,
// asymmetric, long enough and not meant for something else.
func isSigningKey(entry []byte) bool {
	members, err := parseObject(entry)
	if err != nil {
		return false
	}
	if _, private := members["d"]; private { // whoever reads the set can sign
		return false
	}
	r := reader{members: members}
	operations := r.texts("key_ops")
	if len(r.problems) > 0 || operations != nil && !slices.Contains(operations, "verify") {
		return false
	}
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON(entry); err != nil || !key.Valid() || key.Use != "" && key.Use != "sig" {
		return false
	}
	rsaKey, isRSA := key.Key.(*rsa.PublicKey)
	return !isRSA || rsaKey.N.BitLen() >= minRSABits
}
