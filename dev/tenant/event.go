package tenant

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Event is one request that was answered. It holds no secret: no code, token,
// verifier, state, nonce or password, and no query.
type Event struct {
	Time   time.Time     // when the request came, by Config.Now
	Took   time.Duration // by the real clock
	Server string        // who answered: tenant, or another that is logged beside it
	Method string
	Path   string
	Status int
	Step   string // which step of the flow it was and what came of it, in words
}

// String is the event as one line of a log.
func (e Event) String() string { return e.Text(false) }

// Text is the event as one line of a log, with colors for a terminal or without.
func (e Event) Text(color bool) string {
	dim, status, normal := "", "", ""
	if color {
		dim, status, normal = "\x1b[2m", "\x1b[32m", "\x1b[0m"
		switch {
		case e.Status >= http.StatusInternalServerError:
			status = "\x1b[31m"
		case e.Status >= http.StatusBadRequest:
			status = "\x1b[33m"
		}
	}
	return fmt.Sprintf("%s%s%s  %-6s %s%d%s  %-6s %s  %s", dim, e.Time.Format(time.TimeOnly), normal,
		e.Server, status, e.Status, normal, plain(e.Method), plain(e.Path), plain(e.Step))
}

const longestPlain = 400 // characters of what a request says

// plain makes text of a request fit for a terminal: one line without control
// characters, and not too long.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > longestPlain {
		return string(runes[:longestPlain]) + "..."
	}
	return text
}

// notes is what the parts that work on one request say of it.
type notes struct {
	mu    sync.Mutex
	parts []string
}

type notesKey struct{}

// say adds to the step of the request's event. What requests bring goes through
// plain.
func say(ctx context.Context, format string, args ...any) {
	n, ok := ctx.Value(notesKey{}).(*notes)
	if !ok {
		return
	}
	for i, arg := range args {
		if text, is := arg.(string); is {
			args[i] = plain(text)
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.parts = append(n.parts, fmt.Sprintf(format, args...))
}

func (n *notes) step() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Join(n.parts, " -> ")
}

// logged tells Config.Log of every request.
func logged(next http.Handler, cfg Config) http.Handler {
	if cfg.Log == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun, at, n := time.Now(), cfg.Now(), new(notes)
		seen := &observer{ResponseWriter: w}
		defer func() {
			if code := seen.errorCode(); code != "" {
				n.parts = append(n.parts, "refused: "+plain(code))
			}
			status := max(seen.status, http.StatusOK)
			cfg.Log(Event{
				Time: at, Took: time.Since(begun), Server: "tenant", Method: r.Method, Path: r.URL.Path,
				Status: status, Step: cmp.Or(n.step(), strings.ToLower(http.StatusText(status))),
			})
		}()
		next.ServeHTTP(seen, r.WithContext(context.WithValue(r.Context(), notesKey{}, n)))
	})
}

// observer sees the status of an answer, and the body of an error.
type observer struct {
	http.ResponseWriter
	status int
	body   []byte
}

const longestError = 4096 // bytes of an error's body that are read for its code

func (o *observer) WriteHeader(status int) {
	if o.status == 0 {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *observer) Write(p []byte) (int, error) {
	if o.status == 0 {
		o.status = http.StatusOK
	}
	if o.status >= http.StatusBadRequest {
		o.body = append(o.body, p[:min(len(p), longestError-len(o.body))]...)
	}
	return o.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (o *observer) Unwrap() http.ResponseWriter { return o.ResponseWriter }

// errorCode is the code of an OAuth error (RFC 6749 section 5.2). Its
// description stays out: it may repeat what the request brought.
func (o *observer) errorCode() string {
	var body struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(o.body, &body) != nil {
		return ""
	}
	return body.Error
}
