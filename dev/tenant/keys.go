package tenant

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// signingKey signs tokens, and is published until all those are expired.
type signingKey struct {
	id      string
	private *rsa.PrivateKey
	until   time.Time // published until then; zero: it signs
}

func (k signingKey) ID() string                                  { return k.id }
func (k signingKey) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k signingKey) Key() any                                    { return k.private }

type publicKey struct{ signingKey }

func (k publicKey) Algorithm() jose.SignatureAlgorithm { return jose.RS256 }
func (k publicKey) Use() string                        { return "sig" }
func (k publicKey) Key() any                           { return &k.private.PublicKey }

// rotateKeys makes a new key. Its predecessor stays published for as long as a
// token that it has signed may be good.
func (s *store) rotateKeys() error {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("make a signing key: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.keys) > 0 {
		s.keys[0].until = s.now().Add(max(s.accessFor, idTokenLifetime) + keyLeeway)
	}
	s.keys = append([]signingKey{{id: rand.Text(), private: private}}, s.keys...)
	s.keys = slices.DeleteFunc(s.keys, s.unpublished)
	return nil
}

const keyLeeway = 5 * time.Minute // for clocks that are behind

func (s *store) unpublished(k signingKey) bool { return !k.until.IsZero() && !s.now().Before(k.until) }

// SigningKey returns the key of every new token.
func (s *store) SigningKey(context.Context) (op.SigningKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[0], nil
}

// SignatureAlgorithms is what discovery tells.
func (s *store) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.RS256}, nil
}

// KeySet is what the keys endpoint tells.
func (s *store) KeySet(context.Context) ([]op.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var published []op.Key
	for _, k := range s.keys {
		if !s.unpublished(k) {
			published = append(published, publicKey{k})
		}
	}
	return published, nil
}
