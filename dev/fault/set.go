package fault

import (
	"slices"
	"sync"
)

// Set is the faults that are switched on. The zero Set has none. It may be
// used by several servers, and changed, at the same time.
type Set struct {
	mu     sync.Mutex
	faults []Fault
}

// Add switches a fault on, beside those that are on.
func (s *Set) Add(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

// Clear switches all faults off.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// List returns the faults that are on, each with the times that are left.
func (s *Set) List() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
}

// Next returns what is wrong with a request to an endpoint, of those kinds that
// make sense for it, and counts the faults down. A nil Set has none.
func (s *Set) Next(endpoint string, kinds ...Kind) Happens {
	if s == nil {
		return Happens{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var h Happens
	var left []Fault
	for _, f := range s.faults {
		at := f.Endpoint == endpoint || f.Endpoint == "" && (endpoint == Token || endpoint == API)
		// One refusal is enough: the next fault waits for the next request.
		refused := h.Status != 0 && f.Kind != Slow
		if !at || !slices.Contains(kinds, f.Kind) || refused {
			left = append(left, f)
			continue
		}
		h.add(f)
		if f.Times--; f.Times != 0 {
			f.Times = max(f.Times, 0)
			left = append(left, f)
		}
	}
	s.faults = left
	return h
}

func (h *Happens) add(f Fault) {
	switch f.Kind {
	case Slow:
		h.Delay += f.Delay
	case Unavailable:
		h.Status = 500
	case TooMany:
		h.Status, h.After = 429, f.After
	case Expired:
		h.Expired = true
	case Revoked:
		h.Revoked = true
	}
}
