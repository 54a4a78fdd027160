// Package client is the engine of every generated client: signing in, the
// session, the calls. It is rendered into a package together with what a spec
// adds. So it is nowhere imported, and its names must not be those that users
// give to their own types.
//
// This file stands in for what a spec adds, so that the engine compiles and is
// tested where it is written. It is never rendered.
package client

// Scopes of the stand-in.
const (
	ScopeOpenID        = "openid"
	ScopeProfile       = "profile"
	ScopeEmail         = "email"
	ScopeOfflineAccess = "offline_access"
	ScopeReadNotes     = "read:notes"
	ScopeWriteNotes    = "write:notes"
	ScopeReadAll       = "read:notes-all"
)

// DefaultConfig returns the stand-in's configuration.
func DefaultConfig() Config {
	return Config{
		Name:      "notes",
		Provider:  ProviderAuth0,
		Issuer:    "https://tenant.example.com/",
		ClientID:  "notes-client",
		Callbacks: []string{"http://127.0.0.1:8484/callback", "http://127.0.0.1:8485/callback"},
		Audience:  "https://api.example.com/notes",
		Scopes:    []string{ScopeOpenID, ScopeProfile, ScopeEmail, ScopeOfflineAccess, ScopeReadNotes},
		BaseURL:   "https://api.example.com",
	}
}

// declaredScopes returns every scope that the spec declares.
func declaredScopes() []string {
	return []string{
		ScopeOpenID, ScopeProfile, ScopeEmail, ScopeOfflineAccess,
		ScopeReadNotes, ScopeWriteNotes, ScopeReadAll,
	}
}
