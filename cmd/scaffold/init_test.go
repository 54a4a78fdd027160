package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/starter"
)

// provider is an OpenID Provider that publishes its discovery document, with
// what a test changes in it.
func provider(t *testing.T, changes map[string]any) *httptest.Server {
	t.Helper()
	var issuer string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			http.NotFound(w, r)
			return
		}
		document := map[string]any{
			"issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys",
			"revocation_endpoint": issuer + "/revoke", "code_challenge_methods_supported": []string{"S256"},
		}
		for name, value := range changes {
			document[name] = value
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(document); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	issuer = server.URL
	return server
}

// combinations returns the flags of every kind of spec that init writes.
func combinations() (all [][]string) {
	tenants := [][]string{
		{"--domain", "exampleco.eu.auth0.com", "--audience", "https://api.exampleco.com/notes"},
		{"--issuer", "https://id.example.com", "--audience", "https://api.exampleco.com/notes"},
		{"--issuer", "https://id.example.com", "--provider", "oidc"},
	}
	for _, tenant := range tenants {
		for _, base := range [][]string{nil, {"--base-url", "https://api.exampleco.com/v1"}} {
			for _, scopes := range [][]string{nil, {"--scope", "read:notes", "--scope", "https://api.exampleco.com/auth/notes.write"}} {
				for _, rest := range [][]string{nil, {"--package", "mine", "--callback", "http://[::1]:8484/callback", "--callback", "com.exampleco.notes:/callback"}} {
					all = append(all, slices.Concat(tenant, base, scopes, rest))
				}
			}
		}
	}
	return all
}

func TestInitWritesWhatCanBeGenerated(t *testing.T) {
	module := t.TempDir()
	for i, flags := range combinations() {
		path := filepath.Join(module, fmt.Sprintf("spec%d.yaml", i))
		got := scaffold(nil, slices.Concat([]string{"init", path, "--offline", "--client-id", "q2hnj2iu"}, flags)...)
		if got.code != exitFine || got.stdout != "" || !strings.HasPrefix(got.stderr, "Wrote "+path) {
			t.Fatalf("%q: %+v", flags, got)
		}
		if got := scaffold(nil, "validate", path); got != (result{}) {
			t.Errorf("%q: %+v", flags, got)
		}
		folder := filepath.Join(module, fmt.Sprintf("package%d", i))
		mustGenerate(t, path, "--output", folder)
		// What differs between the packages is constants, comments and lists, so
		// that a few stand for all.
		if i%7 != 0 {
			if err := os.RemoveAll(folder); err != nil {
				t.Fatal(err)
			}
		}
	}
	root, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile("../../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	_, requires, _ := strings.Cut(string(root), "\n")
	writeFile(t, filepath.Join(module, "go.mod"), "module example.org/app\n"+requires)
	writeFile(t, filepath.Join(module, "go.sum"), string(sums))
	goCommand(t, module, "build", "./...")
}

func TestInitPrints(t *testing.T) {
	got := scaffold(nil, "init", "-", "--domain", "exampleco.eu.auth0.com", "--client-id", "a", "--audience", "https://api.exampleco.com/notes")
	if got.code != exitFine || got.stderr != "" || !strings.Contains(got.stdout, "\npackage: notes ") {
		t.Errorf("%+v", got)
	}
}

func TestInitPrintsWarningsOfWhatItPrints(t *testing.T) {
	got := scaffold(nil, "init", "-", "--offline", "--issuer", "http://127.0.0.1:8080", "--client-id", "a")
	if got.code != exitFine || !strings.Contains(got.stdout, "\npackage: client ") || !strings.HasPrefix(got.stderr, "stdout:10:11: warning: the issuer is not https") {
		t.Errorf("%+v", got)
	}
}

func TestInitNamesTheSchemaThatIsThere(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "scaffold.schema.json"), scaffold(nil, "schema").stdout)
	path := filepath.Join(dir, "scaffold.yaml")
	if got := scaffold(nil, "init", path, "--offline", "--issuer", "https://id.example.com", "--client-id", "a"); got.code != exitFine {
		t.Fatalf("%+v", got)
	}
	if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), "# yaml-language-server: $schema=scaffold.schema.json\n") {
		t.Errorf("%v %.100q", err, text)
	}
}

func TestInitAsksTheProvider(t *testing.T) {
	server := provider(t, map[string]any{"scopes_supported": []string{"openid", "profile", "offline_access"}, "revocation_endpoint": nil})
	path := filepath.Join(t.TempDir(), "scaffold.yaml")
	got := scaffold(nil, "init", path, "--issuer", server.URL, "--client-id", "a")
	text, err := os.ReadFile(path)
	if err != nil || got.code != exitFine || strings.Contains(string(text), "\n  email:") || !strings.Contains(string(text), "no revocation endpoint") {
		t.Errorf("%v %+v\n%s", err, got, text)
	}
	// The one thing that validate has to say: the provider is on this machine.
	if strings.Count(got.stderr, "warning: ") != 1 || !strings.Contains(got.stderr, "the issuer is not https") {
		t.Errorf("%s", got.stderr)
	}
}

func TestInitRefuses(t *testing.T) {
	good := provider(t, nil)
	other := provider(t, map[string]any{"issuer": "https://id.example.com"})
	auth0 := []string{"--domain", "exampleco.eu.auth0.com", "--client-id", "a", "--audience", "b"}
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"no flags and no terminal":     {nil, "init needs --domain (Auth0) or --issuer (any other provider), --client-id (on a terminal it asks; scaffold init --help has examples)"},
		"Auth0 without an audience":    {auth0[:4], "init needs --audience"},
		"a value that is wrong":        {append(auth0, "--callback", "http://localhost:1/a"), `write "http://127.0.0.1:1/a"`},
		"a domain and an issuer":       {append(auth0, "--issuer", "https://id.example.com"), "--domain and --issuer exclude each other"},
		"an issuer with a slash more":  {[]string{"--issuer", good.URL + "/", "--client-id", "a"}, fmt.Sprintf("the provider spells its issuer %q", good.URL)},
		"another issuer":               {[]string{"--issuer", other.URL, "--client-id", "a"}, `its issuer is "https://id.example.com"`},
		"two scopes of one Go name":    {append(auth0, "--scope", "a:b", "--scope", "a-b"), `scaffold: nothing was written: scope "a-b" becomes the Go name ScopeAB, as scope "a:b" does; leave it out here`},
		"an API that is no URL":        {append(auth0, "--base-url", "notes"), `base_url "notes" must be a whole URL, like https://api.example.com`},
		"a package that is no name":    {append(auth0, "--package", "time-sheets"), "nothing was written: \"time-sheets\" is not a package name; did you mean \"timesheets\"?\n"},
		"two wrong values":             {[]string{"--package", "func", "--client-id", "a b"}, "nothing was written:\n  \"func\" is a keyword of Go and cannot name a package\n  client_id \"a b\" must be"},
		"a provider that is not there": {[]string{"--issuer", good.URL + "/a", "--client-id", "a"}, "HTTP 404 (--offline does without it)"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			got := scaffold(nil, append([]string{"init", filepath.Join(dir, "scaffold.yaml")}, test.args...)...)
			if got.code != exitTrouble || got.stdout != "" || !strings.HasPrefix(got.stderr, "scaffold: ") || !strings.Contains(got.stderr, test.says) {
				t.Errorf("%+v", got)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
				t.Errorf("%v %v", entries, err)
			}
		})
	}
	t.Run("a file that exists", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "scaffold.yaml")
		writeFile(t, path, "mine")
		got := scaffold(nil, append([]string{"init", path}, auth0...)...)
		text, err := os.ReadFile(path)
		if got.code != exitTrouble || !strings.Contains(got.stderr, "exists, and init overwrites nothing: name another file") || err != nil || string(text) != "mine" {
			t.Errorf("%+v %v %s", got, err, text)
		}
	})
	t.Run("a file that came to exist meanwhile", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "scaffold.yaml")
		writeFile(t, path, "mine")
		if err := createSpec(path, []byte("ours")); err == nil || !strings.Contains(err.Error(), "overwrites nothing") {
			t.Errorf("%v", err)
		}
	})
	t.Run("a link that leads nowhere", func(t *testing.T) {
		dir := t.TempDir()
		if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "scaffold.yaml")); err != nil {
			t.Fatal(err)
		}
		if got := scaffold(nil, append([]string{"init", filepath.Join(dir, "scaffold.yaml")}, auth0...)...); got.code != exitTrouble {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a folder that does not exist", func(t *testing.T) {
		got := scaffold(nil, append([]string{"init", filepath.Join(t.TempDir(), "no", "scaffold.yaml")}, auth0...)...)
		if got.code != exitTrouble || !strings.Contains(got.stderr, "look for the folder of the spec: ") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a folder", func(t *testing.T) {
		dir := t.TempDir()
		got := scaffold(nil, append([]string{"init", dir}, auth0...)...)
		if got != (result{exitTrouble, "", "scaffold: " + dir + " is a folder: name a file in it, as in scaffold init " + filepath.Join(dir, "scaffold.yaml") + "\n"}) {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a folder that cannot be written to", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "no", "scaffold.yaml")
		if err := createSpec(path, []byte("ours")); err == nil || !strings.HasPrefix(err.Error(), "write the spec: ") {
			t.Errorf("%v", err)
		}
	})
	t.Run("a path below a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "a")
		writeFile(t, path, "")
		got := scaffold(nil, append([]string{"init", filepath.Join(path, "scaffold.yaml")}, auth0...)...)
		if got.code != exitTrouble || !strings.Contains(got.stderr, "look for the spec: ") {
			t.Errorf("%+v", got)
		}
	})
}

func TestInitAsksOnATerminal(t *testing.T) {
	server := provider(t, nil)
	initOnTerminal := func(path string, flags initFlags, lines string) (string, error) {
		var stderr strings.Builder
		err := initSpec(t.Context(), path, flags, true, strings.NewReader(lines), io.Discard, &stderr)
		return stderr.String(), err
	}
	t.Run("for what the flags leave open", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "scaffold.yaml")
		talk, err := initOnTerminal(path, initFlags{}, server.URL+"/\n\nnotes\n\n\nread:notes\nnotes\n")
		if err != nil || !strings.Contains(talk, "spells its issuer") || !strings.Contains(talk, "Wrote "+path) {
			t.Errorf("%v\n%s", err, talk)
		}
		if got := scaffold(nil, "validate", path); got.code != exitFine {
			t.Errorf("%+v", got)
		}
	})
	t.Run("and not if they say all", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "scaffold.yaml")
		known := starter.Answers{Issuer: server.URL, ClientID: "notes"}
		if talk, err := initOnTerminal(path, initFlags{answers: known}, ""); err != nil || strings.Contains(talk, "Client ID") {
			t.Errorf("%v\n%s", err, talk)
		}
	})
	t.Run("and writes nothing unless all is answered", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "scaffold.yaml")
		_, err := initOnTerminal(path, initFlags{offline: true}, "https://id.example.com\n")
		if _, missing := os.Stat(path); err == nil || err.Error() != "nothing was written: the input ended before every question was answered" || missing == nil {
			t.Errorf("%v", err)
		}
	})
}
