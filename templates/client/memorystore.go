package client

import (
	"context"
	"fmt"
	"io/fs"
	"sync"
)

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
