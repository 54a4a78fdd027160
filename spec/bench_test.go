package spec_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/scaffold/spec"
)

// large is a spec of n endpoints, each with a type of its own.
func large(n int) []byte {
	var types, endpoints strings.Builder
	for i := range n {
		fmt.Fprintf(&types, "  Note%d: {id: integer, text: string, created_at: datetime, tags: [string], parent: optional string}\n", i)
		fmt.Fprintf(&endpoints, "  GetNote%d:\n    get: /notes%d/{id}\n    path: {id: integer}\n    query: {since: optional date}\n    scopes: [read:notes]\n    returns: Note%d\n", i, i, i)
	}
	return []byte(`version: 1
package: notes
tenant: {provider: oidc, issuer: https://id.example.com, client_id: notes, callbacks: [http://127.0.0.1:8484/callback]}
audience: https://api.example.com
scopes: {openid: , offline_access: , read:notes: Read notes}
api: {base_url: https://api.example.com}
types:
` + types.String() + "endpoints:\n" + endpoints.String())
}

func BenchmarkLoad(b *testing.B) {
	for _, n := range []int{50, 500} {
		text := large(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, problems := spec.Load("notes.yaml", text); len(problems) > 0 {
					b.Fatal(problems)
				}
			}
		})
	}
}

// BenchmarkLoadOneLine reads JSON as programs write it.
func BenchmarkLoadOneLine(b *testing.B) {
	var endpoints strings.Builder
	for i := range 4000 {
		fmt.Fprintf(&endpoints, `,"GetNote%d":{"get":"/notes%d"}`, i, i)
	}
	text := []byte(`{"version":1,"package":"notes","tenant":{"issuer":"https://id.example.com","client_id":"notes",` +
		`"callbacks":["http://127.0.0.1:8484/callback"]},"scopes":{"openid":null},"api":{"base_url":"https://api.example.com"},` +
		`"endpoints":{` + endpoints.String()[1:] + `}}`)
	for b.Loop() {
		if _, problems := spec.Load("notes.json", text); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	file, problems := spec.Load("notes.yaml", large(500))
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	for b.Loop() {
		if problems := spec.Validate(file); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}
