package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"example.com/scaffold/generated/timesheets"
)

// Where scaffold dev serves unless it is told otherwise.
const (
	devIssuer = "http://127.0.0.1:8400/"
	devAPI    = "http://127.0.0.1:8401"
)

// config is what timesheets.yaml declares, for the tenant and the API that the
// flags choose.
func (p *program) config() timesheets.Config {
	config := timesheets.DefaultConfig()
	if p.dev {
		config.Name += "-dev" // keeps the credentials apart
		config.Issuer, config.BaseURL = devIssuer, devAPI
	}
	config.Issuer = cmp.Or(p.issuer, config.Issuer)
	config.BaseURL = cmp.Or(p.api, config.BaseURL)
	return config
}

func (p *program) newApp(options ...timesheets.Option) (*timesheets.App, error) {
	all := []timesheets.Option{
		timesheets.WithConfig(p.config()),
		timesheets.WithProfile(p.profile),
		timesheets.WithMessages(p.err),
	}
	return timesheets.New(append(append(all, p.options...), options...)...)
}

// findDev reports that scaffold dev does not run, which a browser would show as
// an empty page.
func (p *program) findDev(ctx context.Context) error {
	issuer, err := url.Parse(p.config().Issuer)
	if !p.dev || err != nil {
		return err
	}
	dialer := net.Dialer{Timeout: 5 * time.Second}
	connection, err := dialer.DialContext(ctx, "tcp", issuer.Host)
	if err != nil {
		return fmt.Errorf("look for the tenant: %w", err)
	}
	return connection.Close()
}

// session is that of whoever is signed in.
func (p *program) session(ctx context.Context) (*timesheets.App, *timesheets.Session, error) {
	app, err := p.newApp()
	if err != nil {
		return nil, nil, err
	}
	session, err := app.Session(ctx)
	return app, session, err
}

// call makes a call of the API. Where a scope is missing it signs in once more,
// for exactly that, and tries again; doing is what the user is told about it.
func (p *program) call(ctx context.Context, doing string, call func(*timesheets.Session) error) error {
	app, session, err := p.session(ctx)
	if err != nil {
		return err
	}
	err = call(session)
	missing, ok := errors.AsType[*timesheets.MissingScopeError](err)
	if !ok || p.json || len(missing.Scopes) == 0 {
		return err
	}
	p.say("%s needs %s: signing in again.", doing, strings.Join(missing.Scopes, ", "))
	session, err = app.Login(ctx, missing.Scopes...)
	if err != nil {
		return err
	}
	err = call(session)
	if missing, ok := errors.AsType[*timesheets.MissingScopeError](err); ok {
		return &notAllowedError{user: nameOf(session.User()), missing: missing}
	}
	return err
}

// say tells the user something that is no result.
func (p *program) say(format string, args ...any) {
	_, _ = fmt.Fprintf(p.err, format+"\n", args...) // there is nobody else to tell
}

// nameOf is what to call somebody.
func nameOf(u timesheets.User) string {
	return printable(cmp.Or(u.Name, u.Email, u.Subject))
}
