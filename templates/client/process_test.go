//go:build unix

package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// worker is a process of its own with the engine in it (TestWorkerProcess).
type worker struct {
	t        testing.TB
	process  *exec.Cmd
	commands io.WriteCloser
	pipe     *os.File
	answers  *json.Decoder
	stderr   bytes.Buffer
	ending   sync.Once
}

// startWorker starts a process on the tenant's API and store, at the time of the
// fixture. It is ended with the test.
func (s *strictTenant) startWorker(change func(*workerSpec)) *worker {
	f := s.f
	f.t.Helper()
	spec := workerSpec{
		Issuer:  f.tenant.URL + "/",
		BaseURL: f.api.URL,
		Folder:  s.folder,
		Keyring: s.keyring,
		Clock:   f.clock.now().Sub(testEpoch),
	}
	if change != nil {
		change(&spec)
	}
	text, err := json.Marshal(spec)
	if err != nil {
		f.t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		f.t.Fatal(err)
	}
	w := &worker{t: f.t, process: exec.Command(program, "-test.run=^TestWorkerProcess$")}
	// The race detector would have each process wait a second before it ends.
	w.process.Env = append(os.Environ(), workerVariable+"="+string(text), "GORACE=atexit_sleep_ms=0")
	w.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	w.process.Stderr = &w.stderr
	if w.commands, err = w.process.StdinPipe(); err != nil {
		f.t.Fatal(err)
	}
	pipe, theirs, err := os.Pipe()
	if err != nil {
		f.t.Fatal(err)
	}
	w.pipe, w.answers = pipe, json.NewDecoder(pipe)
	w.process.ExtraFiles = []*os.File{theirs} // workerAnswers
	if err := w.process.Start(); err != nil {
		f.t.Fatal(err)
	}
	if err := theirs.Close(); err != nil {
		f.t.Error(err)
	}
	f.t.Cleanup(w.end)
	return w
}

// signedInWorker starts a process that has loaded the session.
func (s *strictTenant) signedInWorker(change func(*workerSpec)) *worker {
	s.f.t.Helper()
	w := s.startWorker(change)
	w.must("session")
	return w
}

// tell has the worker begin what the command says.
func (w *worker) tell(command string) {
	w.t.Helper()
	if _, err := io.WriteString(w.commands, command+"\n"); err != nil {
		w.t.Fatal(err)
	}
}

// read returns what the worker says next; false: it has died.
func (w *worker) read() (answer workerAnswer, ok bool) {
	w.t.Helper()
	if err := w.pipe.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		w.t.Fatal(err)
	}
	switch err := w.answers.Decode(&answer); {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		_ = w.pipe.Close() // it was only read from
		return answer, false
	case err != nil:
		w.t.Fatalf("a process does not answer: %v", err)
	}
	for _, secret := range []string{"the-access-token", "the-refresh-token"} {
		if strings.Contains(answer.Error+answer.Log, secret) {
			w.t.Errorf("a secret shows: %+v", answer)
		}
	}
	return answer, true
}

// outcome returns what has become of a command; false: the worker has died of it.
func (w *worker) outcome() (answer workerAnswer, ok bool) {
	w.t.Helper()
	for {
		answer, ok = w.read()
		if !answer.Locking {
			return answer, ok
		}
	}
}

// ask has a command done.
func (w *worker) ask(command string) workerAnswer {
	w.t.Helper()
	w.tell(command)
	return w.answered()
}

func (w *worker) answered() workerAnswer {
	w.t.Helper()
	answer, ok := w.outcome()
	if !ok {
		w.t.Fatalf("a process has ended: %s", w.stderr.String())
	}
	return answer
}

// must has a command done that must succeed.
func (w *worker) must(command string) {
	w.t.Helper()
	if answer := w.ask(command); answer.Error != "" {
		w.t.Fatalf("%s: %+v", command, answer)
	}
}

func (w *worker) signal(signal syscall.Signal) {
	w.t.Helper()
	if err := w.process.Process.Signal(signal); err != nil {
		w.t.Error(err)
	}
}

// kill kills the process and all that it may have started, and waits until it
// is dead.
func (w *worker) kill() {
	w.ending.Do(func() {
		if err := syscall.Kill(-w.process.Process.Pid, syscall.SIGKILL); err != nil {
			w.t.Error(err)
		}
		_ = w.process.Wait() // it was killed
	})
}

// died waits for a process that kills itself.
func (w *worker) died() {
	w.t.Helper()
	if answer, ok := w.outcome(); ok {
		w.kill()
		w.t.Fatalf("the process lives, and says %+v", answer)
	}
	w.ending.Do(func() { _ = w.process.Wait() })
}

// end has the process end by itself, or what the race detector has to say is
// lost.
func (w *worker) end() {
	if w.t.Failed() {
		w.kill() // it may be stuck
		return
	}
	w.ending.Do(func() {
		_ = w.commands.Close() // Wait says what is wrong
		if err := w.process.Wait(); err != nil {
			w.t.Errorf("a process failed: %v\n%s", err, w.stderr.String())
		}
	})
}
