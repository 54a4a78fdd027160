package tenant

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"example.com/scaffold/dev/fault"
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
	faults   *fault.Set
	mu       sync.Mutex
	received map[Endpoint][]url.Values
	prepared map[Endpoint][]Reply
}

func newDesk(faults *fault.Set) *desk {
	return &desk{faults: faults, received: map[Endpoint][]url.Values{}, prepared: map[Endpoint][]Reply{}}
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
		if name := stepNames[e]; name != "" {
			say(r.Context(), "%s", name)
		}
		if err := r.ParseForm(); err != nil {
			oauthError(w, "the form cannot be read")
			return
		}
		if reply, ok := d.take(e, parameters(e, r)); ok {
			say(r.Context(), "a prepared reply")
			reply.write(w)
			return
		}
		r, answered := d.spoil(w, r, e)
		if answered {
			return
		}
		switch e {
		case Token, Revocation, Device:
			d.form(w, r, next)
		case Userinfo:
			next.ServeHTTP(challenger{w, challengeFor(r)}, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// stepNames are the steps of which the endpoint is all there is to say at first.
var stepNames = map[Endpoint]string{
	Metadata: "discovery", Keys: "signing keys", Userinfo: "userinfo", Revocation: "revocation",
}

// faultNames are the endpoints that can have faults.
var faultNames = map[Endpoint]string{
	Metadata: fault.Discovery, Authorization: fault.Authorize, Token: fault.Token, Revocation: fault.Revocation,
	Userinfo: fault.Userinfo, Keys: fault.Keys, Device: fault.Device,
}

type faultKey struct{}

// happening is what is wrong with the request whose context it is.
func happening(ctx context.Context) fault.Happens {
	h, _ := ctx.Value(faultKey{}).(fault.Happens)
	return h
}

// spoil lets the faults happen that are switched on, and says whether there is
// an answer already. Of a client that did not wait for a slow answer, nothing
// is done.
func (d *desk) spoil(w http.ResponseWriter, r *http.Request, e Endpoint) (*http.Request, bool) {
	kinds := []fault.Kind{fault.Slow, fault.Unavailable, fault.TooMany}
	if e == Token {
		kinds = append(kinds, fault.Expired)
		if r.PostForm.Get("grant_type") == string(oidc.GrantTypeRefreshToken) {
			kinds = append(kinds, fault.Revoked)
		}
	}
	h := d.faults.Next(faultNames[e], kinds...)
	if h.Delay > 0 {
		say(r.Context(), "a fault: %s late", h.Delay)
		h.Wait(r)
		if r.Context().Err() != nil {
			say(r.Context(), "the client did not wait")
			return r, true
		}
	}
	if h.Status != 0 {
		say(r.Context(), "a fault: %d", h.Status)
	}
	return r.WithContext(context.WithValue(r.Context(), faultKey{}, h)), h.Refuse(w)
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

// challenger adds the challenge that a 401 must carry, which zitadel leaves out. It
// names no error where there was no token (RFC 6750 section 3.1).
type challenger struct {
	http.ResponseWriter
	challenge string
}

func challengeFor(r *http.Request) string {
	if r.Header.Get("Authorization") == "" && !r.Form.Has("access_token") {
		return "Bearer"
	}
	return `Bearer error="invalid_token"`
}

func (c challenger) WriteHeader(status int) {
	if status == http.StatusUnauthorized {
		c.Header().Set("WWW-Authenticate", c.challenge)
	}
	c.ResponseWriter.WriteHeader(status)
}
