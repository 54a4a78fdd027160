package tenant

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"example.com/scaffold/dev/fault"
)

// What a running tenant can be told over HTTP. Like everything here, it answers
// on loopback only, and not to the pages of other sites.
const (
	RotateKeysPath = "/dev/rotate-keys" // POST
	FaultsPath     = "/dev/faults"      // GET tells them, POST fault=TEXT adds one (see fault.Parse), DELETE clears them
)

func (t *Tenant) control(mux *http.ServeMux) {
	ours := http.NewCrossOriginProtection()
	mux.Handle(RotateKeysPath, ours.Handler(http.HandlerFunc(t.serveRotateKeys)))
	mux.Handle(FaultsPath, ours.Handler(http.HandlerFunc(t.serveFaults)))
}

func (t *Tenant) serveRotateKeys(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	say(r.Context(), "signing keys are rotated")
	if err := t.RotateKeys(); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (t *Tenant) serveFaults(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		say(r.Context(), "faults")
	case http.MethodPost:
		f, err := fault.Parse(r.PostFormValue("fault"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		say(r.Context(), "fault %s is switched on", f.String())
		t.cfg.Faults.Add(f)
	case http.MethodDelete:
		say(r.Context(), "all faults are switched off")
		t.cfg.Faults.Clear()
	default:
		w.Header().Set("Allow", "GET, POST, DELETE")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	list := []string{}
	for _, f := range t.cfg.Faults.List() {
		list = append(list, f.String())
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string][]string{"faults": list}) // the client may be gone
}

// RotateKeys makes a new signing key. Its predecessor stays published for as
// long as tokens that it has signed are good.
func (t *Tenant) RotateKeys() error {
	if err := t.store.rotateKeys(); err != nil {
		return err
	}
	return t.store.write()
}

// Faults returns what goes wrong: Config.Faults, or the tenant's own.
func (t *Tenant) Faults() *fault.Set { return t.cfg.Faults }

// AuthorizationRequests returns the parameters of every request that the
// authorization endpoint received, in order.
func (t *Tenant) AuthorizationRequests() []url.Values { return t.desk.requests(Authorization) }

// TokenRequests returns the form of every request that the token endpoint
// received, in order, those that Answer answered too.
func (t *Tenant) TokenRequests() []url.Values { return t.desk.requests(Token) }

// DeviceRequests returns the form of every request that the device
// authorization endpoint received, in order.
func (t *Tenant) DeviceRequests() []url.Values { return t.desk.requests(Device) }

// RevocationRequests returns the form of every request that the revocation
// endpoint received, in order.
func (t *Tenant) RevocationRequests() []url.Values { return t.desk.requests(Revocation) }

// Answer makes the next request to the endpoint get this reply and reach
// nothing else. Replies queue: each is given once.
func (t *Tenant) Answer(e Endpoint, reply Reply) { t.desk.answer(e, reply) }

// RevokeAll ends every sign-in of a person: in browsers, refresh tokens and,
// where the tenant is asked, access tokens.
func (t *Tenant) RevokeAll(subject string) {
	t.sessions.endAll(subject)
	t.store.revokeAll(subject)
	t.store.save(context.Background())
}

// SetScopes changes what a person's role grants. It takes effect at the next
// refresh or sign-in; tokens that were issued keep their scopes.
func (t *Tenant) SetScopes(email string, scopes []string) error {
	return t.store.setScopes(email, scopes)
}
