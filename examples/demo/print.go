package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/scaffold/generated/timesheets"
)

// printer writes the tour as plain text. It keeps the first error, so that no
// step has to look.
type printer struct {
	to  io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.to, format+"\n", args...)
	}
}

func (p *printer) step(n, of int, title string) {
	p.line("")
	p.line("%2d/%d  %s", n, of, title)
	p.line("       %s", strings.Repeat("-", len(title)))
}

// code shows the line of Go that is run.
func (p *printer) code(text string) { p.line("       > %s", text) }

func (p *printer) say(format string, args ...any) { p.line("         "+format, args...) }

// columns lines up the cells of rows, which tabs separate.
func (p *printer) columns(rows []string) {
	if p.err != nil {
		return
	}
	w := tabwriter.NewWriter(p.to, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		_, _ = fmt.Fprintf(w, "           %s\n", row) // an error comes out of Flush
	}
	p.err = w.Flush()
}

// public are the parameters that hold no secret; all others are redacted.
func public() []string {
	return []string{
		"audience", "client_id", "code_challenge", "code_challenge_method", "grant_type", "login_hint",
		"redirect_uri", "response_type", "scope", "token_type_hint",
	}
}

// sent shows what went to an endpoint of the tenant.
func (p *printer) sent(method, address string, values url.Values) {
	p.say("sent %s %s", method, address)
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values.Get(name)
		if !slices.Contains(public(), name) {
			value = redact(value)
		}
		rows = append(rows, name+"\t"+value)
	}
	p.columns(rows)
}

// redact shows of a secret no more than is needed to tell it from others.
func redact(secret string) string {
	return fmt.Sprintf("[redacted; SHA-256 begins %.4x]", sha256.Sum256([]byte(secret)))
}

// gates shows what a user interface would enable.
func (p *printer) gates(s *timesheets.Session) {
	p.code("session.Can(timesheets.ApproveTimesheet), and so on")
	rows := []string{"ENDPOINT\tCALLS\tNEEDS\tGATE"}
	for _, e := range endpoints() {
		gate := "closed"
		if s.Can(e) {
			gate = "open"
		}
		rows = append(rows, fmt.Sprintf("%s\t%s %s\t%s\t%s", e.Name(), e.Method(), e.Path(), needs(e), gate))
	}
	p.columns(rows)
}

// needs tells an endpoint's scopes: all of one set, or all of another.
func needs(e timesheets.Endpoint) string {
	var sets []string
	for _, set := range e.Scopes() {
		sets = append(sets, strings.Join(set, " "))
	}
	return strings.Join(sets, " or ")
}

func endpoints() []timesheets.Endpoint {
	return []timesheets.Endpoint{
		timesheets.ListTimesheets, timesheets.CreateTimesheet, timesheets.DeleteTimesheet, timesheets.ApproveTimesheet,
	}
}

func (p *printer) timesheets(entries ...timesheets.Timesheet) {
	rows := []string{"ID\tWHOSE\tPROJECT\tDATE\tHOURS\tSTATUS\tNOTE"}
	for _, e := range entries {
		note := ""
		if e.Note != nil {
			note = *e.Note
		}
		rows = append(rows, fmt.Sprintf("%d\t%s\t%s\t%s\t%g\t%s\t%s", e.ID, e.UserID, e.Project, e.Date, e.Hours, e.Status, note))
	}
	p.columns(rows)
}
