package client

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

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
