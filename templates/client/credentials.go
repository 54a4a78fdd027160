package client

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// recordVersion is the format of the stored credentials that this code writes.
const recordVersion = 1

// credentials are what a sign-in or a refresh brought. They never change once
// made, so they are shared without a lock.
type credentials struct {
	issuer, clientID, audience string

	requested    []string // scopes asked for so far
	granted      []string // scopes as the tenant granted them
	accessToken  secret
	refreshToken secret // empty when the tenant gave none
	idToken      secret
	nonce        string // of the sign-in; a refreshed ID token repeats it or has none
	obtainedAt   time.Time
	expiresAt    time.Time
	claims       json.RawMessage // of the validated ID token
	stale        *credentials    // not nil: the store failed, and still holds these

	// What follows is derived by complete.
	user          User
	authorization secret // the Authorization header, made once
	open          map[string]bool
	refreshAt     time.Time
}

// complete derives what every call wants at hand.
func (c *credentials) complete() error {
	user, err := newUser(c.claims)
	if err != nil {
		return err
	}
	c.user = user
	c.authorization = newSecret("Bearer " + c.accessToken.reveal())
	c.open = make(map[string]bool, len(c.granted))
	declared := declaredScopes()
	for _, scope := range c.granted {
		// A grant wider than the spec opens nothing more.
		c.open[scope] = slices.Contains(declared, scope)
	}
	// A token that lives for less than two minutes is renewed at half its
	// life, or it would be renewed at every call.
	early := max(0, min(refreshEarly, c.expiresAt.Sub(c.obtainedAt)/2))
	c.refreshAt = c.expiresAt.Add(-early)
	return nil
}

func (c *credentials) belongTo(config Config) bool {
	return c.issuer == config.Issuer && c.clientID == config.ClientID && c.audience == config.Audience
}

// inStore returns what the store holds, as far as this process knows.
func (c *credentials) inStore() *credentials {
	if c.stale != nil {
		return c.stale
	}
	return c
}

// sameTokens reports whether other came of the same reply of the tenant.
func (c *credentials) sameTokens(other *credentials) bool {
	return c.accessToken.reveal() == other.accessToken.reveal() && c.refreshToken.reveal() == other.refreshToken.reveal()
}

// storedRecord is the JSON text of credentials.
type storedRecord struct {
	Version      int             `json:"version"`
	Issuer       string          `json:"issuer"`
	ClientID     string          `json:"client_id"`
	Audience     string          `json:"audience,omitempty"`
	Requested    []string        `json:"requested_scopes"`
	Granted      []string        `json:"granted_scopes"`
	AccessToken  string          `json:"access_token"`
	RefreshToken string          `json:"refresh_token,omitempty"`
	IDToken      string          `json:"id_token"`
	Nonce        string          `json:"nonce"`
	ObtainedAt   time.Time       `json:"obtained_at"`
	ExpiresAt    time.Time       `json:"expires_at"`
	Claims       json.RawMessage `json:"claims"`
}

func (c *credentials) encode() ([]byte, error) {
	return json.Marshal(storedRecord{
		Version:      recordVersion,
		Issuer:       c.issuer,
		ClientID:     c.clientID,
		Audience:     c.audience,
		Requested:    c.requested,
		Granted:      c.granted,
		AccessToken:  c.accessToken.reveal(),
		RefreshToken: c.refreshToken.reveal(),
		IDToken:      c.idToken.reveal(),
		Nonce:        c.nonce,
		ObtainedAt:   c.obtainedAt,
		ExpiresAt:    c.expiresAt,
		Claims:       c.claims,
	})
}

// decodeCredentials reads what encode wrote. Its errors hold none of the text.
func decodeCredentials(data []byte) (*credentials, error) {
	var r storedRecord
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%w: it is not the JSON that was stored", ErrRecordDamaged)
	}
	if r.Version > recordVersion {
		return nil, fmt.Errorf("%w: its format has version %d, and this program knows %d", ErrRecordNewer, r.Version, recordVersion)
	}
	if r.Version < 1 || r.AccessToken == "" || r.ExpiresAt.IsZero() {
		return nil, fmt.Errorf("%w: it has no version, no access token or no expiry", ErrRecordDamaged)
	}
	c := &credentials{
		issuer:       r.Issuer,
		clientID:     r.ClientID,
		audience:     r.Audience,
		requested:    r.Requested,
		granted:      r.Granted,
		accessToken:  newSecret(r.AccessToken),
		refreshToken: newSecret(r.RefreshToken),
		idToken:      newSecret(r.IDToken),
		nonce:        r.Nonce,
		obtainedAt:   r.ObtainedAt,
		expiresAt:    r.ExpiresAt,
		claims:       r.Claims,
	}
	if err := c.complete(); err != nil {
		return nil, fmt.Errorf("%w: its claims: %w", ErrRecordDamaged, err)
	}
	return c, nil
}
