package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// doctorSpec writes a spec of a tenant at an address.
func doctorSpec(t *testing.T, issuer string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scaffold.yaml")
	writeFile(t, path, `version: 1
package: notes
tenant: {issuer: "`+issuer+`", client_id: notes, callbacks: ["com.exampleco.notes:/callback"]}
scopes: {openid: , offline_access: }
`)
	return path
}

func TestDoctor(t *testing.T) {
	server := provider(t, nil) // without keys or a page to sign in
	path := doctorSpec(t, server.URL)
	t.Run("prints findings, counts them on stderr, and exits 1 if one is a failure", func(t *testing.T) {
		got := scaffold(nil, "doctor", path)
		if got.code != exitWrong || !strings.Contains(got.stdout, "ok    issuer           "+server.URL+"\n") || !strings.Contains(got.stdout, "fail  signing keys     read ") ||
			strings.Contains(got.stdout, "\x1b") || !strings.Contains(got.stderr, " failed\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("prints JSON", func(t *testing.T) {
		got := scaffold(nil, "doctor", path, "--format", "json")
		var out struct {
			Findings []struct{ Status, Check, Detail, Advice string }
		}
		if err := json.Unmarshal([]byte(got.stdout), &out); err != nil || got.code != exitWrong || len(out.Findings) < 10 || out.Findings[0].Status != "ok" {
			t.Errorf("%v %+v", err, got)
		}
	})
	t.Run("prints JSON of a wrong spec, with what is wrong", func(t *testing.T) {
		got := scaffold(nil, "doctor", doctorSpec(t, "http://id.example.com"), "--format", "json")
		const want = `{
  "version": 1,
  "spec": "scaffold.yaml",
  "summary": {
    "ok": 0,
    "warn": 0,
    "fail": 1
  },
  "problems": [
    {
      "line": 3,
      "column": 18,
      "warning": false,
      "message": "issuer \"http://id.example.com\" must be https"
    }
  ],
  "findings": [
    {
      "status": "fail",
      "check": "spec",
      "detail": "scaffold.yaml is wrong",
      "advice": "mend its errors first: scaffold validate shows them"
    }
  ]
}
`
		if got.code != exitWrong || got.stdout != want || !strings.Contains(got.stderr, "^") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("exits 0 if nothing failed", func(t *testing.T) {
		if got := scaffold(nil, "doctor", path, "--offline"); got.code != exitFine || got.stdout != "ok    spec  scaffold.yaml is valid\n" || !strings.HasSuffix(got.stderr, "1 ok, 0 to look at, 0 failed\n") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("reads standard input", func(t *testing.T) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := scaffold(strings.NewReader(string(text)), "doctor", "-", "--offline"); got.code != exitFine {
			t.Errorf("%+v", got)
		}
	})
	t.Run("says what is wrong with the spec, and asks nobody", func(t *testing.T) {
		got := scaffold(nil, "doctor", doctorSpec(t, "http://id.example.com"))
		if got.code != exitWrong || got.stdout != "" || !strings.Contains(got.stderr, "must be https") || !strings.Contains(got.stderr, "^") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("refuses another format", func(t *testing.T) {
		if got := scaffold(nil, "doctor", path, "--format", "xml"); got.code != exitTrouble || got.stderr != "scaffold: --format \"xml\" is not one of text, json\n" {
			t.Errorf("%+v", got)
		}
	})
	t.Run("refuses a spec that is not there", func(t *testing.T) {
		if got := scaffold(nil, "doctor", "no.yaml"); got.code != exitTrouble || !strings.Contains(got.stderr, "read the spec") {
			t.Errorf("%+v", got)
		}
	})
	t.Run("a terminal that is gone is trouble", func(t *testing.T) {
		if code := run([]string{"doctor", path, "--offline"}, nil, brokenWriter{}, brokenWriter{}); code != exitTrouble {
			t.Errorf("%d", code)
		}
	})
}
