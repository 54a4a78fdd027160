package api

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

// action is what a call of an endpoint does to the data.
type action int

const (
	document action = iota // what is at a path of its own; the rest is about a resource
	list
	create
	read
	replace
	merge
	remove
	act
)

// resource is a collection of entries and the type of these.
type resource struct {
	key      string // its path with the names of parameters left out: /projects/{}/tasks
	segments []segment
	of       *spec.Type
	id       *spec.Field // nil: entries do not hold what their paths name them by
	owner    *spec.Field // that holds the subject of whom an entry belongs to; nil: they are everybody's
	overseer []string    // scopes that only acts on entries need: who has one sees everybody's
	creates  bool        // by POST; otherwise a PUT does
	open     bool        // nothing lists or creates entries, so that one is there whenever it is asked for
	parents  []*resource // whose items are in the path
}

// planner finds out what the endpoints do.
type planner struct {
	types     types
	routes    []*route
	resources map[string]*resource
}

// plan gives every route its action.
func plan(routes []*route, t types) {
	p := planner{types: t, routes: routes, resources: map[string]*resource{}}
	for _, r := range routes {
		if segments := p.collection(r); segments != nil {
			p.add(segments)
		}
	}
	for _, r := range routes {
		p.assign(r)
	}
	for _, r := range p.resources {
		p.relate(r)
	}
}

// keyOf writes a path without the names of its parameters.
func keyOf(segments []segment) string {
	var key strings.Builder
	for _, s := range segments {
		key.WriteString("/" + strings.Join(s.texts, "{}"))
	}
	return key.String()
}

// isItem reports whether a path ends in a parameter below a word.
func isItem(segments []segment) bool {
	n := len(segments)
	return n > 1 && segments[n-1].whole() && len(segments[n-2].names) == 0
}

// collection returns the path that an endpoint shows to be a collection: that
// above an item, or that of a list, unless the list is put there as a whole.
func (p *planner) collection(r *route) []segment {
	n := len(r.segments)
	switch {
	case isItem(r.segments) && n > r.base+1:
		return r.segments[:n-1]
	case r.endpoint.Method != http.MethodGet || p.types.elementOf(r.endpoint.Returns) == nil || n == r.base:
		return nil
	}
	key := keyOf(r.segments)
	put := slices.ContainsFunc(p.routes, func(other *route) bool {
		method := other.endpoint.Method
		return (method == http.MethodPut || method == http.MethodPatch) && keyOf(other.segments) == key
	})
	if put {
		return nil
	}
	return r.segments
}

// elementOf returns the struct that a list is of; the list may be a field of a
// page, the only one of that kind.
func (t types) elementOf(ref *spec.TypeRef) *spec.Type {
	if ref == nil {
		return nil
	}
	if ref.Kind == spec.List {
		return t.structOf(ref.Elem)
	}
	if f := t.listField(ref); f != nil {
		return t.structOf(f.Type.Elem)
	}
	return nil
}

// listField returns the field of a page that holds its entries.
func (t types) listField(ref *spec.TypeRef) *spec.Field {
	page := t.structOf(ref)
	if page == nil || t.idOf(page, "id") != nil { // an entry that has parts is no page
		return nil
	}
	var found *spec.Field
	for i := range page.Fields {
		f := &page.Fields[i]
		if f.Type == nil || f.Type.Kind != spec.List || t.structOf(f.Type.Elem) == nil {
			continue
		}
		if found != nil {
			return nil
		}
		found = f
	}
	return found
}

// add makes a resource of a collection whose entries have a type.
func (p *planner) add(segments []segment) {
	key := keyOf(segments)
	if p.resources[key] != nil {
		return
	}
	var of *spec.Type
	best := 0
	r := &resource{key: key, segments: segments, open: true}
	param := "id"
	for _, route := range p.routes {
		weight, t := p.evidence(route, key)
		if t != nil && weight > best {
			best, of = weight, t
		}
		method := route.endpoint.Method
		switch {
		case keyOf(route.segments) == key:
			r.creates = r.creates || method == http.MethodPost
			r.open = r.open && method != http.MethodPost && method != http.MethodGet
		case isItem(route.segments) && keyOf(route.segments[:len(route.segments)-1]) == key:
			param = route.segments[len(route.segments)-1].names[0]
			r.open = r.open && method != http.MethodPut
		}
	}
	if of == nil {
		return
	}
	r.of = of
	r.id = p.types.idOf(of, param)
	r.owner = ownerOf(of, segments)
	p.resources[key] = r
}

// evidence says of what type the entries of a collection are, as far as one
// endpoint tells, and how much that counts.
func (p *planner) evidence(r *route, key string) (int, *spec.Type) {
	e := r.endpoint
	switch {
	case keyOf(r.segments) == key && e.Method == http.MethodGet:
		return 6, p.types.elementOf(e.Returns)
	case keyOf(r.segments) == key && e.Method == http.MethodPost && e.Returns != nil:
		return 4, p.types.structOf(e.Returns)
	case keyOf(r.segments) == key && e.Method == http.MethodPost:
		return 1, p.types.structOf(e.Body)
	case !isItem(r.segments) || keyOf(r.segments[:len(r.segments)-1]) != key:
		return 0, nil
	case e.Method == http.MethodGet:
		return 5, p.types.structOf(e.Returns)
	case e.Returns != nil:
		return 3, p.types.structOf(e.Returns)
	}
	return 2, p.types.structOf(e.Body)
}

// idOf returns the field that holds what a path parameter names an entry by:
// the one of its name, or the one called id. It must be of a type of which the
// API can make new ones.
func (t types) idOf(of *spec.Type, param string) *spec.Field {
	for _, name := range []string{param, "id"} {
		for i := range of.Fields {
			f := &of.Fields[i]
			if plainName(f.Name.Value) != plainName(name) || f.Type == nil || f.Enum != nil {
				continue
			}
			if slices.Contains([]spec.Kind{spec.Integer, spec.Number, spec.String, spec.UUID}, f.Type.Kind) {
				return f
			}
		}
	}
	return nil
}

// owners are the names of a field that says whose an entry is.
var owners = []string{"userid", "user", "owner", "ownerid", "sub", "subject", "createdby", "employeeid", "authorid"}

// ownerOf returns the field that says whose an entry is. There is none where the
// path says it.
func ownerOf(of *spec.Type, segments []segment) *spec.Field {
	for i := range of.Fields {
		f := &of.Fields[i]
		if f.Type == nil || f.Type.Kind != spec.String || f.Enum != nil || !slices.Contains(owners, plainName(f.Name.Value)) {
			continue
		}
		named := slices.ContainsFunc(segments, func(s segment) bool {
			return slices.ContainsFunc(s.names, func(name string) bool { return plainName(name) == plainName(f.Name.Value) })
		})
		if !named {
			return f
		}
	}
	return nil
}

// plainName is a name by which user_id, userId and User-ID are the same.
func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", ".", "").Replace(name))
}

// assign says what an endpoint does.
func (p *planner) assign(r *route) {
	n := len(r.segments)
	method, t := r.endpoint.Method, p.types
	if own := p.resources[keyOf(r.segments)]; own != nil {
		lists := (method == http.MethodGet && t.elementOf(r.endpoint.Returns) != nil) || method == http.MethodHead
		switch {
		case lists:
			r.does, r.resource = list, p.source(own, r)
		case method == http.MethodPost && (r.endpoint.Body == nil || t.structOf(r.endpoint.Body) != nil):
			r.does, r.resource = create, own
		}
		return
	}
	if n == 0 {
		return
	}
	if of := p.resources[keyOf(r.segments[:n-1])]; of != nil && isItem(r.segments) {
		r.does, r.resource = itemAction(method), of
		return
	}
	if n > 2 && len(r.segments[n-1].names) == 0 && isItem(r.segments[:n-1]) {
		if of := p.resources[keyOf(r.segments[:n-2])]; of != nil && method != http.MethodGet && method != http.MethodHead {
			r.does, r.resource, r.deed = act, of, r.segments[n-1].texts[0]
		}
	}
}

func itemAction(method string) action {
	switch method {
	case http.MethodGet, http.MethodHead:
		return read
	case http.MethodPut:
		return replace
	case http.MethodPatch:
		return merge
	case http.MethodDelete:
		return remove
	}
	return act // a POST to an item
}

// source returns the resource that a list shows. A list of entries that are
// created elsewhere, such as /timesheets/mine, shows those.
func (p *planner) source(own *resource, r *route) *resource {
	if own.creates || p.hasItems(own) {
		return own
	}
	for _, key := range slices.Sorted(maps.Keys(p.resources)) {
		other := p.resources[key]
		parameters := slices.ContainsFunc(other.segments, func(s segment) bool { return len(s.names) > 0 })
		if other != own && other.of == own.of && !parameters && (other.creates || p.hasItems(other)) {
			r.view, r.deed = true, r.segments[len(r.segments)-1].texts[0]
			return other
		}
	}
	return own
}

func (p *planner) hasItems(of *resource) bool {
	return slices.ContainsFunc(p.routes, func(r *route) bool {
		return isItem(r.segments) && keyOf(r.segments[:len(r.segments)-1]) == of.key
	})
}

// relate finds the resources above one, and the scopes of who oversees it.
func (p *planner) relate(r *resource) {
	for i := 1; i < len(r.segments); i++ {
		if parent := p.resources[keyOf(r.segments[:i])]; parent != nil && r.segments[i].whole() {
			r.parents = append(r.parents, parent)
		}
	}
	elsewhere := map[string]bool{}
	for _, route := range p.routes {
		if route.does == act && route.resource == r {
			continue
		}
		for _, scope := range scopesOf(route.endpoint) {
			elsewhere[scope] = true
		}
	}
	for _, route := range p.routes {
		for _, scope := range scopesOf(route.endpoint) {
			if route.does == act && route.resource == r && !elsewhere[scope] {
				r.overseer = append(r.overseer, scope)
			}
		}
	}
}

func scopesOf(e *spec.Endpoint) []string {
	var scopes []string
	for _, set := range e.Scopes {
		for _, scope := range set {
			scopes = append(scopes, scope.Value)
		}
	}
	return scopes
}
