package tenant

import (
	"context"
	"net/http"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"
)

// zitadel reads time.Now and takes no clock. It does take a clock skew of the
// client, which it subtracts from what it writes, and an offset of its
// verifiers. Both are set to how far Config.Now is from time.Now, so that
// every time in a token and every comparison follows Config.Now.
//
// The skew is fixed once a request: two readings of two clocks would differ by
// a little, and that could move a whole second.

type skewKey struct{}

func (s *store) skewNow() time.Duration { return time.Since(s.now()) }

func (s *store) withSkew(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), skewKey{}, s.skewNow())))
	})
}

// skew returns how far time.Now is ahead of Config.Now.
func skew(ctx context.Context) time.Duration {
	d, _ := ctx.Value(skewKey{}).(time.Duration)
	return d
}

func (s *store) accessTokenClock(v *op.AccessTokenVerifier) { v.Offset = -s.skewNow() }

func (s *store) idTokenClock(v *op.IDTokenHintVerifier) { v.Offset = -s.skewNow() }
