package change

import "strings"

// pairEndpoints pairs endpoints of the same name, and then those that are left
// and have the same method and path: they have been renamed.
func (c *comparison) pairEndpoints() {
	names, routes := map[string]*endpoint{}, map[string]*endpoint{}
	for _, e := range c.new.endpoints {
		names[e.goName] = e
	}
	pair := func(old, now *endpoint) {
		if old.after == nil && now != nil && now.before == nil {
			old.after, now.before = now, old
		}
	}
	for _, e := range c.old.endpoints {
		pair(e, names[e.goName])
	}
	for _, e := range c.new.endpoints {
		if e.before == nil {
			routes[e.Route()] = e
		}
	}
	for _, e := range c.old.endpoints {
		pair(e, routes[e.Route()])
	}
}

func (c *comparison) endpoints() {
	for _, old := range c.old.endpoints {
		if old.after == nil {
			c.endpointRemoved(old)
			continue
		}
		c.endpoint(old, old.after)
	}
	for _, e := range c.new.endpoints {
		if e.before == nil {
			c.endpointAdded(e)
		}
	}
}

func (c *comparison) endpointRemoved(e *endpoint) {
	change := c.note(EndpointRemoved, e.goName, "the endpoint "+term(e.goName)+" ("+term(e.Method+" "+e.Path.Value)+") is gone")
	change.Code.add(Build, "remove the calls of "+e.methods()+" and the uses of the value "+term(e.goName)+"; other implementations of "+term("API")+" may drop the method")
	if len(e.params) > 0 {
		change.Code.add(Build, term(e.goName+"Params")+" is gone, too")
	}
	c.pathEnumsGone(change, e)
}

// pathEnumsGone adds the types that go with an endpoint's parameters.
func (c *comparison) pathEnumsGone(change *Change, e *endpoint) {
	var gone []string
	for _, built := range e.built.Enums {
		if c.new.enums[built.Name] == nil {
			gone = append(gone, built.Name)
		}
	}
	if len(gone) > 0 {
		change.Code.add(Build, "of the types of its parameters, "+terms(gone, "and")+" and the constants are gone")
	}
}

// methods names the methods that call an endpoint.
func (e *endpoint) methods() string {
	if e.Public {
		return term("App."+e.goName) + " and " + term("Session."+e.goName)
	}
	return term("Session." + e.goName)
}

func (c *comparison) endpointAdded(e *endpoint) {
	change := c.note(EndpointAdded, e.goName, "the endpoint "+term(e.goName)+" ("+term(e.Method+" "+e.Path.Value)+") is new")
	change.Code.add(None, "implementations of "+term("API")+" other than "+term("Session")+" need the method "+
		term(e.goName)+e.signature()+", unless they embed an "+term("API"))
	c.gateOf(change, e)
}

// gateOf says who can call an endpoint that is new.
func (c *comparison) gateOf(change *Change, e *endpoint) {
	required := newNeed(e.Scopes, nil)
	if e.Public || required.metBy(c.old.askedAtSignIn()) {
		return
	}
	for _, lacks := range required.lacking(need{c.old.askedAtSignIn()}) {
		change.Sessions.add(None, "its gate is closed until people consent to "+terms(lacks, "and")+": "+c.new.stepUp(lacks...))
	}
}

// askedAtSignIn is what people who are signed in have been asked for, at the
// least; granted can be less, and after a step-up more.
func (s *surface) askedAtSignIn() []string {
	var list []string
	for _, declared := range s.scopes {
		if !declared.onDemand {
			list = append(list, declared.Name.Value)
		}
	}
	return list
}

// endpoint compares what is the same endpoint in both specs.
func (c *comparison) endpoint(old, now *endpoint) {
	c.endpointName(old, now)
	c.endpointRoute(old, now)
	c.endpointAuth(old, now)
	c.endpointScopes(old, now)
	c.pathParams(old, now)
	c.params(old, now)
	c.bodies(old, now)
	c.deprecation("the endpoint "+term(now.goName), now.goName, old.Deprecated != nil, now.Deprecated != nil)
}

func (c *comparison) endpointName(old, now *endpoint) {
	if old.goName == now.goName {
		return
	}
	change := c.note(EndpointRenamed, now.goName, "the endpoint "+term(old.goName)+" is now "+term(now.goName))
	change.Old, change.New = old.goName, now.goName
	change.Code.add(Build, "write "+term(now.goName)+" for "+term(old.goName)+", which is a value, a method of "+term("Session")+" and of "+term("API"))
	if len(old.params) > 0 {
		change.Code.add(Build, "and "+term(now.goName+"Params")+" for "+term(old.goName+"Params"))
	}
	c.pathEnumsGone(change, old)
}

func (c *comparison) endpointRoute(old, now *endpoint) {
	was, is := old.Method+" "+old.Path.Value, now.Method+" "+now.Path.Value
	if was != is {
		change := c.note(EndpointRoute, now.goName, term(now.goName)+" calls "+term(is)+", no longer "+term(was))
		change.Old, change.New = was, is
		if old.Route() != now.Route() {
			change.Code.add(None, "released versions go on calling "+term(was)+": the API has to keep it for them")
		}
	}
	if old.Group.Value != now.Group.Value {
		change := c.note(EndpointGroup, now.goName, term(now.goName)+" moves to another file")
		change.Old, change.New = old.Group.Value, now.Group.Value
	}
}

func (c *comparison) endpointAuth(old, now *endpoint) {
	if old.Public == now.Public {
		return
	}
	if now.Public {
		change := c.note(EndpointAuth, now.goName, term(now.goName)+" is public: it is called without a token")
		change.Old, change.New = "signed in", "public"
		change.Code.add(None, term("App."+now.goName)+" is new")
		change.Sessions.add(None, "it can be called by everybody, signed in or not")
		return
	}
	change := c.note(EndpointAuth, now.goName, term(now.goName)+" is no longer public: it needs somebody who is signed in")
	change.Old, change.New = "public", "signed in"
	change.Code.add(Build, "call "+term("Session."+now.goName)+" for "+term("App."+old.goName)+", which is gone")
	change.Sessions.add(None, "whoever is not signed in has to sign in for it: "+term("app.Login(ctx)"))
}

// endpointScopes compares who may call. A scope that is renamed is no change of
// the endpoint.
func (c *comparison) endpointScopes(old, now *endpoint) {
	was, is := newNeed(old.Scopes, c.renamed), newNeed(now.Scopes, nil)
	wider, narrower := was.within(is), is.within(was)
	if wider && narrower {
		return
	}
	how := "different"
	switch {
	case wider:
		how = "less"
	case narrower:
		how = "more"
	}
	before := newNeed(old.Scopes, nil)
	change := c.note(EndpointScopes, now.goName, term(now.goName)+" needs "+how+": "+is.String()+", no longer "+before.String())
	change.Old, change.New = plain(before.String()), plain(is.String())
	if wider {
		change.Sessions.add(None, "its gate opens to whoever has been granted "+is.String())
		return
	}
	c.gateCloses(change, was, is)
}

// gateCloses says to whom a gate closes, and how it opens again.
func (c *comparison) gateCloses(change *Change, was, is need) {
	lacking := is.lacking(was)
	asked := c.old.askedAtSignIn()
	change.Code.add(None, "its calls return a "+term("*MissingScopeError")+" to whoever lacks the scope, and make no request")
	change.Sessions.add(Gate, "nobody is signed out, but its gate closes to whoever has not been granted "+alternatives(lacking))
	for _, set := range lacking {
		if holdsAll(asked, set) {
			change.Sessions.add(Gate, "people have been asked for "+terms(set, "and")+" at the sign-in: asking again is of no use to whom the tenant does not grant it")
		} else {
			change.Sessions.add(Gate, "people must consent to "+terms(set, "and")+" in a step-up: "+c.new.stepUp(set...))
		}
	}
	change.Tenant.add(None, "see that the roles of those who shall call it have "+alternatives(lacking))
}

func (c *comparison) bodies(old, now *endpoint) {
	was, is := c.old.text(old.Body), c.new.text(now.Body)
	if was != is {
		change := c.note(EndpointBody, now.goName, term(now.goName)+" sends "+term(is)+", no longer "+term(was))
		change.Old, change.New = was, is
		change.Code.add(Build, nowCalled(now))
	}
	was, is = c.old.text(old.Returns), c.new.text(now.Returns)
	if was != is {
		change := c.note(EndpointReturns, now.goName, term(now.goName)+" returns "+term(is)+", no longer "+term(was))
		change.Old, change.New = was, is
		change.Code.add(Build, nowCalled(now))
	}
}

// nowCalled says what to change calls to.
func nowCalled(e *endpoint) string {
	return "change the calls, and implementations of " + term("API") + ": it is now " + term(e.goName+plain(e.signature()))
}

// signature writes the parameters and results of an endpoint's methods.
func (e *endpoint) signature() string {
	results := "error"
	if e.built.Returns != "" {
		results = "(" + e.built.Returns + ", error)"
	}
	return term("(" + strings.ReplaceAll(e.built.Parameters, "`", "") + ") " + results)
}

// deprecation notes that something is deprecated now, or no longer.
func (c *comparison) deprecation(what, subject string, old, now bool) {
	switch {
	case now && !old:
		change := c.note(Deprecated, subject, what+" is deprecated")
		change.Code.add(None, "linters flag its uses")
	case old && !now:
		c.note(Undeprecated, subject, what+" is no longer deprecated")
	}
}
