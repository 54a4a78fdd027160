package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"example.com/scaffold/spec"
)

// Reserved are the Go names that the engine takes.
type Reserved struct {
	Names   map[string]bool // of the package, exported or not
	Session map[string]bool // methods of *Session
	App     map[string]bool // methods of *App
	Files   map[string]bool // file names
}

// builder holds what every part of the model needs to know.
type builder struct {
	spec     *spec.File
	reserved Reserved
	problems []spec.Problem

	names  map[string]declaration // the package's
	types  map[string]*spec.Type  // by name in the spec
	goType map[string]string      // Go name by name in the spec
	scopes map[string]string      // constant by scope
	loose  map[string]bool        // types that hold an any, by name in the spec
	uses   Uses

	operations []*operation // in the order of the spec
	usage      usage
}

// Build makes the model of a spec. Its problems are those of Go: names that
// collide, and types that Go or JSON cannot hold. A spec with other problems
// does no harm; whoever has problems must not render the package.
func Build(f *spec.File, reserved Reserved) (*Package, []spec.Problem) {
	b := &builder{
		spec:     f,
		reserved: reserved,
		names:    make(map[string]declaration, len(f.Scopes)+len(f.Types)+2*len(f.Endpoints)),
		types:    make(map[string]*spec.Type, len(f.Types)),
		goType:   make(map[string]string, len(f.Types)),
		scopes:   map[string]string{},
		loose:    looseTypes(f.Types),
	}
	constants := b.scopeConstants()
	b.nameTypes()
	b.operations = b.readOperations()
	b.usage = b.findUsage()
	b.nameEndpoints()

	p := &Package{Name: f.Package.Value, Source: inline(f.Name)}
	p.Scopes = b.scopesFile(constants)
	p.Defaults = b.defaultsFile(constants)
	p.Types = b.typesFile()
	p.Groups = b.groupFiles()
	p.API = b.apiFile()
	p.Doc = b.docFile()
	p.Example = b.exampleFile()
	p.TestExample = b.testExample()
	p.Uses = b.uses
	slices.SortStableFunc(b.problems, func(x, y spec.Problem) int {
		return cmp.Or(cmp.Compare(x.Pos.Line, y.Pos.Line), cmp.Compare(x.Pos.Col, y.Pos.Col))
	})
	return p, b.problems
}

func (b *builder) head(imports importSet) Head {
	return Head{Package: b.spec.Package.Value, Imports: imports.imports()}
}

// source is how comments name the spec.
func (b *builder) source() string {
	if b.spec.Name == "stdin" { // as the command names what it reads from there
		return "the spec"
	}
	return inline(b.spec.Name)
}

func (b *builder) problem(at spec.Pos, format string, args ...any) {
	b.problems = append(b.problems, spec.Problem{Pos: at, Message: fmt.Sprintf(format, args...)})
}

// declaration is who took a Go name. It is kept in parts, because there are
// thousands, and only those that have a problem are written out.
type declaration struct {
	kind string    // such as: type
	name spec.Text // in the spec
	of   string    // what it belongs to: of Note; empty: the package
}

// String is such as: field "text" of Note.
func (d declaration) String() string {
	text := d.kind + " " + quoted(d.name.Value)
	if d.of != "" {
		text += " " + d.of
	}
	return text
}

// located adds where the declaration stands.
func (d declaration) located() string {
	if d.name.Pos == (spec.Pos{}) {
		return d.String()
	}
	return fmt.Sprintf("%s (%d:%d)", d, d.name.Pos.Line, d.name.Pos.Col)
}

// declare takes a Go name in the package. advice says what to do when it is
// taken, or when it is empty because the text holds nothing to make one of.
// It reports whether d has the name now.
func (b *builder) declare(name string, d declaration, advice func() string) bool {
	if name == "" {
		b.problem(d.name.Pos, "%s holds nothing that a Go name can be made of; %s", d, advice())
		return false
	}
	if b.reserved.Names[name] || ownNames[name] {
		b.problem(d.name.Pos, "%s becomes the Go name %s, which every generated package has already; %s", d, name, advice())
		return false
	}
	return take(b, b.names, name, d, advice)
}

// ownNames are what the templates declare themselves.
var ownNames = map[string]bool{"API": true, "DefaultConfig": true, "Example": true, "declaredScopes": true}

// take takes a name in any scope: the package, a struct, a list of parameters.
// It reports whether the name was free.
func take(b *builder, names map[string]declaration, name string, d declaration, advice func() string) bool {
	if before, taken := names[name]; taken {
		b.problem(d.name.Pos, "%s and %s both become the Go name %s; %s", before.located(), d, name, advice())
		return false
	}
	names[name] = d
	return true
}

// quoted returns text of the spec for a message.
func quoted(text string) string {
	const longest = 60
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest]) + "..."
	}
	return strconv.Quote(text)
}
