//go:build unix

package client

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const browserTestURL = "https://id.example.com/authorize?client_id=a&state=b&scope=openid%20read:timesheets"

// browserScript writes a tiny executable and returns its path.
func browserScript(t *testing.T, body string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "browser")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// browserScriptWrote waits for a file to have a whole line.
func browserScriptWrote(t *testing.T, path string) string {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if text, err := os.ReadFile(path); err == nil && strings.HasSuffix(string(text), "\n") {
			return strings.TrimSuffix(string(text), "\n")
		}
	}
	t.Fatalf("%s was never written", path)
	return ""
}

func TestBrowserCommands(t *testing.T) {
	for goos, want := range map[string][]string{
		"linux":   {"xdg-open", "x-www-browser", "wslview"},
		"freebsd": {"xdg-open", "x-www-browser", "wslview"},
		"darwin":  {"open"},
		"windows": {"rundll32"},
	} {
		t.Run("G5: the launchers, best first, each with the URL as one argument: "+goos, func(t *testing.T) {
			var names []string
			for _, command := range browserCommands(goos, browserTestURL) {
				names = append(names, command[0])
				if command[len(command)-1] != browserTestURL {
					t.Errorf("%q does not end in the URL", command)
				}
			}
			if !slices.Equal(names, want) {
				t.Errorf("got %q, want %q", names, want)
			}
		})
	}
}

func TestRunBrowserCommand(t *testing.T) {
	t.Run("G5: the URL arrives whole, & included", func(t *testing.T) {
		opened := filepath.Join(t.TempDir(), "opened")
		browser := browserScript(t, `printf '%s\n' "$2" > "$1"`)
		if err := runBrowserCommand(t.Context(), [][]string{{browser, opened, browserTestURL}}, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := browserScriptWrote(t, opened); got != browserTestURL {
			t.Errorf("opened %q", got)
		}
	})

	t.Run("G5: a launcher that is missing or fails makes way for the next", func(t *testing.T) {
		opened := filepath.Join(t.TempDir(), "opened")
		commands := [][]string{
			{filepath.Join(t.TempDir(), "missing")},
			{browserScript(t, "exit 3")},
			{browserScript(t, `echo yes > "$1"`), opened},
			{browserScript(t, `echo no > "$1"`), opened},
		}
		if err := runBrowserCommand(t.Context(), commands, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := browserScriptWrote(t, opened); got != "yes" {
			t.Errorf("opened %q", got)
		}
	})

	t.Run("G5: when all fail the error says how, without the URL", func(t *testing.T) {
		failing := browserScript(t, "exit 3")
		err := runBrowserCommand(t.Context(), [][]string{{"no-such-browser", browserTestURL}, {failing, browserTestURL}}, time.Minute)
		if err == nil || !strings.Contains(err.Error(), "no-such-browser") || !strings.Contains(err.Error(), "exit status 3") {
			t.Fatalf("error: %v", err)
		}
		if strings.Contains(err.Error(), "id.example.com") {
			t.Errorf("the error holds the URL: %v", err)
		}
	})

	t.Run("G5: a launcher that runs on is not waited for, outlives the sign-in and leaves no zombie", func(t *testing.T) {
		folder := t.TempDir()
		browser := browserScript(t, `cd "$1"; echo $$ > pid; until [ -e quit ]; do sleep 0.02; done; echo yes > closed`)
		ctx, cancel := context.WithCancel(t.Context())
		if err := runBrowserCommand(ctx, [][]string{{browser, folder}}, time.Millisecond); err != nil {
			t.Fatal(err)
		}
		pid, err := strconv.Atoi(browserScriptWrote(t, filepath.Join(folder, "pid")))
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := os.WriteFile(filepath.Join(folder, "quit"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		browserScriptWrote(t, filepath.Join(folder, "closed"))
		// A process that nobody waited for could still be signalled.
		for deadline := time.Now().Add(5 * time.Second); syscall.Kill(pid, 0) == nil; runtime.Gosched() {
			if time.Now().After(deadline) {
				t.Fatal("a zombie is left")
			}
		}
	})

	t.Run("G5: a chatty launcher writes nothing to the terminal and reads nothing from it", func(t *testing.T) {
		seen := filepath.Join(t.TempDir(), "seen")
		browser := browserScript(t, `if [ -t 0 ] || [ -t 1 ] || [ -t 2 ] || read line; then echo open > "$1"; else echo null > "$1"; fi; echo noise; echo noise >&2`)
		if err := runBrowserCommand(t.Context(), [][]string{{browser, seen}}, time.Minute); err != nil {
			t.Fatal(err)
		}
		if got := browserScriptWrote(t, seen); got != "null" {
			t.Errorf("input and output: %s", got)
		}
	})

	t.Run("G5: cancelling ends the wait for a launcher", func(t *testing.T) {
		folder := t.TempDir()
		browser := browserScript(t, `cd "$1"; echo $$ > pid; until [ -e quit ]; do sleep 0.02; done; echo yes > closed`)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { failed <- runBrowserCommand(ctx, [][]string{{browser, folder}}, time.Hour) }()
		browserScriptWrote(t, filepath.Join(folder, "pid"))
		cancel()
		if err := receiveInTime(t, "cancelling", failed); !errors.Is(err, context.Canceled) {
			t.Errorf("error: %v", err)
		}
		if err := os.WriteFile(filepath.Join(folder, "quit"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		browserScriptWrote(t, filepath.Join(folder, "closed"))
	})

	t.Run("G5: after cancelling no launcher is tried", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		err := runBrowserCommand(ctx, [][]string{{"no-such-browser", browserTestURL}}, time.Hour)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error: %v", err)
		}
	})
}

func TestOpenBrowserRefuses(t *testing.T) {
	for _, target := range []string{
		"",
		"file:///etc/passwd",
		"javascript:alert(1)",
		"vscode://extension/x",
		"/usr/bin/true",
		"--help",
		"https:",
		"https:///authorize",
		"https://id.example.com/a b",
		"https://id.example.com/?a=`id`",
		"https://id.example.com/?a=\"&calc",
		"https://id.example.com/\\share",
		"https://id.example.com/\n",
		"https://id.example.com/é",
		"https://id.example.com/%zz",
	} {
		t.Run("G5: only http and https URLs are opened, not "+target, func(t *testing.T) {
			err := openBrowser(t.Context(), target)
			if err == nil || !strings.Contains(err.Error(), "the address") {
				t.Fatalf("error: %v", err)
			}
			if strings.Contains(err.Error(), "example.com") {
				t.Errorf("the error holds the URL: %v", err)
			}
		})
	}
	for _, target := range []string{browserTestURL, "http://127.0.0.1:8080/authorize?x=1", "HTTPS://id.example.com/~a/(b)?c='d'#e"} {
		t.Run("G5: accepted: "+target, func(t *testing.T) {
			if err := checkBrowserURL(target); err != nil {
				t.Error(err)
			}
		})
	}
}
