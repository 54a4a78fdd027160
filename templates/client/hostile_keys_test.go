package client

import (
	"crypto/ed25519"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

var edKey = sync.OnceValue(func() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return mustKey(key, err)
})

// publishes has the tenant answer with this set of keys.
func publishes(keys ...string) func(*hostileRun) {
	return func(r *hostileRun) { r.onKeys = replyJSON(keySetJSON(keys...)) }
}

// signs has the tenant sign its ID tokens otherwise.
func (r *hostileRun) signs(algorithm jose.SignatureAlgorithm, key any, keyID string) {
	r.signIDToken = func(claims string) string { return r.sign(algorithm, key, keyID, claims) }
}

func (r *hostileRun) sign(algorithm jose.SignatureAlgorithm, key any, keyID, claims string) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: keyID}}, nil)
	if err != nil {
		r.t.Error(err)
		return ""
	}
	signed, err := signer.Sign([]byte(claims))
	if err != nil {
		r.t.Error(err)
		return ""
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		r.t.Error(err)
	}
	return token
}

// signedWith publishes a key for an algorithm, and signs with it.
func signedWith(algorithm jose.SignatureAlgorithm, key any, keyID string, published ...string) func(*hostileRun) {
	return func(r *hostileRun) {
		r.discovery = map[string]any{"id_token_signing_alg_values_supported": []string{"RS256", string(algorithm)}}
		publishes(published...)(r)
		r.signs(algorithm, key, keyID)
	}
}

// keyCases are about the tenant's key set (RFC 7517).
func keyCases() []hostileCase {
	good := func() string { return publicJWK(rsaKey(), "k1", "RS256") }
	private := mustJSON(jose.JSONWebKey{Key: rsaKey(), KeyID: "k1"})
	enc := strings.TrimSuffix(good(), "}") + `,"use":"enc"}`
	oddKeys := []string{
		`{"kty":"AKP","kid":"k1","alg":"ML-DSA-44","pub":"AA"}`, `{"kty":"EC","crv":"secp256k1","kid":"k1","x":"AA","y":"AA"}`,
		`{"kty":"RSA","kid":"k1","n":"!","e":"AQAB"}`, `{"kty":"oct","kid":"k1","k":"AA"}`, `{}`, `null`, `7`, `"x"`, `[]`,
		`{"kty":"RSA","kid":"k1","x5c":["not a certificate"],"n":"AQAB","e":"AQAB"}`, enc,
	}
	refused := func(rule, does, says string, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: signIn, given: given, want: plainError, says: says}
	}
	passing := func(rule, does, says string, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: signIn, given: given, want: temporary, says: says}
	}
	const unsigned = "not signed by a key of the tenant"
	cases := []hostileCase{
		{rule: "G8", does: "odd keys beside the right one", step: signIn, given: publishes(append(oddKeys, good())...)},
		{rule: "RFC 7517 8.5", does: "keys of the type jwk-set+json", step: signIn, given: func(r *hostileRun) {
			r.onKeys = replyWith(200, "application/jwk-set+json", keySetJSON(good()))
		}},
		{rule: "G8", does: "keys that a file server calls text", step: signIn, given: func(r *hostileRun) {
			r.onKeys = replyWith(200, "text/plain", keySetJSON(good()))
		}},
		{rule: "RFC 9110 8.4", does: "keys in gzip", step: signIn, given: func(r *hostileRun) { r.onKeys = gzipped(keySetJSON(good())) }},
		{rule: "RFC 7515 4.1.4", does: "several keys, and none named in the ID token", step: signIn,
			given: signedWith(jose.RS256, rsaKey(), "", publicJWK(otherRSAKey(), "", ""), publicJWK(ecKey(), "", ""), publicJWK(rsaKey(), "", ""))},
		{rule: "RFC 7517 4.5", does: "two keys of one name", step: signIn, given: publishes(publicJWK(otherRSAKey(), "k1", ""), good())},
		{rule: "RFC 7518 3.4", does: "ES256", step: signIn, given: signedWith(jose.ES256, ecKey(), "e1", publicJWK(ecKey(), "e1", "ES256"))},
		{rule: "RFC 7518 3.5", does: "PS256", step: signIn, given: signedWith(jose.PS256, rsaKey(), "k1", publicJWK(rsaKey(), "k1", ""))},
		{rule: "RFC 8037 3.1", does: "EdDSA", step: signIn, given: signedWith(jose.EdDSA, edKey(), "d1", publicJWK(edKey(), "d1", ""))},
		{rule: "G8", does: "new keys since the sign-in", step: renewal, given: func(r *hostileRun) {
			r.clock.move(keyRefetchCooldown)
			publishes(publicJWK(otherRSAKey(), "k2", "RS256"))(r)
			r.signs(jose.RS256, otherRSAKey(), "k2")
			r.claims = map[string]any{"name": "Ada King"}
		}, check: func(r *hostileRun) {
			if name := r.session.User().Name; name != "Ada King" {
				r.t.Errorf("the name is %q", name)
			}
		}},
		{rule: "G8", does: "an unknown key, again and again", step: renewal, given: func(r *hostileRun) {
			fetched := 0
			r.onKeys = func(w http.ResponseWriter, req *http.Request) {
				if fetched++; fetched > 1 {
					r.t.Error("the keys were fetched again and again")
				}
				replyJSON(keySetJSON(good()))(w, req)
			}
			r.clock.move(keyRefetchCooldown)
			r.signs(jose.RS256, otherRSAKey(), "k9")
			r.claims = map[string]any{"name": "Eve"}
		}, check: func(r *hostileRun) {
			for range 4 {
				r.mustRefresh(r.session)
			}
			if name := r.session.User().Name; name != "Ada Lovelace" {
				r.t.Errorf("a profile that nobody signed: %q", name)
			}
		}},
		refused("G8", "no key at all", unsigned, publishes()),
		refused("G8", "another key of that name", unsigned, publishes(publicJWK(otherRSAKey(), "k1", ""))),
		refused("G8", "the key under another name", unsigned, publishes(publicJWK(rsaKey(), "k2", ""))),
		refused("G8", "the key for another algorithm", unsigned, publishes(publicJWK(rsaKey(), "k1", "RS512"))),
		refused("G8", "the private key", unsigned, publishes(private)),
		refused("RFC 7517 4.2", "the key for encryption", unsigned, publishes(enc)),
		refused("RFC 7517 4.3", "the key for wrapping", unsigned, publishes(strings.TrimSuffix(good(), "}")+`,"key_ops":["wrapKey"]}`)),
		refused("G8", "an RSA key of 1024 bits", unsigned, signedWith(jose.RS256, weakRSAKey(), "k1", publicJWK(weakRSAKey(), "k1", ""))),
		refused("G8", "the right key behind eight others", unsigned, func(r *hostileRun) {
			keys := slices.Repeat([]string{publicJWK(otherRSAKey(), "", "")}, maxKeysTried)
			signedWith(jose.RS256, rsaKey(), "", append(keys, publicJWK(rsaKey(), "", ""))...)(r)
		}),
		passing("G8", "no list of keys", "no list", func(r *hostileRun) { r.onKeys = replyJSON(`{"kty":"RSA"}`) }),
		passing("G6", "two lists of keys", "keys twice", func(r *hostileRun) { r.onKeys = replyJSON(`{"keys":[],"keys":[` + good() + `]}`) }),
		passing("G9", "a page instead of keys", "not a JSON object", func(r *hostileRun) { r.onKeys = replyWith(200, "text/html", "<html>") }),
		passing("G9", "404 instead of keys", "HTTP 404", func(r *hostileRun) { r.onKeys = http.NotFound }),
		passing("G6", "keys without end", "took too long", func(r *hostileRun) { r.onKeys = dripping(r) }),
	}
	set := func(r *hostileRun, answer http.HandlerFunc) { r.onKeys = answer }
	return append(cases, troubleCases("the key set", signIn, 1, set)...)
}
