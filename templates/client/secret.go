package client

import (
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
)

const redacted = "[redacted]"

// secret is a token, a code or a verifier. Nothing that prints, logs or
// marshals it shows it: the text stands behind a pointer, which fmt prints as
// an address even inside an unexported field, where it calls no method.
type secret struct{ text *string }

func newSecret(text string) secret {
	if text == "" {
		return secret{}
	}
	return secret{text: &text}
}

// reveal returns the text, for the wire or the store.
func (s secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

func (s secret) empty() bool { return s.text == nil }

// redactFrom blacks out the secret in a text from outside that may repeat it, as
// it is or as a URL has it.
func (s secret) redactFrom(text string) string {
	if s.empty() {
		return text
	}
	text = strings.ReplaceAll(text, s.reveal(), redacted)
	return strings.ReplaceAll(text, url.QueryEscape(s.reveal()), redacted)
}

// Format implements fmt.Formatter for every verb.
func (s secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.shown()) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses too.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.shown()), nil }

// LogValue implements slog.LogValuer.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.shown()) }

func (s secret) shown() string {
	if s.empty() {
		return ""
	}
	return redacted
}
