package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/scaffold/spec"
)

// list answers with the entries that the caller may see and asked for.
func (d *data) list(q *request, c *collection) reply {
	r, e := q.route.resource, q.route.endpoint
	found := []any{}
	for _, each := range c.entries {
		if d.types.shown(q, each) && d.types.asked(e.Query, q.query, r.of, each.value) {
			found = append(found, each.value)
		}
	}
	all := len(found)
	found = page(q.query, found)
	said := fmt.Sprintf("%d entries", len(found))
	if len(found) == 1 {
		said = "1 entry"
	}
	switch {
	case e.Returns == nil:
		return reply{status: http.StatusNoContent, said: said}
	case e.Returns.Kind == spec.List:
		return reply{status: http.StatusOK, returns: e.Returns, value: found, said: said}
	}
	return reply{status: http.StatusOK, returns: e.Returns, value: d.types.envelope(e.Returns, found, all), said: said}
}

// envelope makes the page that holds the entries: it is the last one.
func (t types) envelope(ref *spec.TypeRef, entries []any, all int) map[string]any {
	held := t.listField(ref)
	value := map[string]any{}
	for _, f := range t.structOf(ref).Fields {
		name := f.Name.Value
		switch {
		case name == held.Name.Value:
			value[name] = entries
		case f.Type != nil && f.Type.Kind == spec.Integer:
			value[name] = json.Number(strconv.Itoa(all))
		case f.Optional:
		case f.Nullable:
			value[name] = nil
		case f.Enum != nil:
			value[name] = enumValue(f.Enum, 0)
		default:
			value[name] = t.made(f.Type, name, sampler{})
		}
	}
	return value
}

// shown reports whether a list has an entry: of a view, those that its path
// names.
func (t types) shown(q *request, e entry) bool {
	r := q.route.resource
	if !q.route.view {
		return q.mine(r, e) || q.oversees(r)
	}
	mine := q.mine(r, e) || q.oversees(r) && q.route.deed != "mine"
	for name, value := range q.path {
		f := fieldNamed(r.of, name)
		if f == nil {
			continue
		}
		if !matches(value, e.value[f.Name.Value]) {
			return false
		}
		mine = mine || r.owner != nil && f.Name == r.owner.Name // whose they are is in the path
	}
	return mine && t.named(r.of, e.value, q.route.deed)
}

// named reports whether an entry is one that a list is named after: /entries/open
// has those that are open.
func (t types) named(of *spec.Type, value map[string]any, deed string) bool {
	for _, f := range of.Fields {
		if word := likest(t.enumOf(f), deed); word != "" {
			return value[f.Name.Value] == word
		}
	}
	return true
}

// The words by which a parameter is a limit of a range, and those that are
// about the list as a whole.
var (
	lows    = []string{"from", "since", "after", "start", "min", "gte", "gt"}
	highs   = []string{"to", "until", "before", "end", "max", "lte", "lt"}
	pagings = []string{"limit", "offset", "page", "pagesize", "perpage", "cursor", "sort", "order"}
	queries = []string{"q", "query", "search", "text"}
)

// asked reports whether an entry is what the query asks for. A parameter that
// says nothing about entries is left alone.
func (t types) asked(params []spec.Field, query map[string]any, of *spec.Type, value map[string]any) bool {
	for _, p := range params {
		wanted, there := query[p.Name.Value]
		if !there {
			continue
		}
		if f := fieldNamed(of, p.Name.Value); f != nil {
			if !matches(wanted, value[f.Name.Value]) {
				return false
			}
			continue
		}
		plain := plainName(p.Name.Value)
		switch {
		case slices.Contains(pagings, plain):
		case slices.Contains(queries, plain):
			if !mentions(value, wanted) {
				return false
			}
		case !within(of, p, wanted, value):
			return false
		}
	}
	return true
}

// fieldNamed returns the field that a parameter is named after, or nil: tags and
// tag are the same.
func fieldNamed(of *spec.Type, name string) *spec.Field {
	plain := plainName(name)
	i := slices.IndexFunc(of.Fields, func(f spec.Field) bool {
		field := plainName(f.Name.Value)
		return field == plain || field+"s" == plain || field == plain+"s"
	})
	if i < 0 {
		return nil
	}
	return &of.Fields[i]
}

// matches reports whether a field has the wanted value, or one of several.
func matches(wanted, value any) bool {
	if several, ok := wanted.([]any); ok {
		return slices.ContainsFunc(several, func(each any) bool { return matches(each, value) })
	}
	if held, ok := value.([]any); ok {
		return slices.ContainsFunc(held, func(each any) bool { return matches(wanted, each) })
	}
	return value != nil && compare(value, wanted) == 0
}

// mentions reports whether a text of an entry holds another.
func mentions(value map[string]any, wanted any) bool {
	for _, each := range value {
		text, ok := each.(string)
		if ok && strings.Contains(strings.ToLower(text), strings.ToLower(fmt.Sprint(wanted))) {
			return true
		}
	}
	return false
}

// within reports whether an entry is on the right side of a limit: from, since
// and the like are of the field that the rest of the name says, or of the first
// date.
func within(of *spec.Type, p spec.Field, wanted any, value map[string]any) bool {
	low, high := false, false
	var rest []string
	for _, word := range words(p.Name.Value) {
		switch {
		case slices.Contains(lows, word):
			low = true
		case slices.Contains(highs, word):
			high = true
		default:
			rest = append(rest, word)
		}
	}
	if low == high {
		return true
	}
	name := plainName(strings.Join(rest, ""))
	i := slices.IndexFunc(of.Fields, func(f spec.Field) bool {
		if f.Type == nil || p.Type == nil || !ordered(f.Type.Kind, p.Type.Kind) {
			return false
		}
		field := plainName(f.Name.Value)
		return name != "" && (field == name || field == name+"at") || isTime(f.Type.Kind) && (name == "" || name == "date")
	})
	if i < 0 {
		return true
	}
	have := value[of.Fields[i].Name.Value]
	return have != nil && (low && compare(have, wanted) >= 0 || high && compare(have, wanted) <= 0)
}

func isTime(kind spec.Kind) bool { return kind == spec.Date || kind == spec.DateTime }

func isNumber(kind spec.Kind) bool { return kind == spec.Integer || kind == spec.Number }

func ordered(a, b spec.Kind) bool { return isTime(a) && isTime(b) || isNumber(a) && isNumber(b) }

// compare orders two values: numbers, moments, days, texts.
func compare(a, b any) int {
	x, isNumber := a.(json.Number)
	y, areNumbers := b.(json.Number)
	if isNumber && areNumbers {
		v, _ := x.Float64()
		w, _ := y.Float64()
		return cmp.Compare(v, w)
	}
	s, t := fmt.Sprint(a), fmt.Sprint(b)
	at, err := time.Parse(time.RFC3339, s)
	to, err2 := time.Parse(time.RFC3339, t)
	if err == nil && err2 == nil {
		return at.Compare(to)
	}
	if day := len(time.DateOnly); err == nil || err2 == nil { // a moment and a day
		return cmp.Compare(s[:min(day, len(s))], t[:min(day, len(t))])
	}
	return cmp.Compare(s, t)
}

// page cuts a list to what limit, offset and page ask for; pages count from 1.
func page(query map[string]any, entries []any) []any {
	size := len(entries)
	limited := false
	for _, name := range []string{"limit", "page_size", "pageSize", "per_page", "perPage"} {
		if n, ok := whole(query[name]); ok {
			size, limited = n, true
		}
	}
	skip, _ := whole(query["offset"])
	if n, ok := whole(query["page"]); ok {
		if !limited {
			size = defaultPage
		}
		skip = min(max(n-1, 0), len(entries)) * min(size, len(entries))
	}
	skip = min(skip, len(entries))
	return entries[skip : skip+min(size, len(entries)-skip)]
}

// defaultPage is how many entries a page has if the request does not say it.
const defaultPage = 20

// whole reads a number that is not negative.
func whole(value any) (int, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(number.String())
	return max(n, 0), err == nil
}
