package client

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// claims changes the claims of the ID tokens; nil leaves one out.
func claims(changes map[string]any) func(*hostileRun) {
	return func(r *hostileRun) { r.claims = changes }
}

// claimsAt changes claims to times relative to now.
func claimsAt(changes map[string]time.Duration) func(*hostileRun) {
	return func(r *hostileRun) {
		r.claims = map[string]any{}
		for name, offset := range changes {
			r.claims[name] = r.clock.now().Add(offset).Unix()
		}
	}
}

// payload has the tenant sign a text that no map of claims can have.
func payload(change func(good string) string) func(*hostileRun) {
	return func(r *hostileRun) {
		r.signIDToken = func(claims string) string { return r.sign(jose.RS256, rsaKey(), "k1", change(claims)) }
	}
}

// mangled changes the signed token.
func mangled(change func(good string) string) func(*hostileRun) {
	return func(r *hostileRun) {
		r.signIDToken = func(claims string) string { return change(r.sign(jose.RS256, rsaKey(), "k1", claims)) }
	}
}

func constant(text string) func(string) string { return func(string) string { return text } }

// withHeader is a token with another header and signature.
func withHeader(header, signature string) func(string) string {
	return func(token string) string {
		parts := strings.Split(token, ".")
		return base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + parts[1] + "." + signature
	}
}

// halfHash is at_hash of a token for an algorithm with SHA-256.
func halfHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func refusedIDToken(rule, does, says string, given func(*hostileRun)) hostileCase {
	return hostileCase{rule: rule, does: "an ID token: " + does, step: signIn, given: given, want: plainError, says: says}
}

func goodIDToken(rule, does string, given func(*hostileRun)) hostileCase {
	return hostileCase{rule: rule, does: "an ID token: " + does, step: signIn, given: given}
}

// idTokenCases are about the signature and form of ID tokens.
func idTokenCases() []hostileCase {
	const unsigned = "not signed by a key of the tenant"
	return []hostileCase{
		refusedIDToken("G8", "alg none", "is not a JWT signed", mangled(withHeader(`{"alg":"none"}`, ""))),
		refusedIDToken("G8", "alg None", "is not a JWT signed", mangled(withHeader(`{"alg":"None"}`, ""))),
		refusedIDToken("G8", "HS256 with the public key as the secret", "is not a JWT signed", func(r *hostileRun) {
			r.discovery = map[string]any{"id_token_signing_alg_values_supported": []string{"HS256", "RS256"}}
			r.signs(jose.HS256, []byte(publicJWK(rsaKey(), "k1", "RS256")), "k1")
		}),
		refusedIDToken("G8", "an algorithm that discovery does not list", "is not a JWT signed", func(r *hostileRun) {
			publishes(publicJWK(rsaKey(), "k1", ""))(r)
			r.signs(jose.PS256, rsaKey(), "k1")
		}),
		refusedIDToken("G8", "its own key in the header", unsigned, func(r *hostileRun) {
			r.signIDToken = func(claims string) string {
				signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: otherRSAKey()}, &jose.SignerOptions{EmbedJWK: true})
				if err != nil {
					r.t.Error(err)
				}
				signed, err := signer.Sign([]byte(claims))
				if err != nil {
					r.t.Error(err)
				}
				token, err := signed.CompactSerialize()
				if err != nil {
					r.t.Error(err)
				}
				return token
			}
		}),
		refusedIDToken("RFC 7515 4.1.11", "a critical header that nobody knows", "", mangled(withHeader(`{"alg":"RS256","kid":"k1","crit":["x"],"x":1}`, "AAAA"))),
		refusedIDToken("G8", "another signature", unsigned, mangled(withHeader(`{"alg":"RS256","kid":"k1"}`, "AAAA"))),
		refusedIDToken("G8", "no signature", "", mangled(withHeader(`{"alg":"RS256","kid":"k1"}`, ""))),
		refusedIDToken("G8", "changed claims", unsigned, mangled(func(token string) string {
			parts := strings.Split(token, ".")
			text, _ := base64.RawURLEncoding.DecodeString(parts[1])
			other := strings.Replace(string(text), "auth0|ada", "auth0|eve", 1)
			return parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(other)) + "." + parts[2]
		})),
		refusedIDToken("G8", "two parts", "is not a JWT signed", mangled(func(token string) string { return token[:strings.LastIndex(token, ".")] })),
		refusedIDToken("G8", "encrypted", "is not a JWT signed", mangled(constant("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d"))),
		refusedIDToken("G8", "not a JWT", "is not a JWT signed", mangled(constant("opaque-opaque-opaque"))),
		refusedIDToken("G8", "70 KiB of it", "is too long", claims(map[string]any{"groups": strings.Repeat("x", 70<<10)})),
		refusedIDToken("G8", "empty claims", "not a JSON object", payload(constant(""))),
		refusedIDToken("G8", "claims in a list", "not a JSON object", payload(func(good string) string { return "[" + good + "]" })),
		refusedIDToken("G8", "claims with something after them", "after its end", payload(suffixed("{}"))),
		refusedIDToken("G8", "SUB beside sub", "letter case", payload(withMembers(`"SUB":"auth0|eve"`))),
		refusedIDToken("G8", "ſub beside sub", "letter case", payload(withMembers(`"ſub":"auth0|eve"`))),
		refusedIDToken("G8", "sub twice", "sub twice", payload(withMembers(`"sub":"auth0|eve"`))),
		refusedIDToken("G8", "a claim of the profile twice", "twice", payload(withMembers(`"name":"Eve"`))),
		goodIDToken("OIDC Core 2", "claims of 40 KiB", claims(map[string]any{"groups": strings.Repeat("x", 40<<10)})),
		goodIDToken("OIDC Core 5.1", "odd claims of the profile", claims(map[string]any{
			"email_verified": "true", "updated_at": "2026-01-01T00:00:00Z", "picture": []int{1}, "https://exampleco.com/roles": []string{"a"}})),
		goodIDToken("OIDC Core 3.1.3.6", "no at_hash", claims(map[string]any{"at_hash": nil})),
		goodIDToken("OIDC Core 3.1.3.6", "the right at_hash, and c_hash", claims(map[string]any{"at_hash": halfHash("the-access-token-A"), "c_hash": "x"})),
		refusedIDToken("OIDC Core 3.1.3.6", "at_hash of another token", "at_hash", claims(map[string]any{"at_hash": halfHash("another")})),
		refusedIDToken("OIDC Core 3.1.3.6", "an empty at_hash", "at_hash", claims(map[string]any{"at_hash": ""})),
		refusedIDToken("OIDC Core 3.1.3.6", "a number for at_hash", "", claims(map[string]any{"at_hash": 7})),
	}
}

// claimCases are about what an ID token says.
func claimCases() []hostileCase {
	null := json.RawMessage("null")
	return []hostileCase{
		goodIDToken("OIDC Core 2", "aud in a list of one", claims(map[string]any{"aud": []string{"notes-client"}})),
		goodIDToken("OIDC Core 2", "aud in a list of two, with azp", claims(map[string]any{"aud": []string{"x", "notes-client"}, "azp": "notes-client"})),
		goodIDToken("OIDC Core 2", "azp without need", claims(map[string]any{"azp": "notes-client"})),
		goodIDToken("G8", "a clock that is 59 seconds ahead", claimsAt(map[string]time.Duration{"iat": 59 * time.Second, "nbf": 59 * time.Second})),
		goodIDToken("G8", "expired for 59 seconds", claimsAt(map[string]time.Duration{"exp": -59 * time.Second})),
		goodIDToken("RFC 7519 2", "times with fractions", func(r *hostileRun) {
			r.claims = map[string]any{"iat": float64(r.clock.now().Unix()) + 0.5, "exp": float64(r.clock.now().Unix()) + 60.25}
		}),
		refusedIDToken("RFC 7519 4.1.3", "aud of another client", "(aud)", claims(map[string]any{"aud": "other-client"})),
		refusedIDToken("RFC 7519 4.1.3", "aud with a blank", "(aud)", claims(map[string]any{"aud": "notes-client "})),
		refusedIDToken("RFC 7519 4.1.3", "an empty list of aud", "(aud)", claims(map[string]any{"aud": []string{}})),
		refusedIDToken("RFC 7519 4.1.3", "a number in aud", "aud", claims(map[string]any{"aud": []any{"notes-client", 7}})),
		refusedIDToken("RFC 7519 4.1.3", "no aud", "has no aud", claims(map[string]any{"aud": nil})),
		refusedIDToken("G8", "two aud and no azp", "azp", claims(map[string]any{"aud": []string{"notes-client", "x"}})),
		refusedIDToken("G8", "azp of another client", "(azp)", claims(map[string]any{"azp": "other-client"})),
		refusedIDToken("G8", "an empty azp", "(azp)", claims(map[string]any{"azp": ""})),
		refusedIDToken("G8", "another iss", "(iss)", claims(map[string]any{"iss": "https://evil.example.com/"})),
		refusedIDToken("G8", "iss without its slash", "(iss)", func(r *hostileRun) { r.claims = map[string]any{"iss": r.tenant.URL} }),
		refusedIDToken("G8", "no iss", "has no iss", claims(map[string]any{"iss": nil})),
		refusedIDToken("G8", "no sub", "has no sub", claims(map[string]any{"sub": nil})),
		refusedIDToken("G8", "sub of null", "has no sub", claims(map[string]any{"sub": null})),
		refusedIDToken("G8", "an empty sub", "sub is missing", claims(map[string]any{"sub": ""})),
		refusedIDToken("OIDC Core 2", "sub of 256 characters", "sub is missing or too long", claims(map[string]any{"sub": strings.Repeat("x", 256)})),
		refusedIDToken("OIDC Core 2", "sub with a line break", "sub is not printable", claims(map[string]any{"sub": "auth0|ada\n"})),
		refusedIDToken("G8", "a number for sub", "sub is not a string", claims(map[string]any{"sub": 7})),
		refusedIDToken("G8", "no nonce", "has no nonce", claims(map[string]any{"nonce": nil})),
		refusedIDToken("G8", "the nonce of another sign-in", "another nonce", claims(map[string]any{"nonce": "another-nonce"})),
		refusedIDToken("G8", "an empty nonce", "another nonce", claims(map[string]any{"nonce": ""})),
		refusedIDToken("G8", "expired for 60 seconds", "has expired", claimsAt(map[string]time.Duration{"exp": -60 * time.Second})),
		refusedIDToken("G8", "issued 61 seconds ahead", "in the future", claimsAt(map[string]time.Duration{"iat": 61 * time.Second})),
		refusedIDToken("G8", "issued in ten years", "in the future", claimsAt(map[string]time.Duration{"iat": 87600 * time.Hour, "exp": 87601 * time.Hour})),
		refusedIDToken("RFC 7519 4.1.5", "not valid before tomorrow", "not valid yet", claimsAt(map[string]time.Duration{"nbf": 24 * time.Hour})),
		refusedIDToken("G8", "no exp", "has no exp", claims(map[string]any{"exp": nil})),
		refusedIDToken("G8", "no iat", "has no iat", claims(map[string]any{"iat": nil})),
		refusedIDToken("G8", "text for exp", "exp is not a time", claims(map[string]any{"exp": "2030-01-01"})),
		refusedIDToken("G8", "a time that no calendar has", "exp is not a time", claims(map[string]any{"exp": 1e300})),
		refusedIDToken("OIDC Core 3.1.2.1", "no auth_time though max_age was asked for", "auth_time", func(r *hostileRun) {
			r.useProvider(ProviderOIDC, map[string]string{"max_age": "300"})
		}),
		refusedIDToken("OIDC Core 3.1.2.1", "auth_time longer ago than max_age", "auth_time", func(r *hostileRun) {
			r.useProvider(ProviderOIDC, map[string]string{"max_age": "300"})
			r.authAge = 7 * time.Minute
		}),
		goodIDToken("OIDC Core 3.1.2.1", "auth_time within max_age", func(r *hostileRun) {
			r.useProvider(ProviderOIDC, map[string]string{"max_age": "300"})
			r.authAge = 5 * time.Minute
		}),
		goodIDToken("Auth0 organizations", "the organization that was asked for", organization("org_a1", "org_a1", "exampleco")),
		goodIDToken("Auth0 organizations", "the organization that was asked for by its name", organization("ExampleCo", "org_a1", "exampleco")),
		goodIDToken("Auth0 organizations", "an organization, without asking for one", organization("", "org_a1", "exampleco")),
		goodIDToken("Auth0 organizations", "no organization, at a tenant that is not Auth0's", func(r *hostileRun) {
			r.useProvider(ProviderOIDC, map[string]string{"organization": "org_a1"})
		}),
		refusedIDToken("Auth0 organizations", "another organization", "organization", organization("org_a1", "org_b2", "org_a1")),
		refusedIDToken("Auth0 organizations", "another organization's name", "organization", organization("exampleco", "exampleco", "other")),
		refusedIDToken("Auth0 organizations", "no organization", "organization", organization("org_a1", nil, nil)),
		refusedIDToken("Auth0 organizations", "no organization's name", "organization", organization("exampleco", nil, nil)),
	}
}

// organization asks an Auth0 tenant for one, and has it name another perhaps.
func organization(asked string, id, name any) func(*hostileRun) {
	return func(r *hostileRun) {
		r.useProvider(ProviderAuth0, map[string]string{"organization": asked})
		r.claims = map[string]any{"org_id": id, "org_name": name}
	}
}
