package client

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNoFileStaysOpen(t *testing.T) {
	t.Run("G17: nothing in the store's folder stays open", func(t *testing.T) {
		dir := t.TempDir()
		store := NewFileStore(dir)
		for range 3 {
			unlock, err := store.Lock(t.Context(), "default")
			if err != nil {
				t.Fatal(err)
			}
			save(t, store, "default", "record")
			mustLoad(t, store, "default", "record")
			unlock()
		}
		open, err := filepath.Glob("/proc/self/fd/*")
		if err != nil || len(open) == 0 {
			t.Fatalf("%d open files, error %v", len(open), err)
		}
		for _, number := range open {
			if file, err := os.Readlink(number); err == nil && strings.HasPrefix(file, dir) {
				t.Errorf("%s is open", file)
			}
		}
	})
}
