package model

import (
	"slices"
	"strings"
)

// endpointComments writes the comments of an endpoint's value and methods.
func endpointComments(e *operation, built *Endpoint) {
	notice := deprecation(e.Deprecated)
	built.ValueComment = comment(append(says(built.Name+" is "+e.route+". "+needs(e)), notice...)...)
	built.SessionComment = comment(append(says(built.Name+" is [App."+built.Name+"]: it needs no scope."), notice...)...)

	consequence := ""
	switch {
	case e.Public:
		consequence = ", without a token: nobody needs to be signed in."
	case e.need != "":
		consequence = " and needs " + e.need + "."
	default:
		consequence = ", which any signed-in user may do."
	}
	var paragraphs []paragraph
	switch first := e.first; {
	case first != "" && len(e.description) == 1 && hasEnd(first) && !strings.HasSuffix(first, ":"):
		paragraphs = says(first + " It calls " + e.route + consequence)
	case first != "":
		paragraphs = slices.Concat(says(first), e.description[1:], says("It calls "+e.route+consequence))
	default:
		paragraphs = append(says(e.ident+" calls "+e.route+consequence), e.description...)
	}
	if holdsAny(e.Returns) {
		paragraphs = append(paragraphs, says("A number in the reply is a json.Number, which keeps all its digits.")...)
	}
	paragraphs = slices.Concat(paragraphs, pathComments(e), notice)
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
func needs(e *operation) string {
	switch {
	case e.Public:
		return "Nobody needs to be signed in."
	case e.need != "":
		return "It needs " + e.need + "."
	}
	return "Any signed-in user may call it."
}

// pathComments explains path parameters that have a description.
func pathComments(e *operation) []paragraph {
	var list []paragraph
	for _, p := range e.inPath {
		if text := inline(p.Description.Value); text != "" {
			list = append(list, paragraph{kind: item, text: p.ident + ": " + text})
		}
	}
	return list
}

// methodComment is the comment of a method of the interface: shorter than that
// of the Session's.
func methodComment(e *operation) string {
	first := e.first
	if first == "" {
		first = e.ident + " calls " + e.route + "."
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
