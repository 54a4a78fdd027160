package spec_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"example.com/scaffold/spec"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the files that the tests compare with")

const mistakesFile = "testdata/mistakes.txtar"

// check returns everything that is said of a spec, as people read it.
func check(src string) string {
	file, problems := spec.Load("dir/spec.yaml", []byte(src))
	return spec.Format("spec.yaml", []byte(src), append(problems, spec.Validate(file)...))
}

// mistake is one case of mistakes.txtar: what it changes in the spec that the
// file begins with, and what is then said.
type mistake struct{ old, changed, want string }

const arrow = "=>\n"

func parseMistake(t *testing.T, data []byte) mistake {
	t.Helper()
	parts := strings.SplitN(string(data), arrow, 3)
	if len(parts) != 3 {
		t.Fatalf("a case is old, new and want with %q between, got %q", arrow, data)
	}
	return mistake{parts[0], parts[1], parts[2]}
}

func (m mistake) apply(t *testing.T, base string) string {
	t.Helper()
	if strings.Count(base, m.old) != 1 && m.old != "" {
		t.Fatalf("%q must stand once in the spec", m.old)
	}
	if m.old == "" {
		return m.changed
	}
	return strings.Replace(base, m.old, m.changed, 1)
}

func TestCallbacksOfMobileApps(t *testing.T) {
	for _, callback := range []string{
		"com.exampleco.app:/callback", "com.exampleco.app://id.example.com/ios/callback", "com.exampleco.app://callback",
		"com.exampleco.app-2:/", "https://app.exampleco.com/callback", "https://app.exampleco.com:8443/callback",
	} {
		t.Run("RFC 8252, 7.1 and 7.2: it may be the only one: "+callback, func(t *testing.T) {
			src := "version: 1\npackage: a\ntenant: {issuer: https://id.example.com, client_id: a, callbacks: ['" + callback + "']}\n" +
				"scopes: {openid: , offline_access: }\n"
			if got := check(src); got != "" {
				t.Errorf("said:\n%s", got)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	archive, err := txtar.ParseFile(mistakesFile)
	if err != nil {
		t.Fatal(err)
	}
	base := string(archive.Files[0].Data)
	t.Run("the spec that the mistakes are made in has none", func(t *testing.T) {
		if got := check(base); got != "" {
			t.Errorf("want nothing, got:\n%s", got)
		}
	})
	for i := 1; i < len(archive.Files); i++ {
		file := &archive.Files[i]
		t.Run(file.Name, func(t *testing.T) {
			m := parseMistake(t, file.Data)
			got := check(m.apply(t, base))
			if got == "" {
				t.Error("nothing is said")
			}
			if *update {
				file.Data = []byte(m.old + arrow + m.changed + arrow + got)
				return
			}
			if got != m.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, m.want)
			}
		})
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(mistakesFile, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
