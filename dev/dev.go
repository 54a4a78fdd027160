// Package dev serves a spec's tenant and API on this machine, for development
// and tests: people sign in there as in earnest, and nothing leaves loopback.
package dev

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"example.com/scaffold/dev/api"
	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/spec"
)

// Config says what is served. Spec must be set.
type Config struct {
	Spec    *spec.File // in which spec.Validate finds no error
	Addr    string     // where the tenant listens, on loopback; default 127.0.0.1 and any free port
	APIAddr string     // where the API listens, on loopback; default 127.0.0.1 and any free port

	Now                  func() time.Time // the clock of both; default time.Now
	AccessTokenLifetime  time.Duration    // default one hour
	RefreshTokenLifetime time.Duration    // from the sign-in, not prolonged by rotation; default 30 days
	NoRotation           bool             // a refresh token stays the same
	Overlap              time.Duration    // for how long a refresh token that was traded is taken again; default not at all
	SkipConsent          bool             // people are asked for nothing: whatever their roles grant is granted
	StateFile            string           // where the tenant's grants, keys and consents survive a restart; empty: nowhere
	Empty                bool             // the API has no entries at the start

	Log func(tenant.Event) // is told of each request to both, by many goroutines; nil: nobody is
}

// Server is a running tenant and API. Close ends both.
type Server struct {
	tenant *tenant.Tenant
	faults *fault.Set
	api    *apiServer // nil: the spec has no API

	mu     sync.Mutex
	people []tenant.Person
}

// Start serves until Close.
func Start(cfg Config) (*Server, error) {
	if cfg.Spec == nil {
		return nil, errors.New("serve a tenant and an API: there is no spec")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	implied := impliedAudience(cfg.Spec)
	if implied != "" {
		file := *cfg.Spec
		file.Audience.Value = implied
		cfg.Spec = &file
	}
	s := &Server{faults: new(fault.Set), people: People(cfg.Spec)}
	var err error
	config := tenantConfig(cfg, s.people, s.faults)
	config.AnyToken = implied != ""
	if s.tenant, err = tenant.Start(config); err != nil {
		return nil, fmt.Errorf("serve %s: %w", cmp.Or(cfg.Spec.Name, "the spec"), err)
	}
	if cfg.Spec.BaseURL.Value == "" {
		return s, nil
	}
	if s.api, err = startAPI(cfg, s); err != nil {
		s.tenant.Close()
		return nil, fmt.Errorf("serve %s: %w", cmp.Or(cfg.Spec.Name, "the spec"), err)
	}
	return s, nil
}

// impliedAudience returns the audience of access tokens where the spec has none
// and the tenant's kind gives tokens for the API all the same; or "". At Auth0
// such a token is for no API.
func impliedAudience(f *spec.File) string {
	if f.Audience.Value != "" || spec.Provider(f.Tenant.Provider.Value) != spec.OIDC {
		return ""
	}
	return f.BaseURL.Value
}

func tenantConfig(cfg Config, people []tenant.Person, faults *fault.Set) tenant.Config {
	f := cfg.Spec
	config := tenant.Config{
		Addr:                 cfg.Addr,
		Layout:               tenant.Discovery,
		ClientID:             f.Tenant.ClientID.Value,
		Audience:             f.Audience.Value,
		People:               people,
		App:                  f.Package.Value,
		Scopes:               map[string]string{},
		SkipConsent:          cfg.SkipConsent,
		Now:                  cfg.Now,
		AccessTokenLifetime:  cfg.AccessTokenLifetime,
		RefreshTokenLifetime: cfg.RefreshTokenLifetime,
		NoRotation:           cfg.NoRotation,
		Overlap:              cfg.Overlap,
		Faults:               faults,
		StateFile:            cfg.StateFile,
		Log:                  cfg.Log,
	}
	if spec.Provider(f.Tenant.Provider.Value) == spec.Auth0 {
		config.Layout = tenant.Auth0
	}
	for _, callback := range f.Tenant.Callbacks {
		config.Callbacks = append(config.Callbacks, callback.Value)
	}
	for _, s := range f.Scopes {
		if s.Description.Value != "" {
			config.Scopes[s.Name.Value] = s.Description.Value
		}
	}
	return config
}

// Close ends the tenant and the API, and waits until they are gone.
func (s *Server) Close() {
	if s.api != nil {
		s.api.close()
	}
	s.tenant.Close()
}

// Issuer returns the issuer identifier of the tenant.
func (s *Server) Issuer() string { return s.tenant.Issuer() }

// BaseURL returns the URL that every endpoint's path is appended to, which has
// the path that the spec's has; empty if the spec has no API.
func (s *Server) BaseURL() string {
	if s.api == nil {
		return ""
	}
	return s.api.baseURL
}

// Tenant returns the tenant.
func (s *Server) Tenant() *tenant.Tenant { return s.tenant }

// API returns the API, or nil if the spec has none.
func (s *Server) API() *api.API {
	if s.api == nil {
		return nil
	}
	return s.api.handler
}

// Faults returns what goes wrong at both. It may be changed at any time.
func (s *Server) Faults() *fault.Set { return s.faults }

// People returns who can sign in, in the order of the spec, and then those who
// were added.
func (s *Server) People() []tenant.Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.people)
}

// AddPerson lets somebody else sign in, who is granted exactly these scopes and
// the standard ones, like openid.
func (s *Server) AddPerson(scopes ...string) (tenant.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n := len(s.people) + 1; ; n++ {
		id := spec.Text{Value: fmt.Sprintf("user-%d", n)}
		p := person(spec.User{ID: id}, scopes)
		if slices.ContainsFunc(s.people, func(other tenant.Person) bool { return other.Subject == p.Subject || other.Email == p.Email }) {
			continue
		}
		if err := s.tenant.AddPerson(p); err != nil {
			return tenant.Person{}, err
		}
		s.people = append(s.people, p)
		return p, nil
	}
}
