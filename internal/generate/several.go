package generate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// runSeveral generates from several specs, as many at a time as there are
// processors, and prints what came of each in their order, and a summary.
func runSeveral(ctx context.Context, paths []string, o Options, s Streams) error {
	if err := checkSeveral(paths, o); err != nil {
		return err
	}
	targets := make([]*target, len(paths))
	for i, path := range paths {
		src, err := ReadOneOf(path)
		targets[i] = &target{src: src, err: err}
	}
	held, release := holdInterrupts(ctx)
	defer release()
	known := openMemory(o.Cache)
	atOnce(len(paths), func(i int) {
		if targets[i].err == nil && held() == nil {
			targets[i] = prepare(targets[i].src, o, known)
		}
	})
	if err := checkFolders(targets); err != nil {
		return err
	}
	return finishAll(targets, o, held, s)
}

// finishAll finishes each, and prints their results in order.
func finishAll(targets []*target, o Options, held func() error, s Streams) error {
	type result struct {
		stdout, stderr bytes.Buffer
		err            error
	}
	results := make([]result, len(targets))
	atOnce(len(targets), func(i int) {
		r, own := &results[i], s
		own.Out, own.Err = &r.stdout, &r.stderr
		r.err = targets[i].finish(o, held, own)
	})
	var sum summary
	for i, t := range targets {
		r := &results[i]
		sum.add(t, r.err, o)
		if r.err != nil && !errors.Is(r.err, ErrWrong) {
			fmt.Fprintf(&r.stderr, "scaffold: %s: %v\n", t.src.Shown, r.err)
		}
		_, errOut := r.stdout.WriteTo(s.Out)
		_, errTalk := r.stderr.WriteTo(s.Err)
		if err := errors.Join(errOut, errTalk); err != nil {
			return printed("result", err)
		}
	}
	if _, err := fmt.Fprintln(s.Err, sum.text(o)); err != nil {
		return printed("summary", err)
	}
	return sum.err()
}

// atOnce calls do for 0 to n-1, as many at a time as there are processors.
func atOnce(n int, do func(i int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

// checkSeveral refuses what makes sense for one spec alone.
func checkSeveral(paths []string, o Options) error {
	switch {
	case slices.Contains(paths, "-"):
		return errors.New("standard input can only be the one spec: generate from it by itself")
	case len(paths) > 1 && o.Output != "":
		return fmt.Errorf("--output is one folder, and there are %d specs: set output in each of them", len(paths))
	case len(paths) > 1 && o.Archive:
		return fmt.Errorf("--stdout prints one package, and there are %d specs", len(paths))
	}
	return nil
}

// checkFolders refuses specs that would write to one folder.
func checkFolders(targets []*target) error {
	first := map[string]*target{}
	for _, t := range targets {
		if t.dir == "" {
			continue
		}
		// Where case is ignored, names that differ only by case are one folder.
		folder := strings.ToLower(realPath(t.dir))
		if other := first[folder]; other != nil {
			return fmt.Errorf("%s and %s both write to %s: nothing was written; give one of them another output", other.src.Shown, t.src.Shown, t.dir)
		}
		first[folder] = t
	}
	return nil
}
