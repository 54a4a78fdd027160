package client

import (
	"bytes"
	"encoding/json"
)

// Nullable is a field that may be absent, null or a value. The zero Nullable
// is absent and is left out of a request.
type Nullable[T any] struct {
	value   *T
	present bool
}

// NullableValue returns a Nullable that holds a value.
func NullableValue[T any](value T) Nullable[T] {
	return Nullable[T]{value: &value, present: true}
}

// NullableNull returns a Nullable that is null.
func NullableNull[T any]() Nullable[T] { return Nullable[T]{present: true} }

// Get returns the value, and false when there is none.
func (n Nullable[T]) Get() (T, bool) {
	if n.value == nil {
		var none T
		return none, false
	}
	return *n.value, true
}

// IsNull reports whether the field is present and null.
func (n Nullable[T]) IsNull() bool { return n.present && n.value == nil }

// IsZero reports whether the field is absent; encoding/json's omitzero asks.
func (n Nullable[T]) IsZero() bool { return !n.present }

// MarshalJSON implements json.Marshaler.
func (n Nullable[T]) MarshalJSON() ([]byte, error) { return json.Marshal(n.value) }

// UnmarshalJSON implements json.Unmarshaler.
func (n *Nullable[T]) UnmarshalJSON(data []byte) error {
	*n = Nullable[T]{present: true}
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	n.value = new(T)
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // as for every reply
	return decoder.Decode(n.value)
}
