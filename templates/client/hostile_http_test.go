package client

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// trouble is what can go wrong with any reply of a tenant. All of it may pass.
type trouble struct {
	rule, does, says string
	answer           func(*hostileRun) http.HandlerFunc
}

func always(answer http.HandlerFunc) func(*hostileRun) http.HandlerFunc {
	return func(*hostileRun) http.HandlerFunc { return answer }
}

// padding is longer than a reply may be, and JSON.
var padding = sync.OnceValue(func() string { return "{" + strings.Repeat(" ", maxReplySize) + "}" })

var gzipBomb = sync.OnceValue(func() http.HandlerFunc { return gzipped(padding() + padding()) })

func troubles() []trouble {
	list := []trouble{
		{"G14", "a gateway's HTML with 502", "HTTP 502", always(replyWith(502, "text/html", "<html>the-access-token-A</html>"))},
		{"G14", "500 with the tokens in its body", "HTTP 500", always(replyWith(500, "text/plain", "the-access-token-A the-refresh-token-A the-code-of-the-case"))},
		{"G14", "503 and Retry-After of ten years", "HTTP 503", always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "315360000")
			w.WriteHeader(http.StatusServiceUnavailable)
		})},
		{"G14", "429 and a Retry-After that is no time", "HTTP 429", always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "-1e9 soon")
			w.WriteHeader(http.StatusTooManyRequests)
		})},
		{"G6", "more than 1 MiB", "1 MiB", func(*hostileRun) http.HandlerFunc { return replyJSON(padding()) }},
		{"G6", "a gzip bomb", "1 MiB", func(*hostileRun) http.HandlerFunc { return gzipBomb() }},
		{"G6", "broken gzip", "connection failed", always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			writeJSON(w, "not gzip")
		})},
		{"G14", "a reply that breaks off", "connection failed", always(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"access_token":"the-access-token-A",`))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})},
		{"G14", "a connection that is closed", "connection failed", always(func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		})},
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		list = append(list, trouble{"G6", fmt.Sprintf("a redirect with %d", status), "a redirect", func(r *hostileRun) http.HandlerFunc {
			return r.redirectAway(status)
		}})
	}
	return list
}

// troubleCases are all troubles at one endpoint.
func troubleCases(endpoint string, step *hostileStep, tokens int, set func(*hostileRun, http.HandlerFunc)) []hostileCase {
	var cases []hostileCase
	for _, trouble := range troubles() {
		cases = append(cases, hostileCase{
			rule: trouble.rule, does: endpoint + " has " + trouble.does, step: step, tokens: &tokens,
			want: temporary, says: trouble.says,
			given: func(r *hostileRun) { set(r, trouble.answer(r)) },
		})
	}
	return cases
}

// dripping answers byte by byte without end, to an application that waits for
// the first of them and a moment more, in which it can read the header.
func dripping(r *hostileRun) http.HandlerFunc {
	expire := r.expireOnDemand()
	over := make(chan struct{}) // some requests outlive the caller
	r.t.Cleanup(func() { close(over) })
	return func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{"))
		_ = http.NewResponseController(w).Flush()
		time.AfterFunc(30*time.Millisecond, expire)
		select {
		case <-req.Context().Done():
		case <-over:
		}
	}
}

// gzipped answers with compressed JSON.
func gzipped(body string) http.HandlerFunc {
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, _ = writer.Write([]byte(body)) // to memory
	_ = writer.Close()
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(compressed.Bytes())
	}
}
