package client

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
)

// leakWatch knows the secrets that the tests used and all that was written
// meanwhile, to find the ones in the other (G-errors).
type leakWatch struct {
	mu      sync.Mutex
	needles map[string][]needle // by their last bytes, which differ most
	places  map[string]*watchedPlace
}

// needle is one way to write a secret.
type needle struct{ text, kind string }

const (
	needleTail      = 8
	minWatchedBytes = 8 // a shorter one cannot be told from other text
)

func newLeakWatch() *leakWatch {
	return &leakWatch{needles: map[string][]needle{}, places: map[string]*watchedPlace{}}
}

// watched is one for the whole run: [TestMain] asks it in the end.
var watched = newLeakWatch()

// secret has the watch look for a secret from now on, and for what came before.
func (w *leakWatch) secret(kind string, values ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, value := range values {
		if len(value) < minWatchedBytes {
			continue
		}
		for _, text := range spellings(value) {
			n := needle{text, kind}
			if tail := text[len(text)-needleTail:]; !slices.Contains(w.needles[tail], n) {
				w.needles[tail] = append(w.needles[tail], n)
			}
		}
	}
}

// spellings are the ways in which something that prints may write a secret.
func spellings(value string) []string {
	texts := []string{
		value, url.QueryEscape(value), hex.EncodeToString([]byte(value)), strings.ToUpper(hex.EncodeToString([]byte(value))),
		strings.Trim(fmt.Sprintf("%d", []byte(value)), "[]"), // %d and %v of bytes
		strings.Trim(strings.ReplaceAll(fmt.Sprintf("%#v", []byte(value)), "[]byte{", ""), "}"),
	}
	// Within base64 of a longer text it stands at one of three places.
	for shift, skip := range []int{0, 2, 3} {
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), value...))
		texts = append(texts, encoded[skip:len(encoded)-1])
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// find returns the kinds of secrets that text holds.
func (w *leakWatch) find(text string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kinds []string
	for end := needleTail; end <= len(text); end++ {
		for _, n := range w.needles[text[end-needleTail:end]] {
			if strings.HasSuffix(text[:end], n.text) && !slices.Contains(kinds, n.kind) {
				kinds = append(kinds, n.kind)
			}
		}
	}
	return kinds
}

// leaks says in which place a secret was written, and not the secret.
func (w *leakWatch) leaks() []string {
	w.mu.Lock()
	places := w.places
	w.mu.Unlock()
	var found []string
	for name, place := range places {
		for number, line := range strings.Split(place.String(), "\n") {
			for _, kind := range w.find(line) {
				found = append(found, fmt.Sprintf("%s, line %d: holds a secret: %s", name, number+1, kind))
			}
		}
	}
	slices.Sort(found)
	return found
}

// secretTexts returns every spelling of every secret, for another process.
func (w *leakWatch) secretTexts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var texts []string
	for _, needles := range w.needles {
		for _, n := range needles {
			texts = append(texts, n.text)
		}
	}
	return texts
}

// place returns a writer whose text is searched in the end.
func (w *leakWatch) place(name string) *watchedPlace {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.places[name] == nil {
		w.places[name] = &watchedPlace{}
	}
	return w.places[name]
}

// logger logs everything, in both of slog's forms.
func (w *leakWatch) logger() *slog.Logger {
	all := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(slog.NewMultiHandler(
		slog.NewTextHandler(w.place("log as text"), all), slog.NewJSONHandler(w.place("log as JSON"), all)))
}

// tee has the place see what goes to a file of the process, until it is undone.
func (w *leakWatch) tee(name string, file **os.File) (undo func() error, err error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	original := *file
	*file = writer
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(io.MultiWriter(original, w.place(name)), reader)
		copied <- err
	}()
	return func() error {
		*file = original
		if err := writer.Close(); err != nil {
			return err
		}
		return <-copied
	}, nil
}

// watchedPlace is a buffer for many writers.
type watchedPlace struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *watchedPlace) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(text)
}

func (p *watchedPlace) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}
