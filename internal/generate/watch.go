package generate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"example.com/scaffold/internal/render"
)

// watchInterval is how often the specs are looked at.
const watchInterval = 300 * time.Millisecond

// searchEvery is after how many looks the folders are searched for new specs:
// that costs more than to look at the known ones.
const searchEvery = 8

// Watch is Run, and again when a spec or an overriding template is saved, until
// ctx ends or there is an interrupt. What is wrong with a spec is printed and
// waited for. There are no results, so that all goes to s.Err.
func Watch(ctx context.Context, args []string, o Options, s Streams) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	s.Out, s.OutColor = s.Err, s.ErrColor
	w := &watcher{args: args, options: o, streams: s}
	return w.run(ctx, ticker.C)
}

// watcher generates again when a spec has changed. It looks at the files rather
// than at the system's notices, because editors save in many ways: by writing, by
// renaming another file, by deleting first.
type watcher struct {
	args    []string
	options Options
	streams Streams

	paths   []string
	looks   int
	missing error                // why the last search found nothing
	last    map[string]specState // at the last look
	done    map[string]specState // when the package was generated last
}

// specState is what tells that a spec was saved. The text, because two saves can
// be of one time; the time, because to save without a change is to ask again.
type specState struct {
	text    string
	changed int64
	there   bool
}

// run generates once, and again on ticks, until ctx ends. Its error is about
// what was asked for: what is wrong with a spec is printed and waited for.
func (w *watcher) run(ctx context.Context, ticks <-chan time.Time) error {
	if err := w.start(); err != nil {
		return err
	}
	if err := w.generate(ctx); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w.streams.Err, "watching %s; interrupt to stop\n", counted(len(w.paths), "spec")); err != nil {
		return printed("result", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticks:
			if err := w.look(ctx); err != nil {
				return err
			}
		}
	}
}

// start finds the specs. All that are named have to be there.
func (w *watcher) start() (err error) {
	if w.paths, err = FindSpecs(w.args); err != nil {
		return err
	}
	if err := checkSeveral(w.paths, w.options); err != nil {
		return err
	}
	for _, path := range w.paths {
		if _, err := os.Stat(path); err != nil {
			return fmt.Errorf("watch the spec: %w", err)
		}
	}
	w.last = w.states()
	return nil
}

// look generates when the specs have changed since that was done last, and have
// not since the last look: an editor may be in the midst of saving.
func (w *watcher) look(ctx context.Context) error {
	w.looks++
	if gone := slices.ContainsFunc(w.paths, func(path string) bool { return !w.last[path].there }); gone || w.looks%searchEvery == 0 {
		w.paths, w.missing = FindSpecs(w.args)
	}
	now := w.states()
	settled := maps.Equal(now, w.last)
	w.last = now
	if !settled || maps.Equal(now, w.done) {
		return nil
	}
	return w.generate(ctx)
}

// generate generates from all specs, as those that have not changed cost little,
// and those that are wrong are to be shown again.
func (w *watcher) generate(ctx context.Context) error {
	w.done = w.last
	err := w.missing
	if err == nil {
		err = runSeveral(ctx, w.paths, w.options, w.streams)
	}
	switch {
	case err == nil, errors.Is(err, ErrWrong), errors.Is(err, ErrTrouble):
		return nil // printed
	}
	_, err = fmt.Fprintf(w.streams.Err, "scaffold: %v\n", err)
	return printed("result", err)
}

// states looks at the specs, and at the overriding templates as one.
func (w *watcher) states() map[string]specState {
	found := make(map[string]specState, len(w.paths)+1)
	if w.options.Templates != "" {
		text, err := render.Fingerprint(w.options.renderOptions())
		found[w.options.Templates] = specState{text: fmt.Sprint(text, err), there: true}
	}
	for _, path := range w.paths {
		state := specState{}
		text, err := os.ReadFile(path)
		info, statErr := os.Stat(path)
		if err == nil && statErr == nil {
			state = specState{text: string(text), changed: info.ModTime().UnixNano(), there: true}
		}
		found[path] = state
	}
	return found
}
