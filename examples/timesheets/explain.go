package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"example.com/scaffold/generated/timesheets"
)

// notAllowedError reports that somebody was asked for a scope and not granted it.
type notAllowedError struct {
	user    string
	missing *timesheets.MissingScopeError
}

func (e *notAllowedError) Error() string {
	return fmt.Sprintf("%s is not allowed to: %s was not granted", e.user, strings.Join(e.missing.Scopes, ", "))
}

func (e *notAllowedError) Unwrap() error { return e.missing }

// explain says in plain words what went wrong, and what to do about it.
func (p *program) explain(err error) string {
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	if required, ok := errors.AsType[*timesheets.LoginRequiredError](err); ok {
		return fmt.Sprintf("%s; sign in with: %s", required.Reason, p.command("login"))
	}
	if _, ok := errors.AsType[*notAllowedError](err); ok {
		return err.Error()
	}
	if missing, ok := errors.AsType[*timesheets.MissingScopeError](err); ok {
		scopes := strings.Join(missing.Scopes, ",")
		return fmt.Sprintf("this needs %s; sign in with: %s", scopes, p.command("login --scope "+scopes))
	}
	if refusal, ok := errors.AsType[*timesheets.TenantError](err); ok && refusal.Code == "access_denied" {
		return "the sign-in was declined, and nothing has changed"
	}
	if refusal, ok := errors.AsType[*timesheets.APIError](err); ok {
		return p.explainAPI(refusal)
	}
	if _, ok := errors.AsType[*net.OpError](err); ok && p.dev {
		return fmt.Sprintf("%v; is this running? scaffold dev examples/timesheets.yaml", err)
	}
	if errors.Is(err, timesheets.ErrTemporary) {
		return fmt.Sprintf("%v; try again later", err)
	}
	return err.Error()
}

// explainAPI repeats what the API says, if it says it for people (RFC 9457).
func (p *program) explainAPI(refusal *timesheets.APIError) string {
	var problem struct {
		Detail string `json:"detail"`
	}
	if json.Unmarshal(refusal.Body, &problem) == nil && problem.Detail != "" {
		return printable(problem.Detail)
	}
	switch {
	case refusal.StatusCode == http.StatusNotFound:
		return "there is no such entry"
	case refusal.StatusCode == http.StatusTooManyRequests:
		return "the API has too much to do; try again later"
	case refusal.StatusCode >= http.StatusInternalServerError:
		return fmt.Sprintf("the API is out of order (status %d); try again later", refusal.StatusCode)
	}
	return refusal.Error()
}

// command is a command line of this program with the flags that matter.
func (p *program) command(words string) string {
	line := commandName
	if p.dev {
		line += " --dev"
	}
	if p.profile != "default" {
		line += " --profile " + p.profile
	}
	return line + " " + words
}
