package api_test

import (
	"strings"
	"testing"

	"example.com/scaffold/dev/api"
)

// step is one request of a story, in its order.
type step struct {
	name, as, method, path, body string
	status                       int
	want                         string // the whole body of an answer that is fine; a part of any other
}

// tell plays a story.
func (r *rig) tell(steps []step) {
	r.Helper()
	for _, s := range steps {
		r.Run(s.name, func(t *testing.T) {
			r := r.in(t)
			got := r.do(s.as, s.method, s.path, s.body)
			if got.status != s.status {
				t.Fatalf("%s, want %d", got, s.status)
			}
			if s.status < 300 && got.body != s.want {
				t.Errorf("got  %s\nwant %s", got.body, s.want)
			}
			if s.status < 300 {
				return
			}
			if detail, _ := r.details(got); !strings.Contains(detail, s.want) {
				t.Errorf("got %s, want %s", detail, s.want)
			}
		})
	}
}

func TestTimesheets(t *testing.T) {
	t.Parallel()
	r := start(t, timesheets(t), func(cfg *api.Config) { cfg.Subjects = []string{"ada", "ben"} })
	ben := r.as("ben", "read:timesheets", "create:timesheets", "delete:timesheets")
	ada := r.as("ada", "read:timesheets", "delete:timesheets", "approve:timesheets")
	const (
		adas  = `{"id":1,"user_id":"ada","project":"Apollo","date":"2026-03-30","hours":7.5,"status":"draft","note":"Kick-off"},{"id":2,"user_id":"ada","project":"Gemini","date":"2026-03-29","hours":8,"status":"submitted"},{"id":3,"user_id":"ada","project":"Mercury","date":"2026-03-28","hours":4,"status":"approved","note":"Planning"}`
		bens4 = `{"id":4,"user_id":"ben","project":"Apollo","date":"2026-03-30","hours":7.5,"status":"draft","note":"Kick-off"}`
		bens5 = `{"id":5,"user_id":"ben","project":"Gemini","date":"2026-03-29","hours":8,"status":"submitted"}`
		bens6 = `{"id":6,"user_id":"ben","project":"Mercury","date":"2026-03-28","hours":4,"status":"approved","note":"Planning"}`
		added = `{"id":7,"user_id":"ben","project":"A<B","date":"2026-03-31","hours":6,"status":"draft"}`
	)
	r.tell([]step{
		{"everybody has entries at the start, and sees their own", ben, "GET", "/timesheets", "", 200, "[" + bens4 + "," + bens5 + "," + bens6 + "]"},
		{"who may approve sees everybody's", ada, "GET", "/timesheets", "", 200, "[" + adas + "," + bens4 + "," + bens5 + "," + bens6 + "]"},
		{"without that scope only their own", r.as("ada", "read:timesheets"), "GET", "/timesheets", "", 200, "[" + adas + "]"},
		{"from is included", ben, "GET", "/timesheets?from=2026-03-30", "", 200, "[" + bens4 + "]"},
		{"to is included", ben, "GET", "/timesheets?to=2026-03-28", "", 200, "[" + bens6 + "]"},
		{"both", ben, "GET", "/timesheets?from=2026-03-29&to=2026-03-29", "", 200, "[" + bens5 + "]"},
		{"nothing is an empty list", ben, "GET", "/timesheets?from=2027-01-01", "", 200, "[]"},
		{"a new entry is filled in", ben, "POST", "/timesheets", `{"project":"A<B","date":"2026-03-31","hours":6}`, 201, added},
		{"and is listed", ben, "GET", "/timesheets?from=2026-03-31", "", 200, "[" + added + "]"},
		{"it is not for others", r.as("cyd", "read:timesheets"), "GET", "/timesheets?from=2026-03-31", "", 200, "[]"},
		{"a body without a field", ben, "POST", "/timesheets", `{"project":"A","hours":6}`, 400, "date is missing"},
		{"a manager approves", ada, "POST", "/timesheets/7/approval", "", 200, strings.Replace(added, "draft", "approved", 1)},
		{"and that stays", ben, "GET", "/timesheets?from=2026-03-31", "", 200, "[" + strings.Replace(added, "draft", "approved", 1) + "]"},
		{"what is absent cannot be approved", ada, "POST", "/timesheets/99/approval", "", 404, "there is no Timesheet 99"},
		{"a manager does not delete what is another's", ada, "DELETE", "/timesheets/7", "", 404, "there is no Timesheet 7"},
		{"an id is a number", ben, "DELETE", "/timesheets/x", "", 400, "the path parameter id must be a whole number"},
		{"an entry is deleted", ben, "DELETE", "/timesheets/7", "", 204, ""},
		{"once", ben, "DELETE", "/timesheets/7", "", 404, "there is no Timesheet 7"},
		{"and is gone", ben, "GET", "/timesheets?from=2026-03-31", "", 200, "[]"},
		{"its id is not used again", ben, "POST", "/timesheets", `{"project":"A","date":"2026-03-31","hours":6}`, 201, `{"id":11,"user_id":"ben","project":"A","date":"2026-03-31","hours":6,"status":"draft"}`},
	})
}

func TestCallsAreWrittenDownAndLogged(t *testing.T) {
	t.Parallel()
	logged := make(chan api.Call, 10)
	r := start(t, timesheets(t), func(cfg *api.Config) { cfg.Log = func(c api.Call) { logged <- c } })
	ben := r.as("ben", "read:timesheets", "create:timesheets")
	r.do(ben, "GET", "/timesheets?from=2026-03-30", "")
	r.do(ben, "POST", "/timesheets", `{"project":"Secret","date":"2026-03-31","hours":6}`)
	r.do(ben, "POST", "/timesheets/4/approval", "")
	r.do(ben, "POST", "/timesheets", `{"project":7}`)
	r.do("", "GET", "/timesheets", "")
	r.do("", "GET", "/nothing", "")
	want := []api.Call{
		{Method: "GET", Path: "/timesheets", Endpoint: "ListTimesheets", Subject: "ben", Bearer: true, Status: 200, Outcome: "1 entry"},
		{Method: "POST", Path: "/timesheets", Endpoint: "CreateTimesheet", Subject: "ben", Bearer: true, Status: 201, Outcome: "created 4"},
		{Method: "POST", Path: "/timesheets/4/approval", Endpoint: "ApproveTimesheet", Subject: "ben", Bearer: true, Status: 403, Outcome: "needs approve:timesheets"},
		{Method: "POST", Path: "/timesheets", Endpoint: "CreateTimesheet", Subject: "ben", Bearer: true, Status: 400, Outcome: "project must be text; date is missing; hours is missing"},
		{Method: "GET", Path: "/timesheets", Endpoint: "ListTimesheets", Status: 401, Outcome: "an access token is needed: sign in"},
		{Method: "GET", Path: "/nothing", Status: 404, Outcome: "the spec has no endpoint with this path"},
	}
	calls := r.api.Calls()
	if len(calls) != len(want) {
		t.Fatalf("%d calls", len(calls))
	}
	for i, w := range want {
		w.Time, w.Took = begin, calls[i].Took
		if calls[i] != w || w.Took <= 0 {
			t.Errorf("call %d:\n%+v, want\n%+v", i, calls[i], w)
		}
		if got := <-logged; got != calls[i] {
			t.Errorf("call %d was logged as\n%+v", i, got)
		}
	}
}

const shopSpec = `
version: 1
package: shop
tenant: {domain: exampleco.eu.auth0.com, client_id: abc, callbacks: [http://127.0.0.1:8484/callback]}
audience: urn:api
scopes: {openid: , offline_access: }
api: {base_url: https://api.example.com}
types:
  Order:
    fields:
      id: uuid
      title: string
      paid: boolean
      state: {enum: [open, in_delivery, cancelled]}
      shipped_at: optional datetime
      tags: {type: [string], optional: true}
      amount: number
      created_at: datetime
      rank: {type: integer, nullable: true}
  NewOrder: {title: string, amount: number, tags: {type: [string], optional: true}, id: optional uuid}
  Change: {title: optional string, tags: {type: [string], optional: true, nullable: true}, rank: {type: integer, optional: true, nullable: true}}
  Page: {orders: [Order], total: integer, next: string, more: boolean}
  Line: {order_id: uuid, line: integer, text: string}
  NewLine: {text: string}
  Setting: {name: string, value: string}
  Value: {value: string}
  Me: {sub: string, name: string, theme: {enum: [light, dark]}}
  Theme: {theme: {enum: [light, dark]}}
  Weather: {city: string, degrees: number, asked: integer}
endpoints:
  ListOrders:
    get: /orders
    query: {state: {enum: [open, in_delivery, cancelled], optional: true}, tag: {type: [string], optional: true}, min_amount: optional number, created_before: optional datetime, q: optional string, limit: optional integer, page: optional integer, offset: optional integer, sort: optional string}
    returns: Page
  OpenOrders: {get: /orders/open, returns: [Order]}
  AddOrder: {post: /orders, body: NewOrder, returns: Order}
  GetOrder: {get: "/orders/{id}", path: {id: uuid}, returns: Order}
  HasOrder: {head: "/orders/{id}", path: {id: uuid}}
  PutOrder: {put: "/orders/{id}", path: {id: uuid}, body: NewOrder, returns: Order}
  PatchOrder: {patch: "/orders/{id}", path: {id: uuid}, body: Change, returns: Order}
  DropOrder: {delete: "/orders/{id}", path: {id: uuid}, returns: Order}
  Cancel: {post: "/orders/{id}/cancellation", path: {id: uuid}, returns: Order}
  Uncancel: {delete: "/orders/{id}/cancellation", path: {id: uuid}, returns: Order}
  Ship: {put: "/orders/{id}/shipment", path: {id: uuid}, body: Value}
  Unship: {delete: "/orders/{id}/shipment", path: {id: uuid}}
  Pay: {post: "/orders/{id}/mark-as-paid", path: {id: uuid}, returns: Order}
  ListLines: {get: "/orders/{order_id}/lines", path: {order_id: uuid}, returns: [Line]}
  AddLine: {post: "/orders/{order_id}/lines", path: {order_id: uuid}, body: NewLine, returns: Line}
  GetLine: {get: "/orders/{order_id}/lines/{line}", path: {order_id: uuid, line: integer}, returns: Line}
  GetSetting: {get: "/settings/{name}", path: {name: string}, returns: Setting}
  PutSetting: {put: "/settings/{name}", path: {name: string}, body: Value, returns: Setting}
  GetMe: {get: /me, returns: Me}
  PutMe: {put: /me, body: Theme, returns: Me}
  GetTags: {get: /tags, returns: [string]}
  SetTags: {put: /tags, body: [string], returns: [string]}
  DropTags: {delete: /tags}
  Weather: {get: "/weather/{city}", path: {city: string}, returns: Weather, query: {asked: optional integer}}
  Forget: {delete: "/weather/{city}", path: {city: string}}
`

const (
	order1 = `{"id":"00000000-0000-4000-8000-000000000001","title":"Lamp","paid":false,"state":"open","amount":3,"created_at":"2026-03-31T09:00:00Z","rank":null}`
	first  = "/orders/00000000-0000-4000-8000-000000000001"
)

func TestCollection(t *testing.T) {
	t.Parallel()
	r := start(t, shopSpec, func(cfg *api.Config) { cfg.Empty = true })
	ada := r.as("ada")
	with := func(pairs ...string) string { return strings.NewReplacer(pairs...).Replace(order1) }
	cancelled := with(`"open"`, `"cancelled"`)
	tagged := `{"id":"aaaaaaaa-0000-4000-8000-00000000000F","title":"Desk","paid":false,"state":"open","tags":["a","b"],"amount":10.50,"created_at":"2026-03-31T09:00:00Z","rank":null}`
	r.tell([]step{
		{"nothing is there", ada, "GET", "/orders", "", 200, `{"orders":[],"total":0,"next":"","more":false}`},
		{"nor an item", ada, "GET", first, "", 404, "there is no Order 00000000-0000-4000-8000-000000000001"},
		{"one is added", ada, "POST", "/orders", `{"title":"Lamp","amount":3}`, 201, order1},
		{"and can be got", ada, "GET", first, "", 200, order1},
		{"and looked for", ada, "HEAD", first, "", 204, ""},
		{"by everybody, since it names no user", r.as("ben"), "GET", first, "", 200, order1},
		{"one with its own id", ada, "POST", "/orders", `{"id":"aaaaaaaa-0000-4000-8000-00000000000F","title":"Desk","amount":10.50,"tags":["a","b"]}`, 201, tagged},
		{"which is taken then, in any case", ada, "POST", "/orders", `{"id":"AAAAAAAA-0000-4000-8000-00000000000f","title":"x","amount":1}`, 409, "there is a Order aaaaaaaa-0000-4000-8000-00000000000f already"},
		{"and found in any case", ada, "GET", "/orders/AAAAAAAA-0000-4000-8000-00000000000f", "", 200, tagged},
		{"a page has all of them", ada, "GET", "/orders", "", 200, `{"orders":[` + order1 + `,` + tagged + `],"total":2,"next":"","more":false}`},
		{"or as many as asked for", ada, "GET", "/orders?limit=1", "", 200, `{"orders":[` + order1 + `],"total":2,"next":"","more":false}`},
		{"from an offset", ada, "GET", "/orders?limit=5&offset=1", "", 200, `{"orders":[` + tagged + `],"total":2,"next":"","more":false}`},
		{"the second page", ada, "GET", "/orders?limit=1&page=2", "", 200, `{"orders":[` + tagged + `],"total":2,"next":"","more":false}`},
		{"there is no third", ada, "GET", "/orders?limit=1&page=3", "", 200, `{"orders":[],"total":2,"next":"","more":false}`},
		{"those with a tag", ada, "GET", "/orders?tag=x&tag=b", "", 200, `{"orders":[` + tagged + `],"total":1,"next":"","more":false}`},
		{"those of an amount", ada, "GET", "/orders?min_amount=3.5", "", 200, `{"orders":[` + tagged + `],"total":1,"next":"","more":false}`},
		{"those that mention a word", ada, "GET", "/orders?q=lAM", "", 200, `{"orders":[` + order1 + `],"total":1,"next":"","more":false}`},
		{"those created before", ada, "GET", "/orders?created_before=2026-03-31T09:00:00%2B01:00", "", 200, `{"orders":[],"total":0,"next":"","more":false}`},
		{"what says nothing of entries changes nothing", ada, "GET", "/orders?sort=x&limit=1", "", 200, `{"orders":[` + order1 + `],"total":2,"next":"","more":false}`},
		{"a patch changes what it names", ada, "PATCH", first, `{"rank":7,"tags":["a"]}`, 200, with(`"amount"`, `"tags":["a"],"amount"`, `null`, `7`)},
		{"a null removes what may be absent", ada, "PATCH", first, `{"rank":null,"tags":null}`, 200, order1},
		{"a put replaces all but the id", ada, "PUT", first, `{"id":"aaaaaaaa-0000-4000-8000-000000000001","title":"Lampe","amount":3}`, 200, with("Lamp", "Lampe")},
		{"and makes nothing where a post does", ada, "PUT", "/orders/bbbbbbbb-0000-4000-8000-000000000001", `{"title":"x","amount":3}`, 404, "there is no Order"},
		{"back", ada, "PUT", first, `{"title":"Lamp","amount":3}`, 200, order1},
		{"an act sets what is named like it", ada, "POST", first + "/cancellation", "", 200, cancelled},
		{"in a list that is named after the others, it is left out", ada, "GET", "/orders/open", "", 200, "[" + tagged + "]"},
		{"a filter by an enum", ada, "GET", "/orders?state=cancelled", "", 200, `{"orders":[` + cancelled + `],"total":1,"next":"","more":false}`},
		{"and takes it back", ada, "DELETE", first + "/cancellation", "", 200, order1},
		{"a boolean", ada, "POST", first + "/mark-as-paid", "", 200, with(`"paid":false`, `"paid":true`)},
		{"a time", ada, "PUT", first + "/shipment", `{"value":"x"}`, 204, ""},
		{"which is now", ada, "GET", first, "", 200, with(`"paid":false`, `"paid":true`, `"amount"`, `"shipped_at":"2026-03-31T09:00:00Z","amount"`)},
		{"until it is taken back", ada, "DELETE", first + "/shipment", "", 204, ""},
		{"a removed one is shown once more", ada, "DELETE", first, "", 200, with(`"paid":false`, `"paid":true`)},
		{"and is gone", ada, "GET", first, "", 404, "there is no Order"},
		{"for acts, too", ada, "POST", first + "/cancellation", "", 404, "there is no Order"},
	})
}

func TestWhatIsBelowAnItem(t *testing.T) {
	t.Parallel()
	r := start(t, shopSpec, func(cfg *api.Config) { cfg.Empty = true })
	ada := r.as("ada")
	const line = `{"order_id":"00000000-0000-4000-8000-000000000001","line":1,"text":"a"}`
	r.tell([]step{
		{"there is none without the item", ada, "GET", first + "/lines", "", 404, "there is no Order"},
		{"the item", ada, "POST", "/orders", `{"title":"Lamp","amount":3}`, 201, order1},
		{"none at first", ada, "GET", first + "/lines", "", 200, "[]"},
		{"one that is added knows its item", ada, "POST", first + "/lines", `{"text":"a"}`, 201, line},
		{"and is listed", ada, "GET", first + "/lines", "", 200, "[" + line + "]"},
		{"and got", ada, "GET", first + "/lines/1", "", 200, line},
		{"another item", ada, "POST", "/orders", `{"title":"Desk","amount":3}`, 201, strings.NewReplacer("Lamp", "Desk", "01\"", "02\"").Replace(order1)},
		{"has none of that", ada, "GET", strings.TrimSuffix(first, "1") + "2/lines", "", 200, "[]"},
		{"with the item they are gone", ada, "DELETE", first, "", 200, order1},
		{"gone", ada, "GET", first + "/lines/1", "", 404, "there is no Order"},
	})
}

func TestWhatIsNoCollection(t *testing.T) {
	t.Parallel()
	r := start(t, shopSpec, nil)
	ada := r.as("ada")
	r.tell([]step{
		{"a put makes what nothing else makes", ada, "PUT", "/settings/color", `{"value":"red"}`, 201, `{"name":"color","value":"red"}`},
		{"and replaces it", ada, "PUT", "/settings/color", `{"value":"blue"}`, 200, `{"name":"color","value":"blue"}`},
		{"which is got", ada, "GET", "/settings/color", "", 200, `{"name":"color","value":"blue"}`},
		{"and nothing else", ada, "GET", "/settings/size", "", 404, "there is no Setting size"},
		{"who asks for themselves is told", ada, "GET", "/me", "", 200, `{"sub":"ada","name":"Ada","theme":"light"}`},
		{"what is put there stays", ada, "PUT", "/me", `{"theme":"dark"}`, 200, `{"sub":"ada","name":"","theme":"dark"}`},
		{"for them", ada, "GET", "/me", "", 200, `{"sub":"ada","name":"","theme":"dark"}`},
		{"not for others", r.as("ben"), "GET", "/me", "", 200, `{"sub":"ben","name":"Ada","theme":"light"}`},
		{"a list of texts is made up", ada, "GET", "/tags", "", 200, `["text 1"]`},
		{"and put", ada, "PUT", "/tags", `["a","b"]`, 200, `["a","b"]`},
		{"and got", ada, "GET", "/tags", "", 200, `["a","b"]`},
		{"and deleted", ada, "DELETE", "/tags", "", 204, ""},
		{"then it is made up again", ada, "GET", "/tags", "", 200, `["text 1"]`},
		{"an item that nothing makes is there", ada, "GET", "/weather/Berlin?asked=7", "", 200, `{"city":"Berlin","degrees":1.5,"asked":1}`},
		{"until it is deleted", ada, "DELETE", "/weather/Berlin", "", 204, ""},
		{"then it is gone", ada, "GET", "/weather/Berlin", "", 404, "there is no Weather Berlin"},
		{"others are there", ada, "GET", "/weather/Paris", "", 200, `{"city":"Paris","degrees":1.5,"asked":1}`},
	})
}
