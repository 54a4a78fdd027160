package client

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	keyRefetchCooldown = time.Minute // so that unknown key ids cannot flood the tenant
	maxKeysTried       = 8           // for one signature
	minRSABits         = 2048
)

// keyCache holds the tenant's signing keys, once they have been needed.
type keyCache struct {
	fetch sharedFetch[*fetchedKeys]
	known atomic.Pointer[fetchedKeys]
}

// fetchedKeys are the usable keys of a JWK set.
type fetchedKeys struct {
	keys  []jose.JSONWebKey
	at    time.Time
	again bool // because those of before did not fit
}

// idTokenKeys is the [oidc.KeySet] for one ID token. go-oidc keeps only the
// text of a key set's error, so the error itself stays here.
type idTokenKeys struct {
	tenant   *tenant
	provider metadata
	payload  []byte // what was signed; nil: nothing was verified
	err      error
}

// VerifySignature implements [oidc.KeySet].
func (k *idTokenKeys) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	k.payload, k.err = k.tenant.verifySignature(ctx, raw, k.provider)
	return k.payload, k.err
}

// verifySignature returns the payload of a compact JWS that one of the tenant's
// keys signed. Keys that do not fit are fetched again, for they may have been
// rotated.
func (t *tenant) verifySignature(ctx context.Context, raw string, provider metadata) ([]byte, error) {
	var algorithms []jose.SignatureAlgorithm
	for _, algorithm := range provider.algorithms {
		algorithms = append(algorithms, jose.SignatureAlgorithm(algorithm))
	}
	signed, err := jose.ParseSignedCompact(raw, algorithms)
	if err != nil {
		return nil, &idTokenError{problem: "is malformed"}
	}
	known := t.keys.known.Load()
	if payload := known.verify(signed); payload != nil {
		return payload, nil
	}
	fetched, err := t.refetchKeys(ctx, provider.jwksURI)
	if err != nil {
		return nil, err
	}
	if payload := fetched.verify(signed); payload != nil {
		return payload, nil
	}
	return nil, &idTokenError{problem: "is not signed by a key of the tenant"}
}

// refetchKeys fetches the key set, unless it has just been fetched again.
func (t *tenant) refetchKeys(ctx context.Context, jwksURI string) (*fetchedKeys, error) {
	const doing = "fetch the tenant's signing keys"
	fetched, err := t.keys.fetch.do(ctx, func(ctx context.Context) (*fetchedKeys, error) {
		known := t.keys.known.Load()
		if known != nil && known.again {
			age := t.now().Sub(known.at)
			if age >= 0 && age < keyRefetchCooldown { // negative: the clock was set back
				return known, nil
			}
		}
		reply, err := t.get(ctx, doing, jwksURI, nil)
		if err != nil {
			return nil, err
		}
		// Whatever is wrong here is the tenant's trouble, and may be over soon.
		if reply.status != http.StatusOK {
			return nil, t.troubleWith(doing, reply)
		}
		keys, err := parseKeySet(reply.body)
		if err != nil {
			return nil, &temporaryError{doing: doing, problem: "the reply " + err.Error()}
		}
		fetched := &fetchedKeys{keys: keys, at: t.now(), again: known != nil}
		t.keys.known.Store(fetched)
		return fetched, nil
	})
	if err != nil && ctx.Err() != nil {
		return nil, interruptedError(doing, ctx.Err())
	}
	return fetched, err
}

// verify returns the payload when one of the keys made the signature.
func (f *fetchedKeys) verify(signed *jose.JSONWebSignature) []byte {
	if f == nil || len(signed.Signatures) != 1 {
		return nil
	}
	header := signed.Signatures[0].Protected
	tried := 0
	for _, key := range f.keys {
		if header.KeyID != "" && key.KeyID != header.KeyID || !keyFitsAlgorithm(key, header.Algorithm) {
			continue
		}
		if tried++; tried > maxKeysTried {
			return nil
		}
		if payload, err := signed.Verify(key.Key); err == nil {
			return payload
		}
	}
	return nil
}

// keyFitsAlgorithm keeps a key to the algorithm that it is published for, and
// to its own kind.
func keyFitsAlgorithm(key jose.JSONWebKey, algorithm string) bool {
	if key.Algorithm != "" && key.Algorithm != algorithm {
		return false
	}
	switch key.Key.(type) {
	case *rsa.PublicKey:
		return strings.HasPrefix(algorithm, "RS") || strings.HasPrefix(algorithm, "PS")
	case *ecdsa.PublicKey:
		return strings.HasPrefix(algorithm, "ES")
	case ed25519.PublicKey:
		return algorithm == "EdDSA"
	}
	return false
}

// parseKeySet returns the keys of a JWK set (RFC 7517 section 5) that can
// verify an ID token. One that is broken, weak, of an unknown kind or meant for
// something else is left out, and spoils no other.
func parseKeySet(body []byte) ([]jose.JSONWebKey, error) {
	set, err := parseStrictObject(body, []string{"keys"})
	if err != nil {
		return nil, err
	}
	var entries []json.RawMessage
	if err := json.Unmarshal(set["keys"], &entries); err != nil || entries == nil {
		return nil, errors.New("has no list named keys")
	}
	var keys []jose.JSONWebKey
	for _, entry := range entries {
		if key, ok := parseSigningKey(entry); ok {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func parseSigningKey(entry []byte) (jose.JSONWebKey, bool) {
	members, err := parseStrictObject(entry, []string{"kty", "use", "key_ops", "d"})
	if err != nil || members.has("d") {
		return jose.JSONWebKey{}, false // private: whoever reads the set can sign
	}
	operations, err := members.texts("key_ops")
	if err != nil || operations != nil && !slices.Contains(operations, "verify") {
		return jose.JSONWebKey{}, false
	}
	// No certificate vouches for a key here, and a broken one spoils none.
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return strings.HasPrefix(name, "x5") })
	entry, err = json.Marshal(members)
	if err != nil {
		return jose.JSONWebKey{}, false
	}
	var key jose.JSONWebKey
	if err := key.UnmarshalJSON(entry); err != nil || !key.Valid() { // a symmetric key is not valid
		return jose.JSONWebKey{}, false
	}
	if key.Use != "" && key.Use != "sig" {
		return jose.JSONWebKey{}, false
	}
	if rsaKey, ok := key.Key.(*rsa.PublicKey); ok {
		return key, rsaKey.N.BitLen() >= minRSABits // go-jose bounds it from above
	}
	return key, true
}

// sharedFetch fetches once for all who ask at the same time. It remembers
// neither value nor failure: what is kept, and for how long, is the caller's.
type sharedFetch[T any] struct {
	mu      sync.Mutex
	running *runningFetch[T]
}

type runningFetch[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// do returns what fetch returns, or ctx's error when ctx ends first. The fetch
// itself goes on then, because others may be waiting for it.
func (s *sharedFetch[T]) do(ctx context.Context, fetch func(context.Context) (T, error)) (T, error) {
	s.mu.Lock()
	run := s.running
	if run == nil {
		run = &runningFetch[T]{done: make(chan struct{})}
		s.running = run
		go func() {
			run.value, run.err = fetch(context.WithoutCancel(ctx))
			s.mu.Lock()
			s.running = nil
			s.mu.Unlock()
			close(run.done)
		}()
	}
	s.mu.Unlock()
	select {
	case <-run.done:
		return run.value, run.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
