package render

import (
	"bytes"
	"fmt"
	"strings"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/templates"
)

// Reserved returns the Go names that the engine takes, whether this client
// needs all of it or not: so a spec that grows does not have to rename.
func Reserved() (model.Reserved, error) {
	reserved := model.Reserved{
		Names:   map[string]bool{},
		Session: map[string]bool{},
		App:     map[string]bool{},
		Files:   map[string]bool{},
	}
	sources, err := templates.Client()
	if err != nil {
		return reserved, fmt.Errorf("read the engine: %w", err)
	}
	for _, source := range sources {
		reserved.Files[source.Name] = true
		reserve(reserved, source.Text)
	}
	return reserved, nil
}

// reserve adds the names that a file of the engine declares. The file is
// formatted, so a declaration begins its line, or stands after one tab within a
// block. To look for that takes a fraction of the time of go/parser, which every
// run would pay; a test has go/parser find the same names.
func reserve(reserved model.Reserved, file []byte) {
	block := false
	for line := range bytes.Lines(file) {
		keyword, rest, _ := bytes.Cut(line, []byte(" "))
		switch string(keyword) {
		case "func":
			reserveFunc(reserved, string(rest))
		case "type", "var", "const":
			block = string(rest) == "(\n"
			reserveNames(reserved, string(rest))
		case ")\n":
			block = false
		default:
			if block && line[0] == '\t' {
				reserveNames(reserved, string(line[1:]))
			}
		}
	}
}

// reserveFunc takes what follows func: a name, or a receiver and a name.
func reserveFunc(reserved model.Reserved, text string) {
	receiver, method, isMethod := strings.Cut(text, ") ")
	if !isMethod || text[0] != '(' {
		reserveNames(reserved, text)
		return
	}
	switch receiver[strings.LastIndexAny(receiver, " *(")+1:] {
	case "Session":
		reserved.Session[identifier(method)] = true
	case "App":
		reserved.App[identifier(method)] = true
	}
}

// reserveNames takes the names that text begins with: "a", or "a, b".
func reserveNames(reserved model.Reserved, text string) {
	for more := true; more; {
		name := identifier(text)
		if name != "" {
			reserved.Names[name] = true
		}
		text, more = strings.CutPrefix(text[len(name):], ", ")
	}
}

// identifier returns the identifier that text begins with. Those of the engine are
// ASCII.
func identifier(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
	return text[:max(end, 0)]
}
