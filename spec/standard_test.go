package spec_test

import (
	"testing"

	"example.com/scaffold/spec"
)

func TestStandardScopes(t *testing.T) {
	for _, name := range []string{"openid", "profile", "email", "address", "phone", "offline_access"} {
		if !spec.IsStandardScope(name) {
			t.Errorf("%s is none", name)
		}
	}
	for _, name := range []string{"", "Openid", "email ", "read:notes"} {
		if spec.IsStandardScope(name) {
			t.Errorf("%q is one", name)
		}
	}
}
