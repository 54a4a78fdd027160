package dev

import (
	"slices"

	"example.com/scaffold/dev/tenant"
	"example.com/scaffold/spec"
)

// People returns who can sign in: the users of the spec's key dev. Without it,
// Ada is granted every scope of the API, and Ben those that a first sign-in asks
// for, or, if that is all of them, those that reading needs.
func People(f *spec.File) []tenant.Person {
	if f.Dev == nil {
		return []tenant.Person{
			person(spec.User{ID: spec.Text{Value: "ada"}}, apiScopes(f)),
			person(spec.User{ID: spec.Text{Value: "ben"}}, fewerScopes(f)),
		}
	}
	granted := map[string][]string{} // by role
	for _, r := range f.Dev.Roles {
		for _, scope := range r.Scopes {
			granted[r.Name.Value] = append(granted[r.Name.Value], scope.Value)
		}
	}
	var people []tenant.Person
	for _, u := range f.Dev.Users {
		var roles, scopes []string
		for _, role := range u.Roles {
			roles = append(roles, role.Value)
			scopes = append(scopes, granted[role.Value]...)
		}
		slices.Sort(scopes)
		p := person(u, slices.Compact(scopes))
		p.Roles = roles
		people = append(people, p)
	}
	return people
}

func person(u spec.User, scopes []string) tenant.Person {
	return tenant.Person{
		Subject: u.ID.Value, Name: u.DisplayName(), Nickname: u.ID.Value,
		Email: u.Address(), EmailVerified: true, Scopes: scopes,
	}
}

// apiScopes returns the declared scopes that a role has to grant.
func apiScopes(f *spec.File) []string {
	var scopes []string
	for _, s := range f.Scopes {
		if !spec.IsStandardScope(s.Name.Value) {
			scopes = append(scopes, s.Name.Value)
		}
	}
	return scopes
}

// fewerScopes returns some of the scopes: with all of them, nobody would see
// what an application does without one.
func fewerScopes(f *spec.File) []string {
	all := apiScopes(f)
	first := slices.DeleteFunc(slices.Clone(all), func(scope string) bool {
		return slices.ContainsFunc(f.Scopes, func(s spec.Scope) bool { return s.Name.Value == scope && s.OnDemand })
	})
	if len(first) < len(all) {
		return first
	}
	reads := map[string]bool{}
	for _, e := range f.Endpoints {
		if e.Method != "GET" && e.Method != "HEAD" {
			continue
		}
		for _, set := range e.Scopes {
			for _, scope := range set {
				reads[scope.Value] = true
			}
		}
	}
	return slices.DeleteFunc(all, func(scope string) bool { return !reads[scope] })
}
