package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// Session is somebody signed in. It is safe for concurrent use, and renews its
// access token by itself. A nil Session is nobody: it shows no user, has no
// scope, and its calls fail.
type Session struct {
	app    *App
	client *http.Client // for the API: adds the access token
	calls  *http.Client // the same, for the endpoints' methods
	state  atomic.Pointer[sessionState]

	spent  []secret // refresh tokens that others have replaced; guarded by App.changing
	events sessionEvents
	futile atomic.Pointer[futileRenewal]

	mu      sync.Mutex
	refresh *refreshFlight // under way, or nil
	failure refreshFailure // of the last refresh
}

// sessionState is replaced as a whole, so that readers need no lock.
type sessionState struct {
	*credentials
	ended *LoginRequiredError // not nil: nobody is signed in any more
}

func newSession(a *App, c *credentials) *Session {
	s := &Session{app: a}
	s.state.Store(&sessionState{credentials: c})
	s.client = s.newHTTPClient()
	s.calls = withoutRewriting(s.client)
	return s
}

// current returns the credentials, or why there are none.
func (s *Session) current() (*credentials, error) {
	if s == nil {
		return nil, &LoginRequiredError{Reason: ReasonNone}
	}
	state := s.state.Load()
	if state == nil {
		return nil, &LoginRequiredError{Reason: ReasonNone}
	}
	if state.ended != nil {
		return nil, state.ended
	}
	return state.credentials, nil
}

func (s *Session) live() bool {
	_, err := s.current()
	return err == nil
}

// User returns the profile of whoever is signed in, from the validated ID
// token; after the end of the session, the zero User.
func (s *Session) User() User {
	c, err := s.current()
	if err != nil {
		return User{}
	}
	return c.user
}

// HasScope reports whether exactly this scope was granted, and is one that the
// client declares.
func (s *Session) HasScope(scope string) bool {
	c, err := s.current()
	return err == nil && c.open[scope]
}

// Granted returns the scopes as the tenant granted them, which can be fewer
// than were asked for.
func (s *Session) Granted() []string {
	c, err := s.current()
	if err != nil {
		return nil
	}
	return slices.Clone(c.granted)
}

// Pending returns the scopes of [Config] for which this user was never asked,
// because the sign-in was made by an older version of the application. Pass
// them to [App.Login].
func (s *Session) Pending() []string {
	c, err := s.current()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(s.app.config.Scopes), func(scope string) bool {
		return slices.Contains(c.requested, scope)
	})
}

// UserInfo asks the tenant for the user's current profile (OpenID Connect Core
// 1.0 section 5.3), which can hold more than the ID token did. A reply about
// another subject is an error. Some tenants refuse an access token that is for
// an API, as it is with [Config].Audience.
func (s *Session) UserInfo(ctx context.Context) (User, error) {
	c, early, err := s.valid(ctx)
	if err != nil {
		return User{}, err
	}
	defer early.settle(ctx)
	user, err := s.app.tenant.userInfo(ctx, c.accessToken, c.user.Subject)
	if refusal, ok := errors.AsType[*httpStatusError](err); ok && refusal.status == http.StatusUnauthorized && c.audience != "" {
		return User{}, fmt.Errorf("%w: this tenant may take no access token that is for the audience %s", err, c.audience)
	}
	return user, err
}

// replace makes fresh credentials the session's own. The caller has the event
// delivered once it holds no lock.
func (s *Session) replace(fresh *credentials) {
	old := s.state.Swap(&sessionState{credentials: fresh})
	s.noteSpent(old.credentials, fresh)
	event := SessionEvent{Kind: SessionRefreshed}
	for _, scope := range old.granted {
		if !slices.Contains(fresh.granted, scope) {
			event.Kind = SessionDowngraded
			event.Lost = append(event.Lost, scope)
		}
	}
	s.events.add(event)
}

const maxSpent = 100 // refresh tokens that are remembered as replaced

// noteSpent remembers the refresh token that a newer one has replaced.
func (s *Session) noteSpent(old, fresh *credentials) {
	if !old.refreshToken.empty() && old.refreshToken.reveal() != fresh.refreshToken.reveal() {
		s.spent = append(s.spent[max(0, len(s.spent)-maxSpent+1):], old.refreshToken)
	}
}

// isSpent reports whether stored credentials are older than the session's:
// somebody has put a file of before back. Many tenants end the grant of whoever
// presents their refresh token again (RFC 9700 section 4.14.2).
func (s *Session) isSpent(stored *credentials) bool {
	return slices.ContainsFunc(s.spent, func(token secret) bool { return token.reveal() == stored.refreshToken.reveal() })
}

// storeAgain tries to store what could not be stored before, or was undone, unless
// somebody else has stored something meanwhile. The caller holds the App's lock.
func (s *Session) storeAgain(ctx context.Context, held *credentials) {
	bounded, cancel := context.WithTimeout(ctx, repairDeadline)
	defer cancel()
	unlock, err := s.app.lockStore(bounded)
	if err == nil {
		defer unlock()
		var stored *credentials
		stored, err = s.app.load(ctx)
		if err == nil && !held.inStore().sameTokens(stored) && !s.isSpent(stored) {
			return // the next reload takes it over
		}
	}
	saved := *held
	saved.stale = nil
	if err == nil {
		err = s.app.save(ctx, &saved)
	}
	if err != nil {
		s.app.logger.ErrorContext(ctx, "the credentials still live in this process only", "error", err)
		return
	}
	s.state.Store(&sessionState{credentials: &saved})
}

// end makes the session nobody's. The caller has the event delivered once it
// holds no lock.
func (s *Session) end(reason LoginReason) {
	ended := &LoginRequiredError{Reason: reason}
	old := s.state.Swap(&sessionState{credentials: &credentials{}, ended: ended})
	if old.ended == nil {
		s.events.add(SessionEvent{Kind: SessionEnded, Reason: reason})
	}
}

// String returns who is signed in, never a token.
func (s *Session) String() string {
	c, err := s.current()
	if err != nil {
		return "session(" + err.Error() + ")"
	}
	return fmt.Sprintf("session(%s)", c.user.Subject)
}

// Format implements fmt.Formatter: with every verb it prints String, rather than
// what the session holds.
func (s *Session) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.String()) }

// LogValue implements slog.LogValuer.
func (s *Session) LogValue() slog.Value { return slog.StringValue(s.String()) }

// SessionEventKind is what happened to a session.
type SessionEventKind string

// The kinds of [SessionEvent].
const (
	SessionRefreshed  SessionEventKind = "refreshed"  // the access token was renewed, or a sign-in added scopes
	SessionDowngraded SessionEventKind = "downgraded" // the same, and scopes were lost: gates close
	SessionEnded      SessionEventKind = "ended"      // nobody is signed in any more
)

// SessionEvent tells of a change of a session.
type SessionEvent struct {
	Kind   SessionEventKind
	Lost   []string    // scopes that a downgrade took away
	Reason LoginReason // why the session ended
}

// OnChange has f called after each change of the session, one event at a time
// and in their order, until stop is called. f runs on a goroutine of the
// client's choice, perhaps after the call that made the change has returned,
// and may use the App and the Session. What another process changes is noticed
// at the next renewal or call of [App.Session].
func (s *Session) OnChange(f func(SessionEvent)) (stop func()) {
	if s == nil {
		return func() {}
	}
	return s.events.subscribe(f)
}

// sessionEvents holds what has happened until it can be told: events arise
// while locks are held, which an observer may want to take.
type sessionEvents struct {
	mu        sync.Mutex
	observers map[int]func(SessionEvent)
	nextID    int
	waiting   []SessionEvent
	telling   bool
}

func (e *sessionEvents) subscribe(f func(SessionEvent)) (stop func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.observers == nil {
		e.observers = map[int]func(SessionEvent){}
	}
	id := e.nextID
	e.nextID++
	e.observers[id] = f
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.observers, id)
	}
}

func (e *sessionEvents) add(event SessionEvent) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.waiting = append(e.waiting, event)
}

// deliver tells what is waiting, unless another goroutine (or this one, further
// up) is already at it.
func (e *sessionEvents) deliver() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.telling {
		return
	}
	e.telling = true
	defer func() { e.telling = false }()
	for len(e.waiting) > 0 {
		event := e.waiting[0]
		e.waiting = e.waiting[1:]
		for _, id := range slices.Sorted(maps.Keys(e.observers)) {
			e.tell(e.observers[id], event)
		}
	}
}

// tell calls an observer without the lock.
func (e *sessionEvents) tell(observer func(SessionEvent), event SessionEvent) {
	if observer == nil {
		return // stopped meanwhile
	}
	e.mu.Unlock()
	defer e.mu.Lock()
	observer(event)
}
