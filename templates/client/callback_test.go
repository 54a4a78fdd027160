package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

const callbackTestState = "kJ3nV0eZ9tQx7mWb2yLr5sAc8uFh1dGp4iOo6TqXw"

func startCallbackListener(t *testing.T) *callbackListener {
	t.Helper()
	l, err := listenForCallback(freeCallbacks(t, 3))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l
}

type callbackResult struct {
	response authorizationResponse
	err      error
}

func waitForCallbackInBackground(ctx context.Context, l *callbackListener) <-chan callbackResult {
	results := make(chan callbackResult, 1)
	go func() {
		response, err := l.wait(ctx, callbackTestState)
		results <- callbackResult{response, err}
	}()
	return results
}

// receiveInTime fails the test when nothing comes in a time far beyond the expected.
func receiveInTime[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case value := <-from:
		return value
	case <-time.After(5 * time.Second):
		t.Fatalf("%s: nothing happened", what)
	}
	var none T
	return none
}

type browserReply struct {
	status int
	header http.Header
	body   string
	err    error
}

// browseCallback sends one request on a connection of its own.
func browseCallback(method, target string, edit func(*http.Request)) browserReply {
	request, err := http.NewRequest(method, target, nil)
	if err != nil {
		return browserReply{err: err}
	}
	if edit != nil {
		edit(request)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: 5 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return browserReply{err: err}
	}
	body, err := io.ReadAll(response.Body)
	return browserReply{response.StatusCode, response.Header, string(body), errors.Join(err, response.Body.Close())}
}

func browseCallbackInBackground(target string) <-chan browserReply {
	replies := make(chan browserReply, 1)
	go func() { replies <- browseCallback(http.MethodGet, target, nil) }()
	return replies
}

func genuineCallback(l *callbackListener) string {
	return l.redirectURI() + "?code=the-code&state=" + callbackTestState
}

// mustReceiveCode plays the genuine callback and ends the sign-in with it.
func mustReceiveCode(t *testing.T, l *callbackListener, results <-chan callbackResult) {
	t.Helper()
	replies := browseCallbackInBackground(genuineCallback(l))
	if got := receiveInTime(t, "the genuine callback", results); got.err != nil || got.response.code != "the-code" {
		t.Fatalf("wait = %#v, %v; want the genuine code", got.response, got.err)
	}
	l.finish(signedInPage())
	if page := receiveInTime(t, "the page", replies); page.err != nil || page.status != http.StatusOK {
		t.Fatalf("the page: status %d, %v", page.status, page.err)
	}
}

func dialCallback(t *testing.T, l *callbackListener) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", l.redirect.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func sendToCallback(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
}

// mustBeCutOff fails when the listener leaves the connection open.
func mustBeCutOff(t *testing.T, conn net.Conn) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(4 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if _, err := io.ReadAll(conn); errors.As(err, &timeout) && timeout.Timeout() {
		t.Fatal("the connection was left open")
	}
}

// awaitWaitingBrowsers returns once n requests are waiting for the outcome.
func awaitWaitingBrowsers(t *testing.T, n int) {
	t.Helper()
	buffer := make([]byte, 4<<20)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		stacks := string(buffer[:runtime.Stack(buffer, true)])
		if strings.Count(stacks, "(*callbackListener).awaitOutcome(") == n {
			return
		}
	}
	t.Fatalf("there were never %d requests waiting", n)
}

func TestCallbackBinding(t *testing.T) {
	t.Run("G2: the loopback literal of the first redirect URI is bound, never a wildcard", func(t *testing.T) {
		redirects := freeCallbacks(t, 2)
		l, err := listenForCallback(redirects)
		if err != nil {
			t.Fatal(err)
		}
		defer l.close()
		if l.redirectURI() != redirects[0] {
			t.Errorf("redirectURI = %s, want %s", l.redirectURI(), redirects[0])
		}
		if got := "http://" + l.socket.Addr().String() + "/callback"; got != redirects[0] {
			t.Errorf("bound %s, want %s", got, redirects[0])
		}
	})

	t.Run("G2: a busy port makes way for the next registered one", func(t *testing.T) {
		busy := startCallbackListener(t)
		next := freeCallbacks(t, 1)[0]
		l, err := listenForCallback([]string{busy.redirectURI(), next})
		if err != nil {
			t.Fatal(err)
		}
		defer l.close()
		if l.redirectURI() != next {
			t.Errorf("redirectURI = %s, want %s", l.redirectURI(), next)
		}
	})

	t.Run("G2: when all ports are busy the error names them", func(t *testing.T) {
		one, two := startCallbackListener(t), startCallbackListener(t)
		_, err := listenForCallback([]string{one.redirectURI(), two.redirectURI()})
		if err == nil {
			t.Fatal("no error")
		}
		for _, busy := range []*callbackListener{one, two} {
			if !strings.Contains(err.Error(), busy.redirect.Host) {
				t.Errorf("%q does not name %s", err, busy.redirect.Host)
			}
		}
	})

	for _, uri := range []string{
		"http://localhost:8484/callback",
		"http://0.0.0.0:8484/callback",
		"http://[::]:8484/callback",
		"http://192.0.2.1:8484/callback",
		"http://127.1:8484/callback",
		"http://[::ffff:127.0.0.1]:8484/callback",
		"http://[0:0:0:0:0:0:0:1]:8484/callback",
		"http://[::1%25lo]:8484/callback",
		"http://127.0.0.1:0/callback",
		"http://127.0.0.1:08484/callback",
		"http://127.0.0.1/callback",
		"http://user@127.0.0.1:8484/callback",
		"http://127.0.0.1:8484/callback#",
		"https://127.0.0.1:8484/callback",
		"com.example.app:/callback",
		"http://127.0.0.1:99999999/%zz",
	} {
		t.Run("G2: refused even behind a good one: "+uri, func(t *testing.T) {
			l, err := listenForCallback(append(freeCallbacks(t, 1), uri))
			if err == nil {
				l.close()
				t.Fatal("no error")
			}
		})
	}

	t.Run("G2: no redirect URI is an error", func(t *testing.T) {
		if _, err := listenForCallback(nil); err == nil {
			t.Fatal("no error")
		}
	})

	t.Run("G2: the IPv6 loopback literal is accepted", func(t *testing.T) {
		if _, err := parseLoopbackRedirect("http://[::1]:8484/callback"); err != nil {
			t.Error(err)
		}
	})
}

func TestCallbackOutcome(t *testing.T) {
	t.Run("G4: the page is shown after the exchange and says what happened", func(t *testing.T) {
		l := startCallbackListener(t)
		results := waitForCallbackInBackground(t.Context(), l)
		replies := browseCallbackInBackground(genuineCallback(l) + "&iss=https://id.example.com")
		got := receiveInTime(t, "the callback", results)
		if got.err != nil || got.response.iss != "https://id.example.com" || !got.response.issPresent {
			t.Fatalf("wait = iss %q, %v; %v", got.response.iss, got.response.issPresent, got.err)
		}
		select {
		case early := <-replies:
			t.Fatalf("answered before the exchange: %d", early.status)
		default:
		}
		l.finish(signInFailedPage("the answer came from another issuer"))
		page := receiveInTime(t, "the page", replies)
		if page.status != http.StatusBadRequest || !strings.Contains(page.body, "the answer came from another issuer") {
			t.Errorf("page %d: %s", page.status, page.body)
		}
	})

	t.Run("G3: a replayed callback gets the same page and the code is claimed once", func(t *testing.T) {
		l := startCallbackListener(t)
		results := waitForCallbackInBackground(t.Context(), l)
		replies := make([]<-chan browserReply, 5)
		for i := range replies {
			replies[i] = browseCallbackInBackground(genuineCallback(l))
		}
		if got := receiveInTime(t, "the callback", results); got.err != nil {
			t.Fatal(got.err)
		}
		awaitWaitingBrowsers(t, len(replies))
		l.finish(signedInPage())
		first := receiveInTime(t, "a page", replies[0])
		if !strings.Contains(first.body, "You are signed in") {
			t.Errorf("the page: %s, %v", first.body, first.err)
		}
		for _, replayed := range replies[1:] {
			if page := receiveInTime(t, "a page", replayed); page.body != first.body || page.status != http.StatusOK {
				t.Errorf("a replay got %d %s, %v", page.status, page.body, page.err)
			}
		}
		if len(l.claimed) != 0 {
			t.Error("a replay was claimed too")
		}
	})

	t.Run("G3: only the first outcome counts", func(t *testing.T) {
		l := startCallbackListener(t)
		mustReceiveCode(t, l, waitForCallbackInBackground(t.Context(), l))
		l.finish(signInFailedPage("late"))
		if l.outcome != signedInPage() {
			t.Errorf("outcome = %v", l.outcome)
		}
	})

	t.Run("G2: a callback that comes before wait is not lost", func(t *testing.T) {
		l := startCallbackListener(t)
		conn := dialCallback(t, l)
		sendToCallback(t, conn, "GET /callback?code=early&state="+callbackTestState+" HTTP/1.1\r\nHost: "+l.redirect.Host+"\r\n\r\n")
		if got := receiveInTime(t, "the callback", waitForCallbackInBackground(t.Context(), l)); got.response.code != "early" {
			t.Errorf("wait = %v, %v", got.response, got.err)
		}
	})

	t.Run("G4: an application that never finishes does not hang the browser", func(t *testing.T) {
		l := startCallbackListener(t)
		l.outcomeTimeout = time.Millisecond
		waitForCallbackInBackground(t.Context(), l)
		page := receiveInTime(t, "the page", browseCallbackInBackground(genuineCallback(l)))
		if page.status != http.StatusBadRequest || !strings.Contains(page.body, "not finished") {
			t.Errorf("page %d: %s, %v", page.status, page.body, page.err)
		}
	})

	t.Run("G4: the deadlines for a request do not cut the wait for the exchange", func(t *testing.T) {
		l := startCallbackListener(t)
		l.server.ReadHeaderTimeout, l.server.ReadTimeout = 200*time.Millisecond, 200*time.Millisecond
		l.server.WriteTimeout = 200 * time.Millisecond
		results := waitForCallbackInBackground(t.Context(), l)
		replies := browseCallbackInBackground(genuineCallback(l))
		if got := receiveInTime(t, "the callback", results); got.err != nil {
			t.Fatal(got.err)
		}
		mustBeCutOff(t, dialCallback(t, l)) // takes one whole deadline
		l.finish(signedInPage())
		if page := receiveInTime(t, "the page", replies); page.status != http.StatusOK {
			t.Errorf("page %d: %s, %v", page.status, page.body, page.err)
		}
	})
}
