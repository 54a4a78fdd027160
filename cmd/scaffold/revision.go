package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"example.com/scaffold/internal/generate"
)

// readAny reads a spec from a file, from standard input or from git.
func readAny(ctx context.Context, name string, stdin io.Reader) (generate.Source, error) {
	if _, _, ok := revision(name); ok {
		text, err := git(ctx, "cat-file", "blob", name)
		if err != nil {
			return generate.Source{}, fmt.Errorf("read the spec %s from git: %w", name, err)
		}
		return generate.Source{Name: name, Text: text}, nil
	}
	src, err := generate.ReadSource(name, stdin)
	if errors.Is(err, fs.ErrNotExist) {
		return generate.Source{}, fmt.Errorf("%w (a spec in git is written REV:path, like HEAD:scaffold.yaml)", err)
	}
	if name != "-" {
		src.Name = name
	}
	return src, err
}

// revision splits REV:path. An existing file is a file whatever its name, and
// so is what begins with a drive letter of Windows. Nothing that begins with a
// dash is either: git would take it for a flag.
func revision(name string) (rev, path string, ok bool) {
	rev, path, ok = strings.Cut(name, ":")
	drive := len(rev) == 1 && strings.HasPrefix(strings.ReplaceAll(path, `\`, "/"), "/")
	if !ok || path == "" || drive || strings.HasPrefix(rev, "-") {
		return "", "", false
	}
	if _, err := os.Stat(name); err == nil {
		return "", "", false
	}
	return rev, path, true
}

// workingFile returns the file that git knows by a path: relative to the
// current folder if it begins with ./ or ../, and otherwise to the top of the
// repository.
func workingFile(ctx context.Context, path string) (string, error) {
	if strings.HasPrefix(path, "./") || strings.HasPrefix(path, "../") {
		return filepath.FromSlash(path), nil
	}
	up, err := git(ctx, "rev-parse", "--show-cdup")
	if err != nil {
		return "", fmt.Errorf("find the top of the git repository: %w", err)
	}
	return filepath.Join(strings.TrimSpace(string(up)), filepath.FromSlash(path)), nil
}

// git runs git and returns what it prints.
func git(ctx context.Context, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n"); said != "" {
			return nil, fmt.Errorf("%w: %s", err, said)
		}
		return nil, err
	}
	return stdout.Bytes(), nil
}
