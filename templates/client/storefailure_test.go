package client

import (
	"context"
	"testing"
)

// lateFailure saves, and then fails: a FileStore does when the folder cannot be
// synchronized, as on some file systems that are mounted from elsewhere.
type lateFailure struct{ CredentialStore }

func (l lateFailure) Save(ctx context.Context, profile string, record []byte) error {
	if err := l.CredentialStore.Save(ctx, profile, record); err != nil {
		return err
	}
	return errDiskFull
}

func TestSaveFailsLate(t *testing.T) {
	f := newFixture(t)
	f.app.store = lateFailure{f.store}
	session, err := f.app.Login(t.Context())
	if err != nil || len(f.revoked) != 0 {
		t.Fatalf("a sign-in that is stored: error %v, revoked %q", err, f.revoked)
	}
	f.mustRefresh(session)
	next, err := f.newApp().Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f.mustRefresh(next)
	if form := f.tokenForms[2]; form.Get("refresh_token") != "the-refresh-token-B" {
		t.Errorf("form %v", form)
	}
}
