package generate

import (
	"cmp"
	"path/filepath"
	"slices"

	"example.com/scaffold/internal/memo"
	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/output"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// target is a spec on its way to its packages: prepare reads and renders, and
// finish prints and writes.
type target struct {
	src      Source
	problems []spec.Problem
	dir      string // the spec's output folder; empty when nothing was rendered
	packages []*pkg // none when the folders are known to be up to date
	err      error  // why there is no more than this
	remember func() // stores what the next run can make use of; nil: there is nothing
}

// pkg is one package that a spec leads to.
type pkg struct {
	within  string // of the spec's output folder; empty: that folder itself
	imports string // the path by which it imports the client; empty: it does not
	files   []render.File
	dir     string       // where it is to be written
	plan    *output.Plan // nil before that is known
}

// packages renders all that a spec leads to in the folder dir. A package that is
// no longer wanted has no files.
func packages(renderer *render.Renderer, src Source, p *model.Package, dir string, o Options) ([]*pkg, error) {
	files, err := renderer.Files(p)
	if err != nil {
		return nil, err
	}
	all, current := []*pkg{{files: files}}, ""
	if p.TestExample != nil {
		test, err := testPackage(renderer, src, p, dir)
		if err != nil {
			return nil, err
		}
		all, current = append(all, test), test.within
	}
	for _, name := range retired(dir, current, p.Name, src, o) {
		all = append(all, &pkg{within: name})
	}
	return all, nil
}

// within returns the folder of a package in the spec's output folder.
func within(dir, name string) string {
	if name == "" {
		return dir
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// prepare finds out what has to be done, and writes nothing. It renders nothing
// when this build has rendered this spec before and the folders hold, by their
// hashes, what came of it.
func prepare(src Source, o Options, known memory) *target {
	t := &target{src: src}
	key, err := known.key(src, o)
	if err != nil {
		t.err = err
		return t
	}
	var found recollection
	if !o.Archive && known.store.Get(key, &found) {
		if dir := outputDir(src, found.Output, o); found.hold(dir, src, o) {
			t.dir, t.problems = dir, found.Problems
			return t
		}
	}
	t.err = t.render(o, known.store, key)
	return t
}

func (t *target) render(o Options, known memo.Store, key string) error {
	renderer := render.New(o.renderOptions())
	file, compiled, problems := t.src.Check()
	t.problems = problems
	if IsWrong(problems) {
		return ErrWrong
	}
	own := ownOutput(file)
	dir := outputDir(t.src, own, o)
	var err error
	if t.packages, err = packages(renderer, t.src, compiled, dir, o); err != nil || o.Archive {
		return err
	}
	t.dir = dir
	found := recollection{Output: own, Client: compiled.Name, Problems: problems}
	for _, p := range t.packages {
		p.dir = within(t.dir, p.within)
	}
	for _, p := range t.packages {
		if err := checkOwner(p.dir, t.src, o); err != nil {
			return err
		}
		if err := p.planFor(t.src, o, o.Force); err != nil {
			return err
		}
		if len(p.files) > 0 {
			found.Packages = append(found.Packages, remembered{p.within, p.imports, p.plan.Digest()})
		}
	}
	// Where it cannot be stored, the next run renders again.
	t.remember = func() { _ = known.Put(key, found) }
	return nil
}

// planFor finds out what has to be written; with force, over hand edits too.
func (p *pkg) planFor(src Source, o Options, force bool) (err error) {
	options := []output.Option{output.From(specFrom(p.dir, src, o))}
	if force {
		options = append(options, output.Force())
	}
	p.plan, err = output.NewPlan(p.dir, declaredFirst(p.files), options...)
	return err
}

// changes counts the files that change.
func (p *pkg) changes() int {
	if p.plan == nil {
		return 0
	}
	return len(p.plan.Changes())
}

// declaredFirst returns the files in the order that a plan takes them in: each
// after those whose declarations it uses, as far as a file's name tells.
func declaredFirst(rendered []render.File) []output.File {
	files := make([]output.File, len(rendered))
	for i, f := range rendered {
		files[i] = output.File(f)
	}
	place := func(file output.File) int {
		switch file.Name {
		case "types.go", "scopes.go":
			return 0
		case "doc.go", "defaults.go", "example_test.go":
			return 2
		case "api.go": // the interface that has every endpoint
			return 3
		}
		return 1
	}
	slices.SortStableFunc(files, func(a, b output.File) int { return cmp.Compare(place(a), place(b)) })
	return files
}

// ownOutput returns the folder that a spec names, relative to it.
func ownOutput(file *spec.File) string { return cmp.Or(file.Output.Value, file.Package.Value) }

func outputDir(src Source, own string, o Options) string {
	if o.Output != "" {
		return o.Output
	}
	return filepath.Join(src.Dir, filepath.FromSlash(own))
}
