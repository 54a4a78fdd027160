package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/scaffold/dev"
	"example.com/scaffold/dev/api"
	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/examples"
	"example.com/scaffold/generated/timesheets"
)

// local is what the tour needs beside the application: a tenant, the API that
// trusts it, and a clock that both go by.
type local struct {
	tenant    *tenant.Tenant
	api       *api.API
	server    *http.Server
	baseURL   string // of the API
	callbacks []string
	ahead     atomic.Int64 // nanoseconds that have been skipped
}

// startLocal starts the tenant and the API on free ports of 127.0.0.1.
func startLocal(people []tenant.Person) (_ *local, err error) {
	l := &local{}
	if l.callbacks, err = freeCallbacks(3); err != nil {
		return nil, err
	}
	spec := timesheets.DefaultConfig()
	l.tenant, err = tenant.Start(tenant.Config{
		Layout: tenant.Auth0, ClientID: spec.ClientID, Callbacks: l.callbacks,
		Audience: spec.Audience, People: people, Now: l.now,
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		l.tenant.Close()
		return nil, fmt.Errorf("start the API: %w", err)
	}
	if l.api, err = l.newAPI(people); err != nil {
		l.tenant.Close()
		return nil, errors.Join(err, listener.Close())
	}
	l.baseURL = "http://" + listener.Addr().String()
	l.server = &http.Server{Handler: l.api, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = l.server.Serve(listener) }() // always an error: that of close
	return l, nil
}

// newAPI serves what the spec says, with a few entries of everybody.
func (l *local) newAPI(people []tenant.Person) (*api.API, error) {
	file, err := dev.Parse("timesheets.yaml", examples.Timesheets)
	if err != nil {
		return nil, err
	}
	config := api.Config{Spec: file, Issuer: l.tenant.Issuer(), KeysURL: l.tenant.URL(tenant.Keys), Now: l.now}
	for _, p := range people {
		config.Subjects = append(config.Subjects, p.Subject)
	}
	return api.New(config)
}

func (l *local) close() error {
	l.tenant.Close()
	return l.server.Close()
}

func (l *local) now() time.Time { return time.Now().Add(time.Duration(l.ahead.Load())) }

// skip lets time pass.
func (l *local) skip(d time.Duration) { l.ahead.Add(int64(d)) }

// requests counts what the tenant and the API have been asked so far.
func (l *local) requests() int {
	return len(l.tenant.AuthorizationRequests()) + len(l.tenant.TokenRequests()) +
		len(l.tenant.RevocationRequests()) + len(l.api.Calls())
}

// freeCallbacks finds ports that are free now, below those that a system gives
// to whoever asks for any. Should one be taken before it is needed, the
// application goes on to the next.
func freeCallbacks(n int) (callbacks []string, err error) {
	for range 100 {
		listener, listenErr := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.N(20_000)))
		if listenErr != nil {
			continue // taken
		}
		defer func() { err = errors.Join(err, listener.Close()) }()
		callbacks = append(callbacks, fmt.Sprintf("http://%s/callback", listener.Addr()))
		if len(callbacks) == n {
			return callbacks, nil
		}
	}
	return nil, errors.New("find ports for the callback: none is free")
}
