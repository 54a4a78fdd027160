package client

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/zalando/go-keyring"
)

// sealedStore is a [CredentialStore] of one file a profile, as [FileStore] keeps
// them, whose records are sealed by a random key. The keyring holds the key, and
// not the record, because some keyrings take no more than 2560 bytes.
type sealedStore struct {
	files   *FileStore
	policy  StorePolicy // not StoreMemory
	service string      // under which the keyring has the keys
	keyring *limitedKeyring
	logger  *slog.Logger

	mu       sync.Mutex
	keys     map[string]secret // by profile, once known
	fallback string            // why the last record was not sealed, though it should have been
}

// Load implements [CredentialStore]. Whatever the policy is, it reads plain
// records and sealed ones: the policy may have changed.
func (s *sealedStore) Load(ctx context.Context, profile string) ([]byte, error) {
	stored, err := s.read(ctx, profile)
	if err != nil {
		return nil, err
	}
	if stored.sealed == nil {
		return stored.plain, nil
	}
	if record, err := openRecord(s.known(profile), profile, stored.sealed); err == nil {
		return record, nil
	}
	// Another process may have a new key.
	key, err := s.fetchKey(ctx, profile)
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return nil, fmt.Errorf("%w: its key is not in the keyring any more", ErrRecordDamaged)
	case errors.Is(err, errUnusableKey):
		return nil, fmt.Errorf("%w: %w", ErrRecordDamaged, err)
	case err != nil:
		return nil, fmt.Errorf("get the key of the stored record: %w", err)
	}
	record, err := openRecord(key, profile, stored.sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecordDamaged, err)
	}
	return record, nil
}

func (s *sealedStore) read(ctx context.Context, profile string) (storedText, error) {
	text, err := s.files.Load(ctx, profile)
	if err != nil {
		return storedText{}, err
	}
	return parseStoredText(text)
}

// Save implements [CredentialStore].
func (s *sealedStore) Save(ctx context.Context, profile string, record []byte) error {
	if s.policy == StoreFile {
		return s.files.Save(ctx, profile, record)
	}
	key, err := s.keyForSaving(ctx, profile)
	if err != nil {
		if s.policy == StoreKeyring || ctx.Err() != nil {
			return fmt.Errorf("seal the record: %w", err)
		}
		s.noteFallback(ctx, profile, err.Error())
		return s.files.Save(ctx, profile, record)
	}
	sealed, err := sealRecord(key, profile, record)
	if err != nil {
		return fmt.Errorf("seal the record: %w", err)
	}
	s.noteFallback(ctx, profile, "")
	return s.files.Save(ctx, profile, sealed)
}

// noteFallback says out loud that a record is not sealed, once for each reason.
func (s *sealedStore) noteFallback(ctx context.Context, profile, reason string) {
	s.mu.Lock()
	before := s.fallback
	s.fallback = reason
	s.mu.Unlock()
	if reason != "" && reason != before {
		s.logger.WarnContext(ctx, "the credentials are stored unencrypted", "profile", profile, "reason", reason)
	}
}

// Delete implements [CredentialStore]. The key goes after the record, so that
// no record is ever without its key. A plain record has none, and the keyring
// is not asked.
func (s *sealedStore) Delete(ctx context.Context, profile string) error {
	stored, err := s.read(ctx, profile)
	hasKey := errors.Is(err, ErrRecordNewer) || err == nil && stored.sealed != nil
	if err := s.files.Delete(ctx, profile); err != nil || !hasKey {
		return err
	}
	s.remember(profile, secret{})
	err = s.keyring.remove(ctx, s.service, foldCase(profile))
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("remove the key of the deleted record: %w", err)
	}
	return nil
}

// SetAside implements [CredentialStore]. The key stays, for the record that was
// set aside and for the next.
func (s *sealedStore) SetAside(ctx context.Context, profile string) (where string, err error) {
	return s.files.SetAside(ctx, profile)
}

// Lock implements [CredentialStore].
func (s *sealedStore) Lock(ctx context.Context, profile string) (unlock func(), err error) {
	return s.files.Lock(ctx, profile)
}

// String returns the policy and the folder.
func (s *sealedStore) String() string { return fmt.Sprintf("store(%s, %s)", s.policy, s.files.dir) }

// Format implements fmt.Formatter: with every verb it prints String, rather than
// what the store holds.
func (s *sealedStore) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.String()) }

// LogValue implements slog.LogValuer.
func (s *sealedStore) LogValue() slog.Value { return slog.StringValue(s.String()) }

// keyForSaving returns the key in the keyring, and puts one there if there is
// none. A known key is good only as long as it opens what is stored: another
// process may have signed out, and the keyring forgotten the key.
func (s *sealedStore) keyForSaving(ctx context.Context, profile string) (secret, error) {
	known := s.known(profile)
	if stored, err := s.read(ctx, profile); err == nil && stored.sealed != nil {
		if _, err := openRecord(known, profile, stored.sealed); err == nil {
			return known, nil
		}
	}
	key, err := s.fetchKey(ctx, profile)
	if !errors.Is(err, keyring.ErrNotFound) {
		return key, err
	}
	if err := s.keyring.set(ctx, s.service, foldCase(profile), newRecordKey()); err != nil {
		return secret{}, err
	}
	// What counts is what the keyring has: it may have taken another's, or none.
	key, err = s.fetchKey(ctx, profile)
	if errors.Is(err, keyring.ErrNotFound) {
		return secret{}, fmt.Errorf("%w: it does not keep what it is given", errNoKeyring)
	}
	return key, err
}

// errUnusableKey reports a text in the keyring that is no key of ours. It is
// not replaced: it may be another program's.
var errUnusableKey = errors.New("the keyring has something else in the key's place")

// fetchKey returns the key in the keyring. Without one, the error is
// [keyring.ErrNotFound].
func (s *sealedStore) fetchKey(ctx context.Context, profile string) (secret, error) {
	account := foldCase(profile)
	key, err := s.keyring.get(ctx, s.service, account)
	if err != nil {
		return secret{}, err
	}
	if _, err := newRecordCipher(key); err != nil {
		return secret{}, fmt.Errorf("%w (service %s, account %s): %w", errUnusableKey, s.service, account, err)
	}
	s.remember(profile, key)
	return key, nil
}

func (s *sealedStore) known(profile string) secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[profile]
}

func (s *sealedStore) remember(profile string, key secret) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		s.keys = map[string]secret{}
	}
	s.keys[profile] = key
}

// sealedVersion is the format of sealed records that this code writes:
// AES-256-GCM (NIST SP 800-38D) with a random nonce, which precedes the
// ciphertext, in padded base64.
const sealedVersion = 1

// sealedRecord is the JSON text of a record that only its key opens. A plain
// record has a member version instead of sealed_version.
type sealedRecord struct {
	Version int    `json:"sealed_version"`
	Sealed  string `json:"sealed"`
}

// storedText is what the file of a record holds: a plain record, or a sealed one.
type storedText struct {
	plain  []byte
	sealed []byte // nil for a plain record
}

// parseStoredText tells plain records from sealed ones. Whatever is neither, as
// a whole, is [ErrRecordDamaged].
func parseStoredText(text []byte) (storedText, error) {
	object, err := parseStrictObject(text, []string{"version", "sealed_version", "sealed"})
	if err != nil {
		return storedText{}, fmt.Errorf("%w: it %w", ErrRecordDamaged, err)
	}
	if !object.has("sealed_version") {
		if !object.has("version") {
			return storedText{}, fmt.Errorf("%w: it has no version", ErrRecordDamaged)
		}
		return storedText{plain: text}, nil
	}
	var version int
	if err := json.Unmarshal(object["sealed_version"], &version); err != nil || version < sealedVersion {
		return storedText{}, fmt.Errorf("%w: its version is none", ErrRecordDamaged)
	}
	if version > sealedVersion {
		return storedText{}, fmt.Errorf("%w: it is sealed by version %d, and this program knows %d", ErrRecordNewer, version, sealedVersion)
	}
	encoded, err := object.text("sealed")
	if err != nil {
		return storedText{}, fmt.Errorf("%w: %w", ErrRecordDamaged, err)
	}
	sealed, err := decodeBase64(encoded)
	if err != nil || len(sealed) == 0 {
		return storedText{}, fmt.Errorf("%w: what is sealed is not base64", ErrRecordDamaged)
	}
	return storedText{sealed: sealed}, nil
}

// sealRecord returns the text of a sealed record.
func sealRecord(key secret, profile string, record []byte) ([]byte, error) {
	aead, err := newRecordCipher(key)
	if err != nil {
		return nil, err
	}
	sealed := aead.Seal(nil, nil, record, boundTo(profile))
	return json.Marshal(sealedRecord{Version: sealedVersion, Sealed: base64.StdEncoding.EncodeToString(sealed)})
}

// openRecord returns what sealRecord sealed for the same profile by the same key.
func openRecord(key secret, profile string, sealed []byte) ([]byte, error) {
	aead, err := newRecordCipher(key)
	if err != nil {
		return nil, err
	}
	record, err := aead.Open(nil, nil, sealed, boundTo(profile))
	if err != nil {
		return nil, errors.New("the key does not open it")
	}
	return record, nil
}

// boundTo is the additional data of a profile's record: it opens in no other
// profile's place, and for no other format.
func boundTo(profile string) []byte {
	return fmt.Appendf(nil, "sealed credentials, version %d, profile %s", sealedVersion, profile)
}

const recordKeySize = 32 // bytes: AES-256

// newRecordKey returns a fresh random key.
func newRecordKey() secret {
	var key [recordKeySize]byte
	_, _ = rand.Read(key[:]) // never fails: it ends the program instead
	return newSecret(base64.StdEncoding.EncodeToString(key[:]))
}

func newRecordCipher(key secret) (cipher.AEAD, error) {
	bits, err := decodeBase64(key.reveal())
	if err != nil || len(bits) != recordKeySize {
		return nil, errors.New("the key is not 32 bytes in base64")
	}
	block, err := aes.NewCipher(bits)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// decodeBase64 takes only the one text that encodes the data.
func decodeBase64(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("base64 of several lines")
	}
	return base64.StdEncoding.Strict().DecodeString(text)
}
