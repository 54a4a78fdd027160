package output

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// applyDiff returns what the hunks of a diff of one file make of old. It takes
// nothing on trust: context, deletions and counts have to fit.
func applyDiff(old, diff string) (string, error) {
	a := splitLines([]byte(old))
	var out strings.Builder
	at := 0
	lines := strings.SplitAfter(diff, "\n")
	for len(lines) > 0 && !strings.HasPrefix(lines[0], "@@ ") {
		lines = lines[1:]
	}
	for len(lines) > 0 && lines[0] != "" {
		var aStart, aCount, bStart, bCount int
		if _, err := fmt.Sscanf(lines[0], "@@ -%d,%d +%d,%d @@", &aStart, &aCount, &bStart, &bCount); err != nil {
			return "", fmt.Errorf("hunk %q: %w", lines[0], err)
		}
		lines = lines[1:]
		for start := aStart - min(aCount, 1); at < start; at++ {
			out.WriteString(a[at])
		}
		for aCount > 0 || bCount > 0 {
			sign, line := lines[0][0], lines[0][1:]
			lines = lines[1:]
			if strings.HasPrefix(lines[0], `\`) {
				line = strings.TrimSuffix(line, "\n")
				lines = lines[1:]
			}
			if sign != '+' {
				if at == len(a) || a[at] != line {
					return "", fmt.Errorf("line %d is not %q", at+1, line)
				}
				at++
				aCount--
			}
			if sign != '-' {
				out.WriteString(line)
				bCount--
			}
		}
	}
	return out.String() + strings.Join(a[at:], ""), nil
}

func FuzzDiff(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nx\nc")
	f.Add("", "a")
	f.Add("}\n}\n{\n}\n", "}\n{\n}\n}\n")
	f.Add("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n", "b\na\nc\nd\ne\nf\ng\nh\nj\ni\n")
	f.Add("a\r\n\x00\n\\ No newline at end of file", "a\n\r")
	f.Fuzz(func(t *testing.T, old, new string) {
		var text strings.Builder
		writeDiff(&text, Change{Name: "a.txt", Op: Update, Old: []byte(old), New: []byte(new)})
		got, err := applyDiff(old, text.String())
		if err != nil || got != new {
			t.Errorf("%q to %q gives %q, %v, by\n%s", old, new, got, err, text.String())
		}
	})
}

func FuzzManifest(f *testing.F) {
	sum := hash(nil)
	f.Add([]byte(`{"version":1,"files":{"a.go":"` + sum + `"},"pending":{"b.go":"` + sum + `"}}`))
	f.Add([]byte(`{"version":1,"files":{"../a.go":"` + sum + `"}}`))
	f.Add([]byte(`{"version":1,"spec":"../a b.yaml","files":{}}`))
	f.Add([]byte(`{"version":2,"files":[]}`))
	f.Add([]byte(`{"version":1,"files":{},"files":{}}`))
	f.Add([]byte("<<<<<<< HEAD"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			return
		}
		for name := range m.files {
			if filepath.Base(name) != name || name == ".." || name == "." || checkName(name) != nil {
				t.Errorf("the name %q is taken", name)
			}
		}
		again, err := parseManifest(m.encode())
		if err != nil || !reflect.DeepEqual(again, m) {
			t.Errorf("%v becomes %v, %v, by\n%s", m, again, err, m.encode())
		}
	})
}

func FuzzHeader(f *testing.F) {
	f.Add("v1.0.0", " from timesheets.yaml. DO NOT EDIT.\n\npackage a\n")
	f.Add("", "from . DO NOT EDIT.")
	f.Add("(devel)", " from a b.yaml. DO NOT EDIT.\r\nx\r\n")
	f.Fuzz(func(t *testing.T, version, rest string) {
		one := headerStart + version + rest
		start, end, ok := headerVersion([]byte(one))
		if !ok {
			return
		}
		other := one[:start] + "v9.9.9-other" + one[end:]
		if hash([]byte(one)) != hash([]byte(other)) {
			t.Errorf("the version counts in %q", one)
		}
		if hash([]byte(one+"x")) == hash([]byte(one)) {
			t.Errorf("the text does not count in %q", one)
		}
	})
}

func BenchmarkPlan5000(b *testing.B) {
	dir := b.TempDir()
	var files []File
	for i := range 5000 {
		files = append(files, File{fmt.Sprintf("f%d.go", i), []byte(headerStart + "v1 from a.yaml. DO NOT EDIT.\n" + strings.Repeat("text\n", 300))})
	}
	for b.Loop() {
		if _, err := NewPlan(dir, files); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDiffNothingAlike(b *testing.B) {
	old, new := strings.Repeat("a\nb\n", 50000), strings.Repeat("b\na\nc\n", 50000)
	for b.Loop() {
		var text strings.Builder
		writeDiff(&text, Change{Name: "a", Op: Update, Old: []byte(old), New: []byte(new)})
	}
}
