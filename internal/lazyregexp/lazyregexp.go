// Package lazyregexp owns regular expressions that are compiled when they are
// first used: a run of a command uses few of those that its packages hold, and
// should not pay for the others when it starts.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles the expression once, and returns it. It
// panics as [regexp.MustCompile] does; so the expression is a constant.
func New(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}
