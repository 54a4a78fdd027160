package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRedirectIsNeverFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprintf("G6: a redirect with %d is not followed", status), func(t *testing.T) {
			var received atomic.Int64
			elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { received.Add(1) }))
			defer elsewhere.Close()
			redirect := func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, elsewhere.URL+"/?SECRET", status)
			}
			h := newHostileTenant(t, map[string]http.HandlerFunc{
				tokenPath: redirect, userInfoPath: redirect, revocationPath: redirect, jwksPath: redirect,
			})
			_, tokenErr := h.tenant.requestTokens(t.Context(), refreshForm())
			_, userErr := h.tenant.userInfo(t.Context(), newSecret("SECRET-access"), "user-1")
			_, keysErr := h.tenant.verifyIDToken(t.Context(), h.goodToken(t), idTokenExpectation{nonce: "nonce-1"})
			revokeErr := h.tenant.revoke(t.Context(), newSecret("SECRET-refresh"), "refresh_token")
			h2 := newHostileTenant(t, map[string]http.HandlerFunc{discoveryPath: redirect})
			_, metadataErr := h2.tenant.metadata(t.Context())
			for name, err := range map[string]error{"token": tokenErr, "userinfo": userErr, "jwks": keysErr, "revoke": revokeErr, "discovery": metadataErr} {
				if !errors.Is(err, ErrTemporary) || !strings.Contains(err.Error(), "redirect") || strings.Contains(err.Error(), "SECRET") {
					t.Errorf("%s: %v", name, err)
				}
			}
			if received.Load() != 0 {
				t.Errorf("another host got %d requests", received.Load())
			}
		})
	}
}

func TestBodiesAreCapped(t *testing.T) {
	long := `{` + goodTokens + `,"x":"` + strings.Repeat("SECRET", maxReplySize/6) + `"}`
	var bomb bytes.Buffer
	writer := gzip.NewWriter(&bomb)
	_, _ = writer.Write([]byte(`{` + goodTokens + `,"x":"`))
	for range 4 {
		_, _ = writer.Write(bytes.Repeat([]byte{'a'}, 1<<20))
	}
	_, _ = writer.Write([]byte(`"}`))
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	compressed := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		replyJSON(bomb.String())(w, r)
	}
	for name, answer := range map[string]http.HandlerFunc{"long": replyJSON(long), "compression bomb": compressed} {
		t.Run("G6: a body that is a "+name, func(t *testing.T) {
			h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: answer})
			_, err := h.tenant.requestTokens(t.Context(), refreshForm())
			if !errors.Is(err, ErrTemporary) || !strings.Contains(err.Error(), "longer than 1 MiB") {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("G6: a body at the cap", func(t *testing.T) {
		body := `{` + goodTokens + `}`
		body += strings.Repeat(" ", maxReplySize-len(body))
		h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: replyJSON(body)})
		if _, err := h.tenant.requestTokens(t.Context(), refreshForm()); err != nil {
			t.Errorf("got %v", err)
		}
	})
	t.Run("G6: gzip is not a problem in itself", func(t *testing.T) {
		var small bytes.Buffer
		writer := gzip.NewWriter(&small)
		_, _ = writer.Write([]byte(`{` + goodTokens + `}`))
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			replyJSON(small.String())(w, r)
		}})
		if _, err := h.tenant.requestTokens(t.Context(), refreshForm()); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

// drip sends a beginning and then nothing, until the client goes away.
func drip(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // only then does the server notice a client that leaves
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write([]byte(`{"access_token":"SECRET`))
	w.(http.Flusher).Flush()
	<-r.Context().Done()
	panic(http.ErrAbortHandler) // no regular end, which might still win the race
}

func TestDeadlines(t *testing.T) {
	t.Run("G6: a shorter deadline of the caller wins over a dripping body", func(t *testing.T) {
		h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: drip})
		_, err := h.tenant.requestTokens(expiredContext(t), refreshForm())
		if !errors.Is(err, ErrTemporary) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("G6: without one, the request ends after 30 seconds", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			config := DefaultConfig()
			tenant := newTenant(config, &http.Client{Transport: silentTransport{}}, time.Now)
			start := time.Now()
			_, err := tenant.requestTokens(t.Context(), refreshForm())
			if !errors.Is(err, ErrTemporary) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(start); took != 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	})
	t.Run("a cancelled caller gets the cancellation and not a temporary failure", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			cancel()
			<-r.Context().Done()
			panic(http.ErrAbortHandler) // no reply, which might still win the race
		}})
		_, err := h.tenant.requestTokens(ctx, refreshForm())
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrTemporary) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("G9: a caller who waits for discovery or keys can give up", func(t *testing.T) {
		for _, path := range []string{discoveryPath, jwksPath} {
			ctx, cancel := context.WithCancel(t.Context())
			stuck := make(chan struct{})
			h := newHostileTenant(t, map[string]http.HandlerFunc{path: func(http.ResponseWriter, *http.Request) {
				cancel()
				<-stuck
			}})
			_, err := h.tenant.verifyIDToken(ctx, h.goodToken(t), idTokenExpectation{nonce: "nonce-1"})
			close(stuck)
			if !errors.Is(err, context.Canceled) || errors.Is(err, ErrTemporary) {
				t.Errorf("%s: got %v", path, err)
			}
		}
	})
}

// silentTransport never answers.
type silentTransport struct{}

func (silentTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestConnectionFailures(t *testing.T) {
	t.Run("G14: nobody listens", func(t *testing.T) {
		h := newHostileTenant(t, nil)
		if _, err := h.tenant.metadata(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.server.Close()
		_, err := h.tenant.requestTokens(t.Context(), refreshForm())
		if _, ok := errors.AsType[*net.OpError](err); !ok || !errors.Is(err, ErrTemporary) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("G14: a certificate that is not trusted", func(t *testing.T) {
		h := newHostileTenant(t, nil)
		untrusting := newTenant(h.config(), &http.Client{}, h.clock.now)
		_, err := untrusting.metadata(t.Context())
		if !errors.Is(err, ErrTemporary) || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("G14: the connection breaks off within the body", func(t *testing.T) {
		h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"access_token":"SECRET`))
		}})
		_, err := h.tenant.requestTokens(t.Context(), refreshForm())
		if !errors.Is(err, ErrTemporary) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("got %v", err)
		}
	})
	for _, garbage := range []string{"SECRET SECRET\r\n\r\n", "HTTP/1.1 200 OK\r\nSECRET\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: SECRET\r\n\r\n"} {
		t.Run("G6: a reply that is not HTTP is not quoted", func(t *testing.T) {
			h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: func(w http.ResponseWriter, _ *http.Request) {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = conn.Write([]byte(garbage))
				_ = conn.Close()
			}})
			_, err := h.tenant.requestTokens(t.Context(), refreshForm())
			if !errors.Is(err, ErrTemporary) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestClientIsGuarded(t *testing.T) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var cookies atomic.Int64
	h := newHostileTenant(t, map[string]http.HandlerFunc{tokenPath: func(w http.ResponseWriter, r *http.Request) {
		cookies.Add(int64(len(r.Cookies())))
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		replyJSON("{"+goodTokens+"}")(w, r)
	}})
	own := h.server.Client()
	own.Jar = jar
	tenant := newTenant(h.config(), own, h.clock.now)
	for range 2 {
		if _, err := tenant.requestTokens(t.Context(), refreshForm()); err != nil {
			t.Fatal(err)
		}
	}
	if cookies.Load() != 0 {
		t.Error("cookies are sent back")
	}
	if own.Jar != jar || own.CheckRedirect != nil {
		t.Error("the caller's client was changed")
	}
}
