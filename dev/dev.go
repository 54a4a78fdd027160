// Package dev serves a spec's tenant and API on this machine, for development
// and tests: people sign in there as in earnest, and nothing leaves loopback.
package dev

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/spec"
)

// Config says what is served. Spec must be set.
type Config struct {
	Spec    *spec.File // in which spec.Validate finds no error
	Addr    string     // where the tenant listens, on loopback; default 127.0.0.1 and any free port
	APIAddr string     // where the API listens, on loopback; default 127.0.0.1 and any free port

	Now                 func() time.Time // the clock of both; default time.Now
	AccessTokenLifetime time.Duration    // default one hour
}

// Server is a running tenant and API. Close ends both.
type Server struct {
	tenant *tenant.Tenant
}

// Start serves until Close.
func Start(cfg Config) (*Server, error) {
	if cfg.Spec == nil {
		return nil, errors.New("serve a tenant and an API: there is no spec")
	}
	t, err := tenant.Start(tenantConfig(cfg))
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", cmp.Or(cfg.Spec.Name, "the spec"), err)
	}
	return &Server{tenant: t}, nil
}

func tenantConfig(cfg Config) tenant.Config {
	f := cfg.Spec
	config := tenant.Config{
		Addr:                cfg.Addr,
		Layout:              tenant.Discovery,
		ClientID:            f.Tenant.ClientID.Value,
		Audience:            f.Audience.Value,
		People:              People(f),
		Now:                 cfg.Now,
		AccessTokenLifetime: cfg.AccessTokenLifetime,
	}
	if spec.Provider(f.Tenant.Provider.Value) == spec.Auth0 {
		config.Layout = tenant.Auth0
	}
	for _, callback := range f.Tenant.Callbacks {
		config.Callbacks = append(config.Callbacks, callback.Value)
	}
	return config
}

// Close ends the tenant and the API.
func (s *Server) Close() {
	s.tenant.Close()
}

// Issuer returns the issuer identifier of the tenant.
func (s *Server) Issuer() string { return s.tenant.Issuer() }

// Tenant returns the tenant.
func (s *Server) Tenant() *tenant.Tenant { return s.tenant }
