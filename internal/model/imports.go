package model

import (
	"slices"
	"strings"
)

// importSet is a set of the packages that generated files import, a bit each.
type importSet uint

const (
	pkgContext importSet = 1 << iota
	pkgJSON
	pkgErrors
	pkgFmt
	pkgLog
	pkgHTTP
	pkgURL
	pkgStrconv
	pkgTesting
	pkgTime
	pkgUUID
)

// importPaths are the packages' paths, in the order of gofmt and of the bits.
var importPaths = []string{
	"context", "encoding/json", "errors", "fmt", "log", "net/http", "net/url", "strconv", "testing", "time",
	"github.com/google/uuid",
}

func (s *importSet) add(others importSet) { *s |= others }

// split returns the standard library's and the others, each in the order of gofmt.
func (s importSet) split() (standard, others []string) {
	for i, path := range importPaths {
		switch {
		case s&(1<<i) == 0:
		case strings.Contains(path, "."):
			others = append(others, path)
		default:
			standard = append(standard, path)
		}
	}
	return standard, others
}

// imports returns the set in the order of gofmt, the standard library first.
func (s importSet) imports() Imports {
	standard, others := s.split()
	if len(standard)+len(others) == 1 {
		return Imports{Single: slices.Concat(standard, others)[0]}
	}
	var groups [][]string
	for _, group := range [][]string{standard, others} {
		if len(group) > 0 {
			groups = append(groups, group)
		}
	}
	return Imports{Groups: groups}
}
