package client

import "slices"

// Endpoint is one operation of the API: what [Session.Can] asks about, and
// what the method of the same name calls. The zero Endpoint is never allowed.
type Endpoint struct {
	name   string
	method string
	path   string
	public bool
	scopes [][]string // any of these sets, and of that set all
}

// String returns the endpoint's name.
func (e Endpoint) String() string { return e.name }

// Name returns the endpoint's name, which is also its method's.
func (e Endpoint) Name() string { return e.name }

// Method returns the HTTP method.
func (e Endpoint) Method() string { return e.method }

// Path returns the path below the API's base URL; {name} is a parameter.
func (e Endpoint) Path() string { return e.path }

// Public reports whether the endpoint is called without a token.
func (e Endpoint) Public() bool { return e.public }

// Scopes returns what a caller must have been granted: every scope of at least
// one of the sets. No set means that any signed-in user may call.
func (e Endpoint) Scopes() [][]string {
	sets := make([][]string, len(e.scopes))
	for i, set := range e.scopes {
		sets[i] = slices.Clone(set)
	}
	return sets
}

// Can reports whether the granted scopes allow a call of the endpoint. It
// compares whole scopes and makes no request. A nil Session is allowed what
// needs nobody to be signed in: public endpoints.
func (s *Session) Can(e Endpoint) bool {
	if e.public {
		return true
	}
	return e.name != "" && s.live() && len(s.missing(e)) == 0
}

// missing returns what the granted scopes lack for the endpoint: nothing, or
// what the nearest of its sets of scopes lacks.
func (s *Session) missing(e Endpoint) []string {
	var nearest []string
	for i, set := range e.scopes {
		var lacking []string
		for _, scope := range set {
			if !s.HasScope(scope) {
				lacking = append(lacking, scope)
			}
		}
		if len(lacking) == 0 {
			return nil
		}
		if i == 0 || len(lacking) < len(nearest) {
			nearest = lacking
		}
	}
	return nearest
}
