package model

import (
	"slices"
	"strings"
	"unicode"

	"example.com/scaffold/spec"
)

// verbs are what descriptions of operations begin with, in the imperative.
var verbs = []string{
	"accept", "activate", "add", "adjust", "apply", "approve", "archive", "ask", "assign", "attach", "book", "calculate",
	"cancel", "carry", "change", "check",
	"clear", "close", "complete", "confirm", "copy", "count", "create", "deactivate", "delete", "describe",
	"disable", "download", "enable", "enter", "export", "fetch", "find", "get", "grant", "import", "invite",
	"forget", "issue", "join", "leave", "list", "load", "lock", "look", "make", "mark", "merge", "move", "open", "patch",
	"pause", "post", "publish", "put", "read", "record", "register", "reject", "remove", "rename", "renew",
	"replace", "request", "reset", "resolve", "restore", "resume", "retrieve", "return", "revoke",
	"run", "save", "search", "send", "set", "share", "show", "start", "stop", "store", "submit", "suspend",
	"tell", "transfer", "turn", "undo", "unlock", "update", "upload", "upsert", "validate", "verify", "withdraw",
	"write",
}

// prepositions after its first word mark a noun: "list of timesheets".
var prepositions = []string{"about", "at", "by", "for", "from", "in", "of", "on", "to", "with"}

// thirdPerson conjugates a verb: carry, carries.
func thirdPerson(verb string) string {
	last := verb[len(verb)-1]
	switch {
	case last == 'y' && !strings.ContainsRune("aeiou", rune(verb[len(verb)-2])):
		return verb[:len(verb)-1] + "ies"
	case strings.ContainsRune("sxzo", rune(last)), strings.HasSuffix(verb, "ch"), strings.HasSuffix(verb, "sh"):
		return verb + "es"
	}
	return verb + "s"
}

// isThirdPerson reports whether a word is one of the verbs, conjugated.
func isThirdPerson(word string) bool {
	for _, ending := range [][2]string{{"s", ""}, {"es", ""}, {"ies", "y"}} {
		stem, found := strings.CutSuffix(word, ending[0])
		if stem += ending[1]; found && slices.Contains(verbs, stem) && thirdPerson(stem) == word {
			return true
		}
	}
	return false
}

// operationSentence joins an operation's name and the first paragraph of its
// description: name ListNotes and "Lists notes" make "ListNotes lists notes.".
// It returns "" when the description does not begin with a verb.
func operationSentence(name, text string) string {
	first, rest, _ := strings.Cut(text, " ")
	verb := strings.ToLower(first)
	if first == name && !slices.Contains(verbs, verb) {
		return sentence(text)
	}
	if first != titleCase(verb) && first != verb {
		return ""
	}
	if isThirdPerson(verb) {
		return sentence(name + " " + strings.TrimSpace(verb+" "+rest))
	}
	next, _, _ := strings.Cut(rest, " ")
	imperative := slices.Contains(verbs, verb) && rest != "" && !slices.Contains(prepositions, next)
	if imperative && strings.HasPrefix(strings.ToLower(name), verb) {
		return sentence(name + " " + thirdPerson(verb) + " " + rest)
	}
	return ""
}

// thingSentence joins a type's name and the first paragraph of its
// description: Note and "A line of text" make "Note is a line of text.".
func thingSentence(name, text string) string {
	first, rest, _ := strings.Cut(text, " ")
	switch {
	case first == name:
		return sentence(text)
	case slices.Contains([]string{"A", "An", "The", "One"}, first) && rest != "":
		return sentence(name + " is " + strings.ToLower(first) + " " + rest)
	case slices.Contains([]string{"Holds", "Describes", "Represents", "Contains", "Says", "Identifies"}, first):
		return sentence(name + " " + strings.ToLower(first) + " " + rest)
	}
	return ""
}

func titleCase(word string) string {
	first, size := firstRune(word)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + word[size:]
}

// enumerate joins words: "a", "a and b", "a, b and c".
func enumerate(list []string, last string) string {
	switch n := len(list); n {
	case 0:
		return ""
	case 1:
		return list[0]
	default:
		return strings.Join(list[:n-1], ", ") + " " + last + " " + list[n-1]
	}
}

// some enumerates up to three, and says that there are others.
func some(list []string, others string) string {
	if len(list) > 3 {
		return strings.Join(list[:3], ", ") + " and " + others
	}
	return enumerate(list, "and")
}

// scopesOf names what a requirement needs: "the scope a", "the scopes a and
// b", "the scopes a and b, or the scope c"; "" if it needs none.
func scopesOf(need spec.AnyOf) string {
	var sets []string
	for _, set := range need {
		var names []string
		for _, scope := range set {
			names = append(names, inline(scope.Value))
		}
		switch len(names) {
		case 0:
			return "" // a set that any session meets
		case 1:
			sets = append(sets, "the scope "+names[0])
		default:
			sets = append(sets, "the scopes "+enumerate(names, "and"))
		}
	}
	return strings.Join(sets, ", or ")
}

// deprecation is the notice that tools know, or nothing.
func deprecation(reason *spec.Text) []paragraph {
	if reason == nil {
		return nil
	}
	text := inline(reason.Value)
	if text == "" {
		text = "The API no longer recommends it"
	}
	return says("Deprecated: " + sentence(text))
}
