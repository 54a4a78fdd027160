package tenant

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

// sessionLifetime is how long a browser stays signed in.
const sessionLifetime = 24 * time.Hour

// session is a person who is signed in with a browser.
type session struct {
	id       string
	subject  string
	authTime time.Time
}

// sessions remembers who is signed in with which browser. A browser has one
// cookie: before the sign-in it is random and only ties forms to the browser,
// with the sign-in it is replaced by the session's id.
type sessions struct {
	cookie string // its name: browsers share cookies between the ports of a host
	now    func() time.Time
	key    [32]byte // of the forms' tokens

	mu   sync.Mutex
	byID map[string]session
}

func newSessions(port string, now func() time.Time) *sessions {
	s := &sessions{cookie: "tenant_" + port, now: now, byID: map[string]session{}}
	_, _ = rand.Read(s.key[:]) // it never fails
	return s
}

// of returns the session of the browser that sent these headers.
func (s *sessions) of(header http.Header) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.byID[s.value(header)]
	return found, ok && s.now().Before(found.authTime.Add(sessionLifetime))
}

func (s *sessions) value(header http.Header) string {
	cookie, err := (&http.Request{Header: header}).Cookie(s.cookie)
	if err != nil {
		return ""
	}
	return cookie.Value
}

// begin signs a person in with the browser. The old cookie is good for nothing
// then, so that nobody can have set it for them (session fixation).
func (s *sessions) begin(w http.ResponseWriter, r *http.Request, subject string) session {
	begun := session{id: rand.Text(), subject: subject, authTime: s.now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, s.value(r.Header))
	for id, old := range s.byID {
		if !s.now().Before(old.authTime.Add(sessionLifetime)) {
			delete(s.byID, id)
		}
	}
	s.byID[begun.id] = begun
	http.SetCookie(w, s.newCookie(begun.id))
	return begun
}

// end signs the browser out.
func (s *sessions) end(header http.Header) (*http.Cookie, session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.value(header)
	ended := s.byID[id]
	delete(s.byID, id)
	gone := s.newCookie("")
	gone.MaxAge = -1
	return gone, ended
}

// endAll signs a person out of every browser.
func (s *sessions) endAll(subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, each := range s.byID {
		if each.subject == subject {
			delete(s.byID, id)
		}
	}
}

// Lax, not Strict: the application's link to the authorization endpoint must
// bring it.
func (s *sessions) newCookie(value string) *http.Cookie {
	return &http.Cookie{Name: s.cookie, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// token returns what a form in this browser must carry, and sees to it that the
// browser has a cookie.
func (s *sessions) token(w http.ResponseWriter, r *http.Request) string {
	value := s.value(r.Header)
	if value == "" {
		value = rand.Text()
		http.SetCookie(w, s.newCookie(value))
	}
	return s.tokenOf(value)
}

func (s *sessions) tokenOf(value string) string {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write([]byte(value))
	return hex.EncodeToString(mac.Sum(nil))
}

// genuine tells whether a form was sent from a page that this browser was
// given: another site knows neither the cookie nor the token (CSRF).
func (s *sessions) genuine(r *http.Request) bool {
	value := s.value(r.Header)
	return value != "" && hmac.Equal([]byte(r.PostFormValue(tokenField)), []byte(s.tokenOf(value)))
}

const tokenField = "form_token"
