package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// waits records the pauses that an App would have made, and makes none.
type waits struct {
	list   []time.Duration
	during func() // called in the midst of each
}

func recordWaits(app *App) *waits {
	w := &waits{during: func() {}}
	app.wait = func(ctx context.Context, d time.Duration) error {
		w.list = append(w.list, d)
		w.during()
		return context.Cause(ctx)
	}
	return w
}

// about reports whether the pauses are as asked for, and a little longer.
func (w *waits) about(asked ...time.Duration) bool {
	return slices.EqualFunc(w.list, asked, func(waited, asked time.Duration) bool {
		return waited >= asked && waited <= asked+asked/10+100*time.Millisecond
	})
}

// busyAPI has the API answer each request with the next status and
// Retry-After, and the last of them from then on.
type busyAPI struct {
	seen   atomic.Int64
	bodies []string
}

type busyReply struct {
	status     int
	retryAfter string
}

func (f *fixture) busyAPI(replies ...busyReply) *busyAPI {
	b := &busyAPI{}
	f.set(func() {
		f.onAPI = func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				f.t.Error(err)
			}
			b.bodies = append(b.bodies, string(body))
			reply := replies[min(int(b.seen.Add(1)), len(replies))-1]
			if reply.retryAfter != "" {
				w.Header().Set("Retry-After", reply.retryAfter)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(reply.status)
			_, _ = io.WriteString(w, `["a note"]`)
		}
	})
	return b
}

func TestRetryOfCalls(t *testing.T) {
	const far = "Mon, 02 Jan 2090 15:04:05 GMT"
	for name, test := range map[string]struct {
		method   string
		replies  []busyReply
		requests int64 // that the API sees
		waits    []time.Duration
		status   int // of the error; 0: none
	}{
		"G15: status 503 with Retry-After is waited for": {"GET", []busyReply{{503, "7"}, {200, ""}}, 2, []time.Duration{7 * time.Second}, 0},
		"G15: status 429 with Retry-After is waited for": {"GET", []busyReply{{429, "7"}, {200, ""}}, 2, []time.Duration{7 * time.Second}, 0},
		"G15: a call is repeated twice":                  {"GET", []busyReply{{429, "1"}, {503, "2"}, {200, ""}}, 3, []time.Duration{time.Second, 2 * time.Second}, 0},
		"G15: a call is repeated no more than twice":     {"GET", []busyReply{{503, "1"}}, 3, []time.Duration{time.Second, time.Second}, 503},
		"PUT is repeated":                                {"PUT", []busyReply{{503, "1"}, {200, ""}}, 2, []time.Duration{time.Second}, 0},
		"DELETE is repeated":                             {"DELETE", []busyReply{{503, "1"}, {200, ""}}, 2, []time.Duration{time.Second}, 0},
		"HEAD is repeated":                               {"HEAD", []busyReply{{503, "1"}, {200, ""}}, 2, []time.Duration{time.Second}, 0},
		"OPTIONS is repeated":                            {"OPTIONS", []busyReply{{503, "1"}, {200, ""}}, 2, []time.Duration{time.Second}, 0},
		"POST is never repeated":                         {"POST", []busyReply{{503, "1"}}, 1, nil, 503},
		"PATCH is never repeated":                        {"PATCH", []busyReply{{429, "1"}}, 1, nil, 429},
		"status 429 without Retry-After is the answer":   {"GET", []busyReply{{429, ""}}, 1, nil, 429},
		"status 503 without Retry-After is the answer":   {"GET", []busyReply{{503, ""}}, 1, nil, 503},
		"status 500 with Retry-After is the answer":      {"GET", []busyReply{{500, "1"}}, 1, nil, 500},
		"status 304 with Retry-After is the answer":      {"GET", []busyReply{{304, "1"}}, 1, nil, 304},
		"Retry-After of 0 is no pause":                   {"GET", []busyReply{{503, "0"}, {200, ""}}, 2, []time.Duration{0}, 0},
		"Retry-After in the past is no pause":            {"GET", []busyReply{{503, "Mon, 02 Jan 2006 15:04:05 GMT"}, {200, ""}}, 2, []time.Duration{0}, 0},
		"Retry-After of 30 seconds is waited for":        {"GET", []busyReply{{503, "30"}, {200, ""}}, 2, []time.Duration{30 * time.Second}, 0},
		"Retry-After of 31 seconds is not waited for":    {"GET", []busyReply{{503, "31"}}, 1, nil, 503},
		"Retry-After of ten years is not waited for":     {"GET", []busyReply{{503, "315360000"}}, 1, nil, 503},
		"Retry-After beyond all numbers":                 {"GET", []busyReply{{503, strings.Repeat("9", 40)}}, 1, nil, 503},
		"Retry-After in a far year":                      {"GET", []busyReply{{503, far}}, 1, nil, 503},
		"Retry-After that is negative":                   {"GET", []busyReply{{503, "-5"}}, 1, nil, 503},
		"Retry-After that is garbage":                    {"GET", []busyReply{{503, "soon"}}, 1, nil, 503},
		"all pauses together are at most 30 seconds":     {"GET", []busyReply{{503, "20"}, {503, "11"}}, 2, []time.Duration{20 * time.Second}, 503},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			session := f.login()
			waits := recordWaits(f.app)
			api := f.busyAPI(test.replies...)
			err := session.send(t.Context(), request{endpoint: Endpoint{name: "Do", method: test.method, path: "/do"}})
			status := 0
			if apiError, ok := errors.AsType[*APIError](err); ok {
				status = apiError.StatusCode
			}
			if seen := api.seen.Load(); seen != test.requests || !waits.about(test.waits...) || status != test.status || (err == nil) != (status == 0) {
				t.Errorf("%d requests, waited %v, error %v", seen, waits.list, err)
			}
		})
	}
}

func TestRetryOfCallsIsBounded(t *testing.T) {
	t.Run("no more is waited for than 30 seconds, jitter included", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		for range 100 {
			waits := recordWaits(f.app)
			f.busyAPI(busyReply{503, "29"}, busyReply{503, "0"})
			if err := callListNotes(t.Context(), session); err == nil {
				t.Fatal("no error")
			}
			var total time.Duration
			for _, pause := range waits.list {
				total += pause
			}
			if total > 30*time.Second || len(waits.list) != 2 {
				t.Fatalf("waited %v", waits.list)
			}
		}
	})
	t.Run("callers sent away together come back one by one", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		for range 20 {
			f.busyAPI(busyReply{503, "5"}, busyReply{200, ""})
			f.mustCall(session)
		}
		slices.Sort(waits.list)
		if different := slices.Compact(waits.list); len(different) < 2 {
			t.Errorf("all waited %v", different)
		}
	})
	t.Run("a date is relative to the App's clock", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		f.busyAPI(busyReply{503, f.clock.now().Add(9 * time.Second).UTC().Format(http.TimeFormat)}, busyReply{200, ""})
		f.mustCall(session)
		if len(waits.list) != 1 || waits.list[0] <= 8*time.Second || waits.list[0] > 11*time.Second {
			t.Errorf("waited %v", waits.list)
		}
	})
	t.Run("a clock that was set back makes no pause long", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		date := f.clock.now().Add(9 * time.Second).UTC().Format(http.TimeFormat)
		f.clock.move(-24 * time.Hour)
		api := f.busyAPI(busyReply{503, date})
		if err := callListNotes(t.Context(), session); err == nil || len(waits.list) != 0 || api.seen.Load() != 1 {
			t.Errorf("waited %v, error %v", waits.list, err)
		}
	})
	t.Run("a pause beyond ctx's deadline is not begun", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		api := f.busyAPI(busyReply{503, "25"})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err := callListNotes(ctx, session)
		if refusal, ok := errors.AsType[*APIError](err); !ok || refusal.StatusCode != 503 || len(waits.list) != 0 || api.seen.Load() != 1 {
			t.Errorf("waited %v, error %v", waits.list, err)
		}
	})
	t.Run("a pause before ctx's deadline is made", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		f.busyAPI(busyReply{503, "2"}, busyReply{200, ""})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := callListNotes(ctx, session); err != nil || !waits.about(2*time.Second) {
			t.Errorf("waited %v, error %v", waits.list, err)
		}
	})
	t.Run("a call that is cancelled in a pause says why, and of which endpoint", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		api := f.busyAPI(busyReply{503, "20"})
		errClosed := errors.New("the window was closed")
		ctx, cancel := context.WithCancelCause(t.Context())
		f.app.wait = func(ctx context.Context, d time.Duration) error {
			cancel(errClosed)
			return waitFor(ctx, d)
		}
		err := callListNotes(ctx, session)
		if !errors.Is(err, errClosed) || !strings.HasPrefix(err.Error(), "ListNotes: ") || api.seen.Load() != 1 {
			t.Errorf("%d requests, error %v", api.seen.Load(), err)
		}
	})
	t.Run("WithoutRetries makes the first reply the answer", func(t *testing.T) {
		f := newFixture(t, WithoutRetries())
		session := f.login()
		waits := recordWaits(f.app)
		api := f.busyAPI(busyReply{503, "1"})
		if err := callListNotes(t.Context(), session); err == nil || len(waits.list) != 0 || api.seen.Load() != 1 {
			t.Errorf("%d requests, waited %v, error %v", api.seen.Load(), waits.list, err)
		}
	})
	t.Run("HTTPClient never calls again", func(t *testing.T) {
		f := newFixture(t)
		client := f.login().HTTPClient()
		waits := recordWaits(f.app)
		api := f.busyAPI(busyReply{503, "1"})
		resp, err := client.Get(f.api.URL + "/notes")
		if err != nil {
			t.Fatal(err)
		}
		drain(resp)
		if len(waits.list) != 0 || api.seen.Load() != 1 {
			t.Errorf("%d requests, waited %v", api.seen.Load(), waits.list)
		}
	})
}

func TestRetryOfCallsSendsTheSame(t *testing.T) {
	t.Run("a body is sent again whole", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		recordWaits(f.app)
		api := f.busyAPI(busyReply{503, "1"}, busyReply{429, "1"}, busyReply{200, ""})
		text := strings.Repeat("x", 1<<20)
		r := request{endpoint: Endpoint{name: "PutNote", method: http.MethodPut, path: "/notes/1"}, body: map[string]string{"text": text}}
		if err := session.send(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		want := `{"text":"` + text + `"}`
		if !slices.Equal(api.bodies, []string{want, want, want}) {
			t.Errorf("%d bodies, not all whole", len(api.bodies))
		}
	})
	t.Run("the token is the newest", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		waits.during = func() { f.mustRefresh(session) }
		f.busyAPI(busyReply{503, "1"}, busyReply{200, ""})
		f.mustCall(session)
		if !slices.Equal(f.apiTokens, []string{"Bearer the-access-token-A", "Bearer the-access-token-B"}) {
			t.Errorf("the API saw %q", f.apiTokens)
		}
	})
	t.Run("who signs out in a pause calls no more", func(t *testing.T) {
		f := newFixture(t)
		session := f.login()
		waits := recordWaits(f.app)
		waits.during = func() {
			if err := f.app.Logout(t.Context()); err != nil {
				t.Error(err)
			}
		}
		api := f.busyAPI(busyReply{503, "1"})
		if err := callListNotes(t.Context(), session); !errors.Is(err, ErrLoginRequired) || api.seen.Load() != 1 {
			t.Errorf("%d requests, error %v", api.seen.Load(), err)
		}
	})
	t.Run("cookies are not doubled", func(t *testing.T) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		f := newFixture(t, WithHTTPClient(&http.Client{Jar: jar}))
		session := f.login()
		recordWaits(f.app)
		var cookies []string
		f.set(func() {
			f.onAPI = func(w http.ResponseWriter, r *http.Request) {
				cookies = append(cookies, r.Header.Get("Cookie"))
				http.SetCookie(w, &http.Cookie{Name: "n", Value: strconv.Itoa(len(cookies))})
				w.Header().Set("Retry-After", "1")
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		if err := callListNotes(t.Context(), session); err == nil || !slices.Equal(cookies, []string{"", "n=1", "n=2"}) {
			t.Errorf("cookies %q, error %v", cookies, err)
		}
	})
	t.Run("a public endpoint is called again, too", func(t *testing.T) {
		f := newFixture(t)
		waits := recordWaits(f.app)
		f.busyAPI(busyReply{503, "1"}, busyReply{200, ""})
		notes, err := call[[]string](t.Context(), f.app, request{endpoint: health})
		if err != nil || !slices.Equal(notes, []string{"a note"}) || !waits.about(time.Second) {
			t.Errorf("%q, waited %v, error %v", notes, waits.list, err)
		}
	})
}

// refusedBody counts what is read of it, and is without end.
type refusedBody struct {
	read   int
	closed bool
}

func (b *refusedBody) Read(p []byte) (int, error) {
	b.read += len(p)
	return len(p), nil
}

func (b *refusedBody) Close() error {
	b.closed = true
	return nil
}

// scriptedTransport answers from a list.
type scriptedTransport struct{ replies []*http.Response }

func (s *scriptedTransport) RoundTrip(*http.Request) (*http.Response, error) {
	reply := s.replies[0]
	s.replies = s.replies[1:]
	return reply, nil
}

func TestRetryGivesUpTheRefusedReply(t *testing.T) {
	endless := &refusedBody{}
	transport := &scriptedTransport{replies: []*http.Response{
		{StatusCode: 503, Header: http.Header{"Retry-After": {"1"}}, Body: endless},
		{StatusCode: 200, Body: io.NopCloser(bytes.NewReader([]byte(`["a note"]`)))},
	}}
	f := newFixture(t, WithHTTPClient(&http.Client{Transport: transport}))
	waits := recordWaits(f.app)
	waits.during = func() {
		if !endless.closed || endless.read == 0 || endless.read > 1<<20 {
			t.Errorf("before the pause %d bytes were read, closed: %v", endless.read, endless.closed)
		}
	}
	if _, err := call[[]string](t.Context(), f.app, request{endpoint: health}); err != nil || len(waits.list) != 1 {
		t.Errorf("waited %v, error %v", waits.list, err)
	}
}

func TestWaitFor(t *testing.T) {
	if err := waitFor(t.Context(), time.Microsecond); err != nil {
		t.Error(err)
	}
	errClosed := errors.New("the window was closed")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errClosed)
	for _, d := range []time.Duration{time.Hour, 0, -time.Hour} {
		if err := waitFor(ctx, d); !errors.Is(err, errClosed) {
			t.Errorf("%v: error %v", d, err)
		}
	}
}
