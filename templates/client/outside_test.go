package client

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// The targets below are for whatever reads text from outside and is not the
// reader of one document, which have theirs beside their tests.

func FuzzStrictObject(f *testing.F) {
	f.Add(`{"sub":"a","x":[1,{"sub":"b"}],"y":null}`)
	f.Add(`{"sub":"a","SUB":"b"}`)
	f.Add(`{"x":1,"x":2}`)
	f.Add(`{"sub":"a"} {}`)
	f.Add("{\"\xff\":1}")
	read := []string{"sub", "access_token"}
	f.Fuzz(func(t *testing.T, text string) {
		object, err := parseStrictObject([]byte(text), read)
		if err != nil {
			if object != nil || len(err.Error()) > 80 {
				t.Fatalf("%d members beside %q", len(object), err)
			}
			return
		}
		var plain map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text), &plain); err != nil || !utf8.ValidString(text) {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		// Every reader reads it alike: nothing is there twice, nor in another case.
		if !maps.EqualFunc(object, plain, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Fatalf("got %q, encoding/json got %q", object, plain)
		}
		for name := range object {
			if slices.ContainsFunc(read, func(known string) bool { return name != known && strings.EqualFold(name, known) }) {
				t.Fatalf("accepted %q", name)
			}
		}
		var folded struct {
			Sub json.RawMessage `json:"sub"`
		}
		if err := json.Unmarshal([]byte(text), &folded); err == nil && object.has("sub") && string(folded.Sub) != string(object["sub"]) {
			t.Fatalf("sub is %s, and in a struct %s", object["sub"], folded.Sub)
		}
	})
}

func FuzzScopes(f *testing.F) {
	for _, text := range []string{"", "openid", " openid  read:notes openid ", "a\tb", `a"b`, `a\b`, "é", "read:notes read:notes-all", "!#[]~"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		encoded, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		object := strictObject{"scope": encoded}
		scopes, err := scopeMember(object, "scope")
		if err != nil {
			if scopes != nil || err.Error() != "scope has characters that no scope has" {
				t.Fatalf("%q beside %q", scopes, err)
			}
			if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) {
				t.Fatalf("refused %q", text)
			}
			return
		}
		var want []string
		for _, scope := range strings.Split(text, " ") {
			if scope != "" && !slices.Contains(want, scope) {
				want = append(want, scope)
			}
		}
		if !slices.Equal(scopes, want) || !slices.Equal(scopes, slices.DeleteFunc(slices.Clone(scopes), func(s string) bool { return !isScopeToken(s) })) {
			t.Fatalf("%q became %q", text, scopes)
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"", "0", "120", "-1", "1e9", "99999999999999999999", "Mon, 04 May 2026 12:01:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "soon", " 7"} {
		f.Add(text)
	}
	clock := &testClock{}
	f.Fuzz(func(t *testing.T, text string) {
		got, given := retryAfter(http.Header{"Retry-After": {text}}, clock.now())
		if got < 0 || got > maxRetryAfter || got%time.Second != 0 || !given && got != 0 {
			t.Fatalf("%q is %v", text, got)
		}
		var seconds int
		if _, err := fmt.Sscanf(text, "%d", &seconds); err == nil && fmt.Sprint(seconds) == text && seconds >= 0 {
			if want := min(time.Duration(min(seconds, 1e6))*time.Second, maxRetryAfter); got != want {
				t.Fatalf("%q is %v, want %v", text, got, want)
			}
		}
		if date, err := http.ParseTime(text); err == nil && date.After(clock.now()) && got == 0 {
			t.Fatalf("the date %q is no pause", text)
		}
	})
}

// FuzzUser is for the claims of an ID token and of a userinfo reply.
func FuzzUser(f *testing.F) {
	f.Add(`{"sub":"auth0|ada","name":"Ada","email_verified":"true","updated_at":"2026-01-01T00:00:00Z"}`)
	f.Add(`{"sub":"u","updated_at":1e300,"name":7,"email_verified":1}`)
	f.Add(`{"sub":"u","Email":"x"}`)
	f.Add(`{"sub":"a\n"}`)
	f.Fuzz(func(t *testing.T, text string) {
		user, err := newUser([]byte(text))
		if err != nil {
			if mustJSON(user) != mustJSON(User{}) || len(err.Error()) > 120 {
				t.Fatalf("%v beside %q", user, err)
			}
			return
		}
		if user.Subject == "" || len(user.Subject) > maxSubjectSize || strings.ContainsFunc(user.Subject, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Fatalf("subject %q", user.Subject)
		}
		var subject string
		if err := user.Claim("sub", &subject); err != nil || subject != user.Subject {
			t.Fatalf("two subjects: %q and %q, %v", subject, user.Subject, err)
		}
		if fmt.Sprint(user) != user.Subject {
			t.Fatalf("printed as %v", user)
		}
		// What is stored is what is read again.
		if again, err := newUser(user.claims); err != nil || mustJSON(again) != mustJSON(user) {
			t.Fatalf("read again: %v, %v", again, err)
		}
	})
}

// FuzzDate is for dates from the API and from the caller: they are read and written
// as the time package would, though without it.
func FuzzDate(f *testing.F) {
	for _, text := range []string{"2026-02-28", "2024-02-29", "2026-02-29", "0000-01-01", "9999-12-31", "2026-1-1", "2026-01-01T00:00:00Z", "",
		"2026-13-01", "2026-00-01", "+026-01-01", "-001-01-01", "2026-01-1 ", "2026/01-01", "2026-01/01", "２０２６-01-01"} {
		f.Add(text, 2026, 2, 28)
	}
	f.Add("", -1, 1, 1)
	f.Add("", 10000, 1, 1)
	f.Add("", 7, 12, 31)
	f.Fuzz(func(t *testing.T, text string, year, month, day int) {
		var got Date
		err := got.UnmarshalText([]byte(text))
		want, wantErr := time.Parse(time.DateOnly, text)
		if (err == nil) != (wantErr == nil) || err == nil && got != DateOf(want) || err != nil && !got.IsZero() {
			t.Errorf("%q is %v, %v; the time package has %v, %v", text, got, err, want, wantErr)
		}
		d := Date{Year: year, Month: time.Month(month), Day: day}
		midnight := d.In(time.UTC)
		exists := year >= 0 && year <= 9999 && DateOf(midnight) == d
		written, err := d.MarshalText()
		if exists != (err == nil) || exists && (string(written) != midnight.Format(time.DateOnly) || d.String() != string(written)) {
			t.Errorf("%#v is shown as %q, and written as %q, %v", d, d, written, err)
		}
	})
}

// FuzzDecodeReply is for what the API answers: no error quotes it.
func FuzzDecodeReply(f *testing.F) {
	for _, text := range []string{`["a"]`, `[1]`, `{"a":{}}`, `["a"] x`, ``, `["2026-13-01"]`, `[12345678901234567890]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var list []string
		var dates []Date
		for _, into := range []any{&list, &dates} {
			err := decodeReply([]byte(text), request{result: into})
			keeping := decodeReply([]byte(text), request{result: into, keepDigits: true})
			if plain := json.Unmarshal([]byte(text), into); (err == nil) != (plain == nil) || (keeping == nil) != (plain == nil) {
				t.Fatalf("decoded: %v and %v, by encoding/json: %v", err, keeping, plain)
			}
			if err != nil && (len(err.Error()) > 80 || strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > '~' })) {
				t.Fatalf("the error holds the reply: %q", err)
			}
		}
	})
}
