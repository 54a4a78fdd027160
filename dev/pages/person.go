package pages

import (
	"cmp"
	"hash/crc32"
	"slices"
	"strings"
	"unicode"
)

// hues is how many colours style.css has for the discs with initials.
const hues = 8

// hue is the colour of a person on every page, by what is before the host of
// the address.
func hue(address string) int {
	name, _, _ := strings.Cut(strings.ToLower(address), "@")
	return int(crc32.ChecksumIEEE([]byte(name)) >> 16 % hues)
}

// initials are for the disc beside the first name that is not empty: of its
// first and its last word, or of the first alone where the script has no upper
// case and joins its letters.
func initials(names ...string) string {
	name, _, _ := strings.Cut(cmp.Or(names...), "@") // of an address, what is before its host
	words := strings.FieldsFunc(name, func(r rune) bool {
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
