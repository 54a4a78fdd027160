// Package docs holds the documentation, and the tests that keep it true: what
// is generated is compared, examples are validated, recipes are run. Run the
// tests with -update to rewrite what is generated, and read the difference.
package docs

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the generated parts of the pages")

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// generated compares the part of a page between its marks with what it should
// be, or rewrites it. It returns the part as it was.
func generated(t *testing.T, page, name, want string) (before string) {
	t.Helper()
	text := read(t, page)
	open, end := "<!-- generated: "+name+" -->\n", "<!-- end -->\n"
	head, rest, ok := strings.Cut(text, open)
	before, tail, ended := strings.Cut(rest, end)
	if !ok || !ended {
		t.Fatalf("%s has no %s and %s", page, strings.TrimSpace(open), strings.TrimSpace(end))
	}
	want = strings.TrimSpace(want) + "\n"
	if before == want {
		return before
	}
	if *update {
		write(t, page, head+open+want+end+tail)
		return before
	}
	t.Errorf("%s, %s: run go test ./docs -update; got\n%swant\n%s", page, name, before, want)
	return before
}

// block is one fenced block of a page.
type block struct {
	line int    // of the fence
	info string // what follows the fence, like: sh
	text string
}

// blocks returns the fenced blocks of a page whose info begins with a word.
func blocks(t *testing.T, page, kind string) (list []block) {
	t.Helper()
	for _, b := range allBlocks(t, page) {
		if b.info == kind || strings.HasPrefix(b.info, kind+" ") {
			list = append(list, b)
		}
	}
	if len(list) == 0 {
		t.Fatalf("%s has no block of %s", page, kind)
	}
	return list
}

func allBlocks(t *testing.T, page string) (list []block) {
	t.Helper()
	var open *block
	number := 0
	for line := range strings.Lines(read(t, page)) {
		number++
		info, fence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case fence && open == nil:
			open = &block{line: number, info: info}
		case fence:
			list = append(list, *open)
			open = nil
		case open != nil:
			open.text += line
		}
	}
	return list
}

func pages(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob("*.md")
	if err != nil || len(list) < 5 {
		t.Fatalf("%d pages, %v", len(list), err)
	}
	return list
}

func TestIndexHasEveryPage(t *testing.T) {
	index := read(t, "README.md")
	for _, page := range pages(t) {
		if page != "README.md" && !strings.Contains(index, "]("+page+")") {
			t.Errorf("README.md has no link to %s", page)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	mark    = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are the names by which a page's headings can be linked to.
func anchors(text string) map[string]bool {
	found := map[string]bool{"": true}
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		plain := mark.ReplaceAllString(strings.ToLower(match[1]), "")
		found[strings.ReplaceAll(plain, " ", "-")] = true
	}
	return found
}

func TestLinksLeadSomewhere(t *testing.T) {
	for _, page := range pages(t) {
		for _, match := range link.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, page), ""), -1) {
			path, anchor, _ := strings.Cut(match[1], "#")
			if strings.HasPrefix(path, "https://") {
				continue
			}
			if path == "" {
				path = page
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Errorf("%s links to %s: %v", page, match[1], err)
				continue
			}
			if anchor != "" && (info.IsDir() || !anchors(read(t, path))[anchor]) {
				t.Errorf("%s links to %s, which has no such heading", page, match[1])
			}
		}
	}
}

// cell makes text fit for a cell of a table.
func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}
