package change_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the files that have changed")

// TestGolden compares each way to print a report with what is wanted: a file a
// scenario, which holds the two specs and then the texts.
func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			report := between(t, string(archive.Files[0].Data), string(archive.Files[1].Data))
			data, err := report.JSON()
			if err != nil {
				t.Fatal(err)
			}
			want := txtar.Format(&txtar.Archive{Comment: archive.Comment, Files: append(archive.Files[:2:2],
				txtar.File{Name: "want.txt", Data: []byte(report.Text(false))},
				txtar.File{Name: "want.md", Data: []byte(report.Markdown())},
				txtar.File{Name: "want.json", Data: data},
			)})
			if bytes.Equal(want, txtar.Format(archive)) {
				return
			}
			if !*update {
				t.Fatalf("not as in %s; got:\n%s", path, want)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}
