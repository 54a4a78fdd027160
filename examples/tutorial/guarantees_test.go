package tutorial_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/generated/timesheets"
)

// What follows are guarantees of the session engine that need a real provider
// to be believed: one that checks the callback and the challenge, rotates
// refresh tokens, and ends the family of one that is used twice.

func TestEverySignInIsFresh(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		app := w.start()
		seen := map[string]bool{}
		for range 3 {
			w.login(app, erin)
			request, exchange := last(w.tenant.AuthorizationRequests()), last(w.tenant.TokenRequests())
			for _, value := range []string{
				request.Get("state"), request.Get("nonce"), request.Get("code_challenge"), exchange.Get("code_verifier"),
			} {
				if seen[value] || len(value) < 43 {
					w.Errorf("G1: %q was used before, or is short", value)
				}
				seen[value] = true
			}
		}
	})
}

func TestBusyPort(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		first, err := url.Parse(w.config.Callbacks[0])
		if err != nil {
			w.Fatal(err)
		}
		taken, err := net.Listen("tcp", first.Host)
		if err != nil {
			w.Fatal(err)
		}
		defer func() { _ = taken.Close() }()
		w.login(w.start(), erin)
		used := last(w.tenant.AuthorizationRequests()).Get("redirect_uri")
		if used == w.config.Callbacks[0] || last(w.tenant.TokenRequests()).Get("redirect_uri") != used {
			w.Errorf("G2: signed in by %s, exchanged for %s", used, last(w.tenant.TokenRequests()).Get("redirect_uri"))
		}
	})
}

// insistent opens the application's callback twice at the same time, as
// browsers that prefetch do.
type insistent struct{ callback string }

func (i insistent) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.String(), i.callback) {
		return http.DefaultTransport.RoundTrip(r)
	}
	var both sync.WaitGroup
	defer both.Wait()
	both.Go(func() {
		if resp, err := http.DefaultTransport.RoundTrip(r.Clone(r.Context())); err == nil {
			_ = resp.Body.Close()
		}
	})
	return http.DefaultTransport.RoundTrip(r)
}

func TestCodeIsRedeemedOnce(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		w.config.Callbacks = w.config.Callbacks[:1]
		session, _, err := w.tryLogin(w.start(), tenant.Browser{Email: erin, Opener: insistent{w.config.Callbacks[0]}})
		if err != nil {
			w.Fatal(err)
		}
		if n := len(w.tenant.TokenRequests()); n != 1 {
			w.Errorf("G3: %d exchanges", n)
		}
		// The tenant would have ended a sign-in whose code came twice.
		if err := session.Refresh(w.Context()); err != nil {
			w.Error(err)
		}
	})
}

// swapper gives the application the code of somebody else's sign-in, with the
// right state: what PKCE is for.
type swapper struct {
	callback string
	code     string
}

func (s swapper) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.String(), s.callback) {
		query := r.URL.Query()
		query.Set("code", s.code)
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestForeignCodeIsWorthNothing(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		w.config.Callbacks = w.config.Callbacks[:1]
		// Morgan's code is caught before it is redeemed.
		var code string
		other := w.start(timesheets.WithRedirector(timesheets.RedirectorFunc(func(ctx context.Context, address string) (string, error) {
			catcher := catch{callback: w.config.Callbacks[0], code: &code}
			_, err := tenant.Browser{Email: morgan, Opener: catcher}.SignIn(ctx, address)
			return "", errors.Join(errors.New("caught"), err)
		})))
		if _, err := other.Login(w.Context()); err == nil || code == "" {
			w.Fatalf("no code was caught: %v", err)
		}
		app := w.start()
		_, page, err := w.tryLogin(app, tenant.Browser{Email: erin, Opener: swapper{w.config.Callbacks[0], code}})
		refusal, ok := errors.AsType[*timesheets.TenantError](err)
		if !ok || refusal.Code != "invalid_grant" || page.Status != http.StatusBadRequest {
			w.Errorf("error %v, page %d", err, page.Status)
		}
		_, err = app.Session(w.Context())
		w.wantLogin(err, timesheets.ReasonNone)
		if strings.Contains(page.Body, code) {
			w.Error("the page shows the code")
		}
	})
}

// catch answers for the application's callback.
type catch struct {
	callback string
	code     *string
}

func (c catch) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.String(), c.callback) {
		return http.DefaultTransport.RoundTrip(r)
	}
	*c.code = r.URL.Query().Get("code")
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

func TestCrowdRenewsOnce(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		session, _ := w.login(w.start(), erin)
		w.clock.add(2 * time.Hour)
		before := len(w.tenant.TokenRequests())
		var crowd sync.WaitGroup
		for range 100 {
			crowd.Go(func() {
				if _, err := session.ListTimesheets(w.Context(), timesheets.ListTimesheetsParams{}); err != nil {
					w.Error(err)
				}
			})
		}
		crowd.Wait()
		if n := len(w.tenant.TokenRequests()) - before; n != 1 {
			w.Errorf("G11: %d token requests", n)
		}
		if err := session.Refresh(w.Context()); err != nil { // the family lives
			w.Error(err)
		}
	})
}

// Two Apps on one folder are what two processes are, as long as they take turns.
func TestTwoProgramsTakeTurns(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		first, _ := w.login(w.start(), erin)
		second, err := w.start().Session(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		for round := range 3 {
			w.clock.add(2 * time.Hour)
			before := len(w.tenant.TokenRequests())
			for _, session := range []*timesheets.Session{first, second} {
				if _, err := session.ListTimesheets(w.Context(), timesheets.ListTimesheetsParams{}); err != nil {
					w.Fatalf("G11: round %d: %v", round, err)
				}
			}
			if n := len(w.tenant.TokenRequests()) - before; n != 1 {
				w.Errorf("G11: round %d: %d token requests", round, n)
			}
		}
	})
}

// gate holds back replies of the token endpoint while it is shut.
type gate struct {
	token string
	shut  chan struct{} // closed when replies may pass
	held  chan struct{} // tells that one is held
}

func (g gate) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if r.URL.String() == g.token {
		select {
		case g.held <- struct{}{}:
		default:
		}
		<-g.shut
	}
	return resp, err
}

func TestCancelledCallerLosesNothing(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		w.login(w.start(), erin)
		g := gate{token: w.tenant.URL(tenant.Token), shut: make(chan struct{}), held: make(chan struct{}, 1)}
		session, err := w.start(timesheets.WithHTTPClient(&http.Client{Transport: g})).Session(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		renewed := make(chan timesheets.SessionEvent, 2)
		session.OnChange(func(e timesheets.SessionEvent) { renewed <- e })
		before := w.stored("default").RefreshToken
		ctx, cancel := context.WithCancel(w.Context())
		failed := make(chan error)
		go func() { failed <- session.Refresh(ctx) }()
		<-g.held // the tenant has rotated, and the reply is on its way
		cancel()
		if err := <-failed; !errors.Is(err, context.Canceled) {
			w.Errorf("G13: the caller got %v", err)
		}
		close(g.shut)
		<-renewed
		if w.stored("default").RefreshToken == before {
			w.Error("G13: the rotated token was lost")
		}
		w.clock.add(2 * time.Hour)
		if _, err := session.ListTimesheets(w.Context(), timesheets.ListTimesheetsParams{}); err != nil {
			w.Error(err)
		}
	})
}

func TestTroubleAtTheTenantEndsNoSession(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		session, _ := w.login(w.start(), erin)
		for _, reply := range []tenant.Reply{
			{Status: http.StatusServiceUnavailable, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}},
			{Status: http.StatusTooManyRequests, Body: `{"error":"access_denied"}`},
			{Body: `{"access_token":"x"`},
		} {
			before := w.stored("default")
			w.clock.add(2 * time.Hour) // also past the pause after the last failure
			w.tenant.Answer(tenant.Token, reply)
			_, err := session.ListTimesheets(w.Context(), timesheets.ListTimesheetsParams{})
			if !errors.Is(err, timesheets.ErrTemporary) || errors.Is(err, timesheets.ErrLoginRequired) {
				w.Errorf("G14: %d %s: error %v", reply.Status, reply.Body, err)
			}
			if w.stored("default").RefreshToken != before.RefreshToken || !session.Can(timesheets.ListTimesheets) {
				w.Errorf("G14: %d %s changed the session", reply.Status, reply.Body)
			}
		}
		w.clock.add(time.Minute)
		if _, err := session.ListTimesheets(w.Context(), timesheets.ListTimesheetsParams{}); err != nil {
			w.Error(err)
		}
	})
}

func TestAPIWithAnotherClock(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		session, _ := w.login(w.start(), erin)
		w.clock.add(30 * time.Minute)
		w.apiAhead.Store(int64(31 * time.Minute)) // for the API the token has expired
		before := len(w.tenant.TokenRequests())
		created, err := session.CreateTimesheet(w.Context(), timesheets.NewTimesheet{
			Project: "Apollo", Date: timesheets.DateOf(w.clock.now()), Hours: 1,
		})
		if err != nil || created.Project != "Apollo" {
			w.Fatalf("G15: %+v, %v", created, err)
		}
		if n := len(w.tenant.TokenRequests()) - before; n != 1 {
			w.Errorf("G15: %d refreshes", n)
		}
		if got := w.apiSaw(0); !slices.Equal(got, []string{"POST /timesheets 401", "POST /timesheets 201"}) {
			w.Errorf("G15: the API saw %q", got)
		}
	})
}

func TestCredentialsBelongToOneTenant(t *testing.T) {
	t.Parallel()
	eachLayout(t, func(w *world) {
		w.login(w.start(), erin)
		before := w.stored("default")
		config := w.config
		config.Issuer = w.startTenant().Issuer()
		sent := w.sent.n.Load()
		other := w.start(timesheets.WithConfig(config))
		_, err := other.Session(w.Context())
		w.wantLogin(err, timesheets.ReasonOtherTenant)
		if err := other.Logout(w.Context()); err != nil {
			w.Error(err)
		}
		if w.stored("default").RefreshToken != before.RefreshToken || w.sent.n.Load() != sent {
			w.Error("G17: the other tenant's credentials were touched, or sent")
		}
		if _, err := w.start().Session(w.Context()); err != nil {
			w.Error(err)
		}
	})
}
