package change

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/spec"
)

// What OpenID Connect Core 1.0 (sections 3.1.2.1, 5.4 and 11) gives scopes for.
const (
	openID        = "openid"
	offlineAccess = "offline_access"
)

func (s *surface) scope(name string) *scope {
	for i := range s.scopes {
		if s.scopes[i].Name.Value == name {
			return &s.scopes[i]
		}
	}
	return nil
}

// needing names the endpoints that a scope opens, alone or with others.
func (s *surface) needing(name string) []string {
	var list []string
	for _, e := range s.endpoints {
		if e.needs(name) {
			list = append(list, e.goName)
		}
	}
	return list
}

func (e *endpoint) needs(scope string) bool {
	for _, set := range e.Scopes {
		for _, s := range set {
			if s.Value == scope {
				return true
			}
		}
	}
	return false
}

// renamedScopes pairs a scope that is gone with one that is new and does the
// same: it has the same name in Go or the same description, or the endpoints
// that needed the one need the other.
func (c *comparison) renamedScopes() map[string]string {
	type pair struct {
		old, new string
		score    int
	}
	var pairs []pair
	for _, gone := range c.old.scopes {
		for _, fresh := range c.new.scopes {
			if c.new.scope(gone.Name.Value) != nil || c.old.scope(fresh.Name.Value) != nil ||
				spec.IsStandardScope(gone.Name.Value) || spec.IsStandardScope(fresh.Name.Value) {
				continue
			}
			if score := c.likeness(gone, fresh); score > 0 {
				pairs = append(pairs, pair{gone.Name.Value, fresh.Name.Value, score})
			}
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return b.score - a.score })
	renamed, taken := map[string]string{}, map[string]bool{}
	for _, p := range pairs {
		if _, done := renamed[p.old]; !done && !taken[p.new] {
			renamed[p.old], taken[p.new] = p.new, true
		}
	}
	return renamed
}

// likeness is 0 for two scopes that have nothing in common.
func (c *comparison) likeness(gone, fresh scope) int {
	score := 0
	if gone.goName == fresh.goName {
		score += 8
	}
	if gone.Description.Value != "" && gone.Description.Value == fresh.Description.Value {
		score += 4
	}
	both := 0
	for _, e := range c.old.endpoints {
		if e.needs(gone.Name.Value) && e.after != nil {
			if !e.after.needs(fresh.Name.Value) {
				both = 0
				break
			}
			both++
		}
	}
	if both > 0 {
		score += 2
	}
	if score > 0 && (gone.onDemand == fresh.onDemand) {
		score++
	}
	return score
}

func (c *comparison) scopes() {
	for i := range c.old.scopes {
		gone := &c.old.scopes[i]
		name := gone.Name.Value
		if now, ok := c.renamed[name]; ok {
			c.scopeRenamed(gone, c.new.scope(now))
		} else if fresh := c.new.scope(name); fresh != nil {
			c.scopeKept(gone, fresh)
		} else {
			c.scopeRemoved(gone)
		}
	}
	for i := range c.new.scopes {
		fresh := &c.new.scopes[i]
		if c.old.scope(fresh.Name.Value) == nil && !c.isRenamed(fresh.Name.Value) {
			c.scopeAdded(fresh)
		}
	}
}

func (c *comparison) isRenamed(now string) bool {
	for _, name := range c.renamed {
		if name == now {
			return true
		}
	}
	return false
}

func (c *comparison) scopeRenamed(gone, fresh *scope) {
	old, now := gone.Name.Value, fresh.Name.Value
	change := c.note(ScopeRenamed, now, "the scope "+term(old)+" is now "+term(now))
	closed, narrowed := c.gatesOf(old, now)
	change.Old, change.New, change.Endpoints = old, now, slices.Concat(closed, slices.Sorted(maps.Keys(narrowed)))
	if gone.goName == fresh.goName {
		change.Code.add(None, term(fresh.goName)+" keeps its name and has the new value; text of your own that holds "+term(old)+" is wrong now")
	} else {
		change.Code.add(c.lossOf(gone), "write "+term(fresh.goName)+" for "+term(gone.goName))
	}
	never := "nobody is signed out, but whoever is signed in was never asked for " + term(now)
	if len(closed) > 0 {
		change.Sessions.add(Gate, never+": until a step-up, these gates are closed: "+terms(closed, "and"))
	}
	narrower := map[string][]string{} // by what still opens them
	for name, need := range narrowed {
		narrower[alternatives(need)] = append(narrower[alternatives(need)], name)
	}
	for _, need := range slices.Sorted(maps.Keys(narrower)) {
		gates := slices.Sorted(slices.Values(narrower[need]))
		which := "the gate " + term(gates[0]) + " is"
		if len(gates) > 1 {
			which = "the gates " + terms(gates, "and") + " are"
		}
		change.Sessions.add(Gate, never+": until a step-up, "+which+" open only to whoever has been granted "+need)
	}
	if len(change.Endpoints) > 0 {
		change.Sessions.add(Gate, "people must consent to "+term(now)+": "+c.new.stepUp(now))
	} else {
		change.Sessions.add(None, "nobody is signed out; people must consent to "+term(now)+" at their next step-up: "+c.new.stepUp(now))
	}
	change.Tenant.add(Settings, c.new.register(now)+" that has "+term(old))
	change.Tenant.add(None, c.old.unregister(old))
	c.scopeRequest(gone, fresh)
	c.scopeDescription(gone, fresh)
}

// gatesOf names the endpoints whose gates close because a scope has a new name,
// for which nobody was ever asked: to everybody, or to all but those who have
// been granted what is enough without it.
func (c *comparison) gatesOf(gone, fresh string) (closed []string, narrowed map[string]need) {
	narrowed = map[string]need{}
	for _, e := range c.old.endpoints {
		if e.after == nil || !e.needs(gone) {
			continue
		}
		var with, without need
		for _, set := range newNeed(e.after.Scopes, nil) {
			switch {
			case slices.Contains(set, fresh):
				with = append(with, set)
			case c.old.declares(set):
				without = append(without, set)
			}
		}
		switch {
		case with.within(without): // it opens nothing that is not open without it
		case len(without) == 0:
			closed = append(closed, e.after.goName)
		default:
			narrowed[e.after.goName] = without
		}
	}
	return closed, narrowed
}

// declares reports whether people can have been asked for all of these scopes.
func (s *surface) declares(scopes []string) bool {
	return !slices.ContainsFunc(scopes, func(name string) bool { return s.scope(name) == nil })
}

// stepUp says how an application asks for scopes.
func (s *surface) stepUp(scopes ...string) string {
	arguments := []string{"ctx"}
	for _, name := range scopes {
		arguments = append(arguments, s.Package.Name+"."+s.scope(name).goName)
	}
	return term("app.Login(" + strings.Join(arguments, ", ") + ")")
}

// register says where the tenant needs a scope of an API; the sentence ends in
// the roles.
func (s *surface) register(name string) string {
	if s.isAuth0() {
		return "add the permission " + term(name) + " to " + s.apiAtTenant() + ", and to each role"
	}
	return "add the scope " + term(name) + " at the tenant, let the client " + term(s.File.Tenant.ClientID.Value) +
		" ask for it, and grant it to everybody"
}

func (s *surface) unregister(name string) string {
	where := "the tenant"
	if s.isAuth0() {
		where = s.apiAtTenant()
	}
	return "remove " + term(name) + " from " + where + " once no release that asks for it is in use"
}

func (c *comparison) scopeRemoved(gone *scope) {
	name := gone.Name.Value
	change := c.note(ScopeRemoved, name, "the scope "+term(name)+" is gone")
	change.Endpoints = c.old.needing(name)
	change.Code.add(c.lossOf(gone), "remove the uses of "+term(gone.goName))
	switch {
	case name == offlineAccess:
		change.Sessions.add(SignIn, "whoever signs in from now on has to sign in again whenever the access token expires; "+
			"people who are signed in keep their refresh token until then")
		change.Tenant.add(None, "the refresh token grant of the client "+term(c.old.File.Tenant.ClientID.Value)+" can go once no release that asks for it is in use")
	case spec.IsStandardScope(name):
		change.Sessions.add(None, "nobody is signed out; at the next sign-in the profile comes without what "+term(name)+" adds")
	default:
		change.Sessions.add(None, "nobody is signed out; a grant of "+term(name)+" opens no gate any more")
		change.Tenant.add(None, c.old.unregister(name))
	}
}

func (c *comparison) scopeAdded(fresh *scope) {
	name := fresh.Name.Value
	change := c.note(ScopeAdded, name, "the scope "+term(name)+" is new"+when(fresh))
	change.Endpoints = c.new.needing(name)
	change.Code.add(None, term(fresh.goName)+" is new")
	c.askedLater(change, fresh)
	switch {
	case name == offlineAccess && c.new.isAuth0():
		change.Tenant.add(Settings, "allow the client "+term(c.new.File.Tenant.ClientID.Value)+" the refresh token grant, with rotation, and allow offline access to "+c.new.apiAtTenant())
	case name == offlineAccess:
		change.Tenant.add(Settings, "allow the client "+term(c.new.File.Tenant.ClientID.Value)+" the refresh token grant and the scope "+term(name))
	case spec.IsStandardScope(name) && c.new.isAuth0():
	case spec.IsStandardScope(name):
		change.Tenant.add(None, "see that the client "+term(c.new.File.Tenant.ClientID.Value)+" may ask for "+term(name))
	default:
		change.Tenant.add(Settings, c.new.register(name)+" that should have it")
	}
}

func when(s *scope) string {
	if s.onDemand {
		return ", asked for on demand"
	}
	return ", asked for at the sign-in"
}

// askedLater says how people who are signed in come to a scope for which they
// have not been asked.
func (c *comparison) askedLater(change *Change, fresh *scope) {
	name := fresh.Name.Value
	if fresh.onDemand {
		change.Sessions.add(None, "nobody is signed out; people must consent to "+term(name)+" when a step-up asks for it: "+c.new.stepUp(name))
		return
	}
	change.Sessions.add(None, "nobody is signed out; "+term("Session.Pending")+" lists it, and people must consent to "+term(name)+
		" at their next step-up: "+term("app.Login(ctx, session.Pending()...)"))
	if name == offlineAccess {
		change.Sessions.add(None, "people who are signed in are kept signed in from that sign-in on")
	}
}

func (c *comparison) scopeKept(gone, fresh *scope) {
	if gone.goName != fresh.goName {
		change := c.note(ScopeGoName, fresh.Name.Value, "the constant of the scope "+term(fresh.Name.Value)+" is now "+term(fresh.goName))
		change.Old, change.New = gone.goName, fresh.goName
		change.Code.add(c.lossOf(gone), "write "+term(fresh.goName)+" for "+term(gone.goName))
	}
	c.scopeRequest(gone, fresh)
	c.scopeDescription(gone, fresh)
}

func (c *comparison) scopeRequest(gone, fresh *scope) {
	if gone.onDemand == fresh.onDemand {
		return
	}
	name := fresh.Name.Value
	needing := c.new.needing(name)
	if !fresh.onDemand {
		change := c.note(ScopeRequest, name, "the scope "+term(name)+" is asked for at the sign-in, no longer on demand")
		change.Old, change.New, change.Endpoints = "on-demand", "sign-in", needing
		if gone.Name.Value == name {
			change.Sessions.add(None, "nobody is signed out; for whoever was never asked, "+term("Session.Pending")+" lists it, and they must consent to "+
				term(name)+" at their next step-up: "+term("app.Login(ctx, session.Pending()...)"))
		}
		return
	}
	change := c.note(ScopeRequest, name, "the scope "+term(name)+" is asked for on demand, no longer at the sign-in")
	change.Old, change.New, change.Endpoints = "sign-in", "on-demand", needing
	if len(needing) > 0 {
		change.Code.add(Behavior, "offer a step-up, "+c.new.stepUp(name)+": whoever signs in from now on gets a "+
			term("*MissingScopeError")+" from "+terms(needing, "and")+" until then")
	}
	change.Sessions.add(None, "people who are signed in keep what they were granted; who signs in from now on must consent to "+
		term(name)+" when a step-up asks for it")
}

func (c *comparison) scopeDescription(gone, fresh *scope) {
	if gone.Description.Value == fresh.Description.Value {
		return
	}
	name := fresh.Name.Value
	change := c.note(ScopeDescription, name, "the scope "+term(name)+" is described anew: "+described(fresh))
	change.Old, change.New = gone.Description.Value, fresh.Description.Value
	if !spec.IsStandardScope(name) {
		change.Tenant.add(None, "describe it so at the tenant, too, where people who consent can read it")
	}
}

func described(s *scope) string {
	if s.Description.Value == "" {
		return "not at all"
	}
	return term(strconv.Quote(s.Description.Value))
}

// lossOf tells what breaks where code has the constant of a scope that goes, or
// has another name now: another scope may have taken it.
func (c *comparison) lossOf(gone *scope) Break {
	if slices.ContainsFunc(c.new.scopes, func(s scope) bool { return s.goName == gone.goName }) {
		return Behavior
	}
	return Build
}
