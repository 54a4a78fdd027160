package generate

import (
	"example.com/scaffold/internal/memo"
	"example.com/scaffold/internal/output"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// memory is what earlier runs of this build have rendered.
type memory struct {
	store memo.Store
	build []byte
}

// recollection is what is remembered of a spec: all that a run needs that finds
// the folders up to date.
type recollection struct {
	Output   string         // the spec's own folder, relative to it
	Client   string         // the name of the client's package
	Problems []spec.Problem // warnings alone
	Packages []remembered
}

// remembered is what is remembered of one package.
type remembered struct {
	Within  string // of the spec's output folder
	Imports string // the path by which it imports the client; empty: it does not
	Digest  output.Digest
}

// hold tells whether the folders hold, by their hashes, what is remembered, and
// nothing that has to go.
func (r recollection) hold(dir string, src Source, o Options) bool {
	current := ""
	for _, p := range r.Packages {
		if !output.Holds(within(dir, p.Within), p.Digest) {
			return false
		}
		if p.Imports == "" {
			continue
		}
		// Where the folder is decides by what path it is imported.
		if now, err := clientPath(dir); err != nil || now != p.Imports {
			return false
		}
		current = p.Within
	}
	return len(r.Packages) > 0 && len(retired(dir, current, r.Client, src, o)) == 0
}

// openMemory returns the memory in a folder. Where there is none, nothing is
// remembered: that costs time and no more.
func openMemory(dir string) memory {
	if dir == "" {
		return memory{}
	}
	build, err := memo.Build()
	if err != nil {
		return memory{}
	}
	return memory{store: memo.Open(dir), build: build}
}

// key covers everything that the output depends on. What renders it without
// overriding templates is a part of the build.
func (m memory) key(src Source, o Options) (string, error) {
	if o.Templates == "" {
		return memo.Key(m.build, []byte(src.Name), src.Text), nil
	}
	overridden, err := render.Fingerprint(o.renderOptions())
	return memo.Key(m.build, []byte(src.Name), src.Text, []byte(overridden)), err
}

func (o Options) renderOptions() render.Options {
	return render.Options{Version: o.Version, Templates: o.Templates}
}
