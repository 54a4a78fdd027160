package render

import (
	_ "embed"
	"strings"

	"example.com/scaffold/internal/model"
)

// reservedNames is a line for each name that the engine takes: its kind, a space,
// and the name. It is the result of parsing the engine, which every run would have
// to pay for; a test parses it and compares.
//
//go:embed reserved.txt
var reservedNames string

// Reserved returns the Go names that the engine takes, whether this client
// needs all of it or not: so a spec that grows does not have to rename.
func Reserved() model.Reserved {
	names := strings.Count(reservedNames, "\nname ")
	reserved := model.Reserved{
		Names:   make(map[string]bool, names),
		Session: map[string]bool{},
		App:     map[string]bool{},
		Files:   map[string]bool{},
	}
	kinds := map[string]map[string]bool{
		"name": reserved.Names, "Session": reserved.Session, "App": reserved.App, "file": reserved.Files,
	}
	for line := range strings.Lines(reservedNames) {
		kind, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if taken := kinds[kind]; taken != nil {
			taken[name] = true
		}
	}
	return reserved
}
