package tenant

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// stateVersion is that of the state file's form.
const stateVersion = 1

// state is what survives a restart. Sign-ins on their way, codes and browser
// sessions do not.
type state struct {
	Version   int            `json:"version"`
	OpaqueKey []byte         `json:"opaque_key"`
	Keys      []savedKey     `json:"keys"` // the newest first
	Grants    []savedGrant   `json:"grants"`
	Consents  []savedConsent `json:"consents"`
}

type savedKey struct {
	ID      string    `json:"id"`
	Private []byte    `json:"private"` // PKCS #8
	Until   time.Time `json:"until,omitzero"`
}

type savedGrant struct {
	Subject  string         `json:"subject"`
	ClientID string         `json:"client_id"`
	Audience string         `json:"audience,omitempty"`
	AuthTime time.Time      `json:"auth_time"`
	Expires  time.Time      `json:"expires"`
	Asked    []string       `json:"asked"`
	Declined []string       `json:"declined,omitempty"`
	Told     []string       `json:"told"`
	Refresh  []savedRefresh `json:"refresh_tokens,omitempty"`
	Access   []savedAccess  `json:"access_tokens,omitempty"`
}

type savedRefresh struct {
	Token  string    `json:"token"`
	UsedAt time.Time `json:"used_at,omitzero"`
}

type savedAccess struct {
	ID      string    `json:"id"`
	Scopes  []string  `json:"scopes"`
	Expires time.Time `json:"expires"`
}

type savedConsent struct {
	Subject  string   `json:"subject"`
	ClientID string   `json:"client_id"`
	Scopes   []string `json:"scopes"`
}

// load reads the state file, if there is one. Nobody else has the store yet.
func (s *store) load() error {
	path := s.client.StateFile
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the state: %w", err)
	}
	saved, err := parseState(text)
	if err == nil {
		err = s.restore(saved)
	}
	if err != nil {
		return fmt.Errorf("read the state: %s is damaged or no state file: %w; remove it to begin anew", path, err)
	}
	return nil
}

func parseState(text []byte) (state, error) {
	// The version comes first: a newer form may hold what this one does not know.
	var of struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return state{}, err
	}
	if of.Version != stateVersion {
		return state{}, fmt.Errorf("its version is %d, and this program knows %d", of.Version, stateVersion)
	}
	var saved state
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&saved); err != nil {
		return state{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return state{}, errors.New("something follows the JSON")
	}
	return saved, nil
}

func (s *store) restore(saved state) error {
	if copy(s.opaque[:], saved.OpaqueKey) != len(s.opaque) || len(saved.OpaqueKey) != len(s.opaque) {
		return errors.New("the key of opaque tokens is not one")
	}
	for i, k := range saved.Keys {
		parsed, err := x509.ParsePKCS8PrivateKey(k.Private)
		private, ok := parsed.(*rsa.PrivateKey)
		if err != nil || !ok || k.ID == "" || k.Until.IsZero() != (i == 0) {
			return fmt.Errorf("signing key %d is not one", i+1)
		}
		s.keys = append(s.keys, signingKey{id: k.ID, private: private, until: k.Until})
	}
	if len(s.keys) == 0 {
		return errors.New("there is no signing key")
	}
	for _, g := range saved.Grants {
		s.restoreGrant(g)
	}
	for _, c := range saved.Consents {
		s.consents[consentOf{c.Subject, c.ClientID}] = c.Scopes
	}
	return nil
}

func (s *store) restoreGrant(saved savedGrant) {
	g := &grant{
		subject: saved.Subject, clientID: saved.ClientID, audience: saved.Audience, authTime: saved.AuthTime,
		expires: saved.Expires, asked: saved.Asked, declined: saved.Declined, told: saved.Told,
	}
	s.grants = append(s.grants, g)
	for _, r := range saved.Refresh {
		s.refresh[r.Token] = &refreshToken{grant: g, usedAt: r.UsedAt}
	}
	for _, a := range saved.Access {
		s.access[a.ID] = accessToken{grant: g, scopes: a.Scopes, expires: a.Expires}
	}
}

// save writes the state on behalf of a request. That it could not be written is
// told in the log: the tenant goes on, from memory.
func (s *store) save(ctx context.Context) {
	if err := s.write(); err != nil {
		say(ctx, "%s", err.Error())
	}
}

// write replaces the state file, so that there is a whole one at any time.
func (s *store) write() error {
	path := s.client.StateFile
	if path == "" {
		return nil
	}
	s.writing.Lock() // the file that was made last is the one that stays
	defer s.writing.Unlock()
	saved, err := s.snapshot()
	if err != nil {
		return fmt.Errorf("save the state: %w", err)
	}
	text, err := json.MarshalIndent(saved, "", "\t")
	if err != nil {
		return fmt.Errorf("save the state: %w", err)
	}
	if err := replace(path, append(text, '\n')); err != nil {
		return fmt.Errorf("save the state: %w", err)
	}
	return nil
}

func replace(path string, text []byte) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // its mode is 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// snapshot is the state without what is over.
func (s *store) snapshot() (state, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved := state{Version: stateVersion, OpaqueKey: slices.Clone(s.opaque[:]), Grants: []savedGrant{}, Consents: []savedConsent{}}
	for _, k := range s.keys {
		private, err := x509.MarshalPKCS8PrivateKey(k.private)
		if err != nil {
			return state{}, err
		}
		saved.Keys = append(saved.Keys, savedKey{ID: k.id, Private: private, Until: k.until})
	}
	at := map[*grant]*savedGrant{}
	for _, g := range s.grants {
		if !g.revoked && s.now().Before(g.expires) {
			at[g] = &savedGrant{
				Subject: g.subject, ClientID: g.clientID, Audience: g.audience, AuthTime: g.authTime,
				Expires: g.expires, Asked: g.asked, Declined: g.declined, Told: g.told,
			}
		}
	}
	for token, r := range s.refresh {
		if g := at[r.grant]; g != nil {
			g.Refresh = append(g.Refresh, savedRefresh{token, r.usedAt})
		}
	}
	for id, a := range s.access {
		if g := at[a.grant]; g != nil && s.now().Before(a.expires) {
			g.Access = append(g.Access, savedAccess{id, a.scopes, a.expires})
		}
	}
	for _, g := range s.grants {
		if at[g] != nil {
			saved.Grants = append(saved.Grants, *at[g])
		}
	}
	for who, scopes := range s.consents {
		saved.Consents = append(saved.Consents, savedConsent{who.subject, who.clientID, scopes})
	}
	return saved, nil
}
