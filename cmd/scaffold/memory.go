package main

import (
	"os"
	"path/filepath"

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
// the folder up to date.
type recollection struct {
	Output   string         // the spec's own folder, relative to it
	Problems []spec.Problem // warnings alone
	Digest   output.Digest
}

// openMemory returns the memory in the user's cache folder, or in the one that
// SCAFFOLD_CACHE names. Where there is none, nothing is remembered: that costs
// time and no more.
func openMemory() memory {
	dir := os.Getenv("SCAFFOLD_CACHE")
	switch dir {
	case "off":
		return memory{}
	case "":
		user, err := os.UserCacheDir()
		if err != nil {
			return memory{}
		}
		dir = filepath.Join(user, "scaffold")
	}
	build, err := memo.Build()
	if err != nil {
		return memory{}
	}
	return memory{store: memo.Open(dir), build: build}
}

// key covers everything that the output depends on. What renders it without
// overriding templates is a part of the build.
func (m memory) key(src source, flags generateFlags) (string, error) {
	if flags.templates == "" {
		return memo.Key(m.build, []byte(src.name), src.text), nil
	}
	overridden, err := render.Fingerprint(render.Options{Version: version(), Templates: flags.templates})
	return memo.Key(m.build, []byte(src.name), src.text, []byte(overridden)), err
}
