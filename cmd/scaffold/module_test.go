package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A fresh module with nothing but the generated package and its user.
func TestFreshModule(t *testing.T) {
	specPath, dir := copyExample(t)
	module := filepath.Dir(specPath)
	mustGenerate(t, specPath)
	writeFile(t, filepath.Join(module, "go.mod"), "module example.org/app\n\ngo 1.26.0\n")
	writeFile(t, filepath.Join(module, "main.go"), `package main

import (
	"fmt"

	"example.org/app/timesheets"
)

func main() {
	var session *timesheets.Session
	fmt.Println(session.Can(timesheets.ApproveTimesheet), timesheets.ScopeDeleteTimesheets)
}
`)
	goCommand(t, module, "mod", "tidy")
	goCommand(t, module, "build", "./...")
	goCommand(t, module, "vet", "./...")

	t.Run("needs no module but these", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(module, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			path, _, versioned := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "require "), " v")
			switch path {
			case "github.com/coreos/go-oidc/v3", "github.com/go-jose/go-jose/v4", "golang.org/x/oauth2",
				"github.com/gofrs/flock", "github.com/zalando/go-keyring",
				"github.com/danieljoos/wincred", "github.com/godbus/dbus/v5", "golang.org/x/sys": // what these two need
			default:
				if versioned {
					t.Errorf("go.mod requires %s", path)
				}
			}
		}
	})
	t.Run("code that uses a removed scope no longer compiles", func(t *testing.T) {
		less, _ := copyExample(t,
			"  delete:timesheets: Delete an entry\n", "", ", delete:timesheets", "",
			"  DeleteTimesheet:\n    delete: /timesheets/{id}\n    path: {id: integer}\n    scopes: [delete:timesheets]\n", "")
		mustGenerate(t, less, "--output", dir)
		cmd := exec.Command("go", "build", "./...")
		cmd.Dir = module
		out, err := cmd.CombinedOutput()
		if err == nil || !strings.Contains(string(out), "undefined: timesheets.ScopeDeleteTimesheets") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
