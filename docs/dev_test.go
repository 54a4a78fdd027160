package docs

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"example.com/scaffold/dev/fault"
	"example.com/scaffold/dev/tenant"
)

func TestDevPage(t *testing.T) {
	page := read(t, "dev.md")
	out, err := exec.Command("go", "run", "../cmd/scaffold", "dev", "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	_, usage, _ := strings.Cut(string(out), "\nFlags:\n")
	told, have := map[string]bool{}, map[string]bool{"help": true}
	for _, row := range regexp.MustCompile("(?m)^\\| `--([a-z-]+)` \\|").FindAllStringSubmatch(page, -1) {
		told[row[1]] = true
	}
	for _, flag := range regexp.MustCompile(`(?m)^ +(?:-., )?--([a-z-]+)`).FindAllStringSubmatch(usage, -1) {
		if have[flag[1]] = true; !told[flag[1]] && flag[1] != "help" {
			t.Errorf("the page does not tell of --%s", flag[1])
		}
	}
	for name := range told {
		if !have[name] {
			t.Errorf("the page tells of --%s, which there is not", name)
		}
	}
	if len(told) < 5 {
		t.Errorf("the page tells of %d flags", len(told))
	}
	for _, name := range append(fault.Endpoints(), "slow", "500", "429", "expired", "revoked") {
		if !strings.Contains(page, "`"+name+"`") || !strings.Contains(string(out), name) {
			t.Errorf("the page or the help does not tell of %s", name)
		}
	}
	for _, path := range []string{tenant.RotateKeysPath, tenant.FaultsPath} {
		if !strings.Contains(page, "http://127.0.0.1:8400"+path+"\n") {
			t.Errorf("the page does not tell of %s", path)
		}
	}
	examples := regexp.MustCompile("`((?:[a-z]+:)?(?:slow|500|429|expired|revoked)(?:=[0-9a-z]+)?(?:x[0-9]+)?)`").FindAllStringSubmatch(page, -1)
	if len(examples) < 5 {
		t.Errorf("%d faults on the page", len(examples))
	}
	for _, example := range examples {
		if _, err := fault.Parse(example[1]); err != nil {
			t.Error(err)
		}
	}
}
