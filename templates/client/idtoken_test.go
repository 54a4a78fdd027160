package client

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// accessTokenHash is OpenID Connect Core 1.0 section 3.1.3.6 with SHA-256.
func accessTokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func TestIDTokenClaims(t *testing.T) {
	const remove = "(remove)"
	h := newHostileTenant(t, nil)
	now := h.clock.now().Unix()
	login := idTokenExpectation{nonce: "nonce-1", accessToken: newSecret("SECRET-access")}
	refresh := idTokenExpectation{nonce: "nonce-1", nonceOptional: true, subject: "user-1"}
	recent := idTokenExpectation{nonce: "nonce-1", maxAge: 10 * time.Minute}
	tests := []struct {
		name    string
		want    idTokenExpectation
		changes map[string]any
		text    string // empty: accepted
	}{
		{"G8: a good token", login, nil, ""},
		{"G8: iss of another tenant", login, map[string]any{"iss": "https://evil.example.com"}, "(iss)"},
		{"G8: iss with a slash more", login, map[string]any{"iss": h.server.URL + "/"}, "(iss)"},
		{"G8: iss missing", login, map[string]any{"iss": remove}, "has no iss"},
		{"G8: sub missing", login, map[string]any{"sub": remove}, "has no sub"},
		{"G8: sub null", login, map[string]any{"sub": nil}, "has no sub"},
		{"G8: sub empty", login, map[string]any{"sub": ""}, "sub is missing"},
		{"G8: sub a number", login, map[string]any{"sub": 7}, "sub is not a string"},
		{"G8: sub of 256 characters", login, map[string]any{"sub": strings.Repeat("s", 256)}, "sub is missing or too long"},
		{"G8: sub of 255 characters", login, map[string]any{"sub": strings.Repeat("s", 255)}, ""},
		{"G8: sub with a line end", login, map[string]any{"sub": "user\n1"}, "sub is not printable"},
		{"G8: aud missing", login, map[string]any{"aud": remove}, "has no aud"},
		{"G8: aud of another client", login, map[string]any{"aud": "client-2"}, "(aud)"},
		{"G8: aud a list of one", login, map[string]any{"aud": []string{"client-1"}}, ""},
		{"G8: aud a list without us", login, map[string]any{"aud": []string{"client-2", "client-3"}, "azp": "client-1"}, "(aud)"},
		{"G8: aud a number", login, map[string]any{"aud": 1}, "aud is not"},
		{"G8: several aud without azp", login, map[string]any{"aud": []string{"client-1", "api"}}, "no azp"},
		{"G8: several aud with our azp", login, map[string]any{"aud": []string{"client-1", "api"}, "azp": "client-1"}, ""},
		{"G8: foreign azp", login, map[string]any{"azp": "client-2"}, "(azp)"},
		{"G8: empty azp", login, map[string]any{"azp": ""}, "(azp)"},
		{"G8: azp a list", login, map[string]any{"azp": []string{"client-1"}}, "azp is not a string"},
		{"G8: nonce missing", login, map[string]any{"nonce": remove}, "no nonce"},
		{"G8: another nonce", login, map[string]any{"nonce": "nonce-2"}, "another nonce"},
		{"G8: nonce a list", login, map[string]any{"nonce": []string{"nonce-1"}}, "nonce is not a string"},
		{"G8: an empty nonce never matches", idTokenExpectation{}, map[string]any{"nonce": ""}, "no nonce"},
		{"G8: exp missing", login, map[string]any{"exp": remove}, "has no exp"},
		{"G8: exp a string", login, map[string]any{"exp": "9999999999"}, "exp is not a time"},
		{"G8: exp beyond the calendar", login, map[string]any{"exp": 1e18}, "exp is not a time"},
		{"G8: exp 59 s ago is within the leeway", login, map[string]any{"exp": now - 59}, ""},
		{"G8: exp 60 s ago", login, map[string]any{"exp": now - 60}, "(exp)"},
		{"G8: nbf in 60 s is within the leeway", login, map[string]any{"nbf": now + 60}, ""},
		{"G8: nbf in 61 s", login, map[string]any{"nbf": now + 61}, "(nbf)"},
		{"G8: iat missing", login, map[string]any{"iat": remove}, "has no iat"},
		{"G8: iat in 60 s is within the leeway", login, map[string]any{"iat": now + 60}, ""},
		{"G8: iat in 61 s", login, map[string]any{"iat": now + 61}, "(iat)"},
		{"G8: iat with a fraction", login, map[string]any{"iat": float64(now) - 0.5}, ""},
		{"G8: iat negative", login, map[string]any{"iat": -5}, "iat is not a time"},
		{"G8: at_hash of the access token", login, map[string]any{"at_hash": accessTokenHash("SECRET-access")}, ""},
		{"G8: at_hash of another access token", login, map[string]any{"at_hash": accessTokenHash("SECRET-evil")}, "(at_hash)"},
		{"G8: at_hash empty", login, map[string]any{"at_hash": ""}, "(at_hash)"},
		{"G8: at_hash a number", login, map[string]any{"at_hash": 5}, "not acceptable"},
		{"G8: at_hash without an access token at hand", refresh, map[string]any{"at_hash": "x"}, ""},
		{"G8: on refresh the nonce may be absent", refresh, map[string]any{"nonce": remove}, ""},
		{"G8: on refresh the nonce may be the same", refresh, nil, ""},
		{"G8: on refresh the nonce may not differ", refresh, map[string]any{"nonce": "nonce-2"}, "another nonce"},
		{"G8: on refresh another sub", refresh, map[string]any{"sub": "user-2"}, "(sub)"},
		{"G8: on refresh another aud", refresh, map[string]any{"aud": "client-2"}, "(aud)"},
		{"G8: on refresh another iss", refresh, map[string]any{"iss": "https://evil.example.com"}, "(iss)"},
		{"G8: auth_time missing with max_age", recent, nil, "does not say when"},
		{"G8: auth_time in time", recent, map[string]any{"auth_time": now - 660}, ""},
		{"G8: auth_time too old", recent, map[string]any{"auth_time": now - 661}, "too long ago"},
		{"G8: auth_time in the future", recent, map[string]any{"auth_time": now + 61}, "in the future (auth_time)"},
		{"G8: auth_time a string", login, map[string]any{"auth_time": "SECRET"}, "auth_time is not a time"},
		{"G8: SUB beside sub", login, map[string]any{"SUB": "user-2"}, "sub only in letter case"},
		{"G8: SUB instead of sub", login, map[string]any{"SUB": "user-2", "sub": remove}, "sub only in letter case"},
		{"G8: a long s in sub", login, map[string]any{"ſub": "user-2"}, "sub only in letter case"},
		{"G8: Nonce beside nonce", login, map[string]any{"Nonce": "nonce-1"}, "nonce only in letter case"},
		{"G8: claims of the profile may differ from others in letter case", login, map[string]any{"Email": "a@b", "email": "c@d", "Name": "Mallory"}, ""},
		{"G8: distributed claims without a source", login, map[string]any{"_claim_names": map[string]string{"a": "SECRET"}}, "not acceptable"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			claims := h.goodClaims()
			maps.Copy(claims, test.changes)
			maps.DeleteFunc(claims, func(_ string, value any) bool { return value == any(remove) })
			raw := signToken(t, jose.RS256, rsaKey(), "rsa-1", mustJSON(claims))
			user, err := h.tenant.verifyIDToken(t.Context(), newSecret(raw), test.want)
			if test.text == "" {
				if err != nil || user.Subject != claims["sub"] || user.Issuer != h.server.URL || user.Name != "Ada Lovelace" {
					t.Errorf("got %+v, %v", user, err)
				}
				return
			}
			assertIDTokenError(t, err, test.text)
		})
	}
	if hits := h.hitCount(jwksPath); hits != 1 {
		t.Errorf("G8: keys fetched %d times for good signatures", hits)
	}
}

func assertIDTokenError(t *testing.T, err error, text string) {
	t.Helper()
	if _, ok := errors.AsType[*idTokenError](err); !ok || errors.Is(err, ErrTemporary) {
		t.Fatalf("got %v, want an idTokenError", err)
	}
	if !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "SECRET") {
		t.Errorf("got %q, want %q and no secret", err, text)
	}
}

func TestIDTokenPayload(t *testing.T) {
	h := newHostileTenant(t, nil)
	good := mustJSON(h.goodClaims())
	for _, test := range []struct{ name, payload, text string }{
		{"G8: sub twice", `{"sub":"user-2",` + good[1:], "sub twice"},
		{"G8: aud twice", `{"aud":"client-2",` + good[1:], "aud twice"},
		{"G8: an unknown claim twice", `{"SECRET":1,"SECRET":2,` + good[1:], "a member twice"},
		{"G8: name twice", `{"name":"SECRET",` + good[1:], "twice"},
		{"G8: not JSON", `SECRET`, "not a JSON object"},
		{"G8: trailing data", good + `{}`, "data after its end"},
		{"G8: a list", `[` + good + `]`, "not a JSON object"},
		{"G8: empty", ``, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			raw := signToken(t, jose.RS256, rsaKey(), "rsa-1", test.payload)
			_, err := h.tenant.verifyIDToken(t.Context(), newSecret(raw), idTokenExpectation{nonce: "nonce-1"})
			assertIDTokenError(t, err, test.text)
		})
	}
}

func TestIDTokenSignature(t *testing.T) {
	h := newHostileTenant(t, nil)
	payload := mustJSON(h.goodClaims())
	publicDER, err := x509.MarshalPKIXPublicKey(rsaKey().Public())
	if err != nil {
		t.Fatal(err)
	}
	good := signToken(t, jose.RS256, rsaKey(), "rsa-1", payload)
	header, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	encode := base64.RawURLEncoding.EncodeToString
	full := `{"payload":"` + body + `","signatures":[{"protected":"` + header + `","signature":"` + signature + `"}]}`
	forged := encode([]byte(strings.Replace(payload, "user-1", "user-2", 1)))
	tests := []struct {
		name, raw, text string // empty: accepted
	}{
		{"G8: RS256", good, ""},
		{"G8: PS256", signToken(t, jose.PS256, rsaKey(), "rsa-1", payload), ""},
		{"G8: ES256", signToken(t, jose.ES256, ecKey(), "ec-1", payload), ""},
		{"G8: no kid, RSA", signToken(t, jose.RS256, rsaKey(), "", payload), ""},
		{"G8: no kid, EC", signToken(t, jose.ES256, ecKey(), "", payload), ""},
		{"G8: alg none", encode([]byte(`{"alg":"none"}`)) + "." + body + ".", "not a JWT signed with"},
		{"G8: HS256 with the public key", signToken(t, jose.HS256, publicDER, "rsa-1", payload), "not a JWT signed with"},
		{"G8: an algorithm that discovery does not list", signToken(t, jose.RS512, rsaKey(), "rsa-1", payload), "not a JWT signed with"},
		{"G8: another key of the same kid", signToken(t, jose.RS256, otherRSAKey(), "rsa-1", payload), "not signed by a key"},
		{"G8: another key without kid", signToken(t, jose.RS256, otherRSAKey(), "", payload), "not signed by a key"},
		{"G8: the kid of a key of another kind", signToken(t, jose.ES256, ecKey(), "rsa-1", payload), "not signed by a key"},
		{"G8: a changed payload", header + "." + forged + "." + signature, "not signed by a key"},
		{"G8: a signature cut off", header + "." + body + ".", "not signed by a key"},
		{"G8: JSON serialization", full, "is malformed"},
		{"G8: two parts", header + "." + body, "not a JWT"},
		{"G8: empty", "", "not a JWT"},
		{"G8: too long", good + strings.Repeat("A", maxIDTokenSize), "too long"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := h.tenant.verifyIDToken(t.Context(), newSecret(test.raw), idTokenExpectation{nonce: "nonce-1"})
			if test.text != "" {
				assertIDTokenError(t, err, test.text)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	if hits := h.hitCount(jwksPath); hits != 2 { // the first, and one more
		t.Errorf("G8: forged tokens made %d requests", hits)
	}
}

func TestIDTokenOfAuth0(t *testing.T) {
	h := newHostileTenant(t, map[string]http.HandlerFunc{
		"/.well-known/jwks.json": replyJSON(keySetJSON(publicJWK(rsaKey(), "rsa-1", "RS256"))),
	})
	config := h.config()
	config.Provider, config.Issuer = ProviderAuth0, h.server.URL+"/"
	tenant := newTenant(config, h.server.Client(), h.clock.now)
	claims := h.goodClaims()
	claims["iss"], claims["updated_at"] = config.Issuer, "2026-05-01T10:00:00.000Z"
	raw := newSecret(signToken(t, jose.RS256, rsaKey(), "rsa-1", mustJSON(claims)))
	user, err := tenant.verifyIDToken(t.Context(), raw, idTokenExpectation{nonce: "nonce-1"})
	if err != nil || user.UpdatedAt.IsZero() || h.hitCount(discoveryPath) != 0 {
		t.Errorf("got %+v, %v", user, err)
	}
}

func TestIDTokenAlgorithmsOfDiscovery(t *testing.T) {
	h := newHostileTenant(t, nil)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	document := goodDiscovery(h.server.URL)
	document["id_token_signing_alg_values_supported"] = idTokenAlgorithms
	h.answer(discoveryPath, replyJSON(mustJSON(document)))
	h.answer(jwksPath, replyJSON(keySetJSON(publicJWK(edwards, "ed", ""), publicJWK(rsaKey(), "rsa-1", ""))))
	claims := h.goodClaims()
	sum := sha512.Sum512([]byte("SECRET-access"))
	claims["at_hash"] = base64.RawURLEncoding.EncodeToString(sum[:32])
	want := idTokenExpectation{nonce: "nonce-1", accessToken: newSecret("SECRET-access")}
	for _, raw := range []string{
		signToken(t, jose.EdDSA, edwards, "ed", mustJSON(claims)),
		signToken(t, jose.RS512, rsaKey(), "rsa-1", mustJSON(claims)),
		signToken(t, jose.PS512, rsaKey(), "rsa-1", mustJSON(claims)),
	} {
		if _, err := h.tenant.verifyIDToken(t.Context(), newSecret(raw), want); err != nil {
			t.Errorf("G8: %v", err)
		}
	}
}

func FuzzIDTokenClaims(f *testing.F) {
	f.Add(`{"iss":"https://i","sub":"u","aud":"client-1","exp":1777900000,"iat":1777890000,"nonce":"n"}`)
	f.Add(`{"iss":"https://i","sub":"u","aud":["client-1","x"],"azp":"client-1","exp":1e10,"iat":1,"auth_time":1,"nonce":"n"}`)
	f.Add(`{"iss":"https://i","ſub":"u","aud":"client-1","exp":1777900000,"iat":1777890000,"nonce":"n"}`)
	config := Config{Issuer: "https://i", ClientID: "client-1"}
	f.Fuzz(func(t *testing.T, payload string) {
		claims, err := parseIDTokenClaims([]byte(payload))
		if err == nil {
			err = cmp.Or(claims.checkIdentity(config, idTokenExpectation{nonce: "n"}), claims.checkTimes(testEpoch, 0))
		}
		if err != nil {
			if len(err.Error()) > 200 {
				t.Fatalf("the error holds claims: %q", err)
			}
			return
		}
		if claims.issuer != "https://i" || claims.subject == "" || claims.nonce != "n" || claims.issuedAt.IsZero() {
			t.Fatalf("accepted %+v", claims)
		}
		if !slices.Contains(claims.audience, "client-1") || claims.hasAuthorizedParty && claims.authorizedParty != "client-1" ||
			len(claims.audience) > 1 && !claims.hasAuthorizedParty {
			t.Fatalf("accepted for another client: %+v", claims)
		}
		if claims.expiry.Before(testEpoch.Add(-clockLeeway)) || claims.issuedAt.After(testEpoch.Add(clockLeeway)) {
			t.Fatalf("accepted out of time: %+v", claims)
		}
		if user, err := newUser([]byte(payload)); err == nil && user.Subject != claims.subject {
			t.Fatalf("two readers, two users: %q and %q", user.Subject, claims.subject)
		}
	})
}
