package docs

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	claimRow = regexp.MustCompile("^\\| (.+) \\| (G[0-9]+|) ?\\| (`.+`) \\|$")
	testFunc = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
)

// testFiles returns the text of the test files by the tests in them.
func testFiles(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	hostile := ""
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text := read(t, path)
		if strings.HasPrefix(entry.Name(), "hostile_") {
			hostile += text
		}
		for _, match := range testFunc.FindAllStringSubmatch(text, -1) {
			found[match[1]] += text
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	found["TestHostileProvider"] += hostile // its cases are in files of their own
	return found
}

// Each claim of the page has a test, which tells of its guarantee.
func TestClaimsHaveTests(t *testing.T) {
	files, claimed, rows := testFiles(t), map[int]bool{}, 0
	for line := range strings.Lines(read(t, "security.md")) {
		row := claimRow.FindStringSubmatch(strings.TrimSpace(line))
		if row == nil {
			if strings.Contains(line, "`Test") {
				t.Errorf("not a row of claims: %s", line)
			}
			continue
		}
		rows++
		if number, err := strconv.Atoi(strings.TrimPrefix(row[2], "G")); err == nil {
			claimed[number] = true
		}
		told := regexp.MustCompile(`\b` + row[2] + `\b`)
		for name := range strings.SplitSeq(row[3], ", ") {
			text, ok := files[strings.Trim(name, "`")]
			switch {
			case !ok:
				t.Errorf("%q: there is no test %s", row[1], name)
			case row[2] != "" && !told.MatchString(text):
				t.Errorf("%q: %s does not tell of %s", row[1], name, row[2])
			}
		}
	}
	for number := range 19 {
		if !claimed[number+1] {
			t.Errorf("no claim names G%d", number+1)
		}
	}
	if rows < 30 {
		t.Errorf("only %d claims were read", rows)
	}
}

// The modules are those that the generated package imports.
func TestModulesOfTheClient(t *testing.T) {
	paths, err := filepath.Glob(client + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]bool{}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			path, err := strconv.Unquote(imported.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(read(t, "../go.mod")) {
				module, _, _ := strings.Cut(strings.TrimSpace(line), " v")
				if strings.Contains(module, ".") && (path == module || strings.HasPrefix(path, module+"/")) {
					modules[module] = true
				}
			}
		}
	}
	uses := map[string]string{
		"github.com/coreos/go-oidc/v3":  "verifies ID tokens",
		"github.com/go-jose/go-jose/v4": "keys and signatures",
		"github.com/gofrs/flock":        "locks across processes",
		"github.com/zalando/go-keyring": "the system keyring",
		"golang.org/x/oauth2":           "the challenge of PKCE, and the types of `TokenSource`",
	}
	var out strings.Builder
	out.WriteString("| module | for |\n| --- | --- |\n")
	for _, module := range slices.Sorted(maps.Keys(modules)) {
		if uses[module] == "" {
			t.Errorf("%s is imported: say what for", module)
		}
		fmt.Fprintf(&out, "| `%s` | %s |\n", module, uses[module])
	}
	generated(t, "security.md", "modules", out.String())
}
