package model

import (
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// initialisms are the words that Go writes in one case, after the list of
// Go's code review comments, with what identity providers and APIs add.
var initialisms = map[string]string{
	"acl": "ACL", "api": "API", "ascii": "ASCII", "aws": "AWS", "cpu": "CPU", "crud": "CRUD", "css": "CSS",
	"csv": "CSV", "db": "DB", "dns": "DNS", "eof": "EOF", "gps": "GPS", "guid": "GUID", "html": "HTML",
	"http": "HTTP", "https": "HTTPS", "iban": "IBAN", "id": "ID", "ip": "IP", "ipv4": "IPv4", "ipv6": "IPv6",
	"iso": "ISO", "json": "JSON", "jwk": "JWK", "jwks": "JWKS", "jwt": "JWT", "ldap": "LDAP", "mfa": "MFA",
	"oauth": "OAuth", "oauth2": "OAuth2", "oidc": "OIDC", "openid": "OpenID", "otp": "OTP", "pdf": "PDF",
	"pkce": "PKCE", "png": "PNG", "qr": "QR", "ram": "RAM", "rpc": "RPC", "saml": "SAML", "sdk": "SDK",
	"sla": "SLA", "sms": "SMS", "smtp": "SMTP", "sql": "SQL", "ssh": "SSH", "sso": "SSO", "svg": "SVG",
	"tcp": "TCP", "tls": "TLS", "ttl": "TTL", "udp": "UDP", "ui": "UI", "uri": "URI", "url": "URL", "urn": "URN",
	"utc": "UTC", "utf8": "UTF8", "uuid": "UUID", "vat": "VAT", "vm": "VM", "xml": "XML", "xss": "XSS",
}

// spelled are the characters that tell names apart: c and c++, +1 and -1.
var spelled = map[rune]string{
	'+': "Plus", '*': "All", '&': "And", '%': "Percent", '<': "Less", '>': "Greater", '=': "Equal", '!': "Not",
}

// spelledAlone are spelled only in a name that has nothing else.
var spelledAlone = map[rune]string{
	'-': "Dash", '.': "Dot", '/': "Slash", '_': "Underscore", ':': "Colon", ' ': "Space", ',': "Comma",
	'#': "Hash", '@': "At", '$': "Dollar", '?': "Question", '~': "Tilde", '|': "Pipe", '^': "Caret",
}

// exportedName makes an exported Go name of any text. It returns "" for text
// that holds nothing to make one of.
func exportedName(text string) string {
	name := tail(text)
	first, _ := firstRune(name)
	switch {
	case name == "" || unicode.IsUpper(first):
		return name
	case unicode.IsDigit(first):
		return "N" + name
	}
	return "X" + name // a script without upper case
}

// tail makes what follows a prefix in a Go name, such as Draft in StatusDraft;
// it may begin with a digit.
func tail(text string) string { return joinWords(quieten(words(text))) }

// keptName is exportedName for a name that is meant as a Go name already: its
// capitals stay.
func keptName(text string) string {
	if token.IsIdentifier(text) && token.IsExported(text) && !strings.Contains(text, "_") {
		return joinWords(words(text))
	}
	return exportedName(text)
}

// localName makes the Go name of a parameter.
func localName(text string) string {
	list := quieten(words(text))
	if len(list) == 0 {
		return ""
	}
	rest := joinWords(list[1:])
	first := strings.ToLower(list[0])
	if r, _ := firstRune(first); unicode.IsDigit(r) {
		first = "n" + first
	}
	if rest != "" && endsInDigit(first) && startsWithDigit(rest) {
		return first + "_" + rest
	}
	return first + rest
}

func joinWords(list []string) string {
	if len(list) == 1 {
		return titled(list[0])
	}
	length := 0
	for _, word := range list {
		length += len(word) + len("_")
	}
	var name strings.Builder
	name.Grow(length)
	for _, word := range list {
		word = titled(word)
		if endsInDigit(name.String()) && startsWithDigit(word) {
			name.WriteByte('_') // 1.0 is not 10
		}
		name.WriteString(word)
	}
	return name.String()
}

// titled returns a word as it stands inside a Go name.
func titled(word string) string {
	lower := strings.ToLower(word)
	stem := strings.TrimRight(lower, "0123456789")
	digits := lower[len(stem):]
	if known, ok := initialisms[lower]; ok {
		return known
	}
	if known, ok := initialisms[stem]; ok {
		return known + digits
	}
	if known, ok := initialisms[strings.TrimSuffix(stem, "s")]; ok && strings.HasSuffix(stem, "s") {
		return known + "s" + digits
	}
	first, size := firstRune(word)
	if unicode.IsUpper(first) {
		return word
	}
	return string(unicode.ToUpper(first)) + word[size:]
}

// quieten turns the words of SCREAMING_SNAKE into lower case. A lone short
// word, such as EUR, is more likely an abbreviation.
func quieten(list []string) []string {
	letters := 0
	for _, word := range list {
		for _, r := range word {
			if unicode.IsLower(r) {
				return list
			}
			if unicode.IsUpper(r) {
				letters++
			}
		}
	}
	if len(list) == 1 && letters <= 3 {
		return list
	}
	quiet := make([]string, len(list))
	for i, word := range list {
		quiet[i] = strings.ToLower(word)
	}
	return quiet
}

// words splits text at everything that is neither letter nor digit, and at
// the humps of camel case.
func words(text string) []string {
	text = withoutMarks(text)
	list := make([]string, 0, 4) // most names have no more words
	begin := -1                  // of a word
	end := func(i int) {
		if begin >= 0 {
			list, begin = append(list, text[begin:i]), -1
		}
	}
	var before rune
	for i, r := range text {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end(i)
			if name := spelledAt(text, i, r); name != "" {
				list = append(list, name)
			}
		case begin < 0:
			begin = i
		case hump(before, r, text[i+utf8.RuneLen(r):]):
			end(i)
			begin = i
		}
		before = r
	}
	end(len(text))
	if len(list) > 0 {
		return list
	}
	for _, r := range text {
		if name := spelledAlone[r]; name != "" {
			list = append(list, name)
		}
	}
	return list
}

// withoutMarks leaves out accents of their own, which cannot stand in a Go name.
func withoutMarks(text string) string {
	isMark := func(r rune) bool { return unicode.Is(unicode.M, r) }
	if !strings.ContainsFunc(text, isMark) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if isMark(r) {
			return -1
		}
		return r
	}, text)
}

func spelledAt(text string, i int, r rune) string {
	if next, _ := firstRune(text[i+1:]); r == '-' && i == 0 && (unicode.IsLetter(next) || unicode.IsDigit(next)) {
		return "Minus" // -1, or -date as an order to sort by
	}
	return spelled[r]
}

// hump reports whether a word of camel case begins with r: with the B of aB, of
// ABc and of 1Bc.
func hump(before, r rune, after string) bool {
	if !unicode.IsUpper(r) {
		return false
	}
	if unicode.IsLower(before) {
		return true
	}
	next, size := firstRune(after)
	if !unicode.IsLower(next) {
		return false
	}
	last, _ := firstRune(after[size:])
	return next != 's' || unicode.IsLower(last) // not at the D of IDs
}

// firstRune returns the first character and its length; of no text, 0.
func firstRune(s string) (rune, int) {
	if s == "" {
		return 0, 0
	}
	return utf8.DecodeRuneInString(s)
}

func startsWithDigit(s string) bool {
	r, _ := firstRune(s)
	return unicode.IsDigit(r)
}

func endsInDigit(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsDigit(r)
}

// scopeTail makes what follows Scope in a constant's name. Of a scope that is
// a URL, it is what follows the last slash, if that is not empty.
func scopeTail(scope string) string {
	_, rest, isURL := strings.Cut(scope, "://")
	if !isURL {
		return tail(scope)
	}
	host, path, _ := strings.Cut(strings.TrimRight(rest, "/"), "/")
	if name := tail(path[strings.LastIndex(path, "/")+1:]); name != "" {
		return name
	}
	host = strings.TrimPrefix(host, "www.")
	if dot := strings.LastIndex(host, "."); dot > 0 {
		host = host[:dot] // the top-level domain says nothing
	}
	return tail(host)
}

// longScopeTail is for a URL whose last part names another scope, too.
func longScopeTail(scope string) string {
	_, rest, _ := strings.Cut(scope, "://")
	return tail(strings.TrimPrefix(rest, "www."))
}
