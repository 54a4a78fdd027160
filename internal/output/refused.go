package output

import (
	"fmt"
	"io/fs"
	"strings"
)

// RefusedError says that the folder holds what scaffold must not overwrite or
// delete. It is found before anything is written. Any other error of this
// package is trouble with the file system or with the rendered files.
type RefusedError struct {
	Dir   string    // the output folder
	Files []Refusal // sorted by name
}

// Refusal is one file that stands in the way.
type Refusal struct {
	Name   string // within the folder
	Reason string // follows the name in a sentence: "was edited by hand"
	Remedy string // what to do about it
}

// Error names every file, why it is refused and what to do, one line each.
func (e *RefusedError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "output folder %s: nothing was written, because scaffold leaves alone what is not its own:", e.Dir)
	for _, r := range e.Files {
		fmt.Fprintf(&text, "\n  %s %s: %s", r.Name, r.Reason, r.Remedy)
	}
	return text.String()
}

func refuseKind(name string, mode fs.FileMode) *Refusal {
	kind := "is not a regular file"
	switch {
	case mode&fs.ModeSymlink != 0:
		kind = "is a symbolic link"
	case mode.IsDir():
		kind = "is a folder"
	}
	return &Refusal{name, kind, "move it away, then run again"}
}

func refuseManifest(problem error) *Refusal {
	return &Refusal{manifestName, "cannot be used, for " + problem.Error(),
		"restore it from version control; or delete it together with the generated files, then run again"}
}

func refuseEdited(name string) *Refusal {
	return &Refusal{name, "was edited by hand",
		"move your changes to a file of another name and delete this one, or restore it from version control, then run again"}
}

func refuseEditedStale(name string) *Refusal {
	return &Refusal{name, "was edited by hand, and is no longer generated",
		"rename it to keep it, or delete it, then run again"}
}

func refuseForeign(name string, data []byte) *Refusal {
	if _, _, ours := headerVersion(data); ours {
		return &Refusal{name, "was generated, but is not listed in " + manifestName,
			"restore " + manifestName + " from version control, or delete the file, then run again"}
	}
	return &Refusal{name, "was not written by scaffold",
		"rename or delete it, or choose another output folder, then run again"}
}

func refuseSameFile(name, stale string) *Refusal {
	return &Refusal{name, "is the same file as " + stale + " here, which is no longer generated",
		"delete " + stale + ", then run again"}
}

func refuseChanged(name string) *Refusal {
	return &Refusal{name, "has changed since the folder was read", "run again"}
}
