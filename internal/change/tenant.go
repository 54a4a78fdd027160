package change

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

func (s *surface) isAuth0() bool { return spec.Provider(s.File.Tenant.Provider.Value) == spec.Auth0 }

func (s *surface) apiAtTenant() string {
	if s.File.Audience.Value == "" {
		return "the API"
	}
	return "the API " + term(s.File.Audience.Value)
}

func (s *surface) callbacks() []string {
	var list []string
	for _, callback := range s.File.Tenant.Callbacks {
		list = append(list, callback.Value)
	}
	return list
}

func (s *surface) apiScopes() []string {
	var list []string
	for _, declared := range s.scopes {
		if !spec.IsStandardScope(declared.Name.Value) {
			list = append(list, declared.Name.Value)
		}
	}
	return list
}

// packages compares where the package is and what it is called.
func (c *comparison) packages() {
	old, now := c.old.Package.Name, c.new.Package.Name
	if old != now {
		change := c.note(PackageChanged, now, "the package "+term(old)+" is now "+term(now))
		change.Old, change.New = old, now
		change.Code.add(Build, "write "+term(now+".")+" for "+term(old+"."))
		change.Sessions.add(SignIn, "everybody has to sign in again: credentials are kept in a folder that is named as the package "+
			"(keep the name of the configuration to keep them: "+term("config.Name = \""+old+"\"")+" and "+term("WithConfig")+")")
	}
	was, is := c.old.folder(), c.new.folder()
	if was != is {
		change := c.note(OutputChanged, is, "the package is written to "+term(is)+", no longer to "+term(was))
		change.Old, change.New = was, is
		change.Code.add(Build, "change the import path, and delete the folder "+term(was))
	}
}

func (s *surface) folder() string {
	return path.Clean(cmp.Or(s.File.Output.Value, s.File.Package.Value))
}

func (c *comparison) tenants() {
	c.provider()
	c.credentials(IssuerChanged, "issuer", c.old.File.Tenant.Issuer(), c.new.File.Tenant.Issuer())
	c.credentials(ClientChanged, "client id", c.old.File.Tenant.ClientID.Value, c.new.File.Tenant.ClientID.Value)
	c.credentials(AudienceChanged, "audience", c.old.File.Audience.Value, c.new.File.Audience.Value)
	c.callbacks()
	c.parameters()
	c.baseURL()
}

func (c *comparison) provider() {
	old, now := c.old.File.Tenant.Provider.Value, c.new.File.Tenant.Provider.Value
	if old == now {
		return
	}
	change := c.note(ProviderChanged, now, "the provider "+term(old)+" is now "+term(now))
	change.Old, change.New = old, now
	if c.new.isAuth0() {
		change.Tenant.add(Settings, "the endpoints are at Auth0's own paths now, and the audience is sent as "+term("audience"))
		return
	}
	change.Tenant.add(Settings, "the endpoints are found by OpenID Connect Discovery now, and the audience is sent as "+term("resource")+" (RFC 8707)")
}

// credentials compares what stored credentials belong to: with another issuer,
// client or audience they are of no use.
func (c *comparison) credentials(kind Kind, what, old, now string) {
	if old == now {
		return
	}
	summary := "the " + what + " " + term(old) + " is now " + term(now)
	switch {
	case now == "":
		summary = "the " + what + " " + term(old) + " is gone"
	case old == "":
		summary = "the " + what + " " + term(now) + " is new"
	}
	change := c.note(kind, what, summary)
	change.Old, change.New = old, now
	change.Sessions.add(SignIn, "everybody has to sign in again: stored credentials are for the "+what+" of before ("+
		term("ErrLoginRequired")+", "+term("ReasonOtherTenant")+")")
	tenant := c.new.File.Tenant
	switch kind {
	case AudienceChanged:
		if now == "" {
			change.Tenant.add(None, "the API "+term(old)+" can go once no release that asks for it is in use")
			return
		}
		change.Tenant.add(Settings, "have an API with the identifier "+term(now)+withScopes(c.new.apiScopes()))
	case IssuerChanged:
		change.Tenant.add(Settings, "at "+term(now)+" have a public (native) client "+term(tenant.ClientID.Value)+" with "+c.new.clientSettings())
		if scopes := c.new.apiScopes(); len(scopes) > 0 {
			change.Tenant.add(Settings, "have "+c.new.apiAtTenant()+" there"+withScopes(scopes)+", and the users with their roles")
		}
	case ClientChanged:
		change.Tenant.add(Settings, "have a public (native) client "+term(now)+" with "+c.new.clientSettings())
		change.Tenant.add(None, "remove the client "+term(old)+" once no release that uses it is in use")
	}
}

func withScopes(scopes []string) string {
	if len(scopes) == 0 {
		return ""
	}
	if len(scopes) == 1 {
		return " with the scope " + term(scopes[0])
	}
	return " with the scopes " + terms(scopes, "and")
}

// clientSettings is what a client has to be registered with.
func (s *surface) clientSettings() string {
	text := "the callbacks " + terms(s.callbacks(), "and")
	if s.scope(offlineAccess) != nil {
		text += ", and the refresh token grant, with rotation"
	}
	return text
}

func (c *comparison) callbacks() {
	old, now := c.old.callbacks(), c.new.callbacks()
	client := term(c.new.File.Tenant.ClientID.Value)
	for _, callback := range now {
		if !slices.Contains(old, callback) {
			change := c.note(CallbackAdded, callback, "the callback "+term(callback)+" is new")
			change.Tenant.add(Settings, "register "+term(callback)+" for the client "+client)
		}
	}
	for _, callback := range old {
		if !slices.Contains(now, callback) {
			change := c.note(CallbackRemoved, callback, "the callback "+term(callback)+" is gone")
			change.Tenant.add(None, "remove it from the client "+client+" once no release that uses it is in use")
			if isLoopback(callback) && !slices.ContainsFunc(now, isLoopback) {
				change.Code.add(Behavior, "pass "+term("WithRedirector")+": no callback comes to a port of the machine any more")
			}
		}
	}
	kept := func(list, other []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !slices.Contains(other, s) })
	}
	if !slices.Equal(kept(old, now), kept(now, old)) {
		change := c.note(CallbacksOrder, "callbacks", "the callbacks are tried in another order: "+terms(now, "then"))
		change.Code.add(None, "a "+term("Redirector")+" gets the first one")
	}
}

func isLoopback(callback string) bool { return strings.HasPrefix(callback, "http://") }

func (c *comparison) parameters() {
	values := func(s *surface) map[string]string {
		all := map[string]string{}
		for _, p := range s.File.Tenant.Parameters {
			all[p.Name.Value] = p.Value.Value
		}
		return all
	}
	old, now := values(c.old), values(c.new)
	const see = "see that the tenant takes it"
	const later = "people who are signed in stay so; it counts at their next sign-in"
	for _, p := range c.new.File.Tenant.Parameters {
		name, value := p.Name.Value, p.Value.Value
		before, had := old[name]
		var change *Change
		switch {
		case !had:
			change = c.note(ParameterAdded, name, "each sign-in sends "+term(name+"="+value))
		case before != value:
			change = c.note(ParameterChanged, name, "each sign-in sends "+term(name+"="+value)+", no longer "+term(name+"="+before))
		default:
			continue
		}
		change.Old, change.New = before, value
		change.Sessions.add(None, later)
		change.Tenant.add(None, see)
	}
	for _, p := range c.old.File.Tenant.Parameters {
		if _, has := now[p.Name.Value]; !has {
			change := c.note(ParameterRemoved, p.Name.Value, "no sign-in sends "+term(p.Name.Value+"="+p.Value.Value)+" any more")
			change.Old = p.Value.Value
			change.Sessions.add(None, later)
		}
	}
}

func (c *comparison) baseURL() {
	old, now := c.old.File.BaseURL.Value, c.new.File.BaseURL.Value
	if old == now {
		return
	}
	summary := "the API's base URL " + term(old) + " is now " + term(now)
	switch {
	case now == "":
		summary = "the API's base URL " + term(old) + " is gone"
	case old == "":
		summary = "the API's base URL " + term(now) + " is new"
	}
	change := c.note(BaseURLChanged, "base_url", summary)
	change.Old, change.New = old, now
	if old != "" && now != "" {
		change.Code.add(None, "calls go there, with the same access token; the API of before gets no token any more")
	}
}
