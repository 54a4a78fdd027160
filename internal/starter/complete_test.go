package starter_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/discovery"
	"example.com/scaffold/internal/starter"
)

func TestComplete(t *testing.T) {
	t.Run("scopes have commas between them, or flags of their own", func(t *testing.T) {
		known := auth0()
		known.Scopes = []string{"read:notes, delete:notes", "share:notes,"}
		got, err := starter.Complete(t.Context(), known, starter.Sources{})
		if want := []string{"read:notes", "delete:notes", "share:notes"}; err != nil || !slices.Equal(got.Scopes, want) {
			t.Errorf("%q %v", got.Scopes, err)
		}
	})
	t.Run("defaults are filled in", func(t *testing.T) {
		got, err := starter.Complete(t.Context(), auth0(), starter.Sources{})
		if err != nil || got.Provider != "auth0" || got.Package != "notes" || len(got.Callbacks) != 2 {
			t.Errorf("%+v %v", got, err)
		}
	})
	t.Run("the provider is asked, if anybody can", func(t *testing.T) {
		asked := ""
		discover := func(_ context.Context, issuer string) (discovery.Document, error) {
			asked = issuer
			return provider(issuer + "/"), nil
		}
		_, err := starter.Complete(t.Context(), oidc(), starter.Sources{Discover: discover})
		if _, ok := errors.AsType[*starter.IssuerError](err); !ok || asked != issuer {
			t.Errorf("%q %v", asked, err)
		}
		if _, err := starter.Complete(t.Context(), oidc(), starter.Sources{}); err != nil {
			t.Error(err)
		}
	})
	t.Run("and so is who is there, about what is missing", func(t *testing.T) {
		var out strings.Builder
		known := auth0()
		known.ClientID, known.Package, known.Scopes, known.BaseURL = "", "notes", []string{"a"}, "https://api.example.com"
		got, err := starter.Complete(t.Context(), known, starter.Sources{In: strings.NewReader("mine\n"), Out: &out})
		if err != nil || got.ClientID != "mine" || out.String() != "Client ID of the native application: " {
			t.Errorf("%+v %v %q", got, err, out.String())
		}
	})
}

func TestCompleteRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*starter.Answers)
		says   string
	}{
		"a scope that is empty":             {func(a *starter.Answers) { a.Scopes = []string{""} }, `scope "" must be`},
		"commas alone":                      {func(a *starter.Answers) { a.Scopes = []string{",,"} }, `scope "" must be`},
		"scopes of one Go name":             {func(a *starter.Answers) { a.Scopes = []string{"a:b,a-b"} }, `scope "a-b" becomes the Go name ScopeAB, as scope "a:b" does; leave it out here, and add it to the file with a name of its own`},
		"a scope without a letter":          {func(a *starter.Answers) { a.Scopes = []string{"a://"} }, `scope "a://" holds nothing that a Go name can be made of`},
		"what is missing and cannot be had": {func(a *starter.Answers) { a.ClientID = "" }, "init needs --client-id (on a terminal it asks"},
		"what is wrong":                     {func(a *starter.Answers) { a.BaseURL = "notes" }, `base_url "notes" must be a whole URL, like https://api.example.com`},
	} {
		t.Run(name, func(t *testing.T) {
			known := auth0()
			test.change(&known)
			if _, err := starter.Complete(t.Context(), known, starter.Sources{}); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%v", err)
			}
		})
	}
	t.Run("what is wrong before anybody is asked", func(t *testing.T) {
		discover := func(_ context.Context, issuer string) (discovery.Document, error) {
			t.Errorf("asked for %q", issuer)
			return discovery.Document{}, nil
		}
		if _, err := starter.Complete(t.Context(), starter.Answers{Issuer: "nope"}, starter.Sources{Discover: discover}); err == nil || !strings.Contains(err.Error(), "must be a whole URL") {
			t.Errorf("%v", err)
		}
	})
	t.Run("what the provider says and no spec can hold", func(t *testing.T) {
		discover := func(_ context.Context, issuer string) (discovery.Document, error) {
			doc := provider(issuer)
			doc.AuthorizationEndpoint, doc.TokenEndpoint, doc.JWKSURI = issuer+"authorize", issuer+"oauth/token", issuer+".well-known/jwks.json"
			return doc, nil
		}
		known := starter.Answers{Issuer: "https://LOGIN.example.com/", ClientID: "notes", Audience: "https://api.example.com"}
		if _, err := starter.Complete(t.Context(), known, starter.Sources{Discover: discover}); err == nil || !strings.Contains(err.Error(), `write "login.example.com"`) {
			t.Errorf("%v", err)
		}
	})
}
