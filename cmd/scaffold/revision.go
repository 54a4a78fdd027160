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
	if rev, path, ok := revision(name); ok {
		text, err := git(ctx, "cat-file", "blob", name)
		if err != nil {
			return generate.Source{}, fmt.Errorf("read the spec %s from git: %w%s", name, err, maybe(fromHere(ctx, rev, path)))
		}
		return generate.Source{Name: name, Text: text}, nil
	}
	src, err := generate.ReadSource(name, stdin)
	switch {
	case errors.Is(err, fs.ErrNotExist) && strings.HasSuffix(name, ":"):
		return generate.Source{}, fmt.Errorf("%s names no file: a spec in git is written REV:path, like %sscaffold.yaml, "+
			"with the path from the top of the repository, or %s./scaffold.yaml from this folder", name, name, name)
	case errors.Is(err, fs.ErrNotExist):
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

// fromHere returns the name of a spec in the current folder, if there is one
// whose path somebody has written as if it were from the top of the repository.
func fromHere(ctx context.Context, rev, path string) string {
	name := rev + ":./" + path
	if _, err := git(ctx, "cat-file", "blob", name); err != nil {
		return ""
	}
	return name
}

// git runs git and returns what it prints. Its errors are what git says first.
func git(ctx context.Context, args ...string) ([]byte, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(cmd.Environ(), "LC_ALL=C") // for what it says to be English
	err := cmd.Run()
	said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
	switch {
	case err == nil:
		return stdout.Bytes(), nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, errors.New("the program git is not in PATH")
	case strings.HasSuffix(said, ": bad file"):
		return nil, errors.New("it is no file, but a folder or the like")
	case said != "":
		return nil, errors.New(strings.TrimSuffix(strings.TrimPrefix(said, "fatal: "), "."))
	}
	return nil, err
}
