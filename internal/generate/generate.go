// Package generate owns the way from specs that are named on a command line to
// packages on the disk: finding the specs, remembering what was rendered, one or
// several at a time, once or on each save.
//
// A spec leads to one or more packages. Each of them is written as a whole or not
// at all.
package generate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Options say what to do with the packages. Without one of Check, Diff and
// Archive, they are written.
type Options struct {
	Output    string // folder of the package; empty: the one that the spec says
	Templates string // folder of overriding templates; empty: none
	Version   string // scaffold's own, for the files' headers
	Cache     string // folder of what is remembered between runs; empty: nothing is

	Check   bool // write nothing; a package that is out of date is ErrWrong
	Diff    bool // write nothing; print what would change
	Archive bool // write nothing; print the package as a txtar archive
	Force   bool // overwrite what was edited by hand, and the package of another spec
}

// Streams are where a spec may come from, and where results and talk go to.
type Streams struct {
	In       io.Reader // for the spec "-"
	Out, Err io.Writer

	OutColor, ErrColor bool // what goes there may be in color
}

// ErrWrong says that a spec is wrong, or that Check found something. What it is
// has been printed.
var ErrWrong = errors.New("the spec is wrong, or the output differs")

// ErrTrouble says that of several specs some could not be dealt with. Why has
// been printed.
var ErrTrouble = errors.New("some of it could not be done")

// Run generates from the specs that the arguments name: files, folders, dir/...
// and, by itself, "-". Of several specs, each is dealt with by itself, and a line
// sums up. An error other than ErrWrong and ErrTrouble is yet to be printed.
//
// An interrupt ends the process at once while specs are looked for and read, and
// waits for the packages that are being written after that.
func Run(ctx context.Context, args []string, o Options, s Streams) error {
	if len(args) == 1 && IsOneSpec(args[0]) {
		src, err := ReadSource(args[0], s.In)
		if err != nil {
			return err
		}
		held, release := holdInterrupts(ctx)
		defer release()
		return prepare(src, o, openMemory(o.Cache)).finish(o, held, s)
	}
	paths, err := FindSpecs(args)
	if err != nil {
		return err
	}
	return runSeveral(ctx, paths, o, s)
}

var errInterrupted = errors.New("interrupted: nothing was written")

// holdInterrupts has an interrupt wait until release is called, so that it does
// not stop a package's files from being replaced half-way. held returns an error
// once there was one.
func holdInterrupts(ctx context.Context) (held func() error, release func()) {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	held = func() error {
		if ctx.Err() != nil {
			return errInterrupted
		}
		return nil
	}
	return held, stop
}

// printed turns the error of printing something into one that names it.
func printed(what string, err error) error {
	if err != nil {
		return fmt.Errorf("print the %s: %w", what, err)
	}
	return nil
}
