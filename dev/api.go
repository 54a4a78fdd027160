package dev

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/scaffold/dev/api"
	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
)

// apiServer is the API at an address of its own.
type apiServer struct {
	handler *api.API
	baseURL string
	server  *http.Server
	stopped chan struct{}
}

func startAPI(cfg Config, s *Server) (*apiServer, error) {
	base, err := url.Parse(cfg.Spec.BaseURL.Value)
	if err != nil {
		return nil, fmt.Errorf("base_url: %w", err)
	}
	listener, err := listen(cfg.APIAddr)
	if err != nil {
		return nil, fmt.Errorf("start the API: %w", err)
	}
	handler, err := newAPI(cfg, s, listener.Addr())
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	a := &apiServer{
		handler: handler,
		baseURL: "http://" + listener.Addr().String() + strings.TrimSuffix(base.EscapedPath(), "/"),
		server: &http.Server{
			Handler: handler, ReadHeaderTimeout: 5 * time.Second,
			ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
		},
		stopped: make(chan struct{}),
	}
	go func() {
		defer close(a.stopped)
		_ = a.server.Serve(listener) // always an error: that of close
	}()
	return a, nil
}

// listen takes a port, on loopback alone: whoever reaches these servers can sign
// in as anybody.
func listen(addr string) (net.Listener, error) {
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("address %q is not a loopback address", addr)
	}
	return net.Listen("tcp", addr)
}

func newAPI(cfg Config, s *Server, at net.Addr) (*api.API, error) {
	_, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return nil, fmt.Errorf("start the API: %w", err)
	}
	config := api.Config{
		Spec:        cfg.Spec,
		Issuer:      s.tenant.Issuer(),
		KeysURL:     s.tenant.URL(tenant.Keys),
		UserinfoURL: s.tenant.URL(tenant.Userinfo),
		Now:         cfg.Now,
		Empty:       cfg.Empty,
		Before:      func(next http.Handler) http.Handler { return tenant.OnlyHere(faulty(s.faults, next), port) },
	}
	for _, p := range s.people {
		config.Subjects = append(config.Subjects, p.Subject)
	}
	if cfg.Log != nil {
		config.Log = func(c api.Call) { cfg.Log(event(c, cfg.Now())) }
	}
	return api.New(config)
}

// event is a call as the tenant logs its requests.
func event(c api.Call, at time.Time) tenant.Event {
	who, what := "somebody", c.Outcome
	if c.Subject != "" {
		who = c.Subject
	}
	if c.Endpoint != "" {
		what = c.Endpoint + " by " + who + ": " + c.Outcome
	}
	return tenant.Event{Time: at, Server: "api", Method: c.Method, Path: c.Path, Status: c.Status, Step: what}
}

// faulty has go wrong what is in the set.
func faulty(set *fault.Set, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		happens := set.Next(fault.API, fault.Slow, fault.Unavailable, fault.TooMany, fault.Expired)
		happens.Wait(r)
		switch {
		case happens.Refuse(w):
		case happens.Expired:
			// RFC 6750 section 3.1
			w.Header().Set("WWW-Authenticate", `Bearer error="invalid_token", error_description="the access token expired: a fault that was switched on"`)
			w.WriteHeader(http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (a *apiServer) close() {
	_ = a.server.Close() // the listener is closed whatever it says
	<-a.stopped
}
