package api_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// bodySpec has an endpoint that takes everything and gives it back.
const bodySpec = `
version: 1
package: bodies
tenant: {domain: exampleco.eu.auth0.com, client_id: abc, callbacks: [http://127.0.0.1:8484/callback]}
audience: urn:api
scopes: {openid: , offline_access: }
api: {base_url: https://api.example.com}
types:
  All:
    text: optional string
    whole: optional integer
    number: optional number
    yes: optional boolean
    day: optional date
    at: optional datetime
    id: optional uuid
    data: optional bytes
    extra: optional any
    color: optional Color
    size: {enum: [s, "": None, m], optional: true}
    list: {type: [string], optional: true}
    map: {type: {string: [integer]}, optional: true}
    part: optional Part
    parts: {type: [Part], optional: true}
    "odd/na~me": optional integer
    maybe: {type: integer, optional: true, nullable: true}
  Part: {name: string, of: {type: string, nullable: true}}
  Color: {enum: [red, blue]}
endpoints:
  Echo: {post: /echo, body: All, returns: All, auth: none}
  Any: {post: /any, body: any, returns: any, auth: none}
  List: {put: /list, body: [integer], returns: [integer], auth: none}
  None: {post: /none, auth: none}
`

func TestBodies(t *testing.T) {
	t.Parallel()
	r := start(t, bodySpec, nil)
	const (
		whole = " must be a whole number, of 64 bits at most"
		day   = " must be a date like 2026-03-31"
		at    = " must be a date and time like 2026-03-31T09:30:00Z"
		id    = " must be a UUID like 7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b"
		data  = " must be text in base64, with its padding"
	)
	for _, c := range []struct {
		body string
		want string // what is wrong, in order; empty: the body comes back as it was
	}{
		{`{}`, ""},
		{`{"text":"<&>","whole":9223372036854775807,"number":1e3,"yes":false}`, ""},
		{`{"day":"2024-02-29","at":"2026-03-31T09:30:00.123+02:00","id":"7F2C8A10-3b5d-4e6f-8a9b-0c1d2e3f4a5b","data":"AQID"}`, ""},
		{`{"extra":{"b":[1,null,{"a":2.50}]},"color":"blue","size":"","list":[],"map":{"a":[],"b":[1]}}`, ""},
		{`{"part":{"name":"","of":null},"parts":[{"name":"a","of":"b"}],"odd/na~me":1,"maybe":null}`, ""},
		{`{"extra":null}`, ""},
		{`{"text":1}`, "text must be text"},
		{`{"text":null}`, "text must not be null"},
		{`{"whole":1.0}`, "whole" + whole},
		{`{"whole":1e3}`, "whole" + whole},
		{`{"whole":9223372036854775808}`, "whole" + whole},
		{`{"whole":"1"}`, "whole" + whole},
		{`{"number":1e999}`, "number must be a number"},
		{`{"number":"1"}`, "number must be a number"},
		{`{"yes":"true"}`, "yes must be true or false"},
		{`{"day":"2026-02-29"}`, "day" + day},
		{`{"day":"2026-03-31T00:00:00Z"}`, "day" + day},
		{`{"at":"2026-03-31T09:30:00"}`, "at" + at},
		{`{"at":"2026-03-31T09:30:00,5Z"}`, "at" + at},
		{`{"at":20260331}`, "at" + at},
		{`{"id":"7f2c8a103b5d4e6f8a9b0c1d2e3f4a5b"}`, "id" + id},
		{`{"id":"{7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b}"}`, "id" + id},
		{`{"data":"AQI"}`, "data" + data},
		{`{"data":"_-8="}`, "data" + data},
		{`{"data":[1]}`, "data" + data},
		{`{"color":"Red"}`, "color must be one of red, blue"},
		{`{"color":1}`, "color must be one of red, blue"},
		{`{"size":"l"}`, `size must be one of s, "", m`},
		{`{"size":null}`, `size must be one of s, "", m`},
		{`{"list":"a"}`, "list must be a list"},
		{`{"list":["a",null]}`, "list[1] must not be null"},
		{`{"map":["a"]}`, "map must be an object"},
		{`{"map":{"b":[true],"a":null}}`, "map.a must not be null; map.b[0]" + whole},
		{`{"part":"a"}`, "part must be an object: a Part"},
		{`{"part":{}}`, "part.name is missing; part.of is missing"},
		{`{"parts":[{"name":"a","of":"b","more":1}]}`, "parts[0].more is not a field of Part"},
		{`{"odd/na~me":"x"}`, "odd/na~me" + whole},
		{`{"maybe":true}`, "maybe" + whole},
		{`{"Text":"a"}`, "Text is not a field of All"},
		{`null`, "the body must not be null"},
		{`[]`, "the body must be an object: a All"},
		{`{} {}`, "the body goes on after the end of its JSON"},
		{`{"text":`, "the body is not whole: its JSON does not end"},
		{`text=a`, "the body is not JSON at byte 2"},
		{"", "the body is missing"},
		{`{"` + strings.Repeat("x", 100) + `":1}`, strings.Repeat("x", 60) + "... is not a field of All"},
	} {
		t.Run(c.body, func(t *testing.T) {
			r := r.in(t)
			req := r.request("POST", "/echo", c.body)
			req.Header.Set("Content-Type", "application/json; charset=UTF-8")
			got := r.send(req)
			if c.want == "" {
				if got.status != 200 || got.body != c.body {
					t.Errorf("%s, want it back", got)
				}
				return
			}
			if detail, _ := r.details(got); got.status != 400 || detail != c.want {
				t.Errorf("%s, want 400 %s", got, c.want)
			}
		})
	}
}

func TestBodiesOfOtherTypes(t *testing.T) {
	t.Parallel()
	r := start(t, bodySpec, nil)
	for _, c := range []struct {
		name, method, path, contentType, body string
		status                                int
		want                                  string
	}{
		{"any takes null", "POST", "/any", "application/json", `null`, 200, `null`},
		{"any keeps its digits", "POST", "/any", "application/json", `12345678901234567890.10`, 200, `12345678901234567890.10`},
		{"a list", "PUT", "/list", "application/json", `[1,2]`, 200, `[1,2]`},
		{"not of numbers", "PUT", "/list", "application/json", `[1,"2"]`, 400, "[1] must be a whole number"},
		{"a form", "POST", "/any", "application/x-www-form-urlencoded", `a=b`, 415, "the body must be JSON"},
		{"no type", "POST", "/any", "", `{}`, 415, "the body must be JSON"},
		{"another charset", "POST", "/any", "application/json; charset=latin1", `{}`, 415, "the body must be JSON"},
		{"JSON of a kind", "POST", "/any", "application/merge-patch+json", `{}`, 415, "the body must be JSON"},
		{"too large", "POST", "/any", "application/json", `"` + strings.Repeat("x", 1<<20) + `"`, 413, "the body is larger than 1048576 bytes"},
		{"one that is not wanted", "POST", "/none", "application/json", `{}`, 400, "this endpoint takes no body"},
		{"none where none is wanted", "POST", "/none", "", "", 204, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := r.in(t)
			req := r.request(c.method, c.path, c.body)
			req.Header.Del("Content-Type")
			if c.contentType != "" {
				req.Header.Set("Content-Type", c.contentType)
			}
			got := r.send(req)
			if got.status != c.status {
				t.Fatal(got)
			}
			if c.status < 300 && got.body != c.want {
				t.Error(got)
			}
			if c.status > 300 {
				if detail, _ := r.details(got); !strings.HasPrefix(detail, c.want) {
					t.Error(got)
				}
			}
		})
	}
}

func TestFaultsOfABodyHavePointers(t *testing.T) {
	t.Parallel()
	r := start(t, bodySpec, nil)
	_, faults := r.details(r.do("", "POST", "/echo", `{"parts":[{"name":1,"of":""}],"odd/na~me":"x"}`))
	want := []map[string]string{
		{"detail": "parts[0].name must be text", "pointer": "#/parts/0/name"},
		{"detail": "odd/na~me must be a whole number, of 64 bits at most", "pointer": "#/odd~1na~0me"},
	}
	if fmt.Sprint(faults) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", faults, want)
	}
	t.Run("twenty at most", func(t *testing.T) {
		r := r.in(t)
		body, err := json.Marshal(slices.Repeat([]string{"x"}, 1000))
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := r.details(r.do("", "PUT", "/list", string(body))); len(faults) != 20 {
			t.Errorf("%d faults", len(faults))
		}
	})
}

func TestParameters(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../spec/testdata/everything.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r := start(t, string(text), nil)
	token := r.as("ada", "read")
	const item = "/v1/things/7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b/"
	for _, c := range []struct {
		name, path, header string
		want               string // what is wrong; empty: 200
	}{
		{"all there can be", item + "red.json?page=-1&colors=red&colors=dark-blue&since=2026-03-31&order=asc", "7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b", ""},
		{"the required ones; a list may be empty", item + "dark-blue.json", "", ""},
		{"an enum in the path", item + "green.json", "", "the path parameter color must be one of red, dark-blue, 2024-01-01"},
		{"a UUID in the path", "/v1/things/1/red.json", "", "the path parameter id must be a UUID like 7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b"},
		{"an escaped slash is part of a parameter", item + "a%2Fred.json", "", "the path parameter color must be one of red, dark-blue, 2024-01-01"},
		{"a number in the query", item + "red.json?page=1.5", "", "the query parameter page must be a whole number, of 64 bits at most"},
		{"an empty number", item + "red.json?page=", "", "the query parameter page must be a whole number, of 64 bits at most"},
		{"twice", item + "red.json?page=1&page=2", "", "the query parameter page stands there more than once"},
		{"each of a list", item + "red.json?colors=red&colors=x", "", "the query parameter colors must be one of red, dark-blue, 2024-01-01"},
		{"a date", item + "red.json?since=1.4.2026", "", "the query parameter since must be a date like 2026-03-31"},
		{"an enum of its own", item + "red.json?order=up", "", "the query parameter order must be one of asc, desc"},
		{"one that is unknown", item + "red.json?pages=1", "", "the query parameter pages is unknown; this endpoint takes page, colors, since, order"},
		{"a query that is none", item + "red.json?page=%zz", "", "the query cannot be read: it is not names and values as a form has them"},
		{"a header", item + "red.json", "1", "the header X-Request-Id must be a UUID like 7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b"},
		{"all at once", "/v1/things/1/red.json?page=x&b=1", "1", "the path parameter id must be a UUID like 7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b; " +
			"the query parameter page must be a whole number, of 64 bits at most; the query parameter b is unknown; this endpoint takes page, colors, since, order; " +
			"the header X-Request-Id must be a UUID like 7f2c8a10-3b5d-4e6f-8a9b-0c1d2e3f4a5b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := r.in(t)
			req := r.request("GET", c.path, "")
			if !strings.Contains(c.path, "?") {
				req.URL.RawQuery = "since=2026-03-31"
			} else if !strings.Contains(c.path, "since") && !strings.Contains(c.path, "%zz") {
				req.URL.RawQuery += "&since=2026-03-31"
			}
			req.Header.Set("Authorization", token)
			if c.header != "" {
				req.Header.Set("X-Request-Id", c.header)
			}
			got := r.send(req)
			if c.want == "" {
				if got.status != 200 {
					t.Error(got)
				}
				return
			}
			if detail, _ := r.details(got); got.status != 400 || detail != c.want {
				t.Errorf("%s, want\n%s", got, c.want)
			}
		})
	}
}

const routesSpec = `
version: 1
package: routes
tenant: {domain: exampleco.eu.auth0.com, client_id: abc, callbacks: [http://127.0.0.1:8484/callback]}
audience: urn:api
scopes: {openid: , offline_access: }
api: {base_url: https://api.example.com/v%201/}
types: {Which: {path: string, name: string}, Two: {a: string, b: string}}
endpoints:
  Pair: {get: "/p/x{a}--{b}y", path: {a: string, b: string}, returns: Two, auth: none}
  Any: {get: "/a/{path}", path: {path: string}, returns: Which, auth: none}
  Mixed: {get: "/a/{path}.json", path: {path: string}, returns: Which, auth: none}
  Mine: {get: "/a/mine", returns: Which, auth: none}
  Remove: {delete: "/a/{path}", path: {path: string}, auth: none}
  Post: {post: "/a/{path}", path: {path: string}, auth: none}
  Check: {head: /caf%C3%A9, auth: none}
`

func TestRoutes(t *testing.T) {
	t.Parallel()
	r := start(t, routesSpec, nil)
	for _, c := range []struct {
		method, path string
		status       int
		endpoint     string // that was found
		allow        string
	}{
		{"GET", "/v%201/a/x", 200, "Any", ""},
		{"GET", "/v%201/a/a%2Fb%20c", 200, "Any", ""},
		{"GET", "/v%201/a/x.json", 200, "Mixed", ""},
		{"GET", "/v%201/a/.json", 200, "Any", ""},
		{"GET", "/v%201/a/mine", 200, "Mine", ""},
		{"GET", "/v%201/a/%6Dine", 200, "Mine", ""},
		{"GET", "/v%201/p/x1--2y", 200, "Pair", ""},
		{"GET", "/v%201/p/x---y", 404, "", ""},
		{"GET", "/v%201/p/x----2y", 200, "Pair", ""},
		{"GET", "/v%201/p/x--2y", 404, "", ""},
		{"GET", "/v%201/p/x1--y", 404, "", ""},
		{"GET", "/v%201/p/x", 404, "", ""},
		{"GET", "/v%201/p/1--2y", 404, "", ""},
		{"GET", "/v%201/p/x1--2", 404, "", ""},
		{"GET", "/v%201/p/x1-2y", 404, "", ""},
		{"GET", "/v%201/a/", 404, "", ""},
		{"GET", "/v%201/a", 404, "", ""},
		{"GET", "/v%201/a/mine/", 404, "", ""},
		{"GET", "/a/mine", 404, "", ""},
		{"GET", "/v%201/A/mine", 404, "", ""},
		{"GET", "/", 404, "", ""},
		{"PUT", "/v%201/a/x", 405, "", "DELETE, GET, POST"},
		{"HEAD", "/v%201/a/x", 405, "", "DELETE, GET, POST"},
		{"OPTIONS", "/v%201/a/x", 405, "", "DELETE, GET, POST"},
		{"DELETE", "/v%201/a/mine", 204, "Remove", ""},
		{"HEAD", "/v%201/caf%C3%A9", 204, "Check", ""},
		{"HEAD", "/v%201/café", 204, "Check", ""},
		{"GET", "/v%201/caf%C3%A9", 405, "", "HEAD"},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			r := r.in(t)
			got := r.do("", c.method, c.path, "")
			calls := r.api.Calls()
			last := calls[len(calls)-1]
			if got.status != c.status || last.Endpoint != c.endpoint || got.header.Get("Allow") != c.allow {
				t.Errorf("%s, endpoint %q, Allow %q", got, last.Endpoint, got.header.Get("Allow"))
			}
			if c.status >= 400 && c.method != "HEAD" {
				r.details(got)
			}
			if c.path == "/v%201/p/x----2y" && got.body != `{"a":"--","b":"2"}` && got.body != `{"a":"-","b":"-2"}` {
				t.Errorf("%s does not have the path's parameters", got)
			}
			if c.endpoint == "Any" && !strings.Contains(got.body, `"path":"`) {
				t.Errorf("%s does not have the path's parameter", got)
			}
		})
	}
}
