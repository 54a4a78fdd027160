// Package output owns the rendered files against the output folder: what
// would change there, as a list and as a diff, and writing it, all or nothing:
// where the system can, also for a run that is killed.
//
// A manifest in the folder says which files are ours. Files that are not are
// refused and never touched. Ours that were edited by hand are refused too, with
// what was edited, unless the caller says to overwrite them.
//
// What a folder is to hold has a Digest, so that a caller who remembers which
// digest an input leads to can ask Holds instead of rendering. Both are the same
// on every machine, and of the input the manifest says only where it is: whoever
// commits it commits only what follows from the files beside it.
package output

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is one rendered file.
type File struct {
	Name string // a base name: the folder is flat
	Data []byte
}

// Op is what happens to a file.
type Op int

// The operations. A file that stays as it is has none.
const (
	Create Op = iota + 1
	Update
	Delete
)

// String returns the operation in lower case.
func (o Op) String() string {
	switch o {
	case Create:
		return "create"
	case Update:
		return "update"
	case Delete:
		return "delete"
	}
	return fmt.Sprintf("Op(%d)", int(o))
}

// Change is what happens to one file.
type Change struct {
	Name string
	Op   Op
	Old  []byte // for Update and Delete
	New  []byte // for Create and Update
}

// Plan is what has to happen for a folder to hold the rendered files.
type Plan struct {
	dir       string
	missing   bool     // there is no such folder
	leftovers bool     // of a killed run are beside the folder, or another run is at work
	changes   []Change // sorted by name
	before    map[string]entry
	journal   []byte         // the manifest to hold while files change, if it changes too; nil: none is needed
	order     map[string]int // of the rendered files, as the caller gave them
	digest    Digest
	force     bool   // see Force
	spec      string // see From
}

// Option says more about a plan.
type Option func(*Plan)

// Force has files overwritten that the manifest lists and that were edited by
// hand, or deleted when they are no longer rendered. What the manifest does not
// list, and what is no regular file, is refused as ever.
func Force() Option { return func(p *Plan) { p.force = true } }

// From records in the manifest what the files are rendered from: a path relative
// to the folder, with slashes. SpecOf reads it. It is a note and no part of the
// package: that it differs is no reason to write.
func From(spec string) Option {
	return func(p *Plan) {
		if checkSpec(spec) == nil {
			p.spec = spec
		}
	}
}

// NewPlan reads the folder dir, which need not exist, and returns what would
// change there. It writes nothing. The plan keeps the files' Data.
//
// A file is unchanged, and will not be touched, when all that differs is the
// scaffold version in its header line, or its line ends. Files that the
// manifest lists and that are no longer rendered will be deleted, as will
// temporary files that a stopped run left behind.
//
// Where the folder cannot be replaced as a whole, the order of the files is that
// in which they are replaced when the package grows, and the reverse when it
// shrinks. So a file comes after those whose declarations it uses: then a run that
// is killed between two renames mostly leaves what builds.
//
// The error is a *RefusedError when the folder holds what is not ours to
// overwrite or delete.
func NewPlan(dir string, files []File, options ...Option) (*Plan, error) {
	want, err := index(files)
	if err != nil {
		return nil, fmt.Errorf("plan output folder %s: %w", dir, err)
	}
	if dir == "" {
		return nil, errors.New("plan output folder: it has no name")
	}
	p := &Plan{dir: filepath.Clean(dir), order: make(map[string]int, len(files))}
	for _, option := range options {
		option(p)
	}
	for i, file := range files {
		p.order[file.Name] = i
	}
	if err := p.build(want); err != nil {
		if _, refused := errors.AsType[*RefusedError](err); refused {
			return nil, err
		}
		return nil, fmt.Errorf("plan output folder %s: %w", dir, err)
	}
	return p, nil
}

// Changes returns the files that change, sorted by name, the manifest among
// them. None means that the folder is up to date.
func (p *Plan) Changes() []Change { return slices.Clone(p.changes) }

// Digest names what the folder holds once the changes are made.
func (p *Plan) Digest() Digest { return p.digest }

// Diff returns the changes as one unified diff, in the form that git apply
// and patch -p1 take within the folder. It is empty when nothing changes.
func (p *Plan) Diff() string {
	var text strings.Builder
	for _, change := range p.changes {
		writeDiff(&text, change)
	}
	return text.String()
}

func (p *Plan) build(want map[string][]byte) error {
	root, err := openExisting(p.dir)
	if err != nil {
		return err
	}
	p.missing = root == nil
	if root != nil {
		defer func() { _ = root.Close() }() // read only: nothing can be lost
	}
	_, _, beside := findBeside(p.dir)
	p.leftovers = len(beside) > 0
	known, err := p.read(root, want)
	if isReplaced(p.dir, root) {
		return p.build(want)
	}
	if err != nil {
		return err
	}
	return p.decide(want, known)
}

// read fills in before, and returns what the manifest says.
func (p *Plan) read(root *os.Root, want map[string][]byte) (known manifest, err error) {
	if p.before, err = readEntries(root, []string{manifestName}); err != nil {
		return known, err
	}
	if known, err = p.readManifest(root, want); err != nil {
		return known, err
	}
	leftovers, err := findTemporary(root)
	if err != nil {
		return known, err
	}
	names := slices.Concat(leftovers, slices.Collect(maps.Keys(want)),
		slices.Collect(maps.Keys(known.files)), slices.Collect(maps.Keys(known.pending)))
	slices.Sort(names)
	entries, err := readEntries(root, slices.Compact(names))
	if err != nil {
		return known, err
	}
	maps.Copy(p.before, entries)
	return known, nil
}

func (p *Plan) readManifest(root *os.Root, want map[string][]byte) (manifest, error) {
	e := p.before[manifestName]
	switch {
	case e.info == nil:
		return newManifest(), nil
	case !e.info.Mode().IsRegular():
		return manifest{}, p.refuse(refuseKind(manifestName, e.info.Mode()))
	case blank(e.data):
		return adopt(root, want)
	}
	known, err := parseManifest(e.data)
	if err != nil {
		return manifest{}, p.refuse(refuseManifest(err))
	}
	return known, nil
}

// decide fills in the plan from what is rendered, what the manifest knows and
// what was read into before.
func (p *Plan) decide(want map[string][]byte, known manifest) error {
	final, journal := newManifest(), newManifest()
	stale := p.staleByFold(want)
	var refusals []*Refusal
	for _, name := range slices.Sorted(maps.Keys(p.before)) {
		if name == manifestName {
			continue
		}
		data, rendered := want[name]
		f := file{name: name, found: p.before[name], rendered: rendered, want: data, stale: stale[foldName(name)], force: p.force}
		change, refusal := f.decide(p.before, known)
		if refusal != nil {
			refusals = append(refusals, refusal)
			continue
		}
		if rendered {
			final.files[name] = hash(data)
		}
		if f.found.info != nil && !isTemporary(name) {
			journal.files[name] = hash(f.found.data)
		}
		if change == nil {
			continue
		}
		p.changes = append(p.changes, *change)
		if change.Op != Delete {
			journal.pending[name] = final.files[name]
		}
	}
	if len(refusals) > 0 {
		return p.refuse(refusals...)
	}
	final.spec = p.spec
	if len(p.changes) == 0 {
		final.spec = known.spec
	}
	if len(journal.pending) > 0 {
		p.journal = journal.encode()
	}
	p.digest = final.digest()
	p.decideManifest(final)
	return nil
}

// decideManifest adds the manifest's own change.
func (p *Plan) decideManifest(final manifest) {
	found := p.before[manifestName]
	change := Change{Name: manifestName, Old: found.data, New: final.encode()}
	switch {
	case found.info == nil && len(final.files) == 0:
		return
	case found.info == nil:
		change.Op = Create
	case len(final.files) == 0:
		change.Op, change.New = Delete, nil
	case bytes.Equal(lineFeeds(found.data), change.New):
		return
	default:
		change.Op = Update
	}
	p.changes = append(p.changes, change)
	slices.SortFunc(p.changes, func(a, b Change) int { return cmp.Compare(a.Name, b.Name) })
}

// staleByFold returns the names that exist and are not rendered, by their
// folded form.
func (p *Plan) staleByFold(want map[string][]byte) map[string]string {
	stale := map[string]string{}
	for name, found := range p.before {
		if _, rendered := want[name]; !rendered && found.info != nil {
			stale[foldName(name)] = name
		}
	}
	return stale
}

func (p *Plan) refuse(refusals ...*Refusal) error {
	refused := &RefusedError{Dir: p.dir}
	for _, r := range refusals {
		refused.Files = append(refused.Files, *r)
	}
	return refused
}

// file is one name with all that its fate depends on.
type file struct {
	name     string
	found    entry
	rendered bool
	want     []byte // when rendered
	stale    string // of a rendered name: the one no longer rendered that differs from it only by case
	force    bool
}

// decide returns what happens to the file: nothing, a change or a refusal.
func (f file) decide(before map[string]entry, known manifest) (*Change, *Refusal) {
	if f.found.info == nil {
		if f.rendered {
			return &Change{Name: f.name, Op: Create, New: f.want}, nil
		}
		return nil, nil
	}
	data := f.found.data
	ours := known.accepts(f.name, hash(data)) || known.lists(f.name) && (f.force || blank(data))
	switch mode := f.found.info.Mode(); {
	case !mode.IsRegular():
		return nil, refuseKind(f.name, mode)
	case !f.rendered && isTemporary(f.name):
		return &Change{Name: f.name, Op: Delete, Old: data}, nil
	case !f.rendered && !ours:
		return nil, refuseEditedStale(f.name)
	case !f.rendered:
		return &Change{Name: f.name, Op: Delete, Old: data}, nil
	case f.stale != "" && os.SameFile(f.found.info, before[f.stale].info):
		// The file system ignores case: deleting the one would delete the other.
		return nil, refuseSameFile(f.name, f.stale)
	case bytes.Equal(canonical(data), canonical(f.want)):
		return nil, nil
	case ours:
		return &Change{Name: f.name, Op: Update, Old: data, New: f.want}, nil
	case known.lists(f.name):
		return nil, refuseEdited(f.name, f.want, data)
	}
	return nil, refuseForeign(f.name, data)
}

// entry is what stands under a name. A nil info means nothing does.
type entry struct {
	info fs.FileInfo
	data []byte // of a regular file
}
