package client

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// renewalCases are about what only a renewal can meet. Another process that
// rotates the token meanwhile is TestRefreshRefused and TestOtherProcess.
func renewalCases() []hostileCase {
	isCalled := func(name string) func(*hostileRun) {
		return func(r *hostileRun) {
			if got := r.session.User().Name; got != name {
				r.t.Errorf("the name is %q, want %q", got, name)
			}
		}
	}
	good := func(rule, does string, given, check func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: renewal, given: given, check: check}
	}
	ended := func(rule, does string, given func(*hostileRun)) hostileCase {
		return hostileCase{rule: rule, does: does, step: renewal, given: given, want: loginRequired, says: string(ReasonRevoked), ends: true}
	}
	cases := []hostileCase{
		good("G12", "no new refresh token", replies(map[string]any{"refresh_token": nil}), sends("the-refresh-token-A")),
		good("G12", "null for a new refresh token", repliesText("application/json", func(good string) string {
			return strings.Replace(good, `"the-refresh-token-B"`, "null", 1)
		}), sends("the-refresh-token-A")),
		good("G12", "the same refresh token again", replies(map[string]any{"refresh_token": "the-refresh-token-A"}), sends("the-refresh-token-A")),
		good("G12", "a new refresh token", replies(nil), sends("the-refresh-token-B")),
		good("OIDC Core 12.2", "no ID token", replies(map[string]any{"id_token": nil}), isCalled("Ada Lovelace")),
		good("OIDC Core 12.2", "an ID token without nonce, and another name", claims(map[string]any{"name": "Ada King"}), isCalled("Ada King")),
		good("OIDC Core 12.2", "an ID token with the first nonce", func(r *hostileRun) {
			r.claims = map[string]any{"name": "Ada King", "nonce": r.nonce}
		}, isCalled("Ada King")),
		good("G8", "an expired ID token: the profile stays", func(r *hostileRun) {
			claimsAt(map[string]time.Duration{"exp": -time.Hour})(r)
			r.claims["name"] = "Ada King"
		}, isCalled("Ada Lovelace")),
		good("G8", "an ID token that nobody signed: the profile stays", func(r *hostileRun) {
			r.claims = map[string]any{"name": "Eve"}
			r.signs(jose.RS256, otherRSAKey(), "k1")
		}, isCalled("Ada Lovelace")),
		good("G8", "an unsigned ID token about another user: the profile stays", func(r *hostileRun) {
			r.subject = "auth0|eve"
			mangled(withHeader(`{"alg":"none"}`, ""))(r)
		}, isCalled("Ada Lovelace")),
		good("G8", "an ID token that is none: the profile stays", replies(map[string]any{"id_token": "opaque-opaque"}), isCalled("Ada Lovelace")),
		good("G9", "keys that cannot be had: the profile stays", func(r *hostileRun) {
			r.clock.move(keyRefetchCooldown)
			r.signs(jose.RS256, otherRSAKey(), "k2")
			r.onKeys = replyWith(http.StatusServiceUnavailable, "", "")
		}, isCalled("Ada Lovelace")),
		good("G9", "discovery that is gone meanwhile", func(r *hostileRun) { r.onDiscovery = http.NotFound }, nil),
		ended("G8", "an ID token about another user", func(r *hostileRun) { r.subject = "auth0|eve" }),
		ended("OIDC Core 12.2", "an ID token of another issuer", claims(map[string]any{"iss": "https://evil.example.com/"})),
		ended("OIDC Core 12.2", "an ID token for another client", claims(map[string]any{"aud": "other-client"})),
		ended("OIDC Core 12.2", "an ID token with the nonce of another sign-in", claims(map[string]any{"nonce": "another-nonce"})),
		ended("OIDC Core 3.1.3.6", "an ID token for another access token", claims(map[string]any{"at_hash": halfHash("another")})),
		{
			rule: "G14", does: "Retry-After of ten years, which is a minute at most", step: renewal, want: temporary, says: "HTTP 429",
			given: func(r *hostileRun) {
				r.onToken = func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", "315360000")
					w.WriteHeader(http.StatusTooManyRequests)
				}
			}, check: callsAgainAfter(maxFailurePause),
		},
		{
			rule: "G14", does: "Retry-After of a date in ten years", step: renewal, want: temporary, says: "HTTP 503",
			given: func(r *hostileRun) {
				date := r.clock.now().AddDate(10, 0, 0).Format(http.TimeFormat)
				r.onToken = func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Retry-After", date)
					w.WriteHeader(http.StatusServiceUnavailable)
				}
			}, check: callsAgainAfter(maxFailurePause),
		},
	}
	for _, status := range []int{200, 400, 401, 403, 429, 500} {
		for _, code := range []string{"invalid_grant", "login_required", "interaction_required", "consent_required"} {
			if code != "invalid_grant" && (status == 429 || status == 500) {
				continue // there the code must be one of RFC 6749's own
			}
			cases = append(cases, ended("G14", fmt.Sprintf("%s with %d", code, status), refuses(status, `{"error":"`+code+`"}`)))
		}
	}
	return cases
}

// sends checks which refresh token the next renewal presents.
func sends(token string) func(*hostileRun) {
	return func(r *hostileRun) {
		r.mustRefresh(r.session)
		if got := r.tokenForms[len(r.tokenForms)-1].Get("refresh_token"); got != token {
			r.t.Error("another refresh token was presented")
		}
	}
}

// callsAgainAfter checks for how long calls make no token request after a
// renewal that failed.
func callsAgainAfter(pause time.Duration) func(*hostileRun) {
	return func(r *hostileRun) {
		r.clock.move(time.Hour) // the token has expired, and the failure is forgotten
		r.mustFail(temporary, 1)
		r.clock.move(pause - time.Second)
		r.mustFail(temporary, 0)
		r.clock.move(time.Second)
		r.mustFail(temporary, 1)
	}
}

func (r *hostileRun) mustFail(want errorKind, tokens int) {
	r.t.Helper()
	before, _ := r.requests()
	err := apiCall.run(r)
	after, _ := r.requests()
	if kindOf(err) != want || after-before != tokens {
		r.t.Errorf("got %v after %d token requests, want %q after %d", err, after-before, want, tokens)
	}
}
