//go:build unix

package output_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"

	"example.com/scaffold/internal/output"
)

// A file size limit fails a write half-way, as a full disk does. It holds for
// all files of a process, so that this has one to itself.
func TestWriteThatDoesNotFit(t *testing.T) {
	const child = "SCAFFOLD_TEST_FILE_SIZE"
	if os.Getenv(child) == "" {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWriteThatDoesNotFit$")
		cmd.Env = append(os.Environ(), child+"=limited")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	dir := t.TempDir()
	mustApply(t, dir, client, endpoints)
	age(t, dir)
	before := tree(t, dir)
	plan := mustPlan(t, dir, changed, file("large.go", "v1", strings.Repeat("// text\n", 3<<20)))

	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	small := limit
	small.Cur = 16 << 20 // well above what the test process itself writes
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		t.Fatal(err)
	}
	err := plan.Apply()
	if restoreErr := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); restoreErr != nil {
		t.Fatal(restoreErr)
	}
	_, refused := errors.AsType[*output.RefusedError](err)
	if !errors.Is(err, syscall.EFBIG) || refused || !strings.Contains(err.Error(), "write large.go") || !strings.Contains(err.Error(), "as it was") {
		t.Errorf("Apply: %v", err)
	}
	sameTree(t, before, tree(t, dir))
}

func TestSpecialFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(dir+"/client.go", 0o644); err != nil {
		t.Fatal(err)
	}
	if got := refusals(t, dir, client); got["client.go"].Reason != "is not a regular file" {
		t.Errorf("refused: %v", got)
	}
}
