// Package api serves a stand-in for the API that a spec describes: it enforces
// the spec and keeps its data in memory.
//
// What the data does follows from the paths. Of the collection /timesheets and
// its item /timesheets/{id}, a POST creates, a GET lists or reads, a PUT
// replaces, a PATCH merges and a DELETE removes; what comes after the item, as
// in /timesheets/{id}/approval, is an action, which changes what is named like
// it (a status to approved). An entry that names its user belongs to who
// created it, and is seen by nobody else but who may act on it by a scope of
// its own, as a manager may. Everything else is answered with what was last put
// there, or with a made-up value of the type that the endpoint returns.
package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/scaffold/spec"
)

// Config says what an API is. Spec, Issuer and KeysURL must be set.
type Config struct {
	Spec    *spec.File // loaded and valid; it is not changed
	Issuer  string     // whose access tokens are taken
	KeysURL string     // where the issuer publishes its keys

	// UserinfoURL is the issuer's userinfo endpoint. It is asked about tokens
	// when the spec has no audience: they are opaque then. Such a token says who
	// calls and carries no scope of the API, so that endpoints which need one
	// refuse it.
	UserinfoURL string

	Now      func() time.Time // by which tokens expire and entries are dated; default time.Now
	Subjects []string         // people who own a few entries from the start; others do from their first request on
	Empty    bool             // nobody owns anything at the start

	// Before, if set, wraps the API. What it answers itself is logged as well.
	Before func(http.Handler) http.Handler
	// Log, if set, is told of every request once it is answered. It holds no
	// token, query or body, and may be called by several goroutines at once.
	Log func(Call)
}

// Call is one request that the API received, and what became of it.
type Call struct {
	Time     time.Time     // when it came, by Config.Now
	Took     time.Duration // by the real clock
	Method   string
	Path     string // as it was sent, without the query
	Endpoint string // its name in the spec; empty if there is none
	Subject  string // who called; empty if that is not known
	Bearer   bool   // it carried an Authorization header; the token itself is not kept
	Status   int    // of the answer
	Outcome  string // in words, such as "needs approve:timesheets"
}

// API is the handler. It takes paths that begin with that of the spec's base
// URL, so that in place of https://api.example.com/v1 a client is given the
// origin of the server and /v1.
type API struct {
	types   types
	routes  []*route
	guard   *guard
	data    *data
	now     func() time.Time
	handler http.Handler
	log     func(Call)

	mu    sync.Mutex
	calls []Call
}

// maxCalls is how many requests are remembered; the newest stay.
const maxCalls = 10_000

// New returns the API of a spec.
func New(cfg Config) (*API, error) {
	switch {
	case cfg.Spec == nil:
		return nil, errors.New("api: a spec is needed")
	case cfg.Issuer == "" || cfg.KeysURL == "":
		return nil, errors.New("api: the issuer and the address of its keys are needed")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	base, err := url.Parse(cfg.Spec.BaseURL.Value)
	if err != nil {
		return nil, fmt.Errorf("api: the base URL of the spec: %w", err)
	}
	a := &API{types: newTypes(cfg.Spec), guard: newGuard(cfg), now: cfg.Now, log: cfg.Log}
	a.data = newData(cfg, a.types)
	a.routes = newRoutes(cfg.Spec, strings.TrimSuffix(base.EscapedPath(), "/"))
	plan(a.routes, a.types)
	a.handler = http.HandlerFunc(a.serve)
	if cfg.Before != nil {
		a.handler = cfg.Before(a.handler)
	}
	return a, nil
}

// ServeHTTP answers one request and writes down that it came.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	begun := time.Now()
	x := &exchange{ResponseWriter: w, call: Call{
		Time: a.now(), Method: r.Method, Path: r.URL.EscapedPath(), Bearer: r.Header.Get("Authorization") != "", Status: http.StatusOK,
	}}
	x.match = find(a.routes, r)
	if x.match.route != nil {
		x.call.Endpoint = x.match.route.endpoint.Name.Value
	}
	a.handler.ServeHTTP(x, r.WithContext(context.WithValue(r.Context(), exchangeKey{}, x)))
	if x.call.Outcome == "" {
		x.call.Outcome = strings.ToLower(http.StatusText(x.call.Status))
	}
	x.call.Took = time.Since(begun)
	// The client has the end of the answer only after this returns, so that it
	// finds its call among Calls.
	a.remember(x.call)
	if a.log != nil {
		a.log(x.call)
	}
}

func (a *API) remember(c Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.calls) == maxCalls {
		a.calls = slices.Delete(a.calls, 0, maxCalls/2)
	}
	a.calls = append(a.calls, c)
}

// Calls returns the requests so far, in the order in which they were answered:
// the newest ten thousand at most, and five thousand at least if there were as many.
func (a *API) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

// exchange is a request on its way through the handlers, and its answer.
type exchange struct {
	http.ResponseWriter
	match match
	call  Call
}

type exchangeKey struct{}

// WriteHeader notes the status.
func (x *exchange) WriteHeader(status int) {
	x.call.Status = status
	x.ResponseWriter.WriteHeader(status)
}

// serve answers what Before let through.
func (a *API) serve(w http.ResponseWriter, r *http.Request) {
	x, ok := r.Context().Value(exchangeKey{}).(*exchange)
	if !ok { // Before replaced the context
		refuse(w, &problem{Status: http.StatusInternalServerError, Detail: "the request lost its context on its way to the API"})
		return
	}
	reply, refused := a.answer(w, r, x)
	if refused != nil {
		x.call.Outcome = refused.outcome()
		refuse(w, refused)
		return
	}
	x.call.Outcome = reply.said
	a.write(w, reply)
}

// answer checks a request and does what it asks for.
func (a *API) answer(w http.ResponseWriter, r *http.Request, x *exchange) (reply, *problem) {
	route := x.match.route
	if route == nil {
		return reply{}, x.match.refusal(r.Method)
	}
	var who caller
	if !route.endpoint.Public {
		var refused *problem
		who, refused = a.guard.admit(r, route.endpoint)
		x.call.Subject = who.subject
		if refused != nil {
			return reply{}, refused
		}
	}
	q, refused := a.types.read(w, r, x.match)
	if refused != nil {
		return reply{}, refused
	}
	q.caller = who
	return a.data.do(q)
}

// reply is what an endpoint answers.
type reply struct {
	status  int
	returns *spec.TypeRef // of the value; nil: there is none
	value   any
	said    string // for the log
}

func (a *API) write(w http.ResponseWriter, r reply) {
	w.Header().Set("Cache-Control", "no-store")
	if r.returns == nil {
		w.WriteHeader(r.status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(r.status)
	_, _ = w.Write(append(a.types.encode(nil, r.returns, r.value), '\n')) // the client may be gone
}
