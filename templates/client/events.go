package client

import (
	"maps"
	"slices"
	"sync"
)

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
