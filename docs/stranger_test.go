package docs

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// modulePath is read from go.mod, so that the tests survive a rename.
func modulePath(t *testing.T) string {
	t.Helper()
	first, _, _ := strings.Cut(read(t, "../go.mod"), "\n")
	return strings.TrimPrefix(first, "module ")
}

// release is the version as which strangers get this module.
const release = "v0.1.0"

// stranger is somebody with Go, git, make and a new folder, for whom this
// module is released: on a module proxy of two folders, one of which is this
// machine's own module cache.
type stranger struct {
	t   *testing.T
	dir string
	env []string
}

func newStranger(t *testing.T) stranger {
	t.Helper()
	s := stranger{t: t, dir: t.TempDir(), env: os.Environ()}
	proxy, home := filepath.Join(t.TempDir(), "proxy"), t.TempDir()
	publish(t, proxy)
	cache := goEnv(t, "GOMODCACHE")
	fillCache(t)
	s.env = append(s.env,
		"HOME="+home, "GOPATH="+filepath.Join(home, "go"), "GOMODCACHE="+filepath.Join(home, "mod"),
		"GOCACHE="+goEnv(t, "GOCACHE"), "GOPROXY=file://"+proxy+",file://"+filepath.Join(cache, "cache", "download"),
		"GONOPROXY=none", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local",
		"GOFLAGS=-trimpath -modcacherw", // compiled once whatever the folder; and the folder can be removed
		"GIT_CONFIG_GLOBAL="+filepath.Join(home, "gitconfig"), "GIT_CONFIG_NOSYSTEM=1", "CI=true",
	)
	write(t, filepath.Join(home, "gitconfig"), "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n")
	return s
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// publish puts this module, as it lies here, on a file proxy.
func publish(t *testing.T, proxy string) {
	t.Helper()
	path := modulePath(t)
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = ".."
	names, err := list.Output()
	if err != nil {
		t.Fatalf("list the files: %v", err)
	}
	var text bytes.Buffer
	archive := zip.NewWriter(&text)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		if strings.HasPrefix(name, "bench/") { // a module of its own is in no other's archive
			continue
		}
		data, err := os.ReadFile(filepath.Join("..", name))
		if os.IsNotExist(err) { // removed
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		file, err := archive.Create(path + "@" + release + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(proxy, filepath.FromSlash(path), "@v", release)
	write(t, base+".zip", text.String())
	write(t, base+".mod", read(t, "../go.mod"))
	write(t, base+".info", `{"Version":"`+release+`","Time":"2026-01-01T00:00:00Z"}`)
	write(t, filepath.Join(filepath.Dir(base), "list"), release+"\n")
}

// fillCache has everything that a stranger's commands need in the module
// cache: the same is done once without asking a proxy for this module, for
// which some answer with more than "not found".
func fillCache(t *testing.T) {
	t.Helper()
	path, dir := modulePath(t), t.TempDir()
	top, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.mod"), "module example.org/first\n\ngo 1.26.0\n\nrequire "+path+" v0.0.0\n\nreplace "+path+" => "+top+"\n\ntool "+path+"/cmd/scaffold\n")
	imported := "package first\n\nimport _ \"" + path + "/generated/timesheets/timesheetstest\"\n"
	write(t, filepath.Join(dir, "first.go"), imported)
	tidy := exec.Command("go", "mod", "tidy")
	tidy.Dir, tidy.Env = dir, append(os.Environ(), "GOWORK=off")
	if out, err := tidy.CombinedOutput(); err != nil {
		t.Fatalf("go mod tidy: %v\n%s", err, out)
	}
}

// try runs a script in the stranger's folder.
func (s stranger) try(script string) (output string, err error) {
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", script)
	cmd.Dir, cmd.Env = s.dir, s.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (s stranger) do(script string) (output string) {
	s.t.Helper()
	output, err := s.try(script)
	if err != nil {
		s.t.Fatalf("%s: %v\n%s", script, err, output)
	}
	return output
}

// fails runs a script that has to fail, and say something.
func (s stranger) fails(script, says string) {
	s.t.Helper()
	if output, err := s.try(script); err == nil || !strings.Contains(output, says) {
		s.t.Errorf("%s: %v, %q is not in\n%s", script, err, says, output)
	}
}

// follow does what a page says, word for word: a block whose fence names a
// file is written to it, "console" blocks are run, and those of "console fails"
// have to fail. What the page calls VERSION is the release.
func (s stranger) follow(page string) {
	s.t.Helper()
	for _, b := range allBlocks(s.t, page) {
		kind, name, _ := strings.Cut(b.info, " ")
		script := strings.ReplaceAll(b.text, "@VERSION", "@"+release)
		switch {
		case b.info == "console":
			s.do(script)
		case b.info == "console fails":
			s.fails(script, "")
		case kind != "console" && name != "":
			write(s.t, filepath.Join(s.dir, name), b.text)
		}
	}
}
