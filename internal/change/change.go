// Package change owns what changed in meaning between two specs, and for whom
// that matters: for the users of the Go package, for people who are signed in,
// and for whoever keeps the tenant's settings.
package change

import (
	"slices"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/spec"
)

// Side is one of the two specs. Nothing is wrong with it, and Package is the
// model of File.
type Side struct {
	Name    string // how messages call it
	File    *spec.File
	Package *model.Package
}

// Version is that of the form of a Report as JSON. It grows when a field
// changes its meaning or goes; new fields, kinds and sentences do not count.
const Version = 1

// Report is everything that changed in meaning from Old to New.
type Report struct {
	Version int      `json:"version"`
	Old     string   `json:"old"`
	New     string   `json:"new"`
	Changes []Change `json:"changes"` // never nil
}

// Change is one change, and what it is to each group of people.
type Change struct {
	Kind      Kind     `json:"kind"`
	Subject   string   `json:"subject"` // what changed, such as a scope; by its new name if it has one
	Summary   string   `json:"summary"`
	Old       string   `json:"old,omitempty"`
	New       string   `json:"new,omitempty"`
	Endpoints []string `json:"endpoints,omitempty"` // that a change of a scope concerns
	Code      Impact   `json:"code"`                // on users of the Go package
	Sessions  Impact   `json:"sessions"`            // on people who are signed in
	Tenant    Impact   `json:"tenant"`              // on the tenant's settings
}

// Impact is what a change is to one group of people.
type Impact struct {
	Breaking bool     `json:"breaking"`
	Breaks   Break    `json:"breaks,omitempty"`
	Do       []string `json:"do"` // what they have to do or to know; never nil in a Report
}

// Break is what a change breaks.
type Break string

// What can break, the worse later.
const (
	None     Break = ""
	Behavior Break = "behavior" // code compiles, and does not do what it did
	Build    Break = "build"    // code stops compiling
	Gate     Break = "gate"     // an endpoint closes to people who could call it
	SignIn   Break = "sign-in"  // people have to sign in again
	Settings Break = "settings" // the tenant has to be set up before the change is released
)

var severity = []Break{None, Behavior, Build, Gate, SignIn, Settings}

// add notes what people have to do or to know; the texts' names and values
// stand in backquotes.
func (i *Impact) add(b Break, text string) {
	if slices.Index(severity, b) > slices.Index(severity, i.Breaks) {
		i.Breaks = b
	}
	i.Breaking = i.Breaks != None
	if text != "" && !slices.Contains(i.Do, text) {
		i.Do = append(i.Do, text)
	}
}

// Breaking reports whether the change breaks anything for anybody.
func (c Change) Breaking() bool { return c.Code.Breaking || c.Sessions.Breaking || c.Tenant.Breaking }

// Count returns how many changes break something for users of the Go package,
// for people who are signed in, for the tenant's settings, and for any of them.
func (r Report) Count() (code, sessions, tenant, any int) {
	one := func(n *int, breaking bool) {
		if breaking {
			*n++
		}
	}
	for _, c := range r.Changes {
		one(&code, c.Code.Breaking)
		one(&sessions, c.Sessions.Breaking)
		one(&tenant, c.Tenant.Breaking)
		one(&any, c.Breaking())
	}
	return code, sessions, tenant, any
}

// comparison is the work of Between.
type comparison struct {
	old, new *surface
	renamed  map[string]string // scopes: new name by old name
	changes  []*Change
}

// Between compares two specs. What breaks something comes first; within that,
// the order is tenant, scopes, endpoints, types.
func Between(old, new Side) Report {
	c := &comparison{old: newSurface(old), new: newSurface(new)}
	c.pairEndpoints()
	c.renamed = c.renamedScopes()
	c.packages()
	c.tenants()
	c.scopes()
	c.endpoints()
	c.types()
	c.parts()
	report := Report{Version: Version, Old: old.Name, New: new.Name, Changes: []Change{}}
	for _, breaking := range []bool{true, false} {
		for _, change := range c.changes {
			if change.Breaking() == breaking {
				report.Changes = append(report.Changes, *change)
			}
		}
	}
	return report
}

// note adds a change and returns it, to have its impacts set.
func (c *comparison) note(kind Kind, subject, summary string) *Change {
	none := func() Impact { return Impact{Do: []string{}} }
	change := &Change{Kind: kind, Subject: subject, Summary: summary, Code: none(), Sessions: none(), Tenant: none()}
	c.changes = append(c.changes, change)
	return change
}
