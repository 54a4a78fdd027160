package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

const example = "../../examples/timesheets.yaml"

// result is what a run of the command did.
type result struct {
	code           int
	stdout, stderr string
}

func scaffold(stdin io.Reader, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(args, stdin, &stdout, &stderr)
	return result{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

// copyExample writes the example spec, changed and without a test package, which
// would need a module, to a new folder.
func copyExample(t *testing.T, changes ...string) (specPath, packageDir string) {
	t.Helper()
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	dir := memoryDir(t)
	changes = append(changes, "output: ../generated/timesheets ", "output: timesheets ", "generate: {test: true} ", "")
	changed := strings.NewReplacer(changes...).Replace(string(text))
	specPath = filepath.Join(dir, "timesheets.yaml")
	writeFile(t, specPath, changed)
	return specPath, filepath.Join(dir, "timesheets")
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustGenerate(t *testing.T, args ...string) result {
	t.Helper()
	got := scaffold(nil, append([]string{"generate"}, args...)...)
	if got.code != exitFine {
		t.Fatalf("generate %q: %+v", args, got)
	}
	return got
}

// snapshot returns the files below dir: their text, and when they were written.
func snapshot(t *testing.T, dir string) (texts map[string]string, times map[string]time.Time) {
	t.Helper()
	texts, times = map[string]string{}, map[string]time.Time{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		name := filepath.Base(path)
		texts[name], times[name] = string(text), info.ModTime()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return texts, times
}

func TestCommittedPackageIsUpToDate(t *testing.T) {
	if got := scaffold(nil, "generate", example, "--check"); got.code != exitFine || got.stdout+got.stderr != "" {
		t.Errorf("run make generate: %+v", got)
	}
}

// A scope and an endpoint more.
var changeOfSpec = []string{
	"  approve:timesheets:\n", "  export:timesheets: Export timesheets\n  approve:timesheets:\n",
	"  DeleteTimesheet:\n", "  ExportTimesheets:\n    get: /timesheets/export\n    scopes: [export:timesheets]\n    returns: bytes\n  DeleteTimesheet:\n",
}

func TestDrift(t *testing.T) {
	specPath, dir := copyExample(t)
	mustGenerate(t, specPath)
	before, times := snapshot(t, dir)
	changed, _ := copyExample(t, changeOfSpec...)
	text, err := os.ReadFile(changed)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, specPath, string(text))
	want := []string{".scaffold.json", "api.go", "defaults.go", "doc.go", "endpoints.go", "scopes.go"}

	t.Run("--check names what differs, exits 1 and writes nothing", func(t *testing.T) {
		got := scaffold(nil, "generate", specPath, "--check")
		for _, name := range want {
			if !strings.Contains(got.stdout, filepath.Join(dir, name)+"\n") {
				t.Errorf("%s is not named in\n%s", name, got.stdout)
			}
		}
		if got.code != exitWrong || strings.Count(got.stdout, "\n") != len(want) || !strings.Contains(got.stderr, "out of date") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, before, times)
	})
	t.Run("--diff shows it, and exits 0", func(t *testing.T) {
		got := scaffold(nil, "generate", specPath, "--diff")
		if got.code != exitFine || !strings.Contains(got.stdout, "+\tScopeExportTimesheets = \"export:timesheets\"\n") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, before, times)
	})
	t.Run("--check --diff shows it, and exits 1", func(t *testing.T) {
		if got := scaffold(nil, "generate", specPath, "--check", "--diff"); got.code != exitWrong || !strings.Contains(got.stdout, "@@") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("generate rewrites only what changes", func(t *testing.T) {
		mustGenerate(t, specPath)
		after, newTimes := snapshot(t, dir)
		var rewritten []string
		for name := range after {
			if !newTimes[name].Equal(times[name]) {
				rewritten = append(rewritten, name)
			}
		}
		slices.Sort(rewritten)
		if !slices.Equal(rewritten, want) {
			t.Errorf("rewritten: %q", rewritten)
		}
		if got := scaffold(nil, "generate", specPath, "--check"); got.code != exitFine {
			t.Errorf("%+v", got)
		}
	})
}

func assertUntouched(t *testing.T, dir string, texts map[string]string, times map[string]time.Time) {
	t.Helper()
	nowTexts, nowTimes := snapshot(t, dir)
	if len(nowTexts) != len(texts) {
		t.Errorf("%d files, were %d", len(nowTexts), len(texts))
	}
	for name := range texts {
		if nowTexts[name] != texts[name] || !nowTimes[name].Equal(times[name]) {
			t.Errorf("%s was touched", name)
		}
	}
}

func TestGenerateReadsStandardInput(t *testing.T) {
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	module := t.TempDir()
	writeFile(t, filepath.Join(module, "go.mod"), "module example.org/app\n")
	dir := filepath.Join(module, "new", "folder")
	got := scaffold(bytes.NewReader(text), "generate", "-", "--output", dir)
	if got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	if texts, _ := snapshot(t, dir); !strings.HasPrefix(texts["app.go"], "// Code generated by scaffold devel from stdin. DO NOT EDIT.\n") {
		t.Errorf("app.go begins %.80q", texts["app.go"])
	}
}

func TestGenerateToStandardOutput(t *testing.T) {
	specPath, dir := copyExample(t)
	got := scaffold(nil, "generate", specPath, "--stdout")
	if got.code != exitFine || got.stderr != "" {
		t.Fatalf("%d %s", got.code, got.stderr)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("the folder was made")
	}
	mustGenerate(t, specPath)
	texts, _ := snapshot(t, dir)
	for _, file := range txtar.Parse([]byte(got.stdout)).Files {
		if texts[file.Name] != string(file.Data) {
			t.Errorf("%s differs from what generate writes", file.Name)
		}
		delete(texts, file.Name)
	}
	if len(texts) != 1 { // the manifest
		t.Errorf("not printed: %d files", len(texts))
	}
}

func TestDefaultFolderIsNamedAsThePackage(t *testing.T) {
	specPath, dir := copyExample(t, "output: ../generated/timesheets ", "")
	mustGenerate(t, specPath)
	if _, err := os.Stat(filepath.Join(dir, "app.go")); err != nil {
		t.Error(err)
	}
}

func TestWrongSpecTouchesNothing(t *testing.T) {
	specPath, dir := copyExample(t)
	mustGenerate(t, specPath)
	texts, times := snapshot(t, dir)
	wrong, _ := copyExample(t,
		"[read:timesheets] ", "[read:timesheet] ",
		"package: timesheets", "package: func",
		"returns: [Timesheet]", "returns: [Timeshet]",
		"  DeleteTimesheet:\n", "  Refresh:\n",
	)
	text, err := os.ReadFile(wrong)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, specPath, string(text))
	for _, command := range []string{"generate", "validate"} {
		t.Run(command, func(t *testing.T) {
			got := scaffold(nil, command, specPath)
			for _, want := range []string{
				"timesheets.yaml:3:10: ", `did you mean "read:timesheets"?`, `did you mean "Timesheet"?`, `"Refresh"`,
			} {
				if !strings.Contains(got.stderr, want) {
					t.Errorf("%q is not in\n%s", want, got.stderr)
				}
			}
			if got.code != exitWrong || got.stdout != "" {
				t.Errorf("%d %q", got.code, got.stdout)
			}
			assertUntouched(t, dir, texts, times)
		})
	}
}

func TestFolderInTheWay(t *testing.T) {
	t.Run("somebody else's file is refused", func(t *testing.T) {
		specPath, dir := copyExample(t)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(dir, "app.go"), "package mine\n")
		texts, times := snapshot(t, dir)
		if got := scaffold(nil, "generate", specPath); got.code != exitTrouble || !strings.Contains(got.stderr, "app.go") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, texts, times)
	})
	t.Run("an edited file is refused", func(t *testing.T) {
		specPath, dir := copyExample(t)
		mustGenerate(t, specPath)
		writeFile(t, filepath.Join(dir, "app.go"), "package timesheets\n")
		texts, times := snapshot(t, dir)
		if got := scaffold(nil, "generate", specPath); got.code != exitTrouble || !strings.Contains(got.stderr, "app.go") {
			t.Errorf("%+v", got)
		}
		assertUntouched(t, dir, texts, times)
	})
	t.Run("a path below a file is refused", func(t *testing.T) {
		specPath, _ := copyExample(t)
		if got := scaffold(nil, "generate", specPath, "--output", filepath.Join(specPath, "below")); got.code != exitTrouble || got.stderr == "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestMisuse(t *testing.T) {
	for _, args := range [][]string{
		{"generate", "a.yaml", "b.yaml"},
		{"generate", "no-such-file.yaml"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			if got := scaffold(nil, args...); got.code != exitTrouble || got.stdout != "" || !strings.HasPrefix(got.stderr, "scaffold: ") {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("a terminal that cannot be written to is trouble", func(t *testing.T) {
		if code := run([]string{"schema"}, nil, brokenWriter{}, io.Discard); code != exitTrouble {
			t.Errorf("exit code %d", code)
		}
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestSmallCommands(t *testing.T) {
	committed, err := os.ReadFile("../../spec/scaffold.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args []string
		want string // the beginning of stdout
	}{
		{[]string{"schema"}, string(committed)},
		{[]string{"validate", example}, ""},
		{[]string{"__complete", "generate", ""}, "yaml\nyml\n:8\n"},
		{[]string{"__complete", "doctor", "--format", ""}, "text\njson\n:4\n"},
		{[]string{"__complete", "diff", "--format", ""}, "text\nmarkdown\njson\n:4\n"},
		{nil, "scaffold reads one YAML file"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			if got := scaffold(nil, test.args...); got.code != exitFine || !strings.HasPrefix(got.stdout, test.want) {
				t.Errorf("%d %.200q, want %.200q", got.code, got.stdout, test.want)
			}
		})
	}
}
