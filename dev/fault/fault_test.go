package fault_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/scaffold/dev/fault"
)

var all = []fault.Kind{fault.Slow, fault.Unavailable, fault.TooMany, fault.Expired, fault.Revoked}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]fault.Fault{
		"slow":              {Kind: fault.Slow, Delay: 2 * time.Second},
		"slow=150ms":        {Kind: fault.Slow, Delay: 150 * time.Millisecond},
		"500":               {Kind: fault.Unavailable},
		"500x3":             {Kind: fault.Unavailable, Times: 3},
		"429":               {Kind: fault.TooMany, After: 2 * time.Second},
		"token:429=30sx2":   {Endpoint: fault.Token, Kind: fault.TooMany, After: 30 * time.Second, Times: 2},
		"expired":           {Kind: fault.Expired},
		"api:expiredx1":     {Endpoint: fault.API, Kind: fault.Expired, Times: 1},
		"token:revoked":     {Endpoint: fault.Token, Kind: fault.Revoked},
		"userinfo:slow=1h":  {Endpoint: fault.Userinfo, Kind: fault.Slow, Delay: time.Hour},
		"authorize:slowx10": {Endpoint: fault.Authorize, Kind: fault.Slow, Delay: 2 * time.Second, Times: 10},
	} {
		got, err := fault.Parse(text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", text, got, err, want)
		}
		if again, err := fault.Parse(got.String()); err != nil || again != got {
			t.Errorf("%s is written %q, which is read as %+v, %v", text, got, again, err)
		}
	}
	for text, says := range map[string]string{
		"":                 "there are slow, 500",
		"404":              "there are slow, 500",
		"500x0":            "there are slow, 500",
		"500=2s":           "takes no value",
		"slow=":            "is not a duration",
		"slow=0s":          "is not a duration",
		"slow=-1s":         "is not a duration",
		"slow=2h":          "is not a duration",
		"slow=soon":        "is not a duration",
		"logout:500":       "there are authorize, token",
		"api:revoked":      "token endpoint only",
		"userinfo:expired": "token endpoint and the API only",
	} {
		if got, err := fault.Parse(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %+v, %v; want an error that says %q", text, got, err, says)
		}
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	t.Run("without an endpoint it is the token endpoint and the API", func(t *testing.T) {
		var s fault.Set
		s.Add(fault.Fault{Kind: fault.Unavailable})
		for endpoint, want := range map[string]int{fault.Token: 500, fault.API: 500, fault.Userinfo: 0, fault.Authorize: 0} {
			if got := s.Next(endpoint, all...).Status; got != want {
				t.Errorf("%s: status %d, want %d", endpoint, got, want)
			}
		}
	})
	t.Run("it happens so many times", func(t *testing.T) {
		var s fault.Set
		s.Add(fault.Fault{Endpoint: fault.Token, Kind: fault.TooMany, After: time.Second, Times: 2})
		for i, want := range []int{429, 429, 0} {
			if got := s.Next(fault.Token, all...); got.Status != want {
				t.Errorf("request %d: status %d, want %d", i, got.Status, want)
			}
		}
		if left := s.List(); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
	t.Run("a request that the kind means nothing to does not use it up", func(t *testing.T) {
		var s fault.Set
		s.Add(fault.Fault{Kind: fault.Revoked, Times: 1})
		if s.Next(fault.Token, fault.Slow).Revoked || !s.Next(fault.Token, all...).Revoked || s.Next(fault.Token, all...).Revoked {
			t.Error("it did not happen once")
		}
	})
	t.Run("delays add up, refusals come one after the other", func(t *testing.T) {
		var s fault.Set
		s.Add(fault.Fault{Kind: fault.Unavailable, Times: 1})
		s.Add(fault.Fault{Kind: fault.TooMany, Times: 1})
		s.Add(fault.Fault{Kind: fault.Slow, Delay: time.Second})
		s.Add(fault.Fault{Kind: fault.Slow, Delay: time.Second})
		first, second, third := s.Next(fault.API, all...), s.Next(fault.API, all...), s.Next(fault.API, all...)
		if first.Status != 500 || second.Status != 429 || third.Status != 0 || first.Delay != 2*time.Second {
			t.Errorf("%+v, %+v, %+v", first, second, third)
		}
	})
	t.Run("Clear ends them", func(t *testing.T) {
		var s fault.Set
		s.Add(fault.Fault{Kind: fault.Expired})
		s.Clear()
		if s.Next(fault.API, all...).Expired {
			t.Error("it goes on")
		}
	})
	t.Run("no set has no faults", func(t *testing.T) {
		var s *fault.Set
		if got := s.Next(fault.API, all...); got != (fault.Happens{}) {
			t.Errorf("%+v", got)
		}
	})
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		happens fault.Happens
		refused bool
		status  int
		after   string
	}{
		{fault.Happens{Expired: true}, false, 200, ""},
		{fault.Happens{Status: 500}, true, 500, ""},
		{fault.Happens{Status: 429, After: 1500 * time.Millisecond}, true, 429, "2"},
	} {
		w := httptest.NewRecorder()
		if got := c.happens.Refuse(w); got != c.refused || w.Code != c.status || w.Header().Get("Retry-After") != c.after {
			t.Errorf("%+v: %t, status %d, Retry-After %q", c.happens, got, w.Code, w.Header().Get("Retry-After"))
		}
	}
}

func TestWaitEndsWithTheRequest(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fault.Happens{Delay: time.Hour}.Wait(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	}()
	<-done
	begun := time.Now()
	fault.Happens{Delay: 20 * time.Millisecond}.Wait(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if took := time.Since(begun); took < 20*time.Millisecond {
		t.Errorf("it waited %s", took)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"slow=2s", "token:429=30sx2", "api:expiredx1", "500", ":", "slow=1hx999999"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := fault.Parse(text)
		if err != nil {
			return
		}
		if again, err := fault.Parse(got.String()); err != nil || again != got {
			t.Errorf("%q is written %q, which is read as %+v, %v", text, got, again, err)
		}
	})
}
