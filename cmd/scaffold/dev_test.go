package main

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

func TestDevRefuses(t *testing.T) {
	specPath, _ := copyExample(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	damaged := filepath.Join(t.TempDir(), "state.json")
	writeFile(t, damaged, `{"version": 1`)
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"every interface":              {[]string{"--addr", "0.0.0.0:0"}, exitTrouble, "not a loopback address"},
		"an address of the network":    {[]string{"--addr", "192.168.1.2:0"}, exitTrouble, "not a loopback address"},
		"no host":                      {[]string{"--addr", ":0"}, exitTrouble, "not a loopback address"},
		"an API for everybody":         {[]string{"--addr", "127.0.0.1:0", "--api-addr", ":0"}, exitTrouble, "not a loopback address"},
		"a port that is taken":         {[]string{"--addr", taken.Addr().String()}, exitTrouble, "choose another with --addr"},
		"an unknown fault":             {[]string{"--fault", "404"}, exitTrouble, "there are slow, 500, 429, expired and revoked"},
		"tokens that are never good":   {[]string{"--token-ttl", "0s"}, exitTrouble, "a second or more"},
		"an overlap without rotation":  {[]string{"--rotation=false", "--overlap", "1s"}, exitTrouble, "needs --rotation"},
		"an overlap below zero":        {[]string{"--overlap", "-1s"}, exitTrouble, "must not be negative"},
		"a damaged state file":         {[]string{"--addr", "127.0.0.1:0", "--state", damaged}, exitTrouble, "remove it to begin anew"},
		"a spec that is not there":     {[]string{"missing.yaml"}, exitTrouble, "missing.yaml"},
		"two specs":                    {[]string{specPath}, exitTrouble, "dev takes 1 argument at most"},
		"a spec with something unreal": {[]string{"-"}, exitWrong, ""},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"dev", specPath}, c.args...)
			if name == "a spec that is not there" || name == "a spec with something unreal" {
				args = append([]string{"dev"}, c.args...)
			}
			got := scaffold(strings.NewReader("version: 1\n"), args...)
			if got.code != c.code || !strings.Contains(got.stderr, c.says) || got.stdout != "" || got.stderr == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}
