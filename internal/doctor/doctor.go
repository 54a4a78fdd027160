// Package doctor owns the examination of a spec against its live tenant, its
// API and this machine.
package doctor

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/spec"
)

// deadline is for the whole examination. Each request has 10 seconds of its own.
const deadline = 14 * time.Second

// Status is the outcome of a check.
type Status string

// The outcomes.
const (
	OK   Status = "ok"
	Warn Status = "warn" // it works less well than it could, or nobody can tell from here
	Fail Status = "fail" // it will not work
)

// Finding is what one check found.
type Finding struct {
	Status Status `json:"status"`
	Check  string `json:"check"`            // what was looked at, in a word or two
	Detail string `json:"detail"`           // what was found
	Advice string `json:"advice,omitempty"` // what to do, unless Status is OK
}

// Options is what an examination goes by.
type Options struct {
	Transport http.RoundTripper
	Now       func() time.Time
	Offline   bool // look at this machine alone
}

// Examine returns what it finds, in the same order each time. The spec must be
// without errors. No secret is sent: there is none in a spec, and the sign-ins
// that are begun are never finished.
func Examine(ctx context.Context, file *spec.File, o Options) []Finding {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	e := &examiner{file: file, client: discovery.NewClient(o.Transport, o.Now)}
	checks := []func(context.Context) []Finding{e.ports}
	if !o.Offline {
		checks = append(checks, e.tenant, e.api)
	}
	return append([]Finding{{Status: OK, Check: "spec", Detail: file.Name + " is valid"}}, together(ctx, checks)...)
}

// Invalid is what there is to find out about a spec with errors.
func Invalid(name string) []Finding {
	return one(Fail, "spec", name+" is wrong", "mend its errors first: scaffold validate shows them")
}

// examiner holds what the checks share. They run side by side and only read it.
type examiner struct {
	file   *spec.File
	client *discovery.Client
}

// together runs checks side by side, and returns their findings in the order of
// the checks.
func together(ctx context.Context, checks []func(context.Context) []Finding) []Finding {
	found := make([][]Finding, len(checks))
	var group sync.WaitGroup
	for i, check := range checks {
		group.Go(func() { found[i] = check(ctx) })
	}
	group.Wait()
	return slices.Concat(found...)
}

// Worst returns the gravest status of all findings.
func Worst(findings []Finding) Status {
	worst := OK
	for _, f := range findings {
		if f.Status == Fail || f.Status == Warn && worst == OK {
			worst = f.Status
		}
	}
	return worst
}

func (e *examiner) isAuth0() bool {
	return spec.Provider(e.file.Tenant.Provider.Value) == spec.Auth0
}

// asksFor reports whether the spec declares a scope.
func (e *examiner) asksFor(scope string) bool {
	return slices.ContainsFunc(e.file.Scopes, func(s spec.Scope) bool { return s.Name.Value == scope })
}

func one(status Status, check, detail, advice string) []Finding {
	return []Finding{{Status: status, Check: check, Detail: detail, Advice: advice}}
}
