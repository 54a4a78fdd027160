package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestCallbackEnding(t *testing.T) {
	t.Run("G5: cancelling the context frees the port at once", func(t *testing.T) {
		l := startCallbackListener(t)
		ctx, cancel := context.WithCancel(t.Context())
		results := waitForCallbackInBackground(ctx, l)
		if stray := browseCallback(http.MethodGet, l.redirectURI(), nil); stray.status != http.StatusBadRequest {
			t.Fatalf("stray request: %d, %v", stray.status, stray.err)
		}
		cancel()
		if got := receiveInTime(t, "wait", results); !errors.Is(got.err, context.Canceled) {
			t.Errorf("wait: %v", got.err)
		}
		again, err := listenForCallback([]string{l.redirectURI()})
		if err != nil {
			t.Fatalf("the port is not free: %v", err)
		}
		again.close()
	})

	t.Run("G5: close frees a port that was never waited on", func(t *testing.T) {
		l := startCallbackListener(t)
		l.close()
		again, err := listenForCallback([]string{l.redirectURI()})
		if err != nil {
			t.Fatalf("the port is not free: %v", err)
		}
		again.close()
	})

	t.Run("G5: cancelling during the exchange answers the browser", func(t *testing.T) {
		l := startCallbackListener(t)
		ctx, cancel := context.WithCancel(t.Context())
		results := waitForCallbackInBackground(ctx, l)
		replies := browseCallbackInBackground(genuineCallback(l))
		if got := receiveInTime(t, "the callback", results); got.err != nil {
			t.Fatal(got.err)
		}
		cancel()
		if page := receiveInTime(t, "the page", replies); !strings.Contains(page.body, "not finished") {
			t.Errorf("page %d: %s, %v", page.status, page.body, page.err)
		}
	})

	t.Run("G5: close answers the browser, and wait after close is an error", func(t *testing.T) {
		l := startCallbackListener(t)
		results := waitForCallbackInBackground(t.Context(), l)
		replies := browseCallbackInBackground(genuineCallback(l))
		if got := receiveInTime(t, "the callback", results); got.err != nil {
			t.Fatal(got.err)
		}
		l.close()
		if page := receiveInTime(t, "the page", replies); !strings.Contains(page.body, "not finished") {
			t.Errorf("page %d: %s, %v", page.status, page.body, page.err)
		}
		if _, err := l.wait(t.Context(), callbackTestState); err == nil {
			t.Error("wait after close: no error")
		}
	})

	t.Run("G2: connections opened ahead of need do not hold up finish", func(t *testing.T) {
		l := startCallbackListener(t)
		l.server.ReadHeaderTimeout = time.Hour
		results := waitForCallbackInBackground(t.Context(), l)
		idle := dialCallback(t, l)
		mustReceiveCode(t, l, results)
		mustBeCutOff(t, idle)
	})

	t.Run("G2: a browser that never reads its page does not hold up finish", func(t *testing.T) {
		l := startCallbackListener(t)
		l.lingerTimeout = 10 * time.Millisecond
		browserEnd, serverEnd := net.Pipe() // it has no buffer: a write lasts until it is read
		defer func() { _ = browserEnd.Close() }()
		pipe := &pipeFirstListener{Listener: l.socket, conns: make(chan net.Conn, 1)}
		pipe.conns <- serverEnd
		l.socket = pipe
		results := waitForCallbackInBackground(t.Context(), l)
		sendToCallback(t, browserEnd, "GET /callback?code=c&state="+callbackTestState+" HTTP/1.1\r\nHost: "+l.redirect.Host+"\r\n\r\n")
		if got := receiveInTime(t, "the callback", results); got.err != nil {
			t.Fatal(got.err)
		}
		finished := make(chan struct{})
		go func() { l.finish(signedInPage()); close(finished) }()
		receiveInTime(t, "finish", finished)
	})

	t.Run("G5: no goroutine outlives the sign-in", func(t *testing.T) {
		before := runtime.NumGoroutine()
		for range 5 {
			l := startCallbackListener(t)
			ctx, cancel := context.WithCancel(t.Context())
			results := waitForCallbackInBackground(ctx, l)
			idle := dialCallback(t, l)
			mustReceiveCode(t, l, results)
			cancel()
			_ = idle.Close()
		}
		for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
			if time.Now().After(deadline) {
				buffer := make([]byte, 1<<20)
				t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, buffer[:runtime.Stack(buffer, true)])
			}
		}
	})
}

// pipeFirstListener accepts the prepared connections, then what the socket brings.
type pipeFirstListener struct {
	net.Listener
	conns chan net.Conn
}

func (l *pipeFirstListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	default:
		return l.Listener.Accept()
	}
}

func TestCallbackFlood(t *testing.T) {
	t.Run("G3: 100 stray requests at once do not end the sign-in", func(t *testing.T) {
		l := startCallbackListener(t)
		results := waitForCallbackInBackground(t.Context(), l)
		var strays sync.WaitGroup
		for i := range 100 {
			query := []string{"", "?error=access_denied", "?code=x&state=wrong", "?state=" + callbackTestState}[i%4]
			strays.Go(func() {
				if reply := browseCallback(http.MethodGet, l.redirectURI()+query, nil); reply.status != http.StatusBadRequest {
					t.Errorf("%q: status %d, %v", query, reply.status, reply.err)
				}
			})
		}
		strays.Wait()
		mustReceiveCode(t, l, results)
	})

	t.Run("G2: there is a deadline of at most 10 s for the headers, the request and the answer", func(t *testing.T) {
		server := startCallbackListener(t).server
		for _, deadline := range []time.Duration{server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout} {
			if deadline <= 0 || deadline > 10*time.Second {
				t.Errorf("deadline %s", deadline)
			}
		}
	})

	t.Run("G2: a client that never ends its headers is cut off", func(t *testing.T) {
		l := startCallbackListener(t)
		l.server.ReadHeaderTimeout = 200 * time.Millisecond
		results := waitForCallbackInBackground(t.Context(), l)
		conn := dialCallback(t, l)
		sendToCallback(t, conn, "GET "+strings.TrimPrefix(genuineCallback(l), "http://"+l.redirect.Host)+" HTTP/1.1\r\nHost:")
		mustBeCutOff(t, conn)
		mustReceiveCode(t, l, results)
	})

	t.Run("G2: 64 KiB of headers are refused", func(t *testing.T) {
		l := startCallbackListener(t)
		results := waitForCallbackInBackground(t.Context(), l)
		reply := browseCallback(http.MethodGet, genuineCallback(l), func(r *http.Request) {
			r.Header.Set("X-Filler", strings.Repeat("a", 64<<10))
		})
		if reply.err == nil && reply.status != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("status %d", reply.status)
		}
		mustReceiveCode(t, l, results)
	})

	t.Run("G3: an error with the right state ends the sign-in", func(t *testing.T) {
		l := startCallbackListener(t)
		results := waitForCallbackInBackground(t.Context(), l)
		browseCallbackInBackground(l.redirectURI() + "?error=access_denied&error_description=" + url.QueryEscape("not\x1b[2J today") +
			"&state=" + callbackTestState)
		got := receiveInTime(t, "the callback", results)
		want := authorizationResponse{errorCode: "access_denied", errorDescription: "not[2J today"}
		if got.err != nil || got.response != want {
			t.Errorf("wait: %q %q, %v", got.response.errorCode, got.response.errorDescription, got.err)
		}
	})
}
