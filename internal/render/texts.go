package render

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"example.com/scaffold/internal/lazyregexp"
	"example.com/scaffold/internal/model"
	"example.com/scaffold/templates"
	"github.com/Masterminds/sprig/v3"
)

// text is one template's.
type text struct {
	name string
	path string // for messages: where an overriding template was read
	data []byte
}

// texts returns all templates in the order of their names: those in the
// folder instead of scaffold's own. Hidden files there are nobody's business.
func texts(folder string) ([]text, error) {
	overriding, err := overrides(folder)
	if err != nil {
		return nil, err
	}
	var list []text
	for _, t := range templates.List() {
		if own, ok := overriding[t.Name]; ok {
			list = append(list, own)
			continue
		}
		data, err := templates.Text(t.Name)
		if err != nil {
			return nil, err
		}
		list = append(list, text{name: t.Name, path: t.Name, data: data})
	}
	return list, nil
}

// overrides reads the templates in a folder, and reports every file that is
// none at once.
func overrides(folder string) (map[string]text, error) {
	if folder == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	found := map[string]text{}
	var problems []error
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasPrefix(name, ".") {
			continue
		}
		t, err := override(filepath.Join(folder, name), name)
		if err != nil {
			problems = append(problems, err)
		}
		found[name] = t
	}
	return found, errors.Join(problems...)
}

func override(path, name string) (text, error) {
	if _, err := templates.Find(name); err != nil {
		return text{}, fmt.Errorf("%s: %w", path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return text{}, fmt.Errorf("read a template: %w", err)
	}
	if !info.Mode().IsRegular() { // reading a pipe would wait for ever
		return text{}, fmt.Errorf("read a template: %s is not a file", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return text{}, fmt.Errorf("read a template: %w", err)
	}
	return text{name: name, path: path, data: data}, checkVersion(path, data)
}

// versionLine is how an overriding template begins. It prints nothing.
var versionLine = lazyregexp.New(`^\{\{-? ?/\* view-model ([0-9]{1,9}) \*/ ?-?\}\}`)

// Ejected returns the text of a template for overriding: scaffold's own, below
// a line with the version of the view-model that it was written for.
func Ejected(name string) ([]byte, error) {
	if _, err := templates.Find(name); err != nil {
		return nil, err
	}
	data, err := templates.Text(name)
	if err != nil {
		return nil, fmt.Errorf("read the template: %w", err)
	}
	return append([]byte(firstLine()), data...), nil
}

func firstLine() string { return fmt.Sprintf("{{/* view-model %d */ -}}\n", model.Version) }

// checkVersion refuses a template that was written for another view-model:
// what it would make might compile and yet not be safe.
func checkVersion(path string, data []byte) error {
	found := versionLine().FindSubmatch(data)
	if found == nil {
		return fmt.Errorf("%s:1: a template begins with the version of the view-model that it was written for, which is now %s",
			path, strings.TrimSpace(firstLine()))
	}
	if version, err := strconv.Atoi(string(found[1])); err != nil || version != model.Version {
		return fmt.Errorf("%s:1: the template was written for view-model %s, and this scaffold has view-model %d: "+
			"eject it again to another folder, and carry over what you changed", path, found[1], model.Version)
	}
	return nil
}

// parse reads all templates and makes one set of them.
func parse(folder string) (*template.Template, error) {
	list, err := texts(folder)
	if err != nil {
		return nil, err
	}
	return parseTexts(list)
}

// parseTexts makes one set of all templates. What one file defines no other
// can define again: it would change more files than it seems to.
func parseTexts(list []text) (*template.Template, error) {
	called := functions()
	set, owners := template.New("").Funcs(called), map[string]string{}
	var problems []error
	for _, t := range list {
		file, err := template.New(t.path).Funcs(called).Parse(string(t.data))
		if err != nil {
			problems = append(problems, location(err))
			continue
		}
		for _, defined := range file.Templates() {
			name := defined.Name()
			if name == t.path {
				name = t.name
			}
			if owner, taken := owners[name]; taken {
				problems = append(problems, fmt.Errorf("%s and %s both define the template %q", owner, t.path, name))
			}
			owners[name] = t.path
			if _, err := set.AddParseTree(name, defined.Tree); err != nil {
				return nil, err
			}
		}
	}
	return set, errors.Join(problems...)
}

// location makes an error of text/template begin with its place.
func location(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "template: ")) }

// functions are all that templates can call. sprig's others read the clock,
// the environment, the network or random numbers, or depend on map order.
func functions() template.FuncMap {
	all := sprig.TxtFuncMap()
	return template.FuncMap{"join": all["join"], "quote": all["quote"]}
}

// Fingerprint returns a hash of everything that Files renders with but for the
// view-model: the version, the engine, and the templates, those that override
// others included. The code of scaffold is not in it: a change of that comes
// with another version, or is under development.
func Fingerprint(options Options) (string, error) {
	list, err := texts(options.Templates)
	if err != nil {
		return "", err
	}
	client, err := templates.Client()
	if err != nil {
		return "", fmt.Errorf("render the engine: %w", err)
	}
	test, err := templates.ClientTest()
	if err != nil {
		return "", fmt.Errorf("render the test package: %w", err)
	}
	var all bytes.Buffer
	add := func(name string, data []byte) { fmt.Fprintf(&all, "%q %q\n", name, data) }
	add("version", []byte(options.Version))
	for _, t := range list {
		add(t.name, t.data)
	}
	for _, f := range slices.Concat(client, test) {
		add(f.Name, f.Text)
	}
	sum := sha256.Sum256(all.Bytes())
	return hex.EncodeToString(sum[:]), nil
}
