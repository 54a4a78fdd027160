package generate

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const example = "../../examples/timesheets.yaml"

// talk takes results and talk as one text.
type talk struct{ bytes.Buffer }

func (b *talk) streams() Streams { return Streams{Out: &b.Buffer, Err: &b.Buffer} }

// result is what a run did.
type result struct {
	err            error
	stdout, stderr string
}

func generate(t *testing.T, o Options, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	o.Version = "devel"
	err := Run(t.Context(), args, o, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	return result{err, stdout.String(), stderr.String()}
}

func mustGenerate(t *testing.T, o Options, args ...string) result {
	t.Helper()
	got := generate(t, o, args...)
	if got.err != nil {
		t.Fatalf("generate %q: %+v", args, got)
	}
	return got
}

// smallSpec is a spec of a package that signs people in and no more.
func smallSpec(pkg string) string {
	return "version: 1\npackage: " + pkg + `
tenant:
  domain: exampleco.eu.auth0.com
  client_id: q2hnj2iuPZ4XnV1sYhY0T6mK9wLrB3Dc
  callbacks: [http://127.0.0.1:8484/callback]
audience: https://api.exampleco.com/` + pkg + `
scopes:
  openid:
  profile:
  offline_access:
`
}

// memoryDir returns an empty folder, in memory where Linux has that: these tests
// sync thousands of files.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "scaffold-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// writeTree writes files below a new folder, after making their folders.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := memoryDir(t)
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, path, text)
	}
	return dir
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func readFile(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
