package api

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"
)

// timesheet is the spec's Timesheet. Dates are text: YYYY-MM-DD also sorts.
type timesheet struct {
	ID      int64   `json:"id"`
	UserID  string  `json:"user_id"`
	Project string  `json:"project"`
	Date    string  `json:"date"`
	Hours   float64 `json:"hours"`
	Status  string  `json:"status"` // draft, submitted or approved
	Note    string  `json:"note,omitempty"`
}

// newTimesheet is the spec's NewTimesheet.
type newTimesheet struct {
	Project string  `json:"project"`
	Date    string  `json:"date"`
	Hours   float64 `json:"hours"`
	Note    string  `json:"note"`
}

func (n newTimesheet) check() error {
	if n.Project == "" {
		return errors.New("project must not be empty")
	}
	if _, err := time.Parse(time.DateOnly, n.Date); err != nil {
		return errors.New("date must be a date like 2026-03-31")
	}
	if n.Hours <= 0 || n.Hours > 24 {
		return errors.New("hours must be more than 0 and at most 24")
	}
	return nil
}

type store struct {
	mu      sync.Mutex
	entries []timesheet
	lastID  int64
}

func newStore() *store {
	s := &store{entries: []timesheet{
		{UserID: "auth0|erin", Project: "Apollo", Date: "2026-03-02", Hours: 7.5, Status: "submitted", Note: "Kick-off"},
		{UserID: "auth0|erin", Project: "Apollo", Date: "2026-03-03", Hours: 8, Status: "draft"},
		{UserID: "auth0|morgan", Project: "Gemini", Date: "2026-03-03", Hours: 4, Status: "approved"},
	}}
	for i := range s.entries {
		s.lastID++
		s.entries[i].ID = s.lastID
	}
	return s
}

// list returns entries by date: the caller's own, and everybody's to a caller
// who may approve them. An empty date is no limit; both limits are included.
func (s *store) list(c caller, from, to string) []timesheet {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := []timesheet{} // an empty list is [], not null
	for _, e := range s.entries {
		visible := e.UserID == c.subject || c.has(approve)
		if visible && e.Date >= from && (to == "" || e.Date <= to) {
			found = append(found, e)
		}
	}
	slices.SortStableFunc(found, func(a, b timesheet) int { return cmp.Compare(a.Date, b.Date) })
	return found
}

func (s *store) create(c caller, n newTimesheet) timesheet {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	entry := timesheet{
		ID: s.lastID, UserID: c.subject, Project: n.Project, Date: n.Date,
		Hours: n.Hours, Status: "submitted", Note: n.Note,
	}
	s.entries = append(s.entries, entry)
	return entry
}

// remove deletes an entry of the caller's; another's is as good as absent.
func (s *store) remove(c caller, id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.entries)
	s.entries = slices.DeleteFunc(s.entries, func(e timesheet) bool { return e.ID == id && e.UserID == c.subject })
	return len(s.entries) < before
}

func (s *store) approve(id int64) (timesheet, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.entries, func(e timesheet) bool { return e.ID == id })
	if i < 0 {
		return timesheet{}, false
	}
	s.entries[i].Status = "approved"
	return s.entries[i], true
}
