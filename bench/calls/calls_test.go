package calls

import (
	"context"
	"net/http"
	"testing"
	"time"

	"example.com/scaffold/bench/calls/oapi"
	"example.com/scaffold/bench/calls/ogen"
	"example.com/scaffold/generated/timesheets"
	openapi "github.com/oapi-codegen/runtime/types"
)

// client is one of the clients: how it lists the entries since a day, and adds
// one. It returns how many it got, and the id of the new one.
type client struct {
	name   string
	list   func(ctx context.Context) (int, error)
	create func(ctx context.Context) (int64, error)
}

var march = time.Date(2026, time.March, 1, 0, 0, 0, 0, time.UTC)

func clients(t testing.TB, a *api) []client {
	return []client{byHand(a), byScaffold(t, a), byOAPI(t, a), byOgen(t, a)}
}

func byHand(a *api) client {
	c := &handWritten{http: &http.Client{Transport: a}, base: "https://api.exampleco.com", token: token}
	return client{
		name: "hand-written",
		list: func(ctx context.Context) (int, error) {
			list, err := c.list(ctx, day(march))
			return len(list), err
		},
		create: func(ctx context.Context) (int64, error) {
			created, err := c.create(ctx, newTimesheet{Project: "Apollo", Date: day(march), Hours: 7.5, Note: new("On site")})
			return created.ID, err
		},
	}
}

func byScaffold(t testing.TB, a *api) client {
	session := signIn(t, a)
	from := timesheets.DateOf(march)
	return client{
		name: "scaffold",
		list: func(ctx context.Context) (int, error) {
			list, err := session.ListTimesheets(ctx, timesheets.ListTimesheetsParams{From: &from})
			return len(list), err
		},
		create: func(ctx context.Context) (int64, error) {
			created, err := session.CreateTimesheet(ctx, timesheets.NewTimesheet{Project: "Apollo", Date: from, Hours: 7.5, Note: new("On site")})
			return created.ID, err
		},
	}
}

func byOAPI(t testing.TB, a *api) client {
	c, err := oapi.NewClientWithResponses("https://api.exampleco.com", oapi.WithHTTPClient(&http.Client{Transport: a}),
		oapi.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+token)
			return nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	from := openapi.Date{Time: march}
	return client{
		name: "oapi-codegen",
		list: func(ctx context.Context) (int, error) {
			reply, err := c.ListTimesheetsWithResponse(ctx, &oapi.ListTimesheetsParams{From: &from})
			if err != nil {
				return 0, err
			}
			return len(*reply.JSON200), nil
		},
		create: func(ctx context.Context) (int64, error) {
			reply, err := c.CreateTimesheetWithResponse(ctx, oapi.NewTimesheet{Project: "Apollo", Date: from, Hours: 7.5, Note: new("On site")})
			if err != nil {
				return 0, err
			}
			return reply.JSON200.Id, nil
		},
	}
}

// signedIn gives ogen's client the token.
type signedIn struct{}

func (signedIn) Tenant(context.Context, ogen.OperationName) (ogen.Tenant, error) {
	return ogen.Tenant{Token: token}, nil
}

func byOgen(t testing.TB, a *api) client {
	c, err := ogen.NewClient("https://api.exampleco.com", signedIn{}, ogen.WithClient(&http.Client{Transport: a}))
	if err != nil {
		t.Fatal(err)
	}
	return client{
		name: "ogen",
		list: func(ctx context.Context) (int, error) {
			list, err := c.ListTimesheets(ctx, ogen.ListTimesheetsParams{From: ogen.NewOptDate(march)})
			return len(list), err
		},
		create: func(ctx context.Context) (int64, error) {
			created, err := c.CreateTimesheet(ctx, &ogen.NewTimesheet{Project: "Apollo", Date: march, Hours: 7.5, Note: ogen.NewOptString("On site")})
			if err != nil {
				return 0, err
			}
			return created.ID, nil
		},
	}
}

// What is compared has to do the same.
func TestClientsDoTheSame(t *testing.T) {
	a := newAPI()
	for _, c := range clients(t, a) {
		t.Run(c.name, func(t *testing.T) {
			before := a.served.Load()
			if n, err := c.list(t.Context()); n != entries || err != nil {
				t.Errorf("list: %d, %v", n, err)
			}
			if id, err := c.create(t.Context()); id != 4711 || err != nil {
				t.Errorf("create: %d, %v", id, err)
			}
			if calls := a.served.Load() - before; calls != 2 {
				t.Errorf("%d requests with the token", calls)
			}
		})
	}
}

func BenchmarkList(b *testing.B) {
	for _, c := range clients(b, newAPI()) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if n, err := c.list(b.Context()); n != entries || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}

func BenchmarkCreate(b *testing.B) {
	for _, c := range clients(b, newAPI()) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if id, err := c.create(b.Context()); id != 4711 || err != nil {
					b.Fatal(id, err)
				}
			}
		})
	}
}
