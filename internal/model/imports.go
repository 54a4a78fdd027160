package model

import (
	"maps"
	"slices"
	"strings"
)

// importSet collects what one file imports.
type importSet map[string]bool

func (s importSet) add(paths ...string) {
	for _, path := range paths {
		s[path] = true
	}
}

// split returns the standard library's and the others, each in the order of gofmt.
func (s importSet) split() (standard, others []string) {
	for _, path := range slices.Sorted(maps.Keys(s)) {
		if strings.Contains(path, ".") {
			others = append(others, path)
		} else {
			standard = append(standard, path)
		}
	}
	return standard, others
}

// imports returns the set in the order of gofmt, the standard library first.
func (s importSet) imports() Imports {
	standard, others := s.split()
	if len(s) == 1 {
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

// The packages that generated files import.
const (
	pkgContext = "context"
	pkgErrors  = "errors"
	pkgFmt     = "fmt"
	pkgHTTP    = "net/http"
	pkgJSON    = "encoding/json"
	pkgLog     = "log"
	pkgStrconv = "strconv"
	pkgTime    = "time"
	pkgURL     = "net/url"
	pkgUUID    = "github.com/google/uuid"
)
