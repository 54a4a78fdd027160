//go:build unix

package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
)

// tenantStep is how far the tenant has come with a refresh.
type tenantStep string

const (
	requestArrived tenantStep = "while the token request is on its way"
	tokenRotated   tenantStep = "after the tenant has rotated, before it answers"
	halfAnswered   tenantStep = "in the middle of the tenant's answer"
)

// strictTenant treats public clients as it should (RFC 9700 section 4.14.2): each
// refresh replaces the refresh token, and whoever presents a replaced one is
// taken for a thief, so that nobody can use the grant any more. Its API takes
// the access tokens of the grant, while that is good.
type strictTenant struct {
	f       *fixture
	folder  string // of the store
	keyring string // its folder, for a store of sealed records
	overlap bool   // as Auth0's: a token that was replaced is good until the new one is used
	mild    bool   // a replaced token is refused, and no more

	mu       sync.Mutex
	at       map[tenantStep]func() // done once, when a refresh gets there
	issued   int                   // counts tokens, to name them
	previous string                // refresh tokens
	newest   string
	over     bool

	connections int // that are open
	closed      *sync.Cond
}

// newStrictTenant makes the fixture's tenant strict, and signs in with a store
// of plain files that other processes can use.
func newStrictTenant(f *fixture) *strictTenant { return newStrictTenantWith(f, "") }

// newSealingTenant does so with a store of sealed files.
func newSealingTenant(f *fixture) *strictTenant { return newStrictTenantWith(f, f.t.TempDir()) }

// strictTenants are both.
func strictTenants() map[string]func(*fixture) *strictTenant {
	return map[string]func(*fixture) *strictTenant{"plain": newStrictTenant, "sealed": newSealingTenant}
}

func newStrictTenantWith(f *fixture, keyring string) *strictTenant {
	s := &strictTenant{f: f, folder: f.t.TempDir(), keyring: keyring, at: map[tenantStep]func(){}}
	s.closed = sync.NewCond(&s.mu)
	f.tenant = httptest.NewUnstartedServer(f.tenantHandler())
	f.tenant.Config.ConnState = s.count
	f.tenant.Start()
	f.t.Cleanup(f.tenant.Close)
	f.store = newProcessStore(s.folder, dyingKeyring{folderKeyring(s.keyring), &dying{}})
	f.app = f.newApp()
	f.set(func() { f.onToken, f.onAPI = s.serveToken, s.serveAPI })
	f.login()
	return s
}

// count counts the connections.
func (s *strictTenant) count(_ net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch state {
	case http.StateNew:
		s.connections++
	case http.StateClosed:
		s.connections--
		s.closed.Broadcast()
	}
}

func (s *strictTenant) open() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// settle waits until there are only so many connections: what a process that is
// dead has asked for can still be on its way.
func (s *strictTenant) settle(connections int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.connections > connections {
		s.closed.Wait()
	}
}

// when has something done, once, when a refresh gets to a step.
func (s *strictTenant) when(step tenantStep, do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[step] = do
}

func (s *strictTenant) reach(step tenantStep) {
	s.mu.Lock()
	do := s.at[step]
	delete(s.at, step)
	s.mu.Unlock()
	if do != nil {
		do()
	}
}

// hold makes the next refresh wait at a step: arrived is closed when it is there,
// and letGo, or the end of the test, lets it go on.
func (s *strictTenant) hold(step tenantStep) (arrived <-chan struct{}, letGo func()) {
	return s.holdThen(step, func() {})
}

// holdAndLose is hold for a request that gets no further.
func (s *strictTenant) holdAndLose(step tenantStep) (arrived <-chan struct{}, lose func()) {
	return s.holdThen(step, func() { panic(http.ErrAbortHandler) })
}

func (s *strictTenant) holdThen(step tenantStep, then func()) (arrived <-chan struct{}, letGo func()) {
	there, released := make(chan struct{}), make(chan struct{})
	s.when(step, func() {
		close(there)
		select {
		case <-released:
		case <-s.f.t.Context().Done():
		}
		then()
	})
	return there, func() { close(released) }
}

func (s *strictTenant) serveToken(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	signIn := r.PostForm.Get("grant_type") == "authorization_code"
	if !signIn {
		s.reach(requestArrived)
		if !s.rotate(r.PostForm.Get("refresh_token")) {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error":"invalid_grant"}`)
			return
		}
		s.reach(tokenRotated)
	}
	answer := s.f.tokens(signIn)
	s.name(answer, signIn)
	body, err := json.Marshal(answer)
	if err != nil {
		s.f.t.Error(err)
	}
	half := len(body) / 2
	_, _ = w.Write(body[:half]) // the client may have gone
	if !signIn {
		_ = http.NewResponseController(w).Flush()
		s.reach(halfAnswered)
	}
	_, _ = w.Write(body[half:])
}

// rotate reports whether the refresh token is good, and replaces it.
func (s *strictTenant) rotate(presented string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return false
	case presented == s.newest:
		s.previous = s.newest
	case !s.overlap || presented != s.previous:
		s.over = !s.mild
		return false
	}
	s.issue()
	return true
}

func (s *strictTenant) issue() {
	s.issued++
	s.newest = fmt.Sprintf("the-refresh-token-%d", s.issued)
}

// name puts the newest tokens into an answer.
func (s *strictTenant) name(answer map[string]any, signIn bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if signIn {
		s.issue()
		s.over = false
	}
	answer["refresh_token"] = s.newest
	answer["access_token"] = fmt.Sprintf("the-access-token-%d", s.issued)
}

func (s *strictTenant) serveAPI(w http.ResponseWriter, r *http.Request) {
	var n int
	_, err := fmt.Sscanf(r.Header.Get("Authorization"), "Bearer the-access-token-%d", &n)
	s.mu.Lock()
	good := err == nil && n <= s.issued && !s.over
	s.mu.Unlock()
	if !good {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	writeJSON(w, []string{"a note"})
}

// refreshTokens returns the newest refresh token and the one before.
func (s *strictTenant) refreshTokens() (newest, previous string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newest, s.previous
}

// inStore returns the refresh token in the store, which must be readable and
// not locked.
func (s *strictTenant) inStore() string {
	s.f.t.Helper()
	unlock, err := s.f.app.lockStore(s.f.t.Context())
	if err != nil {
		s.f.t.Fatal(err)
	}
	defer unlock()
	stored, err := s.f.app.load(s.f.t.Context())
	if err != nil {
		s.f.t.Fatalf("the store cannot be read: %v", err)
	}
	return stored.refreshToken.reveal()
}

// mustSurvive fails the test unless whoever opens the store next can renew the
// token and call the API.
func (s *strictTenant) mustSurvive() {
	s.f.t.Helper()
	session, err := s.f.newApp().Session(s.f.t.Context())
	if err != nil {
		s.f.t.Fatal(err)
	}
	s.f.mustRefresh(session)
	s.f.mustCall(session)
	if newest, _ := s.refreshTokens(); s.inStore() != newest {
		s.f.t.Error("the newest refresh token is not in the store")
	}
}
