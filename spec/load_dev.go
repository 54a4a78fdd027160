package spec

import "gopkg.in/yaml.v3"

func readDev(l *loader, it item, f *File) {
	f.Dev = &Dev{Pos: it.at}
	readKeys(l, it, devKeys, f.Dev)
}

var devKeys = keys[Dev]{
	{
		name: "roles", read: readRoles,
		doc:    "What people may be granted, by role: name: [scopes]. A tenant grants of the scopes asked for those of the user's roles.",
		schema: mapOf(schema{"type": "array", "items": pattern(scopePattern)}, ""),
	},
	{
		name: "users", required: true, schema: someOf(ref("user"), userPattern), read: readUsers,
		doc: "The people who can sign in, by their id, which is the subject (sub) of their tokens.",
	},
}

func readRoles(l *loader, it item, d *Dev) {
	pairs, ok := l.pairs(it)
	d.rolesUnread = !ok
	for _, p := range pairs {
		role := Role{Name: p.key}
		if it := p.item("role"); isText(it.node) && len(scopeWords(it.node.Value)) > 0 {
			role.Scopes = l.readScopeWords(it.node, it.name()+" must be a list of scopes")
		} else if items, ok := l.items(it, "a scope"); ok {
			role.Scopes = l.scopeList(items)
		}
		d.Roles = append(d.Roles, role)
	}
}

func readUsers(l *loader, it item, d *Dev) {
	pairs, ok := l.pairs(it)
	if ok && len(it.node.Content) == 0 {
		l.errorf(l.pos(it.node), "users is empty; write at least one, like ada: {roles: [manager]}")
	}
	for _, p := range pairs {
		u := User{ID: p.key}
		switch it := p.item("user"); {
		case isNull(p.node):
		case p.node.Kind == yaml.MappingNode:
			readKeys(l, it, userKeys, &u)
		default:
			l.wrongKind(it, "a mapping, like {roles: [manager]}")
		}
		d.Users = append(d.Users, u)
	}
}

var userKeys = keys[User]{
	{
		name: "roles", schema: schema{"type": "array", "items": textSchema()},
		doc: "The user's roles. Without one, only the standard scopes are granted, like openid.",
		read: func(l *loader, it item, u *User) {
			items, _ := l.items(it, "a role")
			for _, each := range items {
				if role := l.text(each); role.Value != "" {
					u.Roles = append(u.Roles, role)
				}
			}
		},
	},
	textKey("name", "The user's name for people. Without it: the id, in upper case at its beginning.", textSchema(),
		func(u *User) *Text { return &u.Name }),
	textKey("email", "The user's e-mail address. Without it: ID@example.com.", schema{"type": "string", "format": "email"},
		func(u *User) *Text { return &u.Email }),
}

func readGenerate(l *loader, it item, f *File) { readKeys(l, it, generateKeys, f) }

var generateKeys = keys[File]{
	boolKey("test", "Whether to write a second package for tests of code that uses the first: a tenant and an API on this machine. "+
		"Its folder is within the output's, and its name is the package's and test.", func(f *File) *bool { return &f.TestPackage }),
}
