// Package api owns the ExampleCo Timesheets HTTP API of timesheets.yaml: a
// resource server with its entries in memory, for the demo and the tests.
package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// The scopes that the endpoints ask for.
const (
	read    = "read:timesheets"
	create  = "create:timesheets"
	remove  = "delete:timesheets"
	approve = "approve:timesheets"
)

// Call is one request that the API received.
type Call struct {
	Method, Path string
	Bearer       bool // it carried an Authorization header; the token itself is not kept
	Status       int  // of the answer
}

// API is the server's handler.
type API struct {
	guard *guard
	store *store
	mux   *http.ServeMux

	mu    sync.Mutex
	calls []Call
}

// New returns the API with a few entries of auth0|erin and auth0|morgan. It
// takes access tokens of the issuer for the audience, with its keys at
// jwksURL, and now is the clock that they expire by.
func New(issuer, jwksURL, audience string, now func() time.Time) *API {
	a := &API{guard: newGuard(issuer, jwksURL, audience, now), store: newStore(), mux: http.NewServeMux()}
	a.mux.Handle("GET /timesheets", a.guard.need(read, a.list))
	a.mux.Handle("POST /timesheets", a.guard.need(create, a.create))
	a.mux.Handle("DELETE /timesheets/{id}", a.guard.need(remove, a.remove))
	a.mux.Handle("POST /timesheets/{id}/approval", a.guard.need(approve, a.approve))
	return a
}

// ServeHTTP answers one request and writes down that it came.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := Call{Method: r.Method, Path: r.URL.Path, Bearer: r.Header.Get("Authorization") != ""}
	seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	a.mux.ServeHTTP(seen, r)
	// The client has the end of the answer only after this returns, so that it
	// finds its call among Calls.
	call.Status = seen.status
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = append(a.calls, call)
}

// Calls returns every request so far, in the order in which they were answered.
func (a *API) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.calls)
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (a *API) list(w http.ResponseWriter, r *http.Request, c caller) {
	from, err := date(r, "from")
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	to, err := date(r, "to")
	if err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusOK, a.store.list(c, from, to))
}

func (a *API) create(w http.ResponseWriter, r *http.Request, c caller) {
	var entry newTimesheet
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		problem(w, http.StatusUnsupportedMediaType, "the body must be application/json")
		return
	}
	if err := decode(http.MaxBytesReader(w, r.Body, 1<<20), &entry); err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := entry.check(); err != nil {
		problem(w, http.StatusBadRequest, err.Error())
		return
	}
	answer(w, http.StatusCreated, a.store.create(c, entry))
}

func (a *API) remove(w http.ResponseWriter, r *http.Request, c caller) {
	if id, err := strconv.ParseInt(r.PathValue("id"), 10, 64); err != nil || !a.store.remove(c, id) {
		problem(w, http.StatusNotFound, "no such timesheet")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *API) approve(w http.ResponseWriter, r *http.Request, c caller) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		problem(w, http.StatusNotFound, "no such timesheet")
		return
	}
	entry, ok := a.store.approve(id)
	if !ok {
		problem(w, http.StatusNotFound, "no such timesheet")
		return
	}
	answer(w, http.StatusOK, entry)
}

// date reads a date of the query; absent is "".
func date(r *http.Request, name string) (string, error) {
	value := r.URL.Query().Get(name)
	if value == "" {
		return "", nil
	}
	if _, err := time.Parse(time.DateOnly, value); err != nil {
		return "", fmt.Errorf("%s must be a date like 2026-03-31", name)
	}
	return value, nil
}

// decode reads one JSON value and nothing after it.
func decode(body io.Reader, into any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read the body: something follows the JSON")
	}
	return nil
}

func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the client may be gone
}

func problem(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]string{"error": message})
}
