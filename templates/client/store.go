package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

// CredentialStore keeps one record of credentials a profile. The record holds
// tokens: whoever reads it is the user. Implementations are safe for concurrent
// use.
type CredentialStore interface {
	// Load returns the record of a profile. Without one, the error is
	// [fs.ErrNotExist]. For one that is there and cannot be used, it is
	// [ErrRecordDamaged], [ErrRecordNewer] or [ErrRecordRefused], wrapped or not.
	Load(ctx context.Context, profile string) ([]byte, error)
	// Save replaces the record of a profile as a whole: whatever happens
	// meanwhile, a later Load returns the old record or the new one.
	Save(ctx context.Context, profile string, record []byte) error
	// Delete removes the record of a profile. Removing none is no error.
	Delete(ctx context.Context, profile string) error
	// SetAside keeps the record of a profile in a place where a person can find it,
	// and says where, so that Save can replace the record. It is for one that
	// cannot be used and must not be lost. Until then Load had better still find
	// it: without a record, sessions end. Without a record it does nothing.
	SetAside(ctx context.Context, profile string) (where string, err error)
	// Lock waits until nobody else holds the lock of the profile, in this process
	// or in another on the same store, or until ctx ends. Whoever calls Save,
	// Delete or SetAside holds it. The lock of a process that dies is free.
	Lock(ctx context.Context, profile string) (unlock func(), err error)
}

// ErrRecordDamaged reports that the record of a profile is there and cannot be
// read, now or later: it was cut short or changed, or its key is lost. A
// [CredentialStore] returns it; [App.Session] then returns [ErrLoginRequired]
// with [ReasonUnreadable].
var ErrRecordDamaged = errors.New("the stored record is damaged")

// ErrRecordNewer reports that the record of a profile was written by a newer
// version of this application, which can read it. A [CredentialStore] returns
// it; [App.Session] then returns [ErrLoginRequired] with [ReasonNewer].
var ErrRecordNewer = errors.New("the stored record is of a newer version of this application")

// ErrRecordRefused reports that what stands in the record's place could have
// been read or put there by somebody else: it is neither read nor replaced.
// [App.Session] returns it, wrapped, so that the user can be told what to look
// at; the next sign-in sets it aside.
var ErrRecordRefused = errors.New("the stored record is refused")

// StorePolicy says where and how the credentials are kept; see [WithStorePolicy].
//
// A sealed record is AES-GCM encrypted by a random key, which the system's
// keyring keeps. That protects the tokens from the other users of the machine,
// and from whoever gets a copy of the disk or of a backup without the keyring.
// It does not protect them from the user's own other programs: on Linux and
// Windows any of them can ask the keyring, and on macOS any can run
// /usr/bin/security. A plain file protects them from the other users of the
// machine only.
type StorePolicy string

// The policies. The files are in the folder named as [Config].Name, below that
// of [os.UserConfigDir], with mode 0600. What one policy has stored, the next
// reads, and stores anew in its own way at the next sign-in or renewal.
const (
	// StoreKeyringOrFile seals the record, or keeps it in a plain file while no
	// keyring can be used: on a server, in a container. Then [App.StoreInfo]
	// tells why, and so do the log and, at the sign-in, the messages. It is the
	// default.
	StoreKeyringOrFile StorePolicy = "keyring-or-file"
	// StoreKeyring seals the record. Without a keyring nobody can sign in.
	StoreKeyring StorePolicy = "keyring"
	// StoreFile keeps the record in a plain file, as a [FileStore] does.
	StoreFile StorePolicy = "file"
	// StoreMemory keeps the record until the process ends, as a [MemoryStore]
	// does.
	StoreMemory StorePolicy = "memory"
)

// WithStorePolicy chooses how the credentials are kept. "" is
// [StoreKeyringOrFile]; another policy than those here is an error of [New].
// Of WithStorePolicy and [WithStore] the last one counts.
func WithStorePolicy(policy StorePolicy) Option {
	return func(a *App) {
		a.storage.policy = cmp.Or(policy, StoreKeyringOrFile)
		a.store = nil
	}
}

// storage is how New makes a store, unless it is given one.
type storage struct {
	policy  StorePolicy
	keyring secretKeeper
	said    atomic.Bool // that the credentials are unencrypted
}

// openStore makes the store that the policy asks for. It touches neither the
// keyring nor the disk.
func (a *App) openStore() error {
	policy := a.storage.policy
	switch policy {
	case StoreKeyringOrFile, StoreKeyring, StoreFile, StoreMemory:
	default:
		return fmt.Errorf("store policy %q is none of %q, %q, %q, %q", policy, StoreKeyringOrFile, StoreKeyring, StoreFile, StoreMemory)
	}
	if a.store != nil {
		return nil
	}
	if policy == StoreMemory {
		a.store = NewMemoryStore()
		return nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return fmt.Errorf("find a folder for the credentials (or choose a store by WithStore): %w", err)
	}
	a.store = &sealedStore{
		files:   NewFileStore(filepath.Join(dir, a.config.Name)),
		policy:  policy,
		service: a.config.Name,
		keyring: newLimitedKeyring(a.storage.keyring, keyringLimit),
		logger:  a.logger,
	}
	return nil
}

// StoreInfo tells where the credentials of an [App] are kept.
type StoreInfo struct {
	Policy    StorePolicy // "" for a store of the application's own
	Path      string      // of the record's file, whether or not it is there; "" in memory
	Encrypted bool        // the record is there, and sealed
	Reason    string      // why it is not
}

// StoreInfo tells where the credentials are kept, whether they are encrypted,
// and if not, why. It reads the file, and asks no keyring. For a store of the
// application's own the StoreInfo is zero.
func (a *App) StoreInfo() StoreInfo {
	switch store := a.store.(type) {
	case *sealedStore:
		return store.info(a.profile)
	case *FileStore:
		path, _ := store.path(a.profile) // New has checked the name
		return StoreInfo{Policy: StoreFile, Path: path, Reason: reasonPolicy}
	case *MemoryStore:
		return StoreInfo{Policy: StoreMemory, Reason: reasonPolicy}
	}
	return StoreInfo{}
}

// reasonPolicy is the reason of a [StoreInfo] when nothing else was asked for.
const reasonPolicy = "the store policy does not ask for encryption"

func (s *sealedStore) info(profile string) StoreInfo {
	path, _ := s.files.path(profile) // New has checked the name
	info := StoreInfo{Policy: s.policy, Path: path}
	stored, err := s.read(context.Background(), profile)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		info.Reason = "nothing is stored"
	case err != nil:
		info.Reason = err.Error()
	case stored.sealed != nil:
		info.Encrypted = true
	case s.policy == StoreFile:
		info.Reason = reasonPolicy
	default:
		info.Reason = cmp.Or(s.fallback, "it was stored so before; the next sign-in or renewal encrypts it")
	}
	return info
}

// checkStore finds out before a sign-in what would keep it from being stored.
func (a *App) checkStore(ctx context.Context) error {
	unlock, err := a.lockBoth(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if store, ok := a.store.(*sealedStore); ok && store.policy == StoreKeyring {
		if _, err := store.keyForSaving(ctx, a.profile); err != nil {
			return fmt.Errorf("store the credentials: %w", err)
		}
	}
	return nil
}

// sayUnencrypted tells the user, once, that the credentials of a sign-in could
// not be encrypted.
func (a *App) sayUnencrypted(ctx context.Context) {
	info := a.StoreInfo()
	if info.Policy != StoreKeyringOrFile || info.Encrypted || !a.storage.said.CompareAndSwap(false, true) {
		return
	}
	if _, err := fmt.Fprintf(a.messages, "Credentials are kept unencrypted in %s: %s\n", info.Path, info.Reason); err != nil {
		a.logger.WarnContext(ctx, "the user could not be told that the credentials are unencrypted", "error", err)
	}
}

// MemoryStore is a [CredentialStore] that forgets when the process ends. The
// zero MemoryStore is empty and ready for use.
type MemoryStore struct {
	mu      sync.Mutex
	records map[string]secret
	locks   map[string]chan struct{}
}

// NewMemoryStore returns an empty MemoryStore.
func NewMemoryStore() *MemoryStore { return &MemoryStore{} }

// Load implements [CredentialStore].
func (m *MemoryStore) Load(_ context.Context, profile string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	record, ok := m.records[profile]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(record.reveal()), nil
}

// Save implements [CredentialStore].
func (m *MemoryStore) Save(_ context.Context, profile string, record []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records == nil {
		m.records = map[string]secret{}
	}
	m.records[profile] = newSecret(string(record))
	return nil
}

// Delete implements [CredentialStore].
func (m *MemoryStore) Delete(_ context.Context, profile string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.records, profile)
	return nil
}

// SetAside implements [CredentialStore].
func (m *MemoryStore) SetAside(_ context.Context, profile string) (where string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	record, ok := m.records[profile]
	if !ok {
		return "", nil
	}
	for n := 1; ok; n++ {
		where = fmt.Sprintf("%s (set aside %d)", profile, n) // no profile is named so
		_, ok = m.records[where]
	}
	m.records[where] = record
	return where, nil
}

// Lock implements [CredentialStore].
func (m *MemoryStore) Lock(ctx context.Context, profile string) (unlock func(), err error) {
	m.mu.Lock()
	if m.locks == nil {
		m.locks = map[string]chan struct{}{}
	}
	lock, ok := m.locks[profile]
	if !ok {
		lock = make(chan struct{}, 1)
		m.locks[profile] = lock
	}
	m.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return func() { <-lock }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// validateName keeps the name of a profile, or of the application's folder,
// usable as a part of a path.
func validateName(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@+-."
	if name == "" || len(name) > 64 || name[0] == '.' || strings.Trim(name, letters) != "" {
		return fmt.Errorf("name %q: want 1 to 64 letters, digits or any of _ @ + - . and no leading dot", name)
	}
	return nil
}
