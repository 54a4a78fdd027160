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
	Remedy string // what to do about it before another run

	edit *Change // of an edited file that is still rendered: from what is rendered to what it holds
}

// Error names every file, why it is refused and what to do, one line each.
func (e *RefusedError) Error() string {
	return e.list("nothing was written, because scaffold leaves alone what is not its own", "; then run again")
}

// Findings is Error for somebody who wanted nothing written.
func (e *RefusedError) Findings() string {
	return e.list("it holds what scaffold would not overwrite", "")
}

func (e *RefusedError) list(heading, end string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "output folder %s: %s:", e.Dir, heading)
	for _, r := range e.Files {
		fmt.Fprintf(&text, "\n  %s %s: %s%s", r.Name, r.Reason, r.Remedy, end)
	}
	return text.String()
}

// Edits returns what was edited by hand as a unified diff, from what scaffold
// writes to what the files hold. Of each file, and of all together, it shows so
// many lines and says how many it leaves out.
//
// When the spec has changed since the file was written, the diff shows that too:
// the manifest knows the old text only by its hash.
func (e *RefusedError) Edits(linesPerFile, lines int) string {
	var text strings.Builder
	for _, r := range e.Files {
		if r.edit == nil {
			continue
		}
		var diff strings.Builder
		writeDiff(&diff, *r.edit)
		all := strings.SplitAfter(strings.TrimSuffix(diff.String(), "\n"), "\n")
		shown := min(len(all), linesPerFile, lines)
		lines -= shown
		text.WriteString(strings.TrimSuffix(strings.Join(all[:shown], ""), "\n"))
		if left := len(all) - shown; left > 0 {
			fmt.Fprintf(&text, "\n... %d more lines of %s", left, r.Name)
		}
		text.WriteString("\n")
	}
	return strings.TrimPrefix(text.String(), "\n")
}

func refuseKind(name string, mode fs.FileMode) *Refusal {
	kind := "is not a regular file"
	switch {
	case mode&fs.ModeSymlink != 0:
		kind = "is a symbolic link"
	case mode.IsDir():
		kind = "is a folder"
	}
	return refuse(name, kind, "move it away")
}

func refuse(name, reason, remedy string) *Refusal {
	return &Refusal{Name: name, Reason: reason, Remedy: remedy}
}

func refuseManifest(problem error) *Refusal {
	return refuse(manifestName, "cannot be used, for "+problem.Error(),
		"restore it from version control, or delete it together with the generated files")
}

// refuseEdited is for a file that would be written as want and now holds data.
func refuseEdited(name string, want, data []byte) *Refusal {
	refusal := refuse(name, "was edited by hand",
		"move your changes to a file of another name and delete this one, restore it from version control, or overwrite it with --force")
	refusal.edit = &Change{Name: name, Op: Update, Old: canonicalLike(want, data), New: lineFeeds(data)}
	return refusal
}

func refuseEditedStale(name string) *Refusal {
	return refuse(name, "was edited by hand, and is no longer generated",
		"rename it to keep it, delete it, or have it deleted with --force")
}

func refuseForeign(name string, data []byte) *Refusal {
	if _, _, ours := headerVersion(data); ours {
		return refuse(name, "was generated, but is not listed in "+manifestName,
			"restore "+manifestName+" from version control, or delete the file")
	}
	return refuse(name, "was not written by scaffold",
		"rename or delete it, or choose another output folder")
}

func refuseSameFile(name, stale string) *Refusal {
	return refuse(name, "is the same file as "+stale+" here, which is no longer generated",
		"delete "+stale)
}

func refuseChanged(name string) *Refusal {
	return refuse(name, "has changed since the folder was read", "see what it holds now")
}
