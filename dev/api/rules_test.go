package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"example.com/scaffold/dev/api"
)

const notesSpec = `
version: 1
package: notes
tenant: {domain: exampleco.eu.auth0.com, client_id: abc, callbacks: [http://127.0.0.1:8484/callback]}
audience: urn:api
scopes: {openid: , offline_access: , write: , review: }
api: {base_url: https://api.example.com}
types:
  Note: {id: integer, owner: string, title: string, state: {enum: [open, submitted, reviewed]}}
  Part: {title: string, text: string}
  Draft: {owner: optional string, title: string}
  Profile: {name: optional string, city: optional string}
endpoints:
  List: {get: /notes, returns: [Note]}
  Add: {post: /notes, body: Draft, returns: Note, scopes: [write]}
  Put: {put: "/notes/{id}", path: {id: integer}, body: Draft, returns: Note}
  Send: {post: "/notes/{id}/submission", path: {id: integer}, returns: Note, scopes: [write]}
  Unsend: {delete: "/notes/{id}/submission", path: {id: integer}, returns: Note}
  Review: {post: "/notes/{id}/review", path: {id: integer}, returns: Note, scopes: {any_of: [[review, write]]}}
  Part: {get: "/notes/{id}/parts/{title}", path: {id: integer, title: string}, returns: Part}
  Profile: {get: /profile, returns: Profile}
  Change: {patch: /profile, body: Profile, returns: Profile}
`

func TestWhoseEntriesAre(t *testing.T) {
	t.Parallel()
	r := start(t, notesSpec, nil)
	ada, ben := r.as("ada", "write"), r.as("ben", "review", "write")
	note := func(id, owner, title, state string) string {
		return `{"id":` + id + `,"owner":"` + owner + `","title":"` + title + `","state":"` + state + `"}`
	}
	one, two, three := note("1", "ada", "title 1", "open"), note("2", "ada", "title 2", "submitted"), note("3", "ada", "title 3", "reviewed")
	r.tell([]step{
		{"what is asked for below an entry does not name it", ada, "GET", "/notes/1/parts/x", "", 200, `{"title":"x","text":"text 1"}`},
		{"the entries of the start", ada, "GET", "/notes", "", 200, "[" + one + "," + two + "," + three + "]"},
		{"a new entry is whose it is, whatever the body says", ada, "POST", "/notes", `{"owner":"ben","title":"a"}`, 201, note("4", "ada", "a", "open")},
		{"and stays so", ada, "PUT", "/notes/4", `{"owner":"ben","title":"b"}`, 200, note("4", "ada", "b", "open")},
		{"others cannot take it", ben, "PUT", "/notes/4", `{"title":"b"}`, 404, "there is no Note 4"},
		{"a scope that more than acts need lets nobody see what is another's", ada, "POST", "/notes/5/submission", "", 404, "there is no Note 5"},
		{"one that only acts need does", ben, "POST", "/notes/4/review", "", 200, note("4", "ada", "b", "reviewed")},
		{"what was not done cannot be taken back", ada, "DELETE", "/notes/4/submission", "", 200, note("4", "ada", "b", "reviewed")},
		{"what was done can", ada, "DELETE", "/notes/2/submission", "", 200, note("2", "ada", "title 2", "open")},
	})
}

func TestPatchesOfWhatIsKeptAddUp(t *testing.T) {
	t.Parallel()
	r := start(t, notesSpec, nil)
	ada := r.as("ada")
	r.tell([]step{
		{"the first", ada, "PATCH", "/profile", `{"name":"Ada"}`, 200, `{"name":"Ada"}`},
		{"the second", ada, "PATCH", "/profile", `{"city":"London"}`, 200, `{"name":"Ada","city":"London"}`},
		{"both are kept", ada, "GET", "/profile", "", 200, `{"name":"Ada","city":"London"}`},
	})
}

// TestManyAtOnce is for the race detector: an answer is written while others
// change what it shows.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	r := start(t, notesSpec, func(cfg *api.Config) { cfg.Subjects = []string{"ada"} })
	ada := r.as("ada", "write")
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 5 {
				for _, got := range []answer{
					r.do(ada, "PUT", "/notes/1", fmt.Sprintf(`{"title":"%d"}`, i)),
					r.do(ada, "POST", "/notes/1/submission", ""),
					r.do(ada, "GET", "/notes", ""),
					r.do(ada, "POST", "/notes", `{"title":"x"}`),
					r.do(ada, "PATCH", "/profile", fmt.Sprintf(`{"name":"%d"}`, i)),
					r.do(ada, "GET", "/profile", ""),
				} {
					if got.status > 201 {
						t.Error(got)
					}
				}
			}
		})
	}
	all.Wait()
	if n := strings.Count(r.do(ada, "GET", "/notes", "").body, `"id"`); n != 3+8*5 {
		t.Errorf("%d entries", n)
	}
}
