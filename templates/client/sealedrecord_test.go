package client

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

func TestSealedRecordIsWholeOrNothing(t *testing.T) {
	overwrite := func(t *testing.T, file string, text []byte) {
		t.Helper()
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("G18: cut short at any byte, sealed or plain, it is damaged", func(t *testing.T) {
		store, _, file := sealedFixture(t)
		for _, whole := range [][]byte{readFile(t, file), []byte(sample("secret-token"))} {
			for length := range whole {
				overwrite(t, file, whole[:length])
				mustBeDamaged(t, store)
			}
		}
	})
	t.Run("G18: with any bit changed, it is no record", func(t *testing.T) {
		store, _, file := sealedFixture(t)
		whole := readFile(t, file)
		for i := range len(whole) * 8 {
			changed := bytes.Clone(whole)
			changed[i/8] ^= 1 << (i % 8)
			overwrite(t, file, changed)
			record, err := store.Load(t.Context(), "default")
			// A changed version is a newer one, or none.
			if record != nil || !errors.Is(err, ErrRecordDamaged) && !errors.Is(err, ErrRecordNewer) || errors.Is(err, fs.ErrNotExist) {
				t.Errorf("bit %d of byte %d: %q, %v", i%8, i/8, record, err)
			}
		}
	})
	t.Run("G19: in another profile's place, it does not open", func(t *testing.T) {
		store, keys, file := sealedFixture(t)
		save(t, store, "other", sample("other"))
		if err := os.Rename(strings.Replace(file, "default", "other", 1), file); err != nil {
			t.Fatal(err)
		}
		keys.put("notes/default", keys.items["notes/other"]) // not even by its own key
		mustBeDamaged(t, again(store))
	})
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"nothing":                         {``, ErrRecordDamaged},
		"no JSON":                         {`credentials`, ErrRecordDamaged},
		"a list":                          {`[]`, ErrRecordDamaged},
		"an object of neither kind":       {`{}`, ErrRecordDamaged},
		"a version that is null":          {`{"version":null}`, ErrRecordDamaged},
		"two objects":                     {`{"version":1}{"version":1}`, ErrRecordDamaged},
		"two versions":                    {`{"version":1,"version":2}`, ErrRecordDamaged},
		"zeros, as after a power failure": {strings.Repeat("\x00", 100), ErrRecordDamaged},
		"a seal of version 0":             {`{"sealed_version":0,"sealed":"AAAA"}`, ErrRecordDamaged},
		"a seal of no version":            {`{"sealed_version":"one","sealed":"AAAA"}`, ErrRecordDamaged},
		"a seal of nothing":               {`{"sealed_version":1}`, ErrRecordDamaged},
		"a seal that is no text":          {`{"sealed_version":1,"sealed":7}`, ErrRecordDamaged},
		"a seal that is no base64":        {`{"sealed_version":1,"sealed":"!"}`, ErrRecordDamaged},
		"a seal of two lines":             {`{"sealed_version":1,"sealed":"AA\nAA"}`, ErrRecordDamaged},
		"a seal that is too short":        {`{"sealed_version":1,"sealed":"AAAA"}`, ErrRecordDamaged},
		"a newer seal":                    {`{"sealed_version":2,"anything":["else"]}`, ErrRecordNewer},
	} {
		t.Run("G18: told apart: "+name, func(t *testing.T) {
			store, _, file := sealedFixture(t)
			overwrite(t, file, []byte(test.text))
			if record, err := store.Load(t.Context(), "default"); !errors.Is(err, test.want) || record != nil {
				t.Errorf("%q, %v", record, err)
			}
		})
	}
	t.Run("G18: a seal has one text", func(t *testing.T) {
		for _, text := range []string{"AB==", "AA=", "AA\nAA", "AA AA"} {
			if data, err := decodeBase64(text); err == nil {
				t.Errorf("%q is taken for %v", text, data)
			}
		}
		for _, text := range []string{`{"sealed_version":1}`, `{"sealed_version":1,"sealed":""}`} {
			if stored, err := parseStoredText([]byte(text)); !errors.Is(err, ErrRecordDamaged) {
				t.Errorf("%s: %v, %v", text, stored, err)
			}
		}
	})
	t.Run("G18: a key of another length is none", func(t *testing.T) {
		for _, bits := range []int{0, 16, 24, 31, 33} {
			key := newSecret(base64.StdEncoding.EncodeToString(make([]byte, bits)))
			if _, err := sealRecord(key, "default", []byte("{}")); err == nil {
				t.Errorf("%d bytes are taken", bits)
			}
		}
	})
}

// FuzzStoredRecord reads what may stand in a file, as a store and as the App do.
func FuzzStoredRecord(f *testing.F) {
	key := newSecret(base64.StdEncoding.EncodeToString(make([]byte, recordKeySize)))
	plain, err := os.ReadFile("testdata/record-version-1.json")
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := sealRecord(key, "default", plain)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add(sealed)
	f.Add(sealed[:len(sealed)/2])
	f.Add([]byte(`{"sealed_version":2}`))
	f.Add([]byte(`{"version":1,"access_token":"a","expires_at":"2026-03-01T09:30:00+01:00","claims":{"sub":"<\u2028>"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		stored, err := parseStoredText(text)
		switch {
		case err != nil && !errors.Is(err, ErrRecordDamaged) && !errors.Is(err, ErrRecordNewer):
			t.Errorf("error %v", err)
		case err == nil && (stored.plain == nil) == (stored.sealed == nil):
			t.Error("neither plain nor sealed, or both")
		}
		if stored.sealed != nil {
			if record, err := openRecord(key, "default", stored.sealed); err == nil && !bytes.Equal(record, plain) {
				t.Errorf("opens %q, which was never sealed", record)
			}
		}
		c, err := decodeCredentials(text)
		if err != nil {
			return
		}
		once, err := c.encode()
		if err != nil {
			t.Fatalf("what is read cannot be written: %v", err)
		}
		decoded, err := decodeCredentials(once)
		if err != nil {
			t.Fatalf("what is written cannot be read: %v", err)
		}
		if twice, err := decoded.encode(); err != nil || !bytes.Equal(once, twice) || !decoded.sameTokens(c) || !decoded.expiresAt.Equal(c.expiresAt) {
			t.Errorf("%s becomes %s, %v", once, twice, err)
		}
		resealed, err := sealRecord(key, "other", once)
		if err != nil {
			t.Fatal(err)
		}
		if stored, err = parseStoredText(resealed); err != nil {
			t.Fatal(err)
		}
		if record, err := openRecord(key, "other", stored.sealed); err != nil || !bytes.Equal(record, once) {
			t.Errorf("%q, %v", record, err)
		}
	})
}
