package tenant

import (
	"fmt"
	"slices"
	"strings"
)

// AddPerson lets somebody else sign in from now on. Nobody may have the same
// subject or e-mail address.
func (t *Tenant) AddPerson(p Person) error {
	if p.Subject == "" || strings.Contains(p.Subject, ":") { // as in Config.complete
		return fmt.Errorf("add %q: the subject %q is empty or holds a colon", p.Email, p.Subject)
	}
	p.Scopes = slices.Clone(p.Scopes)
	t.store.mu.Lock()
	defer t.store.mu.Unlock()
	if _, taken := t.store.bySubject(p.Subject); taken || t.store.byEmail(p.Email) >= 0 {
		return fmt.Errorf("add %q: somebody has the subject %q or the e-mail address already", p.Email, p.Subject)
	}
	t.store.people = append(t.store.people, p)
	return nil
}
