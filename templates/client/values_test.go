package client

import (
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestDate(t *testing.T) {
	t.Run("goes to JSON and back", func(t *testing.T) {
		day := Date{Year: 2026, Month: time.February, Day: 3}
		text, err := json.Marshal(day)
		if err != nil || string(text) != `"2026-02-03"` {
			t.Errorf("%s, %v", text, err)
		}
		var back Date
		if err := json.Unmarshal(text, &back); err != nil || back != day {
			t.Errorf("%v, %v", back, err)
		}
	})
	t.Run("is the day at the time's own location", func(t *testing.T) {
		east := time.FixedZone("east", 3*60*60)
		late := time.Date(2026, 12, 31, 22, 0, 0, 0, time.UTC).In(east)
		if got := DateOf(late).String(); got != "2027-01-01" {
			t.Error(got)
		}
		if got := DateOf(late).In(east); got.Hour() != 0 || got.Day() != 1 {
			t.Error(got)
		}
	})
	for _, text := range []string{`"2026-02-30"`, `"2026-2-3"`, `"2026-02-03T00:00:00Z"`, `""`, `7`} {
		t.Run("does not read "+text, func(t *testing.T) {
			if err := json.Unmarshal([]byte(text), &Date{}); err == nil {
				t.Error("no error")
			}
		})
	}
	t.Run("does not write a day that no calendar has", func(t *testing.T) {
		for _, day := range []Date{{}, {Year: 2026, Month: 2, Day: 30}, {Year: 10000, Month: 1, Day: 1}} {
			if text, err := json.Marshal(day); err == nil {
				t.Errorf("%s", text)
			}
		}
	})
}

func TestNullable(t *testing.T) {
	type patch struct {
		Note Nullable[string] `json:"note,omitzero"`
	}
	for text, want := range map[string]Nullable[string]{
		`{}`:             {},
		`{"note":null}`:  NullableNull[string](),
		`{"note":"hey"}`: NullableValue("hey"),
	} {
		t.Run(text, func(t *testing.T) {
			written, err := json.Marshal(patch{Note: want})
			if err != nil || string(written) != text {
				t.Errorf("%s, %v", written, err)
			}
			var read patch
			if err := json.Unmarshal([]byte(text), &read); err != nil {
				t.Fatal(err)
			}
			gotValue, gotOK := read.Note.Get()
			wantValue, wantOK := want.Get()
			if gotValue != wantValue || gotOK != wantOK || read.Note.IsNull() != want.IsNull() || read.Note.IsZero() != want.IsZero() {
				t.Errorf("%+v", read)
			}
		})
	}
}

func TestNullableAny(t *testing.T) {
	var read Nullable[any]
	if err := json.Unmarshal([]byte("9007199254740993"), &read); err != nil {
		t.Fatal(err)
	}
	if got, ok := read.Get(); !ok || got != json.Number("9007199254740993") {
		t.Errorf("a long number becomes %v", got)
	}
}

func TestBearerChallenge(t *testing.T) {
	tests := []struct {
		name   string
		fields []string
		want   map[string]string
	}{
		{"none", nil, nil},
		{"another scheme", []string{`Basic realm="x"`}, nil},
		{"bare", []string{"Bearer"}, map[string]string{}},
		{"parameters", []string{`bearer Error="insufficient_scope" , scope="a b"`}, map[string]string{"error": "insufficient_scope", "scope": "a b"}},
		{"tokens", []string{`Bearer error=invalid_token,x=y`}, map[string]string{"error": "invalid_token", "x": "y"}},
		{"after another challenge", []string{`Basic realm="a, Bearer b=c", Bearer scope="d"`}, map[string]string{"scope": "d"}},
		{"in a second field", []string{`Digest qop="auth"`, `Bearer scope=e`}, map[string]string{"scope": "e"}},
		{"escaped quotes", []string{`Bearer realm="say \"hi\"", scope=f`}, map[string]string{"realm": `say "hi"`, "scope": "f"}},
		{"a quote without end", []string{`Bearer scope="g`}, map[string]string{"scope": "g"}},
		{"a token68", []string{`Negotiate YWJj==, Bearer scope=h`}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := bearerChallenge(http.Header{"Www-Authenticate": test.fields}); !maps.Equal(got, test.want) {
				t.Errorf("%v, want %v", got, test.want)
			}
		})
	}
}

func FuzzBearerChallenge(f *testing.F) {
	f.Add(`Bearer realm="x", error="insufficient_scope", scope="a b"`, "a b")
	f.Add(`Basic =, Bearer "\`, `a"b\c`)
	f.Add(`Basic realm="Bearer error=x"`, "")
	f.Fuzz(func(t *testing.T, field, value string) {
		params := bearerChallenge(http.Header{"Www-Authenticate": {field}})
		for name := range params {
			if token, rest := cutToken(name); token != name || rest != "" || name != strings.ToLower(name) {
				t.Errorf("parameter %q", name)
			}
		}
		if params != nil && !strings.Contains(strings.ToLower(field), "bearer") {
			t.Errorf("a challenge that is none: %q", field)
		}
		// Whatever follows, a quoted string is read to its own end (RFC 9110 section 5.6.4).
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		got := bearerChallenge(http.Header{"Www-Authenticate": {"Basic x=" + quoted + ", bearer SCOPE = " + quoted + ",," + field}})
		if first, ok := got["scope"]; !ok || first != value && !strings.Contains(strings.ToLower(field), "scope") {
			t.Errorf("scope %q, want %q", first, value)
		}
	})
}

func TestConfigIsChecked(t *testing.T) {
	tests := map[string]func(*Config){
		"no provider":                       func(c *Config) { c.Provider = "" },
		"an issuer in the clear":            func(c *Config) { c.Issuer = "http://tenant.example.com/" },
		"an issuer with a query":            func(c *Config) { c.Issuer += "?x" },
		"an issuer that is no URL":          func(c *Config) { c.Issuer = "tenant" },
		"an issuer with a password":         func(c *Config) { c.Issuer = "https://a:b@tenant.example.com/" },
		"scopes without openid":             func(c *Config) { c.Scopes = []string{"profile"} },
		"two scopes in one":                 func(c *Config) { c.Scopes = []string{"openid", "read:notes write:notes"} },
		"no client id":                      func(c *Config) { c.ClientID = "" },
		"no callback":                       func(c *Config) { c.Callbacks = nil },
		"G2: a callback at localhost":       func(c *Config) { c.Callbacks = []string{"http://localhost:8484/callback"} },
		"G2: a callback on every port":      func(c *Config) { c.Callbacks = []string{"http://0.0.0.0:8484/callback"} },
		"G2: a callback with no port":       func(c *Config) { c.Callbacks = []string{"http://127.0.0.1/callback"} },
		"a max_age that is no number":       func(c *Config) { c.Parameters = map[string]string{"max_age": "1h"} },
		"a callback with a fragment":        func(c *Config) { c.Callbacks = []string{"http://127.0.0.1:8484/callback#x"} },
		"a base URL with an empty fragment": func(c *Config) { c.BaseURL += "#" },
		"a name that leaves the folder":     func(c *Config) { c.Name = "../../elsewhere" },
		"no name":                           func(c *Config) { c.Name = "" },
		"an API in the clear":               func(c *Config) { c.BaseURL = "http://api.example.com" },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			config := DefaultConfig()
			change(&config)
			if _, err := New(WithConfig(config), WithStore(NewMemoryStore())); err == nil || !strings.HasPrefix(err.Error(), "configuration: ") {
				t.Errorf("error %v", err)
			}
		})
	}
}
