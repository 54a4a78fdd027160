package generate

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// looker looks when a test says so, and tells what the watcher said.
type looker struct {
	t    *testing.T
	w    *watcher
	talk talk
}

func startWatch(t *testing.T, args ...string) *looker {
	t.Helper()
	l := &looker{t: t}
	l.w = &watcher{args: args, options: Options{Version: "devel", Cache: t.TempDir()}, streams: l.talk.streams()}
	if err := errors.Join(l.w.start(), l.w.generate(t.Context())); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *looker) look(times int) string {
	l.t.Helper()
	l.talk.Reset()
	for range times {
		if err := l.w.look(l.t.Context()); err != nil {
			l.t.Fatal(err)
		}
	}
	return l.talk.String()
}

func (l *looker) want(times int, said string) {
	l.t.Helper()
	if got := l.look(times); got != said {
		l.t.Errorf("it said %q, want %q", got, said)
	}
}

func TestWatch(t *testing.T) {
	const upToDate, changed = "1 spec: 1 up to date\n", "update a/.scaffold.json\nupdate a/defaults.go\n1 spec: 1 written (2 files)\n"
	other := strings.Replace(smallSpec("a"), "8484", "8585", 1)
	start := func(t *testing.T, args ...string) *looker {
		t.Chdir(writeTree(t, map[string]string{"a.scaffold.yaml": smallSpec("a")}))
		return startWatch(t, args...)
	}
	t.Run("a saved spec is generated once it is at rest, and the files are named", func(t *testing.T) {
		l := start(t, "a.scaffold.yaml")
		if got := l.talk.String(); !strings.HasPrefix(got, "create a/.scaffold.json\n") || !strings.Contains(got, "\n1 spec: 1 written (") {
			t.Errorf("first: %q", got)
		}
		l.want(5, "")
		writeFile(t, "a.scaffold.yaml", other)
		l.want(1, "")
		l.want(1, changed)
		l.want(5, "")
	})
	t.Run("while it is being written, it is waited for", func(t *testing.T) {
		l := start(t, "a.scaffold.yaml")
		for n := range 5 {
			writeFile(t, "a.scaffold.yaml", other[:100+n])
			l.want(1, "")
		}
		writeFile(t, "a.scaffold.yaml", other)
		l.want(2, changed)
	})
	t.Run("a save of the same length and time is seen", func(t *testing.T) {
		l := start(t, "a.scaffold.yaml")
		info, err := os.Stat("a.scaffold.yaml")
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, "a.scaffold.yaml", other)
		if err := os.Chtimes("a.scaffold.yaml", info.ModTime(), info.ModTime()); err != nil {
			t.Fatal(err)
		}
		l.want(2, changed)
	})
	t.Run("to save without a change is to ask again", func(t *testing.T) {
		l := start(t, "a.scaffold.yaml")
		if err := os.RemoveAll("a"); err != nil {
			t.Fatal(err)
		}
		later := time.Now().Add(time.Hour)
		if err := os.Chtimes("a.scaffold.yaml", later, later); err != nil {
			t.Fatal(err)
		}
		if got := l.look(2); !strings.Contains(got, "\n1 spec: 1 written (") {
			t.Errorf("it said %q", got)
		}
	})
	t.Run("editors that rename, and those that delete first", func(t *testing.T) {
		l := start(t, "a.scaffold.yaml")
		writeFile(t, "new", other)
		if err := os.Rename("new", "a.scaffold.yaml"); err != nil {
			t.Fatal(err)
		}
		l.want(2, changed)
		if err := os.Remove("a.scaffold.yaml"); err != nil {
			t.Fatal(err)
		}
		l.want(1, "") // gone for a moment
		writeFile(t, "a.scaffold.yaml", smallSpec("a"))
		l.want(2, changed)
	})
	t.Run("an error is shown until it is mended", func(t *testing.T) {
		l := start(t, ".")
		writeFile(t, "b.scaffold.yaml", smallSpec("func"))
		wrong := l.look(searchEvery + 1)
		if !strings.Contains(wrong, "b.scaffold.yaml:2:10: ") || !strings.HasSuffix(wrong, "2 specs: 1 up to date, 1 wrong\n") {
			t.Errorf("it said %q", wrong)
		}
		l.want(5, "") // nothing new
		writeFile(t, "a.scaffold.yaml", other)
		if got := l.look(2); !strings.Contains(got, "b.scaffold.yaml:2:10: ") || !strings.HasSuffix(got, "2 specs: 1 written (2 files), 1 wrong\n") {
			t.Errorf("it said %q", got)
		}
		writeFile(t, "b.scaffold.yaml", smallSpec("b"))
		if got := l.look(2); !strings.Contains(got, "\n2 specs: 1 up to date, 1 written (") {
			t.Errorf("it said %q", got)
		}
	})
	t.Run("specs that come and go below", func(t *testing.T) {
		l := start(t, "./...")
		if err := errors.Join(os.Mkdir("b", 0o755), os.WriteFile("b/scaffold.yaml", []byte(smallSpec("b")), 0o644)); err != nil {
			t.Fatal(err)
		}
		if got := l.look(searchEvery + 1); !strings.Contains(got, "\n2 specs: 1 up to date, 1 written (") {
			t.Errorf("it said %q", got)
		}
		if err := os.Remove("b/scaffold.yaml"); err != nil {
			t.Fatal(err)
		}
		l.want(searchEvery, upToDate)
		if err := os.Remove("a.scaffold.yaml"); err != nil {
			t.Fatal(err)
		}
		if got := l.look(searchEvery); got != "scaffold: ./... holds no spec: no scaffold.yaml and no *.scaffold.yaml\n" {
			t.Errorf("it said %q", got)
		}
		writeFile(t, "a.scaffold.yaml", smallSpec("a"))
		l.want(searchEvery+1, upToDate)
	})
}

func TestWatchEnds(t *testing.T) {
	specPath := filepath.Join(writeTree(t, map[string]string{"a.yaml": smallSpec("a")}), "a.yaml")
	t.Run("without an error when its context does", func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		ticks, ended := make(chan time.Time), make(chan error)
		var said talk
		w := &watcher{args: []string{specPath}, streams: said.streams()}
		go func() { ended <- w.run(ctx, ticks) }()
		ticks <- time.Time{} // so it watches
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for name, arg := range map[string]string{"a spec that is not there": specPath + "x", "standard input": "-", "a folder without specs": t.TempDir()} {
		t.Run("at once, with an error: "+name, func(t *testing.T) {
			var said talk
			if err := Watch(t.Context(), []string{arg}, Options{}, said.streams()); err == nil || said.String() != "" {
				t.Errorf("%v, and it says %q", err, said.String())
			}
		})
	}
}
