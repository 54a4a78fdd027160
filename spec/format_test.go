package spec_test

import (
	"strings"
	"testing"

	"example.com/scaffold/spec"
)

func TestFormat(t *testing.T) {
	at := func(line, col int) spec.Problem {
		return spec.Problem{Pos: spec.Pos{Line: line, Col: col}, Message: "wrong"}
	}
	for _, c := range []struct {
		name, src string
		problem   spec.Problem
		want      string
	}{
		{"a problem without a place has no line", "", spec.Problem{Message: "empty"}, "f: empty\n"},
		{"the end of a line", "ab\n", at(1, 3), "f:1:3: wrong\n    1 | ab\n      |   ^\n"},
		{"a place behind the text shows no line", "ab", at(7, 1), "f:7:1: wrong\n"},
		{"tabs are four spaces", "\ta", at(1, 2), "f:1:2: wrong\n    1 |     a\n      |     ^\n"},
		{"wide characters take two columns", "日本x", at(1, 3), "f:1:3: wrong\n    1 | 日本x\n      |     ^\n"},
		{"combining characters take none", "e\u0301x", at(1, 3), "f:1:3: wrong\n    1 | e\u0301x\n      |  ^\n"},
		{"control characters are shown as text", "\x1b[2Jx", at(1, 5), "f:1:5: wrong\n    1 | \\x1b[2Jx\n      |        ^\n"},
		{"a bare carriage return is shown", "a\rb", at(1, 3), "f:1:3: wrong\n    1 | a\\rb\n      |    ^\n"},
		{"bytes that are no UTF-8 are shown", "\xffx", at(1, 2), "f:1:2: wrong\n    1 | \\xffx\n      |     ^\n"},
		{"text cannot change its direction", "\u202ex", at(1, 2), "f:1:2: wrong\n    1 | \\u202ex\n      |       ^\n"},
		{
			"a long line is cut around the caret", strings.Repeat("a", 500) + "x" + strings.Repeat("b", 500), at(1, 501),
			"f:1:501: wrong\n    1 | ..." + strings.Repeat("a", 80) + "x" + strings.Repeat("b", 99) + "...\n" +
				"      | " + strings.Repeat(" ", 83) + "^\n",
		},
		{
			"a line number of six digits widens the margin", strings.Repeat("\n", 123455) + "x", at(123456, 1),
			"f:123456:1: wrong\n123456 | x\n       | ^\n",
		},
		{"a hostile message is made harmless", "", spec.Problem{Message: "a\x1b]0;b\nc"}, "f: a\\x1b]0;b\\nc\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := spec.Format("f", []byte(c.src), []spec.Problem{c.problem}); got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func TestFormatSortsAndMarksWarnings(t *testing.T) {
	got := spec.Format("f", nil, []spec.Problem{
		{Pos: spec.Pos{Line: 2, Col: 1}, Message: "c"},
		{Pos: spec.Pos{Line: 1, Col: 9}, Message: "b", Warning: true},
		{Pos: spec.Pos{Line: 1, Col: 2}, Message: "a"},
	})
	if want := "f:1:2: a\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got:\n%s\nwant at first %q", got, want)
	}
	if !strings.Contains(got, "f:1:9: warning: b\n") || !strings.HasSuffix(got, "f:2:1: c\n") {
		t.Errorf("got:\n%s", got)
	}
}
