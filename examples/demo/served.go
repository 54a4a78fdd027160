package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"syscall"
)

// served is a running scaffold dev.
type served struct {
	cmd    *exec.Cmd
	log    *bufio.Scanner // of what it prints, a line for each request
	stderr *bytes.Buffer
	guide  string // what it printed first
	issuer string
	api    string // the API's base URL
	faults string // the address at which faults are switched on
}

// lastOfGuide begins the last line that scaffold dev prints before requests.
const lastOfGuide = "The end:"

// serve starts it in a folder with these arguments, and returns when it is
// ready.
func serve(ctx context.Context, program, dir string, args ...string) (*served, error) {
	s := &served{stderr: new(bytes.Buffer)}
	s.cmd = exec.CommandContext(ctx, program, append([]string{"dev"}, args...)...)
	s.cmd.Dir, s.cmd.Stderr = dir, s.stderr
	endGently(s.cmd)
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start scaffold dev: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start scaffold dev: %w", err)
	}
	s.log = bufio.NewScanner(stdout)
	lines, err := s.until(lastOfGuide)
	if err != nil {
		return nil, errors.Join(err, s.stop())
	}
	s.guide = strings.Join(lines, "\n") + "\n"
	for _, line := range lines {
		switch words := strings.Fields(line); {
		case len(words) == 2 && words[0] == "tenant":
			s.issuer, s.faults = words[1], words[1]+"dev/faults"
		case len(words) == 2 && words[0] == "API":
			s.api = words[1]
		}
	}
	if s.issuer == "" || s.api == "" {
		return nil, errors.Join(fmt.Errorf("scaffold dev does not say where it listens:\n%s", s.guide), s.stop())
	}
	return s, nil
}

// until returns the lines before the one that holds text.
func (s *served) until(text string) (lines []string, err error) {
	for s.log.Scan() {
		if strings.Contains(s.log.Text(), text) {
			return lines, nil
		}
		lines = append(lines, s.log.Text())
	}
	return nil, errors.New("scaffold dev has ended")
}

// stop ends it, and waits until it is gone.
func (s *served) stop() error {
	// One that has ended already is told nothing; Wait says how it ended.
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	for s.log.Scan() { // what it prints has to be read before Wait
	}
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("scaffold dev: %w\n%s", err, s.stderr)
	}
	return nil
}

// request is a line of the log.
type request struct {
	line   string
	from   string // tenant or api
	method string
	path   string
	status string
}

// requests returns the log of what came since it was last asked. The list of
// faults is asked for, so that the line of that says that all others are there.
func (s *served) requests(ctx context.Context) ([]request, error) {
	if err := s.control(ctx, http.MethodGet, nil); err != nil {
		return nil, err
	}
	lines, err := s.until("GET    /dev/faults ")
	if err != nil {
		return nil, err
	}
	var all []request
	for _, line := range lines {
		words := strings.Fields(line) // time, server, status, method, path, step
		if len(words) == 0 {          // ends the guide
			continue
		}
		if len(words) < 5 {
			return nil, fmt.Errorf("scaffold dev printed %q, which is no request", line)
		}
		all = append(all, request{line, words[1], words[3], words[4], words[2]})
	}
	return all, nil
}

// fault switches one on.
func (s *served) fault(ctx context.Context, text string) error {
	return s.control(ctx, http.MethodPost, url.Values{"fault": {text}})
}

func (s *served) control(ctx context.Context, method string, form url.Values) (err error) {
	r, err := http.NewRequestWithContext(ctx, method, s.faults, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, resp.Body.Close()) }()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, s.faults, resp.Status, text)
	}
	return nil
}
