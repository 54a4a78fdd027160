package model

import (
	"go/doc"
	"slices"

	"example.com/scaffold/spec"
)

// exampleNames are what the test package's example calls its own things: a
// client of such a name is imported by another.
var exampleNames = []string{"t", "ctx", "tenant", "app", "session", "result", "err", "errors", "testing", "time", "uuid", "client"}

// testExample decides what the example of the test package calls.
func (b *builder) testExample() *TestExample {
	if !b.spec.TestPackage {
		return nil
	}
	example := &TestExample{Package: b.spec.Package.Value + spec.TestSuffix, Client: b.spec.Package.Value}
	if slices.Contains(exampleNames, example.Client) || doc.IsPredeclared(example.Client) {
		example.Client = "client"
	}
	prefix := example.Client + "."
	imports := pkgErrors | pkgTesting
	if e := b.firstEndpoint(); e != nil {
		example.Call = b.call(e, prefix)
		imports.add(example.Call.imports)
		for _, scope := range firstSet(e.Scopes) {
			if name := b.scopes[scope.Value]; name != "" {
				example.Scopes = append(example.Scopes, prefix+name)
			}
		}
		if gate := b.stepUp(); gate != nil && !enough(gate.Scopes, firstSet(e.Scopes)) {
			example.Gate = prefix + gate.ident
		}
	}
	example.Standard, example.Others = imports.split()
	return example
}

func firstSet(sets spec.AnyOf) []spec.Text {
	if len(sets) == 0 {
		return nil
	}
	return sets[0]
}

// enough tells whether the scopes meet a requirement.
func enough(sets spec.AnyOf, scopes []spec.Text) bool {
	return len(sets) == 0 || slices.ContainsFunc(sets, func(set []spec.Text) bool {
		return !slices.ContainsFunc(set, func(want spec.Text) bool {
			return !slices.ContainsFunc(scopes, func(has spec.Text) bool { return has.Value == want.Value })
		})
	})
}
