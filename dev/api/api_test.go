package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"example.com/scaffold/dev/api"
	"example.com/scaffold/spec"
)

func TestNewNeedsItsParts(t *testing.T) {
	t.Parallel()
	f := load(t, shopSpec)
	for name, c := range map[string]struct {
		config api.Config
		want   string
	}{
		"a spec":      {api.Config{Issuer: "https://a", KeysURL: "https://a"}, "a spec is needed"},
		"an issuer":   {api.Config{Spec: f, KeysURL: "https://a"}, "the issuer"},
		"its keys":    {api.Config{Spec: f, Issuer: "https://a"}, "the address of its keys"},
		"a URL below": {api.Config{Spec: &spec.File{BaseURL: spec.Text{Value: ":"}}, Issuer: "https://a", KeysURL: "https://a"}, "the base URL of the spec"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := api.New(c.config); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %s", err, c.want)
			}
		})
	}
}

func TestBeforeStandsInFront(t *testing.T) {
	t.Parallel()
	r := start(t, shopSpec, func(cfg *api.Config) {
		cfg.Before = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch r.Header.Get("X-Fault") {
				case "busy":
					w.WriteHeader(http.StatusTooManyRequests)
					return
				case "lost":
					r = r.WithContext(context.Background())
				}
				next.ServeHTTP(w, r)
			})
		}
	})
	for fault, want := range map[string]api.Call{
		"":     {Status: 200, Outcome: "3 entries", Subject: "ada"},
		"busy": {Status: 429, Outcome: "too many requests"},
		"lost": {Status: 500, Outcome: "internal server error"},
	} {
		t.Run("fault "+fault, func(t *testing.T) {
			r := r.in(t)
			req := r.request("GET", "/orders", "")
			req.Header.Set("Authorization", r.as("ada"))
			req.Header.Set("X-Fault", fault)
			if got := r.send(req); got.status != want.Status {
				t.Error(got)
			}
			calls := r.api.Calls()
			last := calls[len(calls)-1]
			if last.Status != want.Status || last.Outcome != want.Outcome || last.Subject != want.Subject || last.Endpoint != "ListOrders" {
				t.Errorf("%+v", last)
			}
		})
	}
}

func TestOldCallsAreForgotten(t *testing.T) {
	t.Parallel()
	h := newHandler(t, load(t, shopSpec))
	for range 10_001 {
		serve(h, "GET", "/nothing", "")
	}
	serve(h, "GET", "/last", "")
	calls := h.(*api.API).Calls()
	if len(calls) != 5_002 || calls[len(calls)-1].Path != "/last" {
		t.Errorf("%d calls, the last is %+v", len(calls), calls[len(calls)-1])
	}
}

const pagesSpec = `
version: 1
package: pages
tenant: {domain: exampleco.eu.auth0.com, client_id: abc, callbacks: [http://127.0.0.1:8484/callback]}
audience: urn:api
scopes: {openid: , offline_access: , approve: }
api: {base_url: https://api.example.com}
types:
  Entry: {id: string, owner: string, day: date, mood: Mood, at: datetime, sum: integer, text: string}
  NewEntry: {text: string}
  Mood: {enum: [good, bad]}
  Page: {entries: [Entry], cursor: optional string, mood: Mood, kind: {enum: [a, b]}, last: {type: boolean, nullable: true}, about: About}
  About: {left: [Entry], right: [Entry], n: number}
  Sheet: {a: [Entry], b: [Entry]}
endpoints:
  List:
    get: /entries
    query: {date_from: optional date, at_to: optional date, max_sum: optional integer, mood: optional Mood, since: optional datetime, max_text: optional string, from_to: optional date, offset: optional integer, page: optional integer}
    returns: Page
  Has: {head: /entries}
  Mine: {get: /entries/mine, returns: [Entry]}
  Bad: {get: /entries/bad, returns: [Entry]}
  Users: {get: "/users/{owner}/entries", path: {owner: string}, returns: [Entry]}
  Add: {post: /entries, body: NewEntry, returns: NewEntry}
  AddMany: {post: /entries/many, body: [NewEntry], returns: [Entry]}
  Touch: {post: "/entries/{id}", path: {id: string}, scopes: [approve]}
  Sheet: {get: /sheet, returns: Sheet}
  Log: {get: /log, returns: [Mood]}
`

func TestPagesAndNamedLists(t *testing.T) {
	t.Parallel()
	r := start(t, pagesSpec, func(cfg *api.Config) { cfg.Subjects = []string{"ada", "ben"} })
	ada, boss := r.as("ada"), r.as("ada", "approve")
	entry := func(id, owner, day, mood, at, sum, text string) string {
		return `{"id":"` + id + `","owner":"` + owner + `","day":"` + day + `","mood":"` + mood + `","at":"` + at + `T09:00:00Z","sum":` + sum + `,"text":"` + text + `"}`
	}
	one := entry("1", "ada", "2026-03-30", "good", "2026-03-30", "1", "text 1")
	two := entry("2", "ada", "2026-03-29", "bad", "2026-03-29", "2", "text 2")
	three := entry("3", "ada", "2026-03-28", "good", "2026-03-28", "3", "text 3")
	bens := strings.NewReplacer(`"ada"`, `"ben"`, `"id":"1"`, `"id":"4"`).Replace(one)
	bens2 := strings.NewReplacer(`"ada"`, `"ben"`, `"id":"2"`, `"id":"5"`).Replace(two)
	bens3 := strings.NewReplacer(`"ada"`, `"ben"`, `"id":"3"`, `"id":"6"`).Replace(three)
	page := func(entries ...string) string {
		return `{"entries":[` + strings.Join(entries, ",") + `],"mood":"good","kind":"a","last":null,"about":{"left":[],"right":[],"n":0}}`
	}
	r.tell([]step{
		{"a page has the rest of its fields, too", ada, "GET", "/entries", "", 200, page(one, two, three)},
		{"from a day", ada, "GET", "/entries?date_from=2026-03-29", "", 200, page(one, two)},
		{"a moment up to a day", ada, "GET", "/entries?at_to=2026-03-29", "", 200, page(two, three)},
		{"a moment since another; days count as a whole", ada, "GET", "/entries?since=2026-03-29T23:00:00Z", "", 200, page(one, two)},
		{"a number", ada, "GET", "/entries?max_sum=1", "", 200, page(one)},
		{"an enum", ada, "GET", "/entries?mood=bad", "", 200, page(two)},
		{"a limit of a text is none", ada, "GET", "/entries?max_text=a", "", 200, page(one, two, three)},
		{"nor is one in both directions", ada, "GET", "/entries?from_to=2026-03-30", "", 200, page(one, two, three)},
		{"a page without a size", ada, "GET", "/entries?page=2", "", 200, page()},
		{"an offset beyond the end", ada, "GET", "/entries?offset=99", "", 200, page()},
		{"below the beginning", ada, "GET", "/entries?offset=-1", "", 200, page(one, two, three)},
		{"a head of the list", ada, "HEAD", "/entries", "", 204, ""},
		{"a list that is named like a value", ada, "GET", "/entries/bad", "", 200, "[" + two + "]"},
		{"who may act on all sees all", boss, "GET", "/entries/bad", "", 200, "[" + two + "," + bens2 + "]"},
		{"but not as their own", boss, "GET", "/entries/mine", "", 200, "[" + one + "," + two + "," + three + "]"},
		{"a list below a user whom the path names", ada, "GET", "/users/ben/entries", "", 200, "[" + bens + "," + bens2 + "," + bens3 + "]"},
		{"an act without a word changes nothing", boss, "POST", "/entries/4", "", 204, ""},
		{"what is created is shown as the endpoint returns it", ada, "POST", "/entries", `{"text":"new"}`, 201, `{"text":"new"}`},
		{"and listed", ada, "GET", "/entries?date_from=2026-03-31", "", 200, page(entry("7", "ada", "2026-03-31", "good", "2026-03-31", "0", "new"))},
		{"several at once are not created", ada, "POST", "/entries/many", `[{"text":"new"}]`, 200, "[" + strings.Replace(one, `"id":"1"`, `"id":"id 1"`, 1) + "]"},
		{"two lists are no page", ada, "GET", "/sheet", "", 200, `{"a":[],"b":[]}`},
		{"a list of an enum", ada, "GET", "/log", "", 200, `["good"]`},
	})
}
