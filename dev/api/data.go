package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/scaffold/spec"
)

// data is all that the API remembers. The values in it are never changed, only
// replaced, so that an answer can be written without the lock.
type data struct {
	types    types
	now      func() time.Time
	subjects []string
	empty    bool

	mu          sync.Mutex
	made        map[string]int64 // how many identifiers a resource has given out
	collections map[string]*collection
	documents   map[string]any // by who put them and their path
}

// collection is the entries at one path.
type collection struct {
	entries []entry
	seeded  map[string]bool // whose first entries are there
	removed map[string]bool // the keys of entries that a caller removed
}

type entry struct {
	key   string // that names it in a path
	owner string // subject; empty: everybody's
	value map[string]any
}

func newData(cfg Config, t types) *data {
	return &data{
		types: t, now: cfg.Now, subjects: slices.Clone(cfg.Subjects), empty: cfg.Empty,
		made: map[string]int64{}, collections: map[string]*collection{}, documents: map[string]any{},
	}
}

// do does what a request asks for.
func (d *data) do(q *request) (reply, *problem) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if q.route.resource == nil {
		return d.document(q), nil
	}
	c, refused := d.collection(q)
	if refused != nil {
		return reply{}, refused
	}
	switch q.route.does {
	case list:
		return d.list(q, c), nil
	case create:
		return d.create(q, c)
	}
	return d.item(q, c)
}

// collection returns the collection that a request is about. Each entry in
// whose path it stands must be there.
func (d *data) collection(q *request) (*collection, *problem) {
	r := q.route.resource
	for _, parent := range r.parents {
		n := len(parent.segments)
		if i := d.at(q, parent).find(q, parent, q.segments[n], true); i < 0 {
			return nil, missing(parent, q.segments[n])
		}
	}
	return d.at(q, r), nil
}

// at returns a resource's collection at a request's path, with the first entries
// of everybody and of whoever calls.
func (d *data) at(q *request, r *resource) *collection {
	path := r.path(q)
	c := d.collections[path]
	if c == nil {
		c = &collection{seeded: map[string]bool{}, removed: map[string]bool{}}
		d.collections[path] = c
	}
	if d.empty || r.open {
		return c
	}
	whose := []string{""}
	if r.owner != nil {
		whose = slices.Concat(d.subjects, []string{q.caller.subject})
	}
	for _, subject := range whose {
		if (subject != "" || r.owner == nil) && !c.seeded[subject] {
			c.seeded[subject] = true
			d.seed(c, r, subject, q)
		}
	}
	return c
}

// firstEntries is how many entries a collection begins with, for each person.
const firstEntries = 3

// path is where a resource is for a request, whose path may be that of a view.
func (r *resource) path(q *request) string {
	texts := make([]string, len(r.segments))
	for i, s := range r.segments {
		if texts[i] = s.texts[0]; len(s.names) > 0 {
			texts[i] = q.segments[i]
		}
	}
	return pathOf(texts)
}

func (d *data) seed(c *collection, r *resource, subject string, q *request) {
	for n := 1; n <= firstEntries; n++ {
		value := d.types.sample(r.of, sampler{n: n, now: d.now(), subject: subject, given: r.parameters(q)})
		d.insert(c, r, subject, value, "")
	}
}

// parameters returns those of a request's path that are a collection's own.
func (r *resource) parameters(q *request) map[string]any {
	own := map[string]any{}
	for _, s := range r.segments {
		for _, name := range s.names {
			own[name] = q.path[name]
		}
	}
	return own
}

// insert adds an entry, with a new identifier unless it has its own.
func (d *data) insert(c *collection, r *resource, subject string, value map[string]any, key string) entry {
	for key == "" || slices.ContainsFunc(c.entries, func(e entry) bool { return e.key == key }) {
		d.made[r.key]++
		id := newID(r.id, d.made[r.key])
		key = keyText(id)
		if r.id != nil {
			value[r.id.Name.Value] = id
		}
	}
	if r.owner != nil {
		value[r.owner.Name.Value] = subject
	} else {
		subject = ""
	}
	e := entry{key: key, owner: subject, value: value}
	c.entries = append(c.entries, e)
	return e
}

// newID makes the identifier of a number in a sequence.
func newID(field *spec.Field, n int64) any {
	switch {
	case field == nil || field.Type.Kind == spec.String:
		return fmt.Sprint(n)
	case field.Type.Kind == spec.UUID:
		return fmt.Sprintf("00000000-0000-4000-8000-%012x", n)
	}
	return json.Number(fmt.Sprint(n))
}

// keyText is an identifier as a path has it.
func keyText(id any) string {
	text := fmt.Sprint(id)
	if uuidForm().MatchString(text) {
		return strings.ToLower(text)
	}
	return text
}

// find returns the index of the entry with a key, or -1. Entries of others are
// as good as absent, unless the caller may see them and wants no more.
func (c *collection) find(q *request, r *resource, key string, seeing bool) int {
	return slices.IndexFunc(c.entries, func(e entry) bool {
		return e.key == keyText(key) && (q.mine(r, e) || seeing && q.oversees(r))
	})
}

// mine reports whether the caller may change an entry.
func (q *request) mine(r *resource, e entry) bool {
	return r.owner == nil || e.owner == q.caller.subject || q.route.endpoint.Public
}

// oversees reports whether the caller may see everybody's entries.
func (q *request) oversees(r *resource) bool {
	return slices.ContainsFunc(r.overseer, q.caller.has)
}

func missing(r *resource, key string) *problem {
	return &problem{Status: http.StatusNotFound, Detail: fmt.Sprintf("there is no %s %s", r.of.Name.Value, shorten(key))}
}

func pathOf(segments []string) string {
	var path strings.Builder
	for _, text := range segments {
		path.WriteString("/" + url.PathEscape(text))
	}
	return path.String()
}

// create adds an entry of the request's body.
func (d *data) create(q *request, c *collection) (reply, *problem) {
	r := q.route.resource
	body, _ := q.body.(map[string]any)
	value := d.types.sample(r.of, sampler{now: d.now(), subject: q.caller.subject, given: q.path})
	d.types.fill(r.of, value, body)
	key := ""
	if r.id != nil && body[r.id.Name.Value] != nil {
		key = keyText(body[r.id.Name.Value])
		if slices.ContainsFunc(c.entries, func(e entry) bool { return e.key == key }) {
			return reply{}, &problem{Status: http.StatusConflict, Detail: fmt.Sprintf("there is a %s %s already", r.of.Name.Value, shorten(key))}
		}
	}
	e := d.insert(c, r, q.caller.subject, value, key)
	return d.created(q, e), nil
}

func (d *data) created(q *request, e entry) reply {
	made := d.tell(q, e.value, "created "+e.key)
	if made.returns != nil {
		made.status = http.StatusCreated
	}
	return made
}

// tell is the answer that shows an entry, or what of it the endpoint returns.
func (d *data) tell(q *request, value map[string]any, said string) reply {
	returns := q.route.endpoint.Returns
	if returns == nil {
		return reply{status: http.StatusNoContent, said: said}
	}
	return reply{status: http.StatusOK, returns: returns, value: d.shape(q, returns, value), said: said}
}

// item does what a request asks of one entry.
func (d *data) item(q *request, c *collection) (reply, *problem) {
	r := q.route.resource
	key := q.segments[len(r.segments)]
	seeing := q.route.does == read || q.route.does == act
	i := c.find(q, r, key, seeing)
	taken := slices.ContainsFunc(c.entries, func(e entry) bool { return e.key == keyText(key) })
	switch {
	case i < 0 && !taken && q.route.does == replace && !r.creates:
		e := d.place(q, c, sampler{})
		return d.created(q, e), nil
	case i < 0 && !taken && r.open && !c.removed[keyText(key)]:
		d.place(q, c, sampler{n: 1})
		i = len(c.entries) - 1
	case i < 0:
		return reply{}, missing(r, key)
	}
	switch old := c.entries[i]; q.route.does {
	case read:
		return d.tell(q, old.value, ""), nil
	case remove:
		c.entries = slices.Delete(c.entries, i, i+1)
		c.removed[old.key] = true
		return d.tell(q, old.value, "removed "+old.key), nil
	}
	said := d.change(q, r, &c.entries[i])
	return d.tell(q, c.entries[i].value, said), nil
}

// change gives an entry another value.
func (d *data) change(q *request, r *resource, e *entry) (said string) {
	body, _ := q.body.(map[string]any)
	value := maps.Clone(e.value)
	switch q.route.does {
	case replace:
		value = d.types.sample(r.of, sampler{now: d.now(), subject: e.owner, given: q.path})
		d.types.fill(r.of, value, body)
		said = "replaced " + e.key
	case merge:
		d.types.fill(r.of, value, body)
		said = "changed " + e.key
	case act:
		d.types.fill(r.of, value, body)
		said = d.types.mark(r.of, value, q.route, d.now())
	}
	for _, f := range []*spec.Field{r.id, r.owner} { // a body does not change these
		if f != nil {
			value[f.Name.Value] = e.value[f.Name.Value]
		}
	}
	e.value = value
	return said
}

// place makes an entry at the path that the caller chose.
func (d *data) place(q *request, c *collection, s sampler) entry {
	r := q.route.resource
	body, _ := q.body.(map[string]any)
	s.now, s.subject, s.given = d.now(), q.caller.subject, q.path
	value := d.types.sample(r.of, s)
	d.types.fill(r.of, value, body)
	item := q.route.segments[len(r.segments)]
	if id := q.path[item.names[0]]; r.id != nil && d.types.fieldFits(*r.id, id) {
		value[r.id.Name.Value] = id
	}
	return d.insert(c, r, q.caller.subject, value, keyText(q.segments[len(r.segments)]))
}

// document answers what belongs to no resource: what was last put at the path
// by the same caller, or a made-up value of the type.
func (d *data) document(q *request) reply {
	e := q.route.endpoint
	key := q.caller.subject + " " + pathOf(q.segments)
	kept, there := d.documents[key]
	value := q.body
	switch e.Method {
	case http.MethodPut:
		d.documents[key] = value
	case http.MethodPatch:
		old, isObject := kept.(map[string]any)
		change, changes := value.(map[string]any)
		if isObject && changes {
			old = maps.Clone(old)
			maps.Copy(old, change)
			value = old
		}
		d.documents[key] = value
	case http.MethodDelete:
		delete(d.documents, key)
	case http.MethodPost:
	default:
		if there {
			value = kept
		}
	}
	if e.Returns == nil {
		return reply{status: http.StatusNoContent}
	}
	if there || e.Body != nil {
		if d.types.fits(e.Returns, value) {
			return reply{status: http.StatusOK, returns: e.Returns, value: value}
		}
	}
	object, _ := value.(map[string]any)
	return reply{status: http.StatusOK, returns: e.Returns, value: d.shape(q, e.Returns, object)}
}

// shape makes a value of the type that an endpoint returns, of what is known.
func (d *data) shape(q *request, returns *spec.TypeRef, known map[string]any) any {
	given := maps.Clone(q.path)
	maps.Copy(given, q.query)
	maps.Copy(given, known)
	s := sampler{n: 1, now: d.now(), subject: q.caller.subject, given: given}
	if t := d.types.structOf(returns); t != nil && known != nil {
		value := d.types.sample(t, sampler{now: s.now, subject: s.subject, given: given})
		d.types.fill(t, value, known)
		return value
	}
	return d.types.made(returns, "", s)
}
