package output_test

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/scaffold/internal/output"
)

// A power cut leaves files whose names had reached the disk, and whose text had not.
func TestPowerCut(t *testing.T) {
	const zeros = "\x00\x00\x00\x00"
	for _, test := range []struct {
		name   string
		cut    map[string]string // what files are left as
		render []output.File
		want   string // what changes
	}{
		{"a file that is empty is written again", map[string]string{"client.go": ""},
			[]output.File{client, endpoints}, "update client.go"},
		{"so is one of zero bytes, also when the spec has changed since", map[string]string{"endpoints.go": zeros},
			[]output.File{client, changed}, "update .scaffold.json, update endpoints.go"},
		{"one that is no longer rendered is deleted", map[string]string{"endpoints.go": ""},
			[]output.File{client}, "update .scaffold.json, delete endpoints.go"},
		{"a manifest that is empty is written again", map[string]string{manifestName: ""},
			[]output.File{client, endpoints}, "update .scaffold.json"},
		{"all is", map[string]string{manifestName: zeros, "client.go": "", "endpoints.go": zeros},
			[]output.File{client, endpoints}, "update .scaffold.json, update client.go, update endpoints.go"},
		{"without the manifest, what has our header is ours", map[string]string{manifestName: "", "client.go": ""},
			[]output.File{client, changed}, "update .scaffold.json, update client.go, update endpoints.go"},
		{"also what is no longer rendered", map[string]string{manifestName: ""},
			[]output.File{client}, "update .scaffold.json, delete endpoints.go"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			mustApply(t, dir, client, endpoints)
			write(t, filepath.Join(dir, "mine.go"), "package timesheets\n")
			write(t, filepath.Join(dir, "blank.go"), "")
			for name, text := range test.cut {
				write(t, filepath.Join(dir, name), text)
			}
			plan := mustPlan(t, dir, test.render...)
			if got := list(plan); got != test.want {
				t.Fatalf("changes: %s, want %s", got, test.want)
			}
			if err := plan.Apply(); err != nil || !output.Holds(dir, plan.Digest()) {
				t.Errorf("it is not mended: %v", err)
			}
			if got := read(t, filepath.Join(dir, "mine.go")) + read(t, filepath.Join(dir, "blank.go")); got != "package timesheets\n" {
				t.Errorf("the user's files hold %q", got)
			}
		})
	}
	t.Run("without the manifest, what lacks our header is refused as ever", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client)
		write(t, filepath.Join(dir, manifestName), "")
		write(t, filepath.Join(dir, "client.go"), "package mine\n")
		if err := os.Mkdir(filepath.Join(dir, "endpoints.go"), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := refusals(t, dir, client, endpoints); len(got) != 2 {
			t.Errorf("refused: %v", got)
		}
	})
	t.Run("with the manifest, an empty file of the user's under a new name is refused", func(t *testing.T) {
		dir := t.TempDir()
		mustApply(t, dir, client)
		write(t, filepath.Join(dir, "endpoints.go"), "")
		if got := refusals(t, dir, client, endpoints); len(got) != 1 {
			t.Errorf("refused: %v", got)
		}
	})
}
