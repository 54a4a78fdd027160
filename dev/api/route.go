package api

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/scaffold/internal/lazyregexp"
	"example.com/scaffold/spec"
)

// route is an endpoint with its path taken apart.
type route struct {
	endpoint *spec.Endpoint
	segments []segment
	base     int // how many segments come from the base URL

	does     action    // what a call does to the data
	resource *resource // nil: what is at a path of its own
	deed     string    // the last word of the path of an act
	view     bool      // a list shows entries of another path; deed is the last word of its own
}

// segment is what stands between two slashes of a path: texts, unescaped, and a
// parameter between each two of them.
type segment struct {
	texts []string // one more than names
	names []string
}

// whole reports whether a segment is one parameter and nothing else.
func (s segment) whole() bool { return len(s.names) == 1 && s.texts[0] == "" && s.texts[1] == "" }

// match returns the values of the parameters, of which each has a character at
// least and ends where the next text begins.
func (s segment) match(text string) (values []string, ok bool) {
	rest, ok := strings.CutPrefix(text, s.texts[0])
	for i := range s.names {
		next := s.texts[i+1]
		end := len(rest) - len(next)
		if i < len(s.names)-1 && rest != "" {
			end = strings.Index(rest[1:], next) + 1
		}
		if !ok || end < 1 || !strings.HasPrefix(rest[end:], next) {
			return nil, false
		}
		values = append(values, rest[:end])
		rest = rest[end+len(next):]
	}
	return values, ok && rest == ""
}

// rank orders the segments that match the same text: what is said literally
// comes first.
func (s segment) rank() int {
	switch {
	case len(s.names) == 0:
		return 0
	case !s.whole():
		return 1
	}
	return 2
}

func newRoutes(f *spec.File, base string) []*route {
	var routes []*route
	prefix := split(base)
	for i := range f.Endpoints {
		e := &f.Endpoints[i]
		r := &route{endpoint: e, base: len(prefix)}
		for _, literal := range prefix {
			r.segments = append(r.segments, segment{texts: []string{unescaped(literal)}})
		}
		for _, text := range split(e.Path.Value) {
			r.segments = append(r.segments, newSegment(text))
		}
		routes = append(routes, r)
	}
	slices.SortStableFunc(routes, func(a, b *route) int {
		return slices.CompareFunc(a.segments, b.segments, func(s, t segment) int { return cmp.Compare(s.rank(), t.rank()) })
	})
	return routes
}

// split returns the segments of a path that begins with a slash.
func split(path string) []string {
	if path == "" {
		return nil
	}
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

func unescaped(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

var parameter = lazyregexp.New(`\{([^{}]*)\}`)

func newSegment(text string) segment {
	s := segment{}
	at := 0
	for _, m := range parameter().FindAllStringSubmatchIndex(text, -1) {
		s.texts = append(s.texts, unescaped(text[at:m[0]]))
		s.names = append(s.names, text[m[2]:m[3]])
		at = m[1]
	}
	s.texts = append(s.texts, unescaped(text[at:]))
	return s
}

// match is what a request's path leads to.
type match struct {
	route    *route            // nil: to nothing
	segments []string          // of the path, unescaped
	params   map[string]string // of the path
	methods  []string          // that the path has
}

func find(routes []*route, r *http.Request) match {
	m := match{}
	for _, text := range split(r.URL.EscapedPath()) {
		m.segments = append(m.segments, unescaped(text))
	}
	methods := map[string]bool{}
	for _, route := range routes {
		params, ok := route.match(m.segments)
		if !ok {
			continue
		}
		methods[route.endpoint.Method] = true
		if m.route == nil && route.endpoint.Method == r.Method {
			m.route, m.params = route, params
		}
	}
	m.methods = slices.Sorted(maps.Keys(methods))
	return m
}

func (r *route) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, s := range r.segments {
		values, ok := s.match(segments[i])
		if !ok {
			return nil, false
		}
		for j, name := range s.names {
			params[name] = values[j]
		}
	}
	return params, true
}

// refusal says why there is no endpoint for a request.
func (m match) refusal(method string) *problem {
	if len(m.methods) == 0 {
		return &problem{Status: http.StatusNotFound, Detail: "the spec has no endpoint with this path"}
	}
	allowed := strings.Join(m.methods, ", ")
	return &problem{
		Status: http.StatusMethodNotAllowed,
		Detail: "the spec has no " + shorten(method) + " for this path, only " + allowed,
		header: map[string]string{"Allow": allowed},
	}
}

// shorten cuts a name that a request brought.
func shorten(text string) string {
	const longest = 60
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "..."
	}
	return text
}
