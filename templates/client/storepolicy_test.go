package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// withKeyring replaces the system's keyring.
func withKeyring(keeper secretKeeper) Option {
	return func(a *App) { a.storage.keyring = keeper }
}

// useConfigDir makes a temporary folder the user's folder for configuration,
// and returns the path of the record of the profile default in it.
func useConfigDir(t *testing.T) (file string) {
	t.Helper()
	home := t.TempDir()
	for _, name := range []string{"HOME", "XDG_CONFIG_HOME", "AppData"} {
		t.Setenv(name, home)
	}
	dir, err := os.UserConfigDir()
	if err != nil || !strings.HasPrefix(dir, home) {
		t.Fatalf("%s, %v", dir, err)
	}
	return filepath.Join(dir, "notes", "credentials-default.json")
}

// newPolicyApp returns an App on the fixture's tenant whose store New makes.
func newPolicyApp(f *fixture, policy StorePolicy, keeper secretKeeper, options ...Option) *App {
	f.t.Helper()
	return f.newApp(append([]Option{WithStorePolicy(policy), withKeyring(keeper)}, options...)...)
}

func TestStorePolicies(t *testing.T) {
	noService := errors.New("no service")
	for name, test := range map[string]struct {
		policy  StorePolicy
		keyring error
		want    string // what the file begins with; "": there is none
		info    StoreInfo
		warns   bool
	}{
		"by default the record is sealed":        {"", nil, `{"sealed_version":1,`, StoreInfo{StoreKeyringOrFile, "FILE", true, ""}, false},
		"or kept plain, and that is said":        {"", noService, `{"version":1,`, StoreInfo{StoreKeyringOrFile, "FILE", false, "no system keyring: no service"}, true},
		"keyring seals the record":               {StoreKeyring, nil, `{"sealed_version":1,`, StoreInfo{StoreKeyring, "FILE", true, ""}, false},
		"keyring without one stores nothing":     {StoreKeyring, noService, "", StoreInfo{StoreKeyring, "FILE", false, "nothing is stored"}, false},
		"file keeps it plain, asking no keyring": {StoreFile, errors.New("asked"), `{"version":1,`, StoreInfo{StoreFile, "FILE", false, reasonPolicy}, false},
		"memory writes nothing":                  {StoreMemory, errors.New("asked"), "", StoreInfo{StoreMemory, "", false, reasonPolicy}, false},
	} {
		t.Run("G17: "+name, func(t *testing.T) {
			file, f := useConfigDir(t), newFixture(t)
			var log, messages bytes.Buffer
			keys := &fakeKeyring{err: test.keyring}
			app := newPolicyApp(f, test.policy, keys, WithMessages(&messages), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			if len(keys.calls) != 0 {
				t.Errorf("New asks the keyring: %v", keys.calls)
			}
			_, err := app.Login(t.Context())
			if fails := test.policy == StoreKeyring && test.keyring != nil; fails != (err != nil) || fails && !errors.Is(err, noService) {
				t.Fatalf("login: %v", err)
			}
			text, err := os.ReadFile(file)
			if test.want == "" && !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(string(text), test.want) {
				t.Errorf("%.30s, %v", text, err)
			}
			if test.info.Path != "" {
				test.info.Path = file
			}
			if got := app.StoreInfo(); got != test.info {
				t.Errorf("info %+v, want %+v", got, test.info)
			}
			said := fmt.Sprintf("Credentials are kept unencrypted in %s: no system keyring: no service\n", file)
			if warned := strings.Contains(log.String(), "unencrypted"); warned != test.warns || (messages.String() == said) != test.warns || !test.warns && messages.Len() > 0 {
				t.Errorf("warned %v, said %q", warned, messages.String())
			}
		})
	}
	t.Run("G17: it is said once, however often somebody signs in, and logged once a reason", func(t *testing.T) {
		useConfigDir(t)
		f := newFixture(t)
		var log, messages bytes.Buffer
		keys := &fakeKeyring{err: noService}
		app := newPolicyApp(f, "", keys, WithMessages(&messages), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		for _, err := range []error{noService, noService, errors.New("locked")} {
			keys.fail(err)
			if _, err := app.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if said, logged := strings.Count(messages.String(), "unencrypted"), strings.Count(log.String(), "unencrypted"); said != 1 || logged != 2 {
			t.Errorf("said %d times, logged %d times", said, logged)
		}
	})
	t.Run("G17: an unknown policy is an error of New", func(t *testing.T) {
		for _, options := range [][]Option{
			{WithStorePolicy("cloud")},
			{WithStorePolicy("cloud"), WithStore(NewMemoryStore())},
		} {
			if _, err := New(options...); err == nil || !strings.Contains(err.Error(), `"cloud"`) {
				t.Errorf("error %v", err)
			}
		}
	})
	t.Run("G17: of a policy and a store, the last counts", func(t *testing.T) {
		useConfigDir(t)
		own := unreadableStore{NewMemoryStore()}
		for want, options := range map[StorePolicy][]Option{
			"":        {WithStorePolicy(StoreFile), WithStore(own)},
			StoreFile: {WithStore(own), WithStorePolicy(StoreFile)},
		} {
			app, err := New(options...)
			if err != nil {
				t.Fatal(err)
			}
			if info := app.StoreInfo(); info.Policy != want || want == "" && info != (StoreInfo{}) {
				t.Errorf("info %+v, want the policy %q", info, want)
			}
		}
	})
	t.Run("G17: a store in a file or in memory is told, too", func(t *testing.T) {
		for _, want := range []StoreInfo{
			{StoreFile, filepath.Join("dir", "credentials-default.json"), false, reasonPolicy},
			{StoreMemory, "", false, reasonPolicy},
		} {
			store := map[StorePolicy]CredentialStore{StoreFile: NewFileStore("dir"), StoreMemory: NewMemoryStore()}[want.Policy]
			app, err := New(WithStore(store))
			if err != nil {
				t.Fatal(err)
			}
			if got := app.StoreInfo(); got != want {
				t.Errorf("info %+v, want %+v", got, want)
			}
		}
	})
}

func TestStoreMigration(t *testing.T) {
	// putFormer stores what the version before the keyring did, for the
	// configuration that the stand-in has.
	putFormer := func(t *testing.T) (file string, former []byte) {
		file, former = useConfigDir(t), readFile(t, filepath.Join("testdata", "record-version-1.json"))
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, former, 0o600)); err != nil {
			t.Fatal(err)
		}
		return file, former
	}
	newApp := func(t *testing.T, policy StorePolicy, keys secretKeeper) *App {
		app, err := New(WithStorePolicy(policy), withKeyring(keys), WithMessages(io.Discard))
		if err != nil {
			t.Fatal(err)
		}
		return app
	}
	for _, policy := range []StorePolicy{StoreKeyringOrFile, StoreKeyring, StoreFile} {
		t.Run("G17: who signed in with the former version stays signed in, policy "+string(policy), func(t *testing.T) {
			file, former := putFormer(t)
			app := newApp(t, policy, &fakeKeyring{})
			session, err := app.Session(t.Context())
			if err != nil || session.User().Subject != "auth0|ada" {
				t.Fatalf("%v, %v", session, err)
			}
			c, err := session.current()
			if err != nil || c.refreshToken.reveal() != "frozen-refresh-token" {
				t.Error(err)
			}
			if !bytes.Equal(former, readFile(t, file)) {
				t.Error("reading it has changed it")
			}
			if info := app.StoreInfo(); info.Encrypted || info.Reason == "" {
				t.Errorf("info %+v", info)
			}
		})
	}
	t.Run("G17: each policy reads what the others have stored, and stores it in its own way", func(t *testing.T) {
		file, former := putFormer(t)
		keys := &fakeKeyring{}
		for _, step := range []struct {
			policy StorePolicy
			broken error
			sealed bool
		}{
			{StoreKeyringOrFile, nil, true},
			{StoreFile, nil, false},
			{StoreKeyring, nil, true},
			{StoreFile, nil, false},
			{StoreKeyringOrFile, errors.New("locked"), false},
			{StoreKeyringOrFile, nil, true},
		} {
			keys.fail(step.broken)
			app := newApp(t, step.policy, keys)
			mustLoad(t, app.store, "default", string(former))
			if err := app.store.Save(t.Context(), "default", former); err != nil {
				t.Fatal(err)
			}
			if info := app.StoreInfo(); info.Encrypted != step.sealed || bytes.Contains(readFile(t, file), []byte("frozen")) == step.sealed {
				t.Errorf("%+v: info %+v", step, info)
			}
		}
	})
}

func TestSessionWithSealedStore(t *testing.T) {
	t.Run("G17: a session goes on, is renewed and is signed out", func(t *testing.T) {
		file, f := useConfigDir(t), newFixture(t)
		keys := &fakeKeyring{}
		config := f.config()
		newProcess := func() *App { return newPolicyApp(f, StoreKeyring, keys, WithConfig(config)) }
		if _, err := newProcess().Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		session, err := newProcess().Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.mustRefresh(session)
		last := newProcess()
		session, err = last.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f.mustCall(session)
		if got := f.apiTokens[0]; got != "Bearer the-access-token-B" {
			t.Error(got)
		}
		if text := readFile(t, file); bytes.Contains(text, []byte("token-B")) {
			t.Errorf("%s", text)
		}
		if err := last.Logout(t.Context()); err != nil || len(keys.items) != 0 {
			t.Errorf("%v, %d items", err, len(keys.items))
		}
		if _, err := newProcess().Session(t.Context()); !errors.Is(err, ErrLoginRequired) {
			t.Error(err)
		}
	})
	t.Run("G17: a keyring that cannot be asked signs nobody out", func(t *testing.T) {
		useConfigDir(t)
		f, keys := newFixture(t), &fakeKeyring{}
		config := f.config()
		if _, err := newPolicyApp(f, "", keys, WithConfig(config)).Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		keys.fail(errors.New("locked"))
		app := newPolicyApp(f, "", keys, WithConfig(config))
		if _, err := app.Session(t.Context()); err == nil || errors.Is(err, ErrLoginRequired) {
			t.Errorf("error %v", err)
		}
		keys.fail(nil)
		if _, err := app.Session(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestKeyringIsMissedBeforeTheSignIn(t *testing.T) {
	useConfigDir(t)
	f := newFixture(t)
	missing := errors.New("no service")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	app := newPolicyApp(f, StoreKeyring, &fakeKeyring{err: missing}, WithBrowser(func(context.Context, string) error {
		t.Error("G17: a browser was opened for a sign-in that cannot be stored")
		cancel()
		return nil
	}))
	if _, err := app.Login(ctx); !errors.Is(err, missing) {
		t.Errorf("error %v", err)
	}
}
