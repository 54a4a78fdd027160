package change

import (
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

// need is a requirement: any of its sets of scopes, and of that set all. The
// one empty set is met by everybody who is signed in.
type need [][]string

// newNeed reads what a spec requires, with its scopes renamed.
func newNeed(any spec.AnyOf, renamed map[string]string) need {
	n := need{}
	for _, set := range any {
		var names []string
		for _, s := range set {
			name := s.Value
			if now, ok := renamed[name]; ok {
				name = now
			}
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		n = append(n, names)
	}
	if len(n) == 0 {
		return need{{}}
	}
	return n
}

// within reports whether whoever meets n meets other, too.
func (n need) within(other need) bool {
	return !slices.ContainsFunc(n, func(set []string) bool { return !other.metBy(set) })
}

// metBy reports whether somebody with these scopes meets n.
func (n need) metBy(scopes []string) bool {
	return slices.ContainsFunc(n, func(set []string) bool { return holdsAll(scopes, set) })
}

func holdsAll(scopes, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(s string) bool { return !slices.Contains(scopes, s) })
}

// lacking returns, for each set, what somebody who met old may lack of it. A
// set that was enough before is left out.
func (n need) lacking(old need) [][]string {
	var all [][]string
	for _, set := range n {
		var least []string
		for i, had := range old {
			lacks := slices.DeleteFunc(slices.Clone(set), func(s string) bool { return slices.Contains(had, s) })
			if i == 0 || len(lacks) < len(least) {
				least = lacks
			}
		}
		if len(least) > 0 {
			all = append(all, least)
		}
	}
	return all
}

// String writes the requirement for people.
func (n need) String() string {
	if len(n) == 1 && len(n[0]) == 0 {
		return "any signed-in user"
	}
	return alternatives(n)
}

// alternatives writes sets of scopes.
func alternatives(sets [][]string) string {
	texts := make([]string, len(sets))
	for i, set := range sets {
		texts[i] = terms(set, "and")
	}
	return strings.Join(texts, ", or ")
}
