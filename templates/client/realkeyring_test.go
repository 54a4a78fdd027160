package client

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// realKeyringStep names what a process of [TestRealKeyring] does.
const realKeyringStep = "REAL_KEYRING_STEP"

// realKeyringSession unlocks a new keyring, and runs a process for each step.
const realKeyringSession = `set -e
printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null
for step in sign-in next-process sign-out signed-out; do
	` + realKeyringStep + `=$step "$0" -test.run='^TestRealKeyring$'
done`

// TestRealKeyring runs against GNOME's keyring, on a D-Bus session of its own.
// A process looks for its D-Bus session once, so the test runs itself again
// inside that session.
func TestRealKeyring(t *testing.T) {
	if step := os.Getenv(realKeyringStep); step != "" {
		runRealKeyringStep(t, step)
		return
	}
	t.Parallel() // the daemon takes its time
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("a real keyring needs the Debian packages dbus and gnome-keyring: %v", err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	home := t.TempDir()
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "sh", "-c", realKeyringSession, self)
	cmd.Dir, err = os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home}
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"} {
		cmd.Env = append(cmd.Env, name+"="+filepath.Join(home, name))
		if err := os.Mkdir(filepath.Join(home, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	keyrings, err := filepath.Glob(filepath.Join(home, "XDG_DATA_HOME", "keyrings", "*.keyring"))
	if err != nil || len(keyrings) == 0 {
		t.Errorf("the keyring left no file: %v, %v", keyrings, err)
	}
}

func runRealKeyringStep(t *testing.T, step string) {
	app, err := New(WithStorePolicy(StoreKeyring))
	if err != nil {
		t.Fatal(err)
	}
	key, keyErr := keyring.Get("notes", "default")
	file := app.StoreInfo().Path
	switch step {
	case "sign-in":
		if !errors.Is(keyErr, keyring.ErrNotFound) {
			t.Fatalf("the keyring is not new: %v", keyErr)
		}
		save(t, app.store, "default", string(readFile(t, filepath.Join("testdata", "record-version-1.json"))))
	case "next-process":
		text := readFile(t, file)
		if keyErr != nil || bytes.Contains(text, []byte(key)) || bytes.Contains(text, []byte("frozen")) || !app.StoreInfo().Encrypted {
			t.Errorf("G17: key: %v, file: %s", keyErr, text)
		}
		session, err := app.Session(t.Context())
		if err != nil || session.User().Subject != "auth0|ada" {
			t.Errorf("G17: session %v, %v", session, err)
		}
	case "sign-out":
		if err := app.store.Delete(t.Context(), "default"); err != nil {
			t.Errorf("G17: %v", err)
		}
	case "signed-out":
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) || !errors.Is(keyErr, keyring.ErrNotFound) {
			t.Errorf("G17: file: %v, key: %v", err, keyErr)
		}
	default:
		t.Errorf("unknown step %s", step)
	}
}
