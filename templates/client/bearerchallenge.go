package client

import (
	"net/http"
	"strings"
)

// bearerChallenge returns the parameters of the first Bearer challenge in the
// WWW-Authenticate fields (RFC 9110 section 11.6.1), with names in lower case.
func bearerChallenge(header http.Header) map[string]string {
	for _, field := range header.Values("WWW-Authenticate") {
		for rest := field; rest != ""; {
			scheme, after := cutToken(strings.TrimLeft(rest, " \t,"))
			if scheme == "" {
				break
			}
			params, next := challengeParams(after)
			if strings.EqualFold(scheme, "Bearer") {
				return params
			}
			rest = next
		}
	}
	return nil
}

// challengeParams reads name=value pairs up to the next challenge, which begins
// with a token that no "=" follows.
func challengeParams(text string) (params map[string]string, rest string) {
	params = map[string]string{}
	for {
		text = strings.TrimLeft(text, " \t,")
		name, after := cutToken(text)
		after = strings.TrimLeft(after, " \t")
		if name == "" || !strings.HasPrefix(after, "=") {
			return params, text
		}
		value, after := cutValue(strings.TrimLeft(after[1:], " \t"))
		params[strings.ToLower(name)] = value
		text = after
	}
}

// cutToken splits off a token (RFC 9110 section 5.6.2).
func cutToken(text string) (token, rest string) {
	end := strings.IndexFunc(text, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// cutValue splits off a token or a quoted string (RFC 9110 section 5.6.4).
func cutValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		return cutToken(text)
	}
	var unquoted strings.Builder
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '"':
			return unquoted.String(), text[i+1:]
		case '\\':
			i++
			if i == len(text) {
				return unquoted.String(), ""
			}
		}
		unquoted.WriteByte(text[i])
	}
	return unquoted.String(), "" // the quote never ends
}
