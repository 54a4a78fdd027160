package api

import (
	"encoding/json"
	"net/http"
	"strings"
)

// problem is an answer that refuses a request: problem details (RFC 9457),
// without a type of its own.
type problem struct {
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []fault `json:"errors,omitempty"` // what is wrong with the request, one by one

	header map[string]string // of the answer
	said   string            // for the log; empty: the detail
}

// fault is one thing that is wrong with a request.
type fault struct {
	Detail    string `json:"detail"`              // names the place, and what must be there
	Pointer   string `json:"pointer,omitempty"`   // to it in the body: a JSON pointer (RFC 6901) as a fragment
	Parameter string `json:"parameter,omitempty"` // of the path or the query
	Header    string `json:"header,omitempty"`
}

// invalid is the problem of a request that is not as the spec has it.
func invalid(faults []fault) *problem {
	details := make([]string, len(faults))
	for i, f := range faults {
		details[i] = f.Detail
	}
	return &problem{Status: http.StatusBadRequest, Detail: strings.Join(details, "; "), Errors: faults}
}

func (p *problem) outcome() string {
	if p.said != "" {
		return p.said
	}
	return p.Detail
}

func refuse(w http.ResponseWriter, p *problem) {
	p.Title = http.StatusText(p.Status)
	body, _ := json.Marshal(p) // cannot fail: strings and a number
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	for name, value := range p.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone
}
