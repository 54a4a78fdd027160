package clienttest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"example.com/scaffold/templates/client"
)

// recorder is a test that notes why it failed.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatal(args ...any) {
	r.said = fmt.Sprint(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

func TestMisuseFailsTheTest(t *testing.T) {
	t.Parallel()
	for want, part := range map[string]func(t testing.TB, tenant *Tenant){
		`there is no user "adda"; there are ada, ben`: func(t testing.TB, tenant *Tenant) { tenant.User(t, "adda") },
		`there is no "404"`:                           func(t testing.TB, tenant *Tenant) { tenant.Fault(t, "404") },
		`the scope "read:all" cannot be granted`:      func(t testing.TB, tenant *Tenant) { tenant.SessionWith(t, "read:all") },
		"sign in as ada: ": func(t testing.TB, tenant *Tenant) {
			tenant.Fault(t, "token:500")
			tenant.User(t, "ada").Session(t)
		},
		"callback": func(t testing.TB, tenant *Tenant) { tenant.Client(t, client.WithConfig(client.Config{})) },
	} {
		tenant := NewTenant(t)
		if said := fails(t, func(t testing.TB) { part(t, tenant) }); !strings.Contains(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
}
