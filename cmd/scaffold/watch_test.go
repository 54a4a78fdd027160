package main

import (
	"strings"
	"testing"
)

func TestWatchMisuse(t *testing.T) {
	for name, args := range map[string][]string{
		"a spec that is not there": {example + "x"}, "standard input": {"-"}, "a folder without specs": {t.TempDir()},
		"with --check": {example, "--check"}, "with --diff": {example, "--diff"}, "with --stdout": {example, "--stdout"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := scaffold(strings.NewReader(""), append([]string{"generate", "--watch"}, args...)...); got.code != exitTrouble || !strings.HasPrefix(got.stderr, "scaffold: ") {
				t.Errorf("%+v", got)
			}
		})
	}
}
