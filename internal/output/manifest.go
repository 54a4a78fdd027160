package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// manifestName is the file that says which files of the folder are ours.
const manifestName = ".scaffold.json"

// manifestVersion is the format that this package reads and writes.
const manifestVersion = 1

// manifest says which files are ours, by name and hash.
//
// While an Apply runs, the folder holds a manifest with pending: what each
// file is about to become. A file may then have either hash, so a run that is
// stopped between two renames leaves no file that the next run would take for
// someone else's.
type manifest struct {
	spec    string // what the files were rendered from, relative to the folder; empty: not known
	files   map[string]string
	pending map[string]string
}

func newManifest() manifest {
	return manifest{files: map[string]string{}, pending: map[string]string{}}
}

// lists tells whether name is ours.
func (m manifest) lists(name string) bool {
	return m.files[name] != "" || m.pending[name] != ""
}

// accepts tells whether a file with this name and hash is as we wrote it.
func (m manifest) accepts(name, hash string) bool {
	return m.files[name] == hash || m.pending[name] == hash
}

// encode returns the manifest's text: sorted, one line a file, so that two
// branches merge.
func (m manifest) encode() []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "{\n  \"version\": %d,\n  ", manifestVersion)
	if m.spec != "" {
		fmt.Fprintf(&text, "\"spec\": \"%s\",\n  ", m.spec) // see checkSpec
	}
	text.WriteString("\"files\": ")
	encodeHashes(&text, m.files)
	if len(m.pending) > 0 {
		text.WriteString(",\n  \"pending\": ")
		encodeHashes(&text, m.pending)
	}
	text.WriteString("\n}\n")
	return text.Bytes()
}

func encodeHashes(text *bytes.Buffer, hashes map[string]string) {
	if len(hashes) == 0 {
		text.WriteString("{}")
		return
	}
	separator := "{\n"
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		// Names hold nothing that JSON would escape: see checkName.
		fmt.Fprintf(text, "%s    \"%s\": \"%s\"", separator, name, hashes[name])
		separator = ",\n"
	}
	text.WriteString("\n  }")
}

// parseManifest reads what encode wrote and nothing else: from a manifest
// that is only roughly right, no file is deleted.
func parseManifest(data []byte) (manifest, error) {
	m := newManifest()
	top, err := members(data)
	if err != nil {
		return m, err
	}
	var version int
	if err := json.Unmarshal(top["version"], &version); err != nil || version < 1 {
		return m, errors.New("it has no format version")
	}
	if version > manifestVersion {
		return m, fmt.Errorf("its format version is %d, and this scaffold knows none above %d", version, manifestVersion)
	}
	for _, key := range slices.Sorted(maps.Keys(top)) {
		switch key {
		case "version":
		case "spec":
			m.spec, err = parseSpec(top[key])
		case "files":
			m.files, err = parseHashes(top[key])
		case "pending":
			m.pending, err = parseHashes(top[key])
		default:
			err = fmt.Errorf("its key %q is unknown", key)
		}
		if err != nil {
			return m, err
		}
	}
	if _, ok := top["files"]; !ok {
		return m, errors.New("it lists no files")
	}
	return m, nil
}

// checkSpec returns why a path cannot stand in a manifest: it would have to be
// escaped there.
func checkSpec(path string) error {
	if !utf8.ValidString(path) || strings.ContainsFunc(path, func(r rune) bool { return r == '"' || r == '\\' || !unicode.IsPrint(r) }) {
		return fmt.Errorf("%q is not the path of a spec", path)
	}
	return nil
}

func parseSpec(data []byte) (path string, err error) {
	if err := json.Unmarshal(data, &path); err != nil || path == "" {
		return "", errors.New("its spec is not a path")
	}
	return path, checkSpec(path)
}

// SpecOf returns what From recorded of the package in the folder dir. It is empty
// when that is not known.
func SpecOf(dir string) string {
	root, err := openExisting(dir)
	if err != nil || root == nil {
		return ""
	}
	defer func() { _ = root.Close() }() // read only: nothing can be lost
	text, err := readEntry(root, manifestName)
	if err != nil || !text.regular() {
		return ""
	}
	known, err := parseManifest(text.data)
	if err != nil {
		return "" // NewPlan says what is wrong with it
	}
	return known.spec
}

func parseHashes(data []byte) (map[string]string, error) {
	values, err := members(data)
	if err != nil {
		return nil, err
	}
	hashes := make(map[string]string, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := checkName(name); err != nil {
			return nil, err
		}
		var text string
		if err := json.Unmarshal(values[name], &text); err != nil || !isHash(text) {
			return nil, fmt.Errorf("the hash of %q is not a SHA-256", name)
		}
		hashes[name] = text
	}
	return hashes, nil
}

// members returns the members of the JSON object that data is. encoding/json
// alone takes the last of two equal keys; here that is an error.
func members(data []byte) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	found := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("it is not JSON: %w", err)
		}
		key, _ := token.(string) // within an object the decoder gives no other key
		if _, twice := found[key]; twice {
			return nil, fmt.Errorf("its key %q stands twice", key)
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, fmt.Errorf("it is not JSON: %w", err)
		}
		found[key] = value
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("it is not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text follows its end")
	}
	return found, nil
}
