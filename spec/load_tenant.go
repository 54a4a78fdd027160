package spec

import "gopkg.in/yaml.v3"

func readTenant(l *loader, it item, f *File) {
	t := &f.Tenant
	if !readKeys(l, it, tenantKeys, t) {
		return
	}
	t.Pos = it.at
	switch {
	case t.Provider.Pos != (Pos{}):
	case t.Domain.Pos != (Pos{}):
		t.Provider.Value = string(Auth0)
	case t.IssuerURL.Pos != (Pos{}):
		t.Provider.Value = string(OIDC)
	}
}

var tenantKeys = keys[Tenant]{
	textKey("provider", "What runs the tenant: auth0, or oidc for any OpenID Connect provider. "+
		"Without it, a domain means auth0 and an issuer oidc.",
		oneOf(string(Auth0), string(OIDC)), func(t *Tenant) *Text { return &t.Provider }),
	textKey("domain", "The tenant's domain at Auth0, like exampleco.eu.auth0.com. Only for auth0.",
		pattern(hostPattern), func(t *Tenant) *Text { return &t.Domain }),
	textKey("issuer", "The issuer URL exactly as the provider's discovery document states it. Only for oidc.",
		pattern(urlPattern), func(t *Tenant) *Text { return &t.IssuerURL }),
	{
		name: "client_id", required: true, schema: pattern(clientPattern),
		doc:  "The identifier of the native application, as registered at the tenant.",
		read: func(l *loader, it item, t *Tenant) { t.ClientID = l.text(it) },
	},
	{
		name: "callbacks", required: true, read: readCallbacks,
		doc: "The callback URLs registered at the tenant, like http://127.0.0.1:8484/callback: the first free port is used. " +
			"A mobile app has instead com.exampleco.app:/callback, or an https URL that it has claimed, and needs WithRedirector.",
		schema: listOf(pattern(callbackPattern)),
	},
	{
		name: "parameters", read: readParameters,
		doc:    "What to add to every authorization request, like connection or prompt.",
		schema: mapOf(schema{"type": []any{"string", "number", "boolean"}}, ""),
	},
	{name: "client_secret", stray: secretKept, read: func(*loader, item, *Tenant) {}},
}

const secretKept = "a native app cannot keep a client_secret; remove it and register a native application"

func readCallbacks(l *loader, it item, t *Tenant) {
	items, ok := l.items(it, "a callback")
	if ok && len(items) == 0 {
		l.errorf(l.pos(it.node), "callbacks is empty; write at least one, like http://127.0.0.1:8484/callback")
	}
	for _, each := range items {
		t.Callbacks = append(t.Callbacks, l.text(each))
	}
}

func readParameters(l *loader, it item, t *Tenant) {
	pairs, _ := l.pairs(it)
	for _, p := range pairs {
		each := p.item("the parameter")
		if p.node.Kind != yaml.ScalarNode || isNull(p.node) {
			l.wrongKind(each, "text, a number, true or false")
			continue
		}
		value := Text{Value: p.node.Value, Pos: l.pos(p.node)}
		t.Parameters = append(t.Parameters, Parameter{Name: p.key, Value: value})
	}
}
