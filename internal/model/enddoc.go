package model

import (
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

func endpointName(e spec.Endpoint) string { return keptName(e.Name.Value) }

// route is how comments name a request.
func route(e spec.Endpoint) string { return e.Method + " " + inline(e.Path.Value) }

// endpointComments writes the comments of an endpoint's value and methods.
func (b *builder) endpointComments(e spec.Endpoint, built *Endpoint) {
	notice := deprecation(e.Deprecated)
	built.ValueComment = comment(append(says(built.Name+" is "+route(e)+". "+needs(e)), notice...)...)
	built.SessionComment = comment(append(says(built.Name+" is [App."+built.Name+"]: it needs no scope."), notice...)...)

	consequence := ""
	switch {
	case e.Public:
		consequence = ", without a token: nobody needs to be signed in."
	case scopesOf(e.Scopes) != "":
		consequence = " and needs " + scopesOf(e.Scopes) + "."
	default:
		consequence = ", which any signed-in user may do."
	}
	description := fromSpec(e.Description.Value)
	var paragraphs []paragraph
	switch first := firstSentence(built.Name, description); {
	case first != "" && len(description) == 1 && hasEnd(first) && !strings.HasSuffix(first, ":"):
		paragraphs = says(first + " It calls " + route(e) + consequence)
	case first != "":
		paragraphs = slices.Concat(says(first), description[1:], says("It calls "+route(e)+consequence))
	default:
		paragraphs = append(says(built.Name+" calls "+route(e)+consequence), description...)
	}
	if holdsAny(e.Returns) {
		paragraphs = append(paragraphs, says("A number in the reply is a json.Number, which keeps all its digits.")...)
	}
	paragraphs = slices.Concat(paragraphs, b.pathComments(e), notice)
	built.Comment = comment(paragraphs...)
}

// firstSentence makes the description's first paragraph begin with the name;
// it returns "" when that would not read well.
func firstSentence(name string, description []paragraph) string {
	if len(description) == 0 || description[0].kind != prose {
		return ""
	}
	return operationSentence(name, description[0].text)
}

// needs says in a sentence who may call.
func needs(e spec.Endpoint) string {
	switch scopes := scopesOf(e.Scopes); {
	case e.Public:
		return "Nobody needs to be signed in."
	case scopes != "":
		return "It needs " + scopes + "."
	}
	return "Any signed-in user may call it."
}

// pathComments explains path parameters that have a description.
func (b *builder) pathComments(e spec.Endpoint) []paragraph {
	var list []paragraph
	for _, f := range pathParams(e) {
		if text := inline(f.Description.Value); text != "" {
			list = append(list, paragraph{kind: item, text: b.paramName(e, f) + ": " + text})
		}
	}
	return list
}

// methodComment is the comment of a method of the interface: shorter than that
// of the Session's.
func (b *builder) methodComment(e spec.Endpoint, name string) string {
	first := firstSentence(name, fromSpec(e.Description.Value))
	if first == "" {
		first = name + " calls " + route(e) + "."
	}
	first = sentence(strings.TrimSuffix(first, ":")) // what the colon leads to is not here
	list := says(first + " " + needs(e))
	if endsInURL(first) && !hasEnd(first) {
		list = says(first, needs(e))
	}
	return comment(append(list, deprecation(e.Deprecated)...)...)
}

// groupFile names the file of a group, without taking the name of another file.
func (b *builder) groupFile(group string, taken map[string]bool) string {
	name := group + ".go"
	for b.reserved.Files[name] || slices.Contains(ownFiles, name) || taken[name] {
		group += "_endpoints"
		name = group + ".go"
	}
	taken[name] = true
	return name
}

// ownFiles are the files that depend on the spec, but for those of endpoints.
var ownFiles = []string{"api.go", "defaults.go", "doc.go", "example_test.go", "scopes.go", "types.go"}
