package spec

import (
	"net/mail"
	"slices"
	"strings"

	"example.com/scaffold/internal/lazyregexp"
)

// generate checks what else is to be generated.
func (c *checker) generate() {
	// The go command takes a name that ends so for that of an external test.
	if name := c.file.Package; c.file.TestPackage && strings.HasSuffix(name.Value, "_") {
		c.errorf(name.Pos, "the test package of %s would be %s, which the go command treats specially; choose another name",
			quote(name.Value), quote(name.Value+TestSuffix))
	}
}

func (c *checker) dev() {
	d := c.file.Dev
	if d == nil {
		return
	}
	var roles []string
	for _, r := range d.Roles {
		roles = append(roles, r.Name.Value)
		c.role(r)
	}
	owners := map[string]string{} // of e-mail addresses, as no case tells them apart
	for _, u := range d.Users {
		c.user(u, roles)
		c.email(u, owners)
	}
}

func (c *checker) role(r Role) {
	if r.Name.Value == "" {
		c.errorf(r.Name.Pos, "a role needs a name")
	}
	var declared []string
	for _, s := range c.file.Scopes {
		declared = append(declared, s.Name.Value)
	}
	seen := map[string]bool{}
	for _, scope := range r.Scopes {
		switch {
		case seen[scope.Value]:
			c.errorf(scope.Pos, "scope %s stands twice in this list", quote(scope.Value))
		case IsStandardScope(scope.Value):
			c.warnf(scope.Pos, "the scope %s needs no role: everybody has it; remove it here", quote(scope.Value))
		case !c.scopeSet[scope.Value]:
			c.errorf(scope.Pos, "unknown scope %s%s", quote(scope.Value),
				c.suggest("scope ", scope.Value, "; declare it under scopes", declared))
		}
		seen[scope.Value] = true
	}
}

// An id is shown everywhere, and is the local part of an e-mail address.
var userForm = lazyregexp.New(userPattern)

func (c *checker) user(u User, roles []string) {
	if !userForm().MatchString(u.ID.Value) {
		c.errorf(u.ID.Pos, "%s cannot be the id of a user; write letters, digits, - and _, with dots between, like ada", quote(u.ID.Value))
	}
	seen := map[string]bool{}
	for _, role := range u.Roles {
		switch {
		case seen[role.Value]:
			c.errorf(role.Pos, "role %s stands twice in this list", quote(role.Value))
		case !slices.Contains(roles, role.Value) && !c.file.Dev.rolesUnread:
			c.errorf(role.Pos, "unknown role %s%s", quote(role.Value),
				c.suggest("role ", role.Value, "; declare it under roles", roles))
		}
		seen[role.Value] = true
	}
}

// email checks that an address is one, and the only one: people who sign in are
// told apart by it.
func (c *checker) email(u User, owners map[string]string) {
	at := u.Email.Pos
	if at == (Pos{}) {
		at = u.ID.Pos
	} else if u.Email.Value == "" {
		return // Load has said so
	}
	address := u.Address()
	if parsed, err := mail.ParseAddress(address); u.Email.Value != "" && (err != nil || parsed.Address != address) {
		c.errorf(at, "%s is not an e-mail address, like ada@example.com", quote(address))
		return
	}
	if owner, ok := owners[strings.ToLower(address)]; ok {
		c.errorf(at, "users %s and %s have the same e-mail address, %s; write another", quote(owner), quote(u.ID.Value), quote(address))
		return
	}
	owners[strings.ToLower(address)] = u.ID.Value
}
