package client

import (
	"fmt"
	"io"
	"log/slog"
)

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

// Format implements fmt.Formatter for every verb.
func (s secret) Format(w fmt.State, _ rune) { _, _ = io.WriteString(w, s.redacted()) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses too.
func (s secret) MarshalText() ([]byte, error) { return []byte(s.redacted()), nil }

// LogValue implements slog.LogValuer.
func (s secret) LogValue() slog.Value { return slog.StringValue(s.redacted()) }

func (s secret) redacted() string {
	if s.empty() {
		return ""
	}
	return "[redacted]"
}
