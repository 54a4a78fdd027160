package client

// outcome is what a refused renewal means for the session.
type outcome string

// The outcomes.
const (
	outcomeEnded     outcome = "ended"     // the grant is over: ErrLoginRequired
	outcomeTemporary outcome = "temporary" // the session stays, and the same request may succeed later: ErrTemporary
	outcomeKept      outcome = "kept"      // the session stays, and somebody has to set the tenant or the application right: *TenantError
)

// refreshOutcomes says what the error codes of the token endpoint mean, at any
// status: Auth0 answers invalid_grant with 403, others with 401, and a few with
// 500. Where notIfTrouble is set, a status that speaks of trouble outweighs the
// code. What is in no row is judged by its status alone.
var refreshOutcomes = []struct {
	code         string
	outcome      outcome
	notIfTrouble bool
	source       string
}{
	{"invalid_grant", outcomeEnded, false, "RFC 6749 section 5.2"},
	{"login_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"interaction_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"consent_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"account_selection_required", outcomeEnded, true, "OpenID Connect Core 1.0 section 3.1.2.6"},
	{"mfa_required", outcomeEnded, true, "Auth0: a second factor is wanted, which only a sign-in can ask for"},
	{"temporarily_unavailable", outcomeTemporary, false, "RFC 6749 section 4.1.2.1"},
	{"server_error", outcomeTemporary, false, "RFC 6749 section 4.1.2.1"},
	{"slow_down", outcomeTemporary, false, "RFC 8628 section 3.5"},
	{"invalid_request", outcomeKept, false, "RFC 6749 section 5.2"},
	{"invalid_client", outcomeKept, false, "RFC 6749 section 5.2"},
	{"unauthorized_client", outcomeKept, false, "RFC 6749 section 5.2"},
	{"unsupported_grant_type", outcomeKept, false, "RFC 6749 section 5.2"},
	{"invalid_scope", outcomeKept, false, "RFC 6749 section 5.2"},
	{"invalid_target", outcomeKept, true, "RFC 8707 section 2"},
}

// refusalOutcome returns what an error code means that came with a status.
func refusalOutcome(code string, status int) outcome {
	trouble := temporaryStatus(status)
	for _, row := range refreshOutcomes {
		if row.code == code && (!trouble || !row.notIfTrouble) {
			return row.outcome
		}
	}
	if trouble {
		return outcomeTemporary
	}
	return outcomeKept
}
