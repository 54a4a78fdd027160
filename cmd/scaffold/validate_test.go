package main

import (
	"strings"
	"testing"
)

func TestValidateSeveral(t *testing.T) {
	wrong := strings.Replace(smallSpec("b"), "package: b", "package: func", 1)
	start := func(t *testing.T) {
		t.Chdir(writeTree(t, map[string]string{"scaffold.yaml": smallSpec("a"), "b/scaffold.yaml": wrong, "b/c.scaffold.yaml": smallSpec("c"), "d/x": ""}))
	}
	problem := "scaffold.yaml:2:10: \"func\" is a keyword of Go and cannot name a package\n    2 | package: func\n      |          ^\n"
	for _, test := range []struct {
		name  string
		args  string
		stdin string
		want  result
	}{
		{"scaffold.yaml is meant when none is named", "", "", result{}},
		{"one spec is named by its base name, and not summed up", "b/scaffold.yaml", "", result{exitWrong, "", problem}},
		{"a folder stands for its specs", ".", "", result{exitFine, "", "1 spec: 1 valid\n"}},
		{"and FOLDER/... for those below too", "./...", "", result{exitWrong, "", "b/" + problem + "3 specs: 2 valid, 1 wrong\n"}},
		{"standard input can be one of several", "- .", wrong, result{exitWrong, "", strings.Replace(problem, "scaffold.yaml", "stdin", 1) + "2 specs: 1 valid, 1 wrong\n"}},
		{"a spec that cannot be read does not stop the others, and is trouble", "gone.yaml b", "",
			result{exitTrouble, "", "scaffold: gone.yaml: read the spec: open gone.yaml: no such file or directory\nb/" + problem + "3 specs: 1 valid, 1 wrong, 1 failed\n"}},
		{"a folder without a spec is trouble", "d", "", result{exitTrouble, "", "scaffold: d holds no spec: no scaffold.yaml and no *.scaffold.yaml\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			start(t)
			got := scaffold(strings.NewReader(test.stdin), append([]string{"validate"}, strings.Fields(test.args)...)...)
			if got != test.want {
				t.Errorf("%+v, want %+v", got, test.want)
			}
		})
	}
	t.Run("a terminal that is gone is trouble", func(t *testing.T) {
		start(t)
		for _, arg := range []string{".", "./...", "b/scaffold.yaml"} {
			if code := run([]string{"validate", arg}, nil, brokenWriter{}, brokenWriter{}); code != exitTrouble {
				t.Errorf("%s: exit code %d", arg, code)
			}
		}
	})
}
