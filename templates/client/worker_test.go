//go:build unix

package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"
)

// workerVariable, in the environment, makes the test program a worker.
const workerVariable = "SCAFFOLD_TEST_WORKER"

// workerSpec is what a worker is started with, as JSON in workerVariable.
type workerSpec struct {
	Issuer, BaseURL, Folder string
	Keyring                 string        // the folder of a keyring whose keys seal the records; "" for plain ones
	Clock                   time.Duration // how far it has moved
	LockDeadline            time.Duration // 0: as in every program
	DiesAt                  int           // the step around Save at which it kills itself: 1 is before the first, 2 after it
	DiesAtKey               int           // the same, around what puts a key into the keyring
	WithoutLocks            bool          // it is an older version, which knows of no locks
}

// workerAnswer is what a worker says of a command that it has done, as a line
// of JSON.
type workerAnswer struct {
	Locking   bool // no answer yet: it is about to wait for the store's lock
	Error     string
	Reason    LoginReason // when a login is required
	Temporary bool
	Live      bool // it has a session
	Log       string
}

// workerAnswers is the file descriptor of the answers: what tests print may
// stand in the way on standard output.
const workerAnswers = 3

// TestWorkerProcess tests nothing: it is the program whose processes the other
// tests start. It ends with its standard input.
func TestWorkerProcess(t *testing.T) {
	text, isWorker := os.LookupEnv(workerVariable)
	if !isWorker {
		return
	}
	p := &workerProcess{clock: &testClock{}, answers: json.NewEncoder(os.NewFile(workerAnswers, "answers"))}
	if err := p.run(text, os.Stdin); err != nil {
		t.Fatal(err)
	}
	os.Exit(0)
}

type workerProcess struct {
	app     *App
	session *Session
	clock   *testClock
	files   syscall.Rlimit // their size, before the disk was full

	mu      sync.Mutex
	answers *json.Encoder
	log     bytes.Buffer
}

func (p *workerProcess) run(text string, commands io.Reader) error {
	var spec workerSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	p.clock.move(spec.Clock)
	config := DefaultConfig()
	config.Issuer, config.BaseURL = spec.Issuer, spec.BaseURL
	store := newProcessStore(spec.Folder, dyingKeyring{folderKeyring(spec.Keyring), &dying{at: spec.DiesAtKey}})
	if spec.WithoutLocks {
		store = unlockedStore{store}
	}
	store = &workerStore{CredentialStore: store, process: p, steps: dying{at: spec.DiesAt}}
	var err error
	p.app, err = New(WithConfig(config), WithStore(store), WithClock(p.clock.now),
		WithLogger(slog.New(slog.NewTextHandler(p, nil))))
	if err != nil {
		return err
	}
	if spec.LockDeadline != 0 {
		p.app.lockDeadline = spec.LockDeadline
	}
	scanner := bufio.NewScanner(commands)
	for scanner.Scan() {
		if err := p.answer(p.do(scanner.Text())); err != nil {
			return err
		}
	}
	return scanner.Err()
}

// do does what a command says.
func (p *workerProcess) do(command string) (err error) {
	ctx := context.Background()
	switch command {
	case "session":
		p.session, err = p.app.Session(ctx)
	case "call":
		err = callListNotes(ctx, p.session)
	case "call twice":
		err = p.callTogether(ctx, 2)
	case "call a hundred times":
		err = p.callTogether(ctx, 100)
	case "refresh":
		err = p.session.Refresh(ctx)
	case "refresh for ever":
		go p.forEver(func() error { return p.session.Refresh(ctx) })
	case "store for ever":
		var record []byte
		record, err = p.app.store.Load(ctx, p.app.profile)
		go p.forEver(func() error { return p.storeAgain(ctx, record) })
	case "log out":
		err = p.app.Logout(ctx)
	case "store as a newer version":
		err = p.storeNewer(ctx)
	case "let a minute pass":
		p.clock.move(time.Minute)
	case "let the token expire":
		p.clock.move(2 * time.Hour)
	case "fill the disk":
		err = p.fillDisk()
	case "make room":
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &p.files)
	default:
		err = errors.New("no such command: " + command)
	}
	return err
}

func (p *workerProcess) callTogether(ctx context.Context, callers int) error {
	errs := make([]error, callers)
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() { errs[i] = callListNotes(ctx, p.session) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// forEver does something until it fails.
func (p *workerProcess) forEver(do func() error) {
	for {
		if err := do(); err != nil {
			_ = p.answer(err) // whoever reads the answers may have gone
			return
		}
	}
}

// storeAgain stores what is stored: hardly anything but the writing takes time.
func (p *workerProcess) storeAgain(ctx context.Context, record []byte) error {
	unlock, err := p.app.lockStore(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return p.app.store.Save(ctx, p.app.profile, record)
}

func (p *workerProcess) storeNewer(ctx context.Context) error {
	unlock, err := p.app.lockStore(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	return p.app.store.Save(ctx, p.app.profile, []byte(newerRecord))
}

// fillDisk makes every write to a file fail, as it does on a disk that is full.
func (p *workerProcess) fillDisk() error {
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &p.files); err != nil {
		return err
	}
	none := p.files
	none.Cur = 0
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &none)
}

// answer says what has become of a command.
func (p *workerProcess) answer(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	answer := workerAnswer{Live: p.session.live(), Temporary: errors.Is(err, ErrTemporary), Log: p.log.String()}
	p.log.Reset()
	if err != nil {
		answer.Error = err.Error()
	}
	if required, ok := errors.AsType[*LoginRequiredError](err); ok {
		answer.Reason = required.Reason
	}
	return p.answers.Encode(answer)
}

// Write implements io.Writer, for the log.
func (p *workerProcess) Write(line []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(line)
}

// workerStore tells when the lock is waited for, and can kill its process before
// and after Save.
type workerStore struct {
	CredentialStore
	process *workerProcess
	steps   dying
}

func (w *workerStore) Save(ctx context.Context, profile string, record []byte) error {
	w.steps.next()
	err := w.CredentialStore.Save(ctx, profile, record)
	w.steps.next()
	return err
}

func (w *workerStore) Lock(ctx context.Context, profile string) (unlock func(), err error) {
	w.process.mu.Lock()
	err = w.process.answers.Encode(workerAnswer{Locking: true})
	w.process.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return w.CredentialStore.Lock(ctx, profile)
}
