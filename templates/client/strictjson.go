package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// strictObject is a JSON object that every reader reads alike. encoding/json
// alone takes the last of two equal members and "SUB" for "sub", so that a
// reply could mean one thing to a gateway and another to us (RFC 8259 section 4).
type strictObject map[string]json.RawMessage

// parseStrictObject parses an object whose members named read are about to be
// read. Errors name those members and no other text of data.
func parseStrictObject(data []byte, read []string) (strictObject, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("is not a JSON object")
	}
	object := make(strictObject)
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errors.New("is not valid JSON")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errors.New("is not valid JSON")
		}
		if err := object.add(name, value, read); err != nil {
			return nil, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errors.New("is not valid JSON")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("has data after its end")
	}
	return object, nil
}

func (o strictObject) add(name string, value json.RawMessage, read []string) error {
	for _, known := range read {
		if name != known && strings.EqualFold(name, known) {
			return fmt.Errorf("has a member that differs from %s only in letter case", known)
		}
		if _, twice := o[name]; twice && name == known {
			return fmt.Errorf("has %s twice", known)
		}
	}
	if _, twice := o[name]; twice {
		return errors.New("has a member twice")
	}
	o[name] = value
	return nil
}

// has reports whether the member is there and not null.
func (o strictObject) has(name string) bool {
	value, ok := o[name]
	return ok && string(value) != "null"
}

// text returns a string; absent and null are empty.
func (o strictObject) text(name string) (string, error) {
	if !o.has(name) {
		return "", nil
	}
	// The value is JSON and UTF-8: what has no escape stands as it is.
	value := o[name]
	if value[0] == '"' && bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), nil
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		return "", fmt.Errorf("%s is not a string", name)
	}
	return text, nil
}

// texts returns a list of strings; absent and null are nil.
func (o strictObject) texts(name string) ([]string, error) {
	if !o.has(name) {
		return nil, nil
	}
	var entries []*string // pointers, because a null would pass for an empty string
	if err := json.Unmarshal(o[name], &entries); err != nil {
		return nil, fmt.Errorf("%s is not a list of strings", name)
	}
	texts := make([]string, 0, len(entries))
	for _, entry := range entries {
		if entry == nil {
			return nil, fmt.Errorf("%s is not a list of strings", name)
		}
		texts = append(texts, *entry)
	}
	return texts, nil
}

// flag returns a boolean; absent and null are false.
func (o strictObject) flag(name string) (bool, error) {
	switch {
	case !o.has(name) || string(o[name]) == "false":
		return false, nil
	case string(o[name]) == "true":
		return true, nil
	}
	return false, fmt.Errorf("%s is not true or false", name)
}

// maxNumericDate is the end of the year 9999, beyond which a time can
// neither be printed nor stored in the usual formats.
const maxNumericDate = 253402300799

// date returns a NumericDate (RFC 7519 section 2): seconds since 1970, perhaps
// with a fraction, which is dropped. Absent and null are the zero time.
func (o strictObject) date(name string) (time.Time, error) {
	if !o.has(name) {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseFloat(string(o[name]), 64)
	if err != nil || seconds < 1 || seconds > maxNumericDate {
		return time.Time{}, fmt.Errorf("%s is not a time in seconds since 1970", name)
	}
	return time.Unix(int64(seconds), 0), nil
}
