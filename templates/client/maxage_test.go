package client

import (
	"testing"
	"time"
)

func TestLoginMaxAge(t *testing.T) {
	for _, test := range []struct {
		name, maxAge string
		authAge      time.Duration
		ok           bool
	}{
		{"G8: a recent sign-in at the tenant will do", "3600", 30 * time.Minute, true},
		{"G8: one too long ago will not", "3600", 2 * time.Hour, false},
		{"G8: one that the ID token does not tell will not", "3600", 0, false},
		{"G8: max_age=0 wants one now", "0", 10 * time.Minute, false},
		{"G8: and takes one made now", "0", time.Second, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFixture(t)
			f.authAge = test.authAge
			config := f.app.config
			config.Parameters = map[string]string{"max_age": test.maxAge}
			if _, err := f.newApp(WithConfig(config)).Login(t.Context()); (err == nil) != test.ok {
				t.Errorf("error %v", err)
			}
			if got := f.authorization[0].Get("max_age"); got != test.maxAge {
				t.Errorf("max_age = %q", got)
			}
		})
	}
}
