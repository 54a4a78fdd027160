package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestNothingPrintsATokenHere(t *testing.T) {
	var log bytes.Buffer
	f := newFixture(t, WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	session := f.login()
	f.mustRefresh(session)
	c, err := session.current()
	if err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&log, nil)).Info("all", "session", session, "app", f.app, "credentials", c)
	for _, value := range []any{session, f.app, c, *c, session.User(), newAuthorizationRequest(nil)} {
		fmt.Fprintf(&log, "%v %+v %#v %s %q %x\n", value, value, value, value, value, value)
	}
	encoded, err := json.Marshal([]any{session, c, c.accessToken})
	if err != nil {
		t.Fatal(err)
	}
	log.Write(encoded)
	for _, secret := range []string{
		"the-access-token", "the-refresh-token", "the-code", f.tokenForms[0].Get("code_verifier"),
		c.idToken.reveal(), fmt.Sprintf("%x", "the-access-token"),
	} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%.8s… is printed", secret)
		}
	}
}
