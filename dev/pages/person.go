package pages

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// hues is how many colours style.css has for the discs with initials.
const hues = 8

// hue is the colour of a person or an application: always the same one.
func hue(name string) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(strings.ToLower(name))) // cannot fail
	return int(sum.Sum32() % hues)
}

// initials are for the disc beside a name: of the first and the last word, or
// of the first alone where the script has no upper case and joins its letters.
func initials(names ...string) string {
	words := strings.FieldsFunc(cmp.Or(names...), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	if len(words) == 0 {
		return "?"
	}
	first := firstRune(words[0])
	last := firstRune(words[len(words)-1])
	if len(words) == 1 || !unicode.IsUpper(first) || !unicode.IsUpper(last) {
		return string(first)
	}
	return string([]rune{first, last})
}

func firstRune(word string) rune {
	for _, r := range word {
		return unicode.ToUpper(r)
	}
	return 0
}

// focused is the person whose button has the focus at first: whom the
// application has named, or else the first. After a problem, and for an address
// of nobody here, the focus is on the field that has to be filled in.
func focused(view LoginView) string {
	switch {
	case len(view.People) == 0 || view.Problem != "" || view.Email != "" && view.Password:
		return ""
	case view.Email == "":
		return view.People[0].Email
	}
	at := slices.IndexFunc(view.People, func(p Person) bool { return strings.EqualFold(p.Email, view.Email) })
	if at < 0 {
		return ""
	}
	return view.People[at].Email
}

// standardScopes says what OpenID Connect's own scopes mean (OIDC Core 5.4
// and 11), which specs rarely describe.
var standardScopes = map[string]string{
	"openid":         "Know who you are",
	"profile":        "See your name and your profile",
	"email":          "See your e-mail address",
	"address":        "See your postal address",
	"phone":          "See your telephone number",
	"offline_access": "Stay signed in while you are away",
}

// described is what a scope means, or nothing when nobody said so.
func described(scope Scope) string {
	return cmp.Or(scope.Description, standardScopes[scope.Name])
}
