package api_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"example.com/scaffold/dev/api"
	client "example.com/scaffold/generated/timesheets"
	"example.com/scaffold/spec"
)

// The types of spec/testdata/everything.yaml, as a client has them.
type thing struct {
	ID       *uuid              `json:"id"`
	At       *time.Time         `json:"at,omitempty"`
	Day      *client.Date       `json:"day"`
	Amount   *float64           `json:"amount"`
	Count    *int64             `json:"count"`
	On       *bool              `json:"on"`
	Data     []byte             `json:"data"`
	Extra    any                `json:"extra"`
	Next     *thing             `json:"next,omitempty"`
	Children []thing            `json:"children"`
	Labels   map[string]string  `json:"labels"`
	Matrix   [][]float64        `json:"matrix"`
	Index    map[string][]color `json:"index"`
	State    *string            `json:"state"`
	Size     *string            `json:"size,omitempty"`
	Tags     []string           `json:"tags,omitempty"`
	Lookup   map[string]thing   `json:"lookup"`
	UpperID  *string            `json:"ID"`
	Enum     *string            `json:"enum"`
}

type color string

// UnmarshalText is stricter than a client is.
func (c *color) UnmarshalText(text []byte) error {
	if *c = color(text); *c != "red" && *c != "dark-blue" && *c != "2024-01-01" {
		return errors.New("not a color")
	}
	return nil
}

type uuid string

// UnmarshalText has the form that all libraries take.
func (u *uuid) UnmarshalText(text []byte) error {
	if *u = uuid(text); len(strings.Split(string(text), "-")) != 5 || len(text) != 36 {
		return errors.New("not a UUID")
	}
	return nil
}

// complete reports whether what is required is there.
func (v thing) complete() bool {
	return v.ID != nil && v.Day != nil && v.Amount != nil && v.Count != nil && v.On != nil && v.Data != nil && v.Children != nil &&
		v.Labels != nil && v.Matrix != nil && v.Index != nil && v.State != nil && v.Lookup != nil && v.UpperID != nil && v.Enum != nil
}

// everything is the API of the spec that has every construct.
func everything(tb testing.TB) *spec.File {
	tb.Helper()
	text, err := os.ReadFile("../../spec/testdata/everything.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	// Without a tenant to ask, the endpoints are public.
	open := strings.ReplaceAll(string(text), "scopes: [write, admin]", "auth: none")
	open = strings.ReplaceAll(open, "scopes: {any_of: [[read], [write, admin]]}", "auth: none")
	open = strings.ReplaceAll(open, "body: [Thing]}", "body: [Thing], auth: none, returns: [Thing]}")
	open = strings.ReplaceAll(open, "body: Thing}", "body: Thing, auth: none, returns: Thing}")
	open = strings.ReplaceAll(open, "body: any, deprecated: true}", "body: any, auth: none, returns: {string: [Long]}}")
	return load(tb, open)
}

func newHandler(tb testing.TB, f *spec.File) http.Handler {
	tb.Helper()
	a, err := api.New(api.Config{Spec: f, Issuer: "https://id.example.com", KeysURL: "https://id.example.com/keys", Now: func() time.Time { return begin }})
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

const aThing = `{"id":"7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b","day":"2026-03-31","amount":1.5,"count":2,"on":true,"data":"AQID","extra":{"a":[1]},` +
	`"children":[],"labels":{"a":"b"},"matrix":[[1],[]],"index":{"x":["red"]},"state":"off","size":null,"lookup":{},"ID":"x","enum":"y"}`

// decoded is an answer's body as a client reads it.
func decoded[T any](t *testing.T, w *httptest.ResponseRecorder) T {
	t.Helper()
	d := json.NewDecoder(w.Body)
	d.DisallowUnknownFields()
	var value T
	if err := d.Decode(&value); err != nil {
		t.Fatalf("status %d: %v", w.Code, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Error("the answer goes on")
	}
	return value
}

func serve(h http.Handler, method, target, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryAnswerIsOfItsType(t *testing.T) {
	t.Parallel()
	h := newHandler(t, everything(t))
	const item = "/v1/things/7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b/red.json?since=2026-03-31"
	t.Run("a struct that is made up", func(t *testing.T) {
		if got := decoded[thing](t, serve(h, "GET", item, "")); !got.complete() || *got.ID != "7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a map that is echoed", func(t *testing.T) {
		got := decoded[map[string][]thing](t, serve(h, "POST", "/v1/things", `{"a":[`+aThing+`],"b":[]}`))
		if len(got) != 2 || !got["a"][0].complete() {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a list that is kept", func(t *testing.T) {
		if got := decoded[[]thing](t, serve(h, "PUT", "/v1/things", `[`+aThing+`]`)); len(got) != 1 || !got[0].complete() {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a struct that is kept", func(t *testing.T) {
		if got := decoded[thing](t, serve(h, "PATCH", "/v1/things", aThing)); !got.complete() || string(got.Data) != "\x01\x02\x03" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a map that is made up", func(t *testing.T) {
		if got := decoded[map[string][]any](t, serve(h, "DELETE", "/v1/things", `7`)); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		if w := serve(h, "HEAD", "/v1/things", ""); w.Code != 204 || w.Body.Len() > 0 {
			t.Errorf("status %d, body %s", w.Code, w.Body)
		}
	})
}

// FuzzBody has the API take bodies: it refuses one with a problem, or gives it
// back in a form that a client can read.
func FuzzBody(f *testing.F) {
	h := newHandler(f, everything(f))
	for _, body := range []string{
		aThing, `{}`, `null`, `[]`, `{"id":1}`, strings.Replace(aThing, `"children":[]`, `"children":[`+aThing+`]`, 1),
		strings.Replace(aThing, "2026-03-31", "2026-02-30", 1), strings.Replace(aThing, `"count":2`, `"count":1e1`, 1),
		strings.Replace(aThing, `"size":null`, `"at":"2026-03-31T09:30:00.5+02:00"`, 1), `{"a":`, "\xff", strings.Repeat("[", 20_000),
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		w := serve(h, "PATCH", "/v1/things", body)
		switch w.Code {
		case 200:
			if got := decoded[thing](t, w); !got.complete() {
				t.Errorf("%s is answered with %+v", body, got)
			}
		case 400, 413:
			problemOf(t, w)
		default:
			t.Errorf("status %d", w.Code)
		}
	})
}

// FuzzRequest has the API take paths, queries and headers.
func FuzzRequest(f *testing.F) {
	h := newHandler(f, everything(f))
	for _, c := range [][4]string{
		{"GET", "/v1/things/7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b/red.json", "since=2026-03-31&page=1&colors=red", "7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b"},
		{"GET", "/v1/things/x/y.json", "page=x&page=1", "x"},
		{"DELETE", "/v1/things", "", ""},
		{"HEAD", "/v1//things/%2f", "%zz;", "\x00"},
		{"\x00", "//", "=", "é"},
	} {
		f.Add(c[0], c[1], c[2], c[3])
	}
	f.Fuzz(func(t *testing.T, method, path, query, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Method, r.URL = method, &url.URL{Path: path, RawPath: path, RawQuery: query}
		r.Header = http.Header{"X-Request-Id": {header}, "Authorization": {header}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case 200:
			if got := decoded[thing](t, w); !got.complete() {
				t.Errorf("the answer is %+v", got)
			}
		case 204:
		default:
			problemOf(t, w)
		}
	})
}

func problemOf(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	var p struct {
		Status int
		Detail string
		Errors []any
	}
	if err := json.NewDecoder(w.Body).Decode(&p); err != nil || p.Status != w.Code || p.Detail == "" || len(p.Errors) > 20 || w.Code > 499 {
		t.Errorf("status %d, %+v, error %v", w.Code, p, err)
	}
}

// FuzzToken has the API take tokens: none but the issuer's gets in.
func FuzzToken(f *testing.F) {
	i := newIssuer(f)
	text, err := os.ReadFile("../../examples/timesheets.yaml")
	if err != nil {
		f.Fatal(err)
	}
	a, err := api.New(api.Config{Spec: load(f, string(text)), Issuer: "https://id.example.com/", KeysURL: i.server.URL})
	if err != nil {
		f.Fatal(err)
	}
	for _, header := range []string{
		"Bearer " + i.sign(f, map[string]any{"iss": "https://id.example.com/", "aud": 7, "sub": "ada", "exp": 1e18}), // no audience
		"Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer a.b.c", "bearer  x", "Basic x", "Bearer \xff", "",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "/timesheets", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		if w.Code != 401 && w.Code != 400 {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); strings.ContainsAny(challenge, "\r\n\\") || strings.Count(challenge, `"`)%2 == 1 {
			t.Errorf("challenge %q", challenge)
		}
		problemOf(t, w)
	})
}

// FuzzSpec makes APIs of specs and calls each endpoint, with what may be wrong.
func FuzzSpec(f *testing.F) {
	for _, text := range []string{timesheets(f), shopSpec, pagesSpec, routesSpec, bodySpec, scopesSpec} {
		f.Add(text, "1", "x=1", "{}")
	}
	cases, err := filepath.Glob("../../golden/*.txtar")
	if err != nil || len(cases) == 0 {
		f.Fatal("no cases: ", err)
	}
	for _, path := range cases {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Files[0].Data), "1", "", "[]")
	}
	f.Fuzz(func(t *testing.T, text, param, query, body string) {
		file, problems := spec.Load("spec.yaml", []byte(text))
		for _, p := range append(problems, spec.Validate(file)...) {
			if !p.Warning {
				return
			}
		}
		for i := range file.Endpoints {
			file.Endpoints[i].Public = true
		}
		h := newHandler(t, file)
		base, err := url.Parse(file.BaseURL.Value)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range file.Endpoints {
			path := e.Path.Value
			for _, p := range e.PathParams {
				path = strings.ReplaceAll(path, "{"+p.Name.Value+"}", url.PathEscape(param))
			}
			address, err := url.Parse(strings.TrimSuffix(base.EscapedPath(), "/") + path)
			if err != nil {
				continue // of a path that no client could call
			}
			r := httptest.NewRequest(e.Method, "/", strings.NewReader(body))
			address.RawQuery = query
			r.URL = address
			r.Header.Set("Content-Type", "application/json")
			if e.Body == nil {
				r.Body = http.NoBody
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			switch {
			case w.Code == 204 && w.Body.Len() == 0:
			case w.Code < 300 && json.Valid(w.Body.Bytes()):
			default:
				problemOf(t, w)
			}
		}
	})
}
