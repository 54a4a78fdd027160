package client

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func (h *hostileTenant) verify(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string) error {
	t.Helper()
	raw := signToken(t, algorithm, key, id, mustJSON(h.goodClaims()))
	_, err := h.tenant.verifyIDToken(t.Context(), newSecret(raw), idTokenExpectation{nonce: "nonce-1"})
	return err
}

func TestOddKeysAreSkipped(t *testing.T) {
	good := publicJWK(rsaKey(), "rsa-1", "RS256")
	private := mustJSON(jose.JSONWebKey{Key: otherRSAKey(), KeyID: "rsa-1"})
	for name, odd := range map[string]string{
		"unknown kty":         `{"kty":"QUANTUM","kid":"rsa-1"}`,
		"unknown curve":       `{"kty":"EC","crv":"secp256k1","kid":"rsa-1","x":"AA","y":"AA"}`,
		"broken modulus":      `{"kty":"RSA","kid":"rsa-1","n":"!!","e":"AQAB"}`,
		"no kty":              `{"kid":"rsa-1"}`,
		"a number":            `7`,
		"null":                `null`,
		"off the curve":       `{"kty":"EC","crv":"P-256","kid":"rsa-1","x":"AQ","y":"AQ"}`,
		"symmetric":           `{"kty":"oct","kid":"rsa-1","k":"c2VjcmV0"}`,
		"private":             private,
		"kty twice":           `{"kty":"RSA",` + good[1:],
		"broken certificate":  `{"x5c":["AAAA"],` + good[1:],
		"kid not a string":    `{"kty":"RSA","kid":7,"n":"AQ","e":"AQAB"}`,
		"key_ops not a list":  `{"key_ops":"verify",` + good[1:],
		"a list for a member": `{"kty":["RSA"],"kid":"rsa-1"}`,
	} {
		t.Run("G8: "+name, func(t *testing.T) {
			h := newHostileTenant(t, map[string]http.HandlerFunc{jwksPath: replyJSON(keySetJSON(odd, good))})
			if err := h.verify(t, jose.RS256, rsaKey(), "rsa-1"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKeysThatMustNotBeUsed(t *testing.T) {
	tests := []struct {
		name      string
		published string
		algorithm jose.SignatureAlgorithm
		key       any
	}{
		{"RSA of 1024 bits", publicJWK(weakRSAKey(), "k", ""), jose.RS256, weakRSAKey()},
		{"use enc", mustJSON(jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "k", Use: "enc"}), jose.RS256, rsaKey()},
		{"key_ops without verify", `{"key_ops":["encrypt"],` + publicJWK(rsaKey(), "k", "")[1:], jose.RS256, rsaKey()},
		{"alg of the key is not that of the token", publicJWK(rsaKey(), "k", "PS256"), jose.RS256, rsaKey()},
		{"another kid", publicJWK(rsaKey(), "K", ""), jose.RS256, rsaKey()},
		{"no keys", ``, jose.RS256, rsaKey()},
	}
	for _, test := range tests {
		t.Run("G8: "+test.name, func(t *testing.T) {
			h := newHostileTenant(t, map[string]http.HandlerFunc{jwksPath: replyJSON(keySetJSON(strings.Fields(test.published)...))})
			assertIDTokenError(t, h.verify(t, test.algorithm, test.key, "k"), "not signed by a key")
		})
	}
	t.Run("G8: use sig and key_ops verify are fine", func(t *testing.T) {
		key := `{"key_ops":["verify"],` + mustJSON(jose.JSONWebKey{Key: rsaKey().Public(), KeyID: "k", Use: "sig"})[1:]
		h := newHostileTenant(t, map[string]http.HandlerFunc{jwksPath: replyJSON(keySetJSON(key))})
		if err := h.verify(t, jose.RS256, rsaKey(), "k"); err != nil {
			t.Error(err)
		}
	})
	t.Run("G8: a key serves the algorithms of its own kind", func(t *testing.T) {
		for _, test := range []struct {
			key  any
			fits []string
		}{
			{ecKey().Public(), []string{"ES256", "ES384"}},
			{rsaKey().Public(), []string{"RS256", "PS512"}},
			{ed25519.PublicKey{}, []string{"EdDSA"}},
			{[]byte("symmetric"), nil},
		} {
			for _, algorithm := range []string{"ES256", "ES384", "RS256", "PS512", "EdDSA", "HS256", "none", ""} {
				if keyFitsAlgorithm(jose.JSONWebKey{Key: test.key}, algorithm) != slices.Contains(test.fits, algorithm) {
					t.Errorf("%T and %q: want %q", test.key, algorithm, test.fits)
				}
			}
		}
	})
	t.Run("G8: without kid, no more than a few keys are tried", func(t *testing.T) {
		var wrong []string
		for range maxKeysTried {
			wrong = append(wrong, publicJWK(otherRSAKey(), "", ""))
		}
		after := func(wrong []string) error { // the right one
			keys := keySetJSON(append(slices.Clone(wrong), publicJWK(rsaKey(), "", ""))...)
			return newHostileTenant(t, map[string]http.HandlerFunc{jwksPath: replyJSON(keys)}).verify(t, jose.RS256, rsaKey(), "")
		}
		assertIDTokenError(t, after(wrong), "not signed by a key")
		if err := after(wrong[1:]); err != nil {
			t.Error(err)
		}
	})
}

func TestKeysThatAreNotKept(t *testing.T) {
	rsaOf := func(bits uint) string { // its modulus has that many
		return mustJSON(jose.JSONWebKey{Key: &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), bits-1), E: 65537}})
	}
	for name, test := range map[string]struct {
		entry string
		kept  int
	}{
		"RSA of 1024 bits":        {publicJWK(weakRSAKey(), "k", ""), 0},
		"RSA of 2047 bits":        {rsaOf(2047), 0},
		"RSA of 2048 bits is one": {rsaOf(2048), 1},
		"RSA of 16385 bits":       {rsaOf(16385), 0},
		"private RSA":             {mustJSON(jose.JSONWebKey{Key: rsaKey()}), 0},
		"private EC":              {mustJSON(jose.JSONWebKey{Key: ecKey()}), 0},
		"symmetric":               {mustJSON(jose.JSONWebKey{Key: []byte("SECRET")}), 0},
		"a broken x5c is one":     {`{"x5c":["AAAA"],"x5t":"AAAA=","x5u":7,` + publicJWK(rsaKey(), "k", "")[1:], 1},
		"use of encryption":       {mustJSON(jose.JSONWebKey{Key: rsaKey().Public(), Use: "enc"}), 0},
		"key_ops not a list":      {`{"key_ops":"verify",` + publicJWK(rsaKey(), "k", "")[1:], 0},
		"kty twice":               {`{"kty":"RSA",` + publicJWK(rsaKey(), "k", "")[1:], 0},
	} {
		t.Run("G8: a key that is not kept: "+name, func(t *testing.T) {
			keys, err := parseKeySet([]byte(keySetJSON(test.entry)))
			if err != nil || len(keys) != test.kept {
				t.Errorf("kept %d keys, %v", len(keys), err)
			}
		})
	}
}

func TestKeyRotation(t *testing.T) {
	t.Run("G8: an unknown kid has the keys fetched once more, and not again before the cool-down ends", func(t *testing.T) {
		h := newHostileTenant(t, nil)
		if err := h.verify(t, jose.RS256, rsaKey(), "rsa-1"); err != nil {
			t.Fatal(err)
		}
		h.answer(jwksPath, replyJSON(keySetJSON(publicJWK(otherRSAKey(), "rsa-2", ""))))
		if err := h.verify(t, jose.RS256, otherRSAKey(), "rsa-2"); err != nil {
			t.Errorf("G8: a key that is rotated right after the first fetch: %v", err)
		}
		h.answer(jwksPath, replyJSON(keySetJSON(publicJWK(rsaKey(), "rsa-3", ""))))
		for range 5 {
			assertIDTokenError(t, h.verify(t, jose.RS256, rsaKey(), "rsa-3"), "not signed by a key")
		}
		if hits := h.hitCount(jwksPath); hits != 2 {
			t.Errorf("G8: %d fetches within the cool-down", hits)
		}
		h.clock.move(keyRefetchCooldown)
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if err := h.verify(t, jose.RS256, rsaKey(), "rsa-3"); err != nil {
					t.Errorf("G8: after the cool-down: %v", err)
				}
			})
		}
		group.Wait()
		if hits := h.hitCount(jwksPath); hits != 3 {
			t.Errorf("G8: %d fetches, want one for a rotated key", hits)
		}
		h.answer(jwksPath, nil)
		h.clock.move(-24 * time.Hour)
		if err := h.verify(t, jose.RS256, rsaKey(), "rsa-1"); err != nil {
			t.Errorf("a clock that was set back keeps the keys from being fetched: %v", err)
		}
	})
}

func TestKeysWithoutNetwork(t *testing.T) {
	t.Run("G8: keys that are known need no network", func(t *testing.T) {
		h := newHostileTenant(t, nil)
		if err := h.verify(t, jose.RS256, rsaKey(), "rsa-1"); err != nil {
			t.Fatal(err)
		}
		h.server.Close()
		h.clock.move(time.Hour)
		if err := h.verify(t, jose.RS256, rsaKey(), "rsa-1"); err != nil {
			t.Errorf("G8: a cached key needs the network: %v", err)
		}
		err := h.verify(t, jose.RS256, otherRSAKey(), "rsa-2")
		if !errors.Is(err, ErrTemporary) {
			t.Errorf("G8: an unknown key without network: %v", err)
		}
	})
}

func TestKeySetGarbageIsTemporary(t *testing.T) {
	h := newHostileTenant(t, nil)
	for name, answer := range map[string]http.HandlerFunc{
		"HTML 502":       replyWith(502, "text/html", "SECRET"),
		"JSON 502":       replyWith(502, "application/json", `{"keys":[]}`),
		"not found":      replyWith(404, "text/html", "SECRET"),
		"HTML":           replyWith(200, "text/html", "<html>SECRET"),
		"truncated":      replyJSON(`{"keys":[{"kty":"RSA"`),
		"no keys member": replyJSON(`{"SECRET":[]}`),
		"keys null":      replyJSON(`{"keys":null}`),
		"keys an object": replyJSON(`{"keys":{"SECRET":1}}`),
		"KEYS":           replyJSON(`{"KEYS":[]}`),
		"keys twice":     replyJSON(`{"keys":[],"keys":[]}`),
	} {
		t.Run("G9: "+name, func(t *testing.T) {
			h.answer(jwksPath, answer)
			err := h.verify(t, jose.RS256, rsaKey(), "rsa-1")
			if !errors.Is(err, ErrTemporary) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("got %v", err)
			}
		})
	}
	h.answer(jwksPath, nil)
	if err := h.verify(t, jose.RS256, rsaKey(), "rsa-1"); err != nil {
		t.Errorf("a failure is remembered: %v", err)
	}
}

func FuzzKeySet(f *testing.F) {
	f.Add(keySetJSON(publicJWK(ecKey(), "a", "ES256"), `{"kty":"oct","k":"AA"}`))
	f.Add(keySetJSON(`{"kty":"RSA","n":"AQAB","e":"AQAB","use":"enc"}`))
	f.Add(keySetJSON(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: ecKey()}, nil)
	if err != nil {
		f.Fatal(err)
	}
	signed, err := signer.Sign([]byte(rand.Text()))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body string) {
		keys, err := parseKeySet([]byte(body))
		if err != nil && (keys != nil || len(err.Error()) > 100) {
			t.Fatalf("%d keys with %q", len(keys), err)
		}
		known := false
		for _, key := range keys {
			if !key.IsPublic() || key.Use == "enc" {
				t.Fatalf("kept a key that must not be used: %+v", key)
			}
			if rsaKey, ok := key.Key.(*rsa.PublicKey); ok && rsaKey.N.BitLen() < minRSABits {
				t.Fatal("kept a weak key")
			}
			known = known || ecKey().PublicKey.Equal(key.Key)
		}
		if (&fetchedKeys{keys: keys}).verify(signed) != nil && !known {
			t.Fatal("verified by another key")
		}
	})
}
