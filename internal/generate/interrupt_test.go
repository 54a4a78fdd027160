//go:build unix

package generate

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestInterruptBeforeWriting(t *testing.T) {
	specPath := filepath.Join(writeTree(t, map[string]string{"a.yaml": smallSpec("a")}), "a.yaml")
	src, err := ReadSource(specPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	held, release := holdInterrupts(t.Context())
	defer release()
	if err := held(); err != nil {
		t.Fatal(err)
	}
	prepared := prepare(src, Options{Output: dir}, memory{})
	if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	for held() == nil {
		continue
	}
	var said talk
	if err := prepared.finish(Options{}, held, said.streams()); err == nil || err.Error() != "interrupted: nothing was written" || said.String() != "" {
		t.Errorf("%v, and it says %q", err, said.String())
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder: %v", err)
	}
}
