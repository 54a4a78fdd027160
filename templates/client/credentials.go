package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"slices"
	"strings"
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

const (
	lockDeadline   = 20 * time.Second // for the store's lock; less than a call takes that ends for want of time
	repairDeadline = time.Second      // for it, when all that waits is a repair
)

// lockChanges waits for its turn among those who change this App's credentials.
func (a *App) lockChanges(ctx context.Context) (unlock func(), err error) {
	if a.changing == nil {
		return nil, errors.New("the App was not made by New")
	}
	select {
	case a.changing <- struct{}{}:
		return func() { <-a.changing }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for another change of the session: %w", context.Cause(ctx))
	}
}

// lockStore waits for its turn among those, in all processes, who change the
// stored credentials. A process that is stuck makes it fail with an
// [ErrTemporary], rather than have two refresh at once.
func (a *App) lockStore(ctx context.Context) (unlock func(), err error) {
	const doing = "lock the stored credentials"
	bounded, cancel := context.WithTimeout(ctx, a.lockDeadline)
	defer cancel()
	unlock, err = a.store.Lock(bounded, a.profile)
	switch {
	case err == nil:
		return unlock, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %w", doing, context.Cause(ctx))
	case bounded.Err() != nil:
		return nil, &temporaryError{doing: doing, problem: "another process has held them for too long"}
	}
	return nil, fmt.Errorf("%s: %w", doing, err)
}

// lockBoth takes the App's lock and then the store's.
func (a *App) lockBoth(ctx context.Context) (unlock func(), err error) {
	unlockApp, err := a.lockChanges(ctx)
	if err != nil {
		return nil, err
	}
	unlockStore, err := a.lockStore(ctx)
	if err != nil {
		unlockApp()
		return nil, err
	}
	return func() { unlockStore(); unlockApp() }, nil
}

// load returns the stored credentials. The error is [ErrLoginRequired] unless
// the store itself failed.
func (a *App) load(ctx context.Context) (*credentials, error) {
	data, err := a.store.Load(ctx, a.profile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &LoginRequiredError{Reason: ReasonNone}
	}
	var stored *credentials
	if err == nil {
		stored, err = decodeCredentials(data)
	}
	switch {
	case errors.Is(err, ErrRecordNewer):
		return nil, a.cannotUse(ctx, ReasonNewer, err)
	case errors.Is(err, ErrRecordDamaged):
		return nil, a.cannotUse(ctx, ReasonUnreadable, err)
	case err != nil:
		return nil, fmt.Errorf("read the stored credentials: %w", err)
	case !stored.belongTo(a.config):
		return nil, &LoginRequiredError{Reason: ReasonOtherTenant}
	}
	return stored, nil
}

// loadOf is load for the session of one user, which another's sign-in ends.
func (a *App) loadOf(ctx context.Context, user User) (*credentials, error) {
	stored, err := a.load(ctx)
	if err == nil && stored.user.Subject != user.Subject {
		return nil, &LoginRequiredError{Reason: ReasonSignedOut}
	}
	return stored, err
}

func (a *App) cannotUse(ctx context.Context, reason LoginReason, err error) error {
	a.logger.WarnContext(ctx, "the stored credentials cannot be used", "profile", a.profile, "error", err)
	return &LoginRequiredError{Reason: reason}
}

// loadAlone loads while nobody changes what is stored.
func (a *App) loadAlone(ctx context.Context) (*credentials, error) {
	bounded, cancel := context.WithTimeout(ctx, repairDeadline)
	defer cancel()
	unlock, err := a.lockStore(bounded)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return a.load(ctx)
}

// save puts credentials into the store, even if ctx has ended: they may be the
// only copy of a rotated refresh token. What it finds there and cannot use is
// set aside, not overwritten. The caller holds the store's lock.
func (a *App) save(ctx context.Context, c *credentials) error {
	ctx = context.WithoutCancel(ctx)
	data, err := c.encode()
	if err == nil {
		err = a.makeRoom(ctx)
	}
	if err == nil {
		err = a.store.Save(ctx, a.profile, data)
	}
	if err == nil {
		return nil
	}
	err = fmt.Errorf("store the credentials: %w", err)
	if stored, loadErr := a.store.Load(ctx, a.profile); loadErr == nil && bytes.Equal(stored, data) {
		// Whoever loads next has them, so they must not be revoked or renewed again.
		a.logger.WarnContext(ctx, "the credentials are stored, but may not outlast a crash of the system", "error", err)
		return nil
	}
	return err
}

// makeRoom sets aside what is stored if it is no credentials of this
// application: they may be wanted by another version or configuration of it.
func (a *App) makeRoom(ctx context.Context) error {
	_, unusable := a.load(ctx)
	if required, ok := errors.AsType[*LoginRequiredError](unusable); unusable == nil || ok && required.Reason == ReasonNone {
		return nil
	}
	where, err := a.store.SetAside(ctx, a.profile)
	if err != nil {
		// Without unusable, which would ask for a sign-in that fails, too.
		return fmt.Errorf("set aside what was stored before: %w", err)
	}
	a.logger.WarnContext(ctx, "what was stored before has been set aside", "profile", a.profile, "place", where, "error", unusable)
	return nil
}

// endReason returns why a session ends whose stored credentials could not be
// loaded, or "" if it goes on with what this process holds: a store that fails,
// or a record that was damaged, is no reason to sign anybody out.
func endReason(err error) LoginReason {
	required, ok := errors.AsType[*LoginRequiredError](err)
	switch {
	case !ok || required.Reason == ReasonUnreadable:
		return ""
	case required.Reason == ReasonNone:
		return ReasonSignedOut // elsewhere
	}
	return required.Reason
}

const redacted = "[redacted]"

// secret is a token, a code or a verifier. Nothing that prints, logs or
// marshals it shows it: the text stands behind a pointer, which fmt prints as
// an address even inside an unexported field, where it calls no method.
type secret struct{ text *string }

func newSecret(text string) secret {
	if text == "" {
		return secret{}
	}
	return secret{text: &text}
}

// reveal returns the text, for the wire or the store.
func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

func (s secret) empty() bool { return s.text == nil }

// redactFrom blacks out the secret in a text from outside that may repeat it, as
// it is or as a URL has it.
func (s secret) redactFrom(text string) string {
	if s.empty() {
		return text
	}
	text = strings.ReplaceAll(text, s.reveal(), redacted)
	return strings.ReplaceAll(text, url.QueryEscape(s.reveal()), redacted)
}

// Format implements fmt.Formatter for every verb.
func (s secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.shown()) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses too.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.shown()), nil }

// LogValue implements slog.LogValuer.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.shown()) }

func (s secret) shown() string {
	if s.empty() {
		return ""
	}
	return redacted
}
