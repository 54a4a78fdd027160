package tenant_test

import (
	"strings"
	"testing"

	"example.com/scaffold/dev/tenant"
)

func TestAddPerson(t *testing.T) {
	t.Parallel()
	server, err := tenant.Start(tenant.Config{
		ClientID: "notes", Callbacks: []string{"http://127.0.0.1:18484/callback"},
		People: []tenant.Person{{Subject: "ada", Email: "ada@example.com"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	for _, test := range []struct {
		name   string
		person tenant.Person
		says   string // empty: added
	}{
		{"somebody new", tenant.Person{Subject: "ben", Email: "ben@example.com"}, ""},
		{"the same subject as in Config", tenant.Person{Subject: "ada", Email: "lovelace@example.com"}, "already"},
		{"the same subject as one who was added", tenant.Person{Subject: "ben", Email: "b@example.com"}, "already"},
		{"the same e-mail address, in whatever case", tenant.Person{Subject: "ada2", Email: "ADA@example.com"}, "already"},
		{"no subject", tenant.Person{Email: "carl@example.com"}, "is empty"},
		{"a colon in the subject", tenant.Person{Subject: "a:b", Email: "carl@example.com"}, "holds a colon"},
	} {
		err := server.AddPerson(test.person)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
