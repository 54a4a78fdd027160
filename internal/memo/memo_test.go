package memo_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"example.com/scaffold/internal/memo"
)

func TestStore(t *testing.T) {
	t.Run("what was put is got, under its key only", func(t *testing.T) {
		store := memo.Open(filepath.Join(t.TempDir(), "new", "folder"))
		key, other := memo.Key([]byte("a")), memo.Key([]byte("b"))
		if err := store.Put(key, "found"); err != nil {
			t.Fatal(err)
		}
		var got string
		if !store.Get(key, &got) || got != "found" {
			t.Errorf("got %q", got)
		}
		if store.Get(other, &got) {
			t.Errorf("another key has %q", got)
		}
	})
	t.Run("the zero store remembers nothing, and that is no error", func(t *testing.T) {
		var store memo.Store
		if err := store.Put("key", 1); err != nil || store.Get("key", new(int)) {
			t.Errorf("Put: %v", err)
		}
	})
	t.Run("a folder that cannot be made is an error, and nothing is remembered", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		store := memo.Open(filepath.Join(file, "below"))
		if err := store.Put("key", 1); err == nil || store.Get("key", new(int)) {
			t.Errorf("Put: %v", err)
		}
	})
	t.Run("a damaged memo is none", func(t *testing.T) {
		dir := t.TempDir()
		store := memo.Open(dir)
		if err := store.Put("key", "found"); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(filepath.Join(dir, "key.json"), 3); err != nil {
			t.Fatal(err)
		}
		if store.Get("key", new(string)) {
			t.Error("got one")
		}
	})
	t.Run("there are never many, and the newest stays", func(t *testing.T) {
		dir := t.TempDir()
		store := memo.Open(dir)
		for i := range 600 {
			if err := store.Put(fmt.Sprint(i), i); err != nil {
				t.Fatal(err)
			}
		}
		if found, err := os.ReadDir(dir); err != nil || len(found) > 256 || len(found) < 64 {
			t.Errorf("%d memos, %v", len(found), err)
		}
		if !store.Get("599", new(int)) {
			t.Error("the newest is gone")
		}
	})
}

func TestKey(t *testing.T) {
	keys := map[string]string{}
	for _, parts := range [][][]byte{{}, {nil}, {[]byte("ab")}, {[]byte("a"), []byte("b")}, {[]byte("ab"), nil}, {nil, []byte("ab")}} {
		key := memo.Key(parts...)
		if other, taken := keys[key]; taken {
			t.Errorf("%q and %s have one key", parts, other)
		}
		keys[key] = fmt.Sprintf("%q", parts)
	}
}

func TestBuild(t *testing.T) {
	one, err := memo.Build()
	if err != nil || len(one) < 20 {
		t.Fatalf("%q, %v", one, err)
	}
	if two, err := memo.Build(); err != nil || !bytes.Equal(one, two) {
		t.Errorf("%q, then %q, %v", one, two, err)
	}
}
