package api

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"example.com/scaffold/spec"
)

// sampler makes values up.
type sampler struct {
	n       int // the first, the second; 0: what a new entry has, as plain as can be
	now     time.Time
	subject string
	given   map[string]any // values that are known, by the name of the field
}

// sample makes an object of a struct.
func (t types) sample(of *spec.Type, s sampler) map[string]any {
	value := map[string]any{}
	for _, f := range of.Fields {
		name := f.Name.Value
		if given, ok := s.given[name]; ok && t.fieldFits(f, given) {
			value[name] = given
			continue
		}
		compound := f.Type != nil && (f.Type.Elem != nil || t.structOf(f.Type) != nil)
		switch {
		case f.Optional && (compound || s.n%2 == 0): // every other made-up entry has them
		case f.Nullable && (compound || s.n == 0):
			value[name] = nil
		case f.Enum != nil:
			value[name] = enumValue(f.Enum, s.n)
		default:
			value[name] = t.made(f.Type, name, s)
		}
	}
	return value
}

// fill gives an object the fields of another that it may have. A null removes a
// field that may be absent and not null.
func (t types) fill(of *spec.Type, value, from map[string]any) {
	for _, f := range of.Fields {
		name := f.Name.Value
		given, there := from[name]
		switch {
		case there && t.fieldFits(f, given):
			value[name] = given
		case there && given == nil && f.Optional:
			delete(value, name)
		}
	}
}

// made makes a value of any type. The name is that of the field it is for.
func (t types) made(ref *spec.TypeRef, name string, s sampler) any {
	switch {
	case ref == nil || ref.Kind == spec.Any:
		return nil
	case ref.Kind == spec.Map:
		return map[string]any{}
	case ref.Kind == spec.List:
		if s.n == 0 || name != "" && t.structOf(ref.Elem) != nil { // no end to a list of things that have lists
			return []any{}
		}
		return []any{t.made(ref.Elem, name, s)}
	case ref.Kind != spec.Named:
		return scalar(ref.Kind, name, s)
	case t[ref.Name] == nil:
		return nil
	case t[ref.Name].Enum != nil:
		return enumValue(t[ref.Name].Enum, s.n)
	}
	within := s
	within.given = nil // what is known is of the outer object
	if name == "" {
		within = s
	}
	return t.sample(t[ref.Name], within)
}

// enumValue returns the first value for a new entry, and each in turn for those
// that are made up.
func enumValue(values []spec.EnumValue, n int) any {
	if len(values) == 0 {
		return ""
	}
	return values[max(n-1, 0)%len(values)].Value.Value
}

// scalar makes a value of a built-in type. Made-up entries are of the last days.
func scalar(kind spec.Kind, name string, s sampler) any {
	day := s.now.AddDate(0, 0, -s.n)
	switch kind {
	case spec.Integer:
		return json.Number(fmt.Sprint(s.n))
	case spec.Number:
		return number(name, s.n)
	case spec.Boolean:
		return false
	case spec.Date:
		return day.Format(time.DateOnly)
	case spec.DateTime:
		return day.Truncate(time.Second).Format(time.RFC3339)
	case spec.UUID:
		return fmt.Sprintf("00000000-0000-4000-8000-%012x", s.n)
	case spec.Bytes:
		return base64.StdEncoding.EncodeToString([]byte(text(name, s)))
	}
	return text(name, s)
}

func number(name string, n int) json.Number {
	values := []string{"1.5", "2", "12.25"}
	if slices.Contains(words(name), "hours") {
		values = []string{"7.5", "8", "4"}
	}
	if n == 0 {
		return "0"
	}
	return json.Number(values[(n-1)%len(values)])
}

// samples are texts for fields whose names hold a word.
var samples = []struct {
	word  string
	texts []string
}{
	{"email", []string{"ada@example.com", "grace@example.com", "alan@example.com"}},
	{"url", []string{"https://example.com/1", "https://example.com/2", "https://example.com/3"}},
	{"project", []string{"Apollo", "Gemini", "Mercury"}},
	{"name", []string{"Ada", "Grace", "Alan"}},
	{"note", []string{"Kick-off", "Review", "Planning"}},
	{"comment", []string{"Looks good", "Please check", "Thanks"}},
	{"currency", []string{"EUR", "USD", "GBP"}},
	{"country", []string{"DE", "FR", "ES"}},
	{"city", []string{"Berlin", "Paris", "Madrid"}},
}

func text(name string, s sampler) string {
	if slices.Contains(owners, plainName(name)) {
		return s.subject
	}
	if s.n == 0 {
		return ""
	}
	for _, sample := range samples {
		if slices.Contains(words(name), sample.word) {
			return sample.texts[(s.n-1)%len(sample.texts)]
		}
	}
	if name == "" {
		name = "text"
	}
	return fmt.Sprintf("%s %d", strings.Join(words(name), " "), s.n)
}

// words takes a name apart: created_at, createdAt and created-at are the same.
func words(name string) []string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		upper := 'A' <= r && r <= 'Z'
		if upper && lower {
			b.WriteByte(' ')
		}
		lower = !upper
		b.WriteRune(r)
	}
	return strings.FieldsFunc(strings.ToLower(b.String()), func(r rune) bool { return strings.ContainsRune(" _-.", r) })
}

// mark has an entry say that an act was done to it, and tells the log so: what
// is named like the act changes. After a POST to /timesheets/4/approval, a status
// that can be approved is, a boolean approved is true, and approved_at is now. A
// DELETE takes that back.
func (t types) mark(of *spec.Type, value map[string]any, r *route, now time.Time) string {
	var changed []string
	back := r.endpoint.Method == http.MethodDelete
	for _, f := range of.Fields {
		name := f.Name.Value
		values := t.enumOf(f)
		word := likest(values, r.deed)
		switch {
		case word != "" && !back:
			value[name] = word
		case word != "" && value[name] == word:
			value[name] = enumValue(values, 0)
		case values != nil || f.Type == nil || likeness(name, r.deed) == 0:
			continue
		case f.Type.Kind == spec.Boolean:
			value[name] = !back
		case isTime(f.Type.Kind) && !back:
			value[name] = scalar(f.Type.Kind, name, sampler{now: now})
		case isTime(f.Type.Kind) && f.Optional:
			delete(value, name)
		default:
			continue
		}
		changed = append(changed, fmt.Sprintf("%s: %v", name, value[name]))
	}
	return strings.Join(changed, ", ")
}

// likest returns the value that is most like a word, or "" if none is.
func likest(values []spec.EnumValue, word string) string {
	best, found := 0, ""
	for _, v := range values {
		if n := likeness(v.Value.Value, word); n > best {
			best, found = n, v.Value.Value
		}
	}
	return found
}

// likeness returns how many letters a word of one name and one of the other
// begin with alike, such as approval and approved, if those are enough: four, or
// a whole word of three.
func likeness(a, b string) int {
	best := 0
	for _, v := range words(a) {
		for _, w := range words(b) {
			n := 0
			for n < min(len(v), len(w)) && v[n] == w[n] {
				n++
			}
			if n >= 4 || n == 3 && (n == len(v) || n == len(w)) {
				best = max(best, n)
			}
		}
	}
	return best
}
