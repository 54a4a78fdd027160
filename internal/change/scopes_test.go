package change_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/change"
)

const oneEndpoint = `version: 1
package: sheets
tenant: {domain: exampleco.eu.auth0.com, client_id: abc, callbacks: [http://127.0.0.1:8484/callback]}
audience: https://api.exampleco.com
scopes: {openid: , offline_access: , a: A, b: B, c: C, d: D}
api: {base_url: https://api.exampleco.com}
endpoints:
  List: {get: /a, scopes: {any_of: %s}}
`

// requirement makes an any-of of all-ofs, of the scopes a to d as bits.
func requirement(random *rand.Rand) []int {
	sets := make([]int, 1+random.IntN(3))
	for i := range sets {
		sets[i] = 1 + random.IntN(15)
	}
	return sets
}

func asYAML(sets []int) string {
	texts := make([]string, len(sets))
	for i, set := range sets {
		var names []string
		for bit, name := range []string{"a", "b", "c", "d"} {
			if set&(1<<bit) != 0 {
				names = append(names, name)
			}
		}
		texts[i] = "[" + strings.Join(names, ", ") + "]"
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

func TestRequirementsAreComparedByWhoMeetsThem(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	meets := func(sets []int, granted int) bool {
		return slices.ContainsFunc(sets, func(set int) bool { return set&granted == set })
	}
	for range 300 {
		old, now := requirement(random), requirement(random)
		opens, closes := false, false
		for granted := range 16 {
			opens = opens || meets(now, granted) && !meets(old, granted)
			closes = closes || meets(old, granted) && !meets(now, granted)
		}
		report := between(t, fmt.Sprintf(oneEndpoint, asYAML(old)), fmt.Sprintf(oneEndpoint, asYAML(now)))
		changed := len(report.Changes) == 1 && report.Changes[0].Kind == change.EndpointScopes
		if changed != (opens || closes) || changed && report.Changes[0].Sessions.Breaking != closes {
			t.Errorf("%s, then %s: opens %v, closes %v, but\n%s", asYAML(old), asYAML(now), opens, closes, report.Text(false))
		}
	}
}

func TestRenamedScopes(t *testing.T) {
	scopes := func(lines string) string {
		return strings.Replace(fmt.Sprintf(oneEndpoint, "[[a]]"), "c: C, d: D", lines, 1)
	}
	tests := []struct {
		name    string
		old     string
		now     string
		renamed []string // old name, new name
	}{
		{"the description is the same", "x: One, y: Two", "v: Two, w: One", []string{"x w", "y v"}},
		{"the Go name is the same", "x: {name: X}", "y: {name: X, description: New}", []string{"x y"}},
		{"nothing is the same", "x: One", "y: Two", nil},
		{"a scope that stays is not renamed", "x: One", "x: Other, y: One", nil},
		{"a standard scope is not renamed", "email: Same", "phone: Same", nil},
		{"the Go name counts more than the description", "x: {name: X, description: One}", "y: One, z: {name: X, description: Two}", []string{"x z"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			report := between(t, scopes(test.old), scopes(test.now))
			var renamed []string
			for _, c := range report.Changes {
				if c.Kind == change.ScopeRenamed {
					renamed = append(renamed, c.Old+" "+c.New)
				}
			}
			if !slices.Equal(renamed, test.renamed) {
				t.Errorf("renamed: %q in\n%s", renamed, report.Text(false))
			}
		})
	}
	t.Run("the endpoints are the same", func(t *testing.T) {
		const declared = "a: , b: B"
		old := strings.Replace(scopes("c: C"), "a: A, b: B", declared, 1)
		now := strings.Replace(strings.Replace(scopes("c: C"), "a: A, b: B", "z: Zed, b: B", 1), "[[a]]", "[[z]]", 1)
		report := between(t, old, now)
		hasKind(t, report, change.ScopeRenamed)
		for _, c := range report.Changes {
			if c.Kind == change.EndpointScopes {
				t.Errorf("the endpoint is said to have changed, too: %s", c.Summary)
			}
		}
	})
}
