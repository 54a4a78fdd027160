package tenant

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
)

// Reply is an answer that a test prepares. A Status of 0 is 200.
type Reply struct {
	Status int
	Header http.Header // Content-Type is application/json unless set here
	Body   string
}

// desk stands in front of the endpoints: it writes down what came in, gives
// the replies that were prepared, and refuses what RFC 6749 section 3.2 does.
type desk struct {
	mu       sync.Mutex
	received map[Endpoint][]url.Values
	prepared map[Endpoint][]Reply
}

func newDesk() *desk {
	return &desk{received: map[Endpoint][]url.Values{}, prepared: map[Endpoint][]Reply{}}
}

func (d *desk) inFrontOf(next http.Handler, layout Layout) http.Handler {
	byPath := map[string]Endpoint{}
	for e := Metadata; e <= Device; e++ {
		byPath[layout.path(e)] = e
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e, known := byPath[r.URL.Path]
		if !known {
			next.ServeHTTP(w, r)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		if err := r.ParseForm(); err != nil {
			oauthError(w, "the form cannot be read")
			return
		}
		if reply, ok := d.take(e, parameters(e, r)); ok {
			reply.write(w)
			return
		}
		switch e {
		case Token, Revocation, Device:
			d.form(w, r, next)
		case Userinfo:
			next.ServeHTTP(challenger{w}, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// form serves an endpoint that takes a form in the body and nothing else; the
// query is not looked at (RFC 6749 section 2.3.1).
func (d *desk) form(w http.ResponseWriter, r *http.Request, next http.Handler) {
	w.Header().Set("Cache-Control", "no-store") // RFC 6749 section 5.1
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	for name, values := range r.PostForm {
		if len(values) > 1 && name != "resource" { // RFC 8707 section 2 lets this one repeat
			oauthError(w, "the parameter "+name+" is there more than once")
			return
		}
	}
	r.Form = r.PostForm
	next.ServeHTTP(w, r)
}

// parameters is what is written down: the body where the endpoint takes a
// form, so that a secret in a query is seen to be missing.
func parameters(e Endpoint, r *http.Request) url.Values {
	if e == Token || e == Revocation || e == Device {
		return r.PostForm
	}
	return r.Form
}

func (d *desk) take(e Endpoint, values url.Values) (Reply, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.received[e] = append(d.received[e], cloneValues(values))
	if len(d.prepared[e]) == 0 {
		return Reply{}, false
	}
	reply := d.prepared[e][0]
	d.prepared[e] = d.prepared[e][1:]
	return reply, true
}

func (d *desk) answer(e Endpoint, reply Reply) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.prepared[e] = append(d.prepared[e], reply)
}

func (d *desk) requests(e Endpoint) []url.Values {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []url.Values
	for _, values := range d.received[e] {
		all = append(all, cloneValues(values))
	}
	return all
}

func cloneValues(values url.Values) url.Values {
	c := url.Values{}
	for name, list := range values {
		c[name] = slices.Clone(list)
	}
	return c
}

func (reply Reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	maps.Copy(w.Header(), reply.Header)
	if reply.Status != 0 {
		w.WriteHeader(reply.Status)
	}
	_, _ = io.WriteString(w, reply.Body) // the client may be gone
}

func oauthError(w http.ResponseWriter, description string) {
	body, _ := json.Marshal(map[string]string{"error": "invalid_request", "error_description": description}) // cannot fail: strings
	Reply{Status: http.StatusBadRequest, Body: string(body)}.write(w)
}

// challenger adds the challenge that a 401 must carry (RFC 6750 section 3),
// which zitadel leaves out.
type challenger struct{ http.ResponseWriter }

func (c challenger) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		c.Header().Set("WWW-Authenticate", `Bearer error="invalid_token"`)
	}
	c.ResponseWriter.WriteHeader(status)
}
