package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"example.com/scaffold/spec"
)

// request is a request whose every part is as the spec has it.
type request struct {
	route    *route
	segments []string       // of the path, unescaped
	path     map[string]any // the parameters, by name
	query    map[string]any // those that were sent; a list is an []any
	body     any
	caller   caller
}

// maxBody is the size of a request's body, in bytes.
const maxBody = 1 << 20

// read checks everything that a request brings and tells all that is wrong.
func (t types) read(w http.ResponseWriter, r *http.Request, m match) (*request, *problem) {
	e := m.route.endpoint
	q := &request{route: m.route, segments: m.segments, path: map[string]any{}}
	var faults []fault
	for _, f := range e.PathParams {
		name := f.Name.Value
		value, must := t.parse(f, m.params[name])
		if must != "" {
			faults = append(faults, fault{Detail: "the path parameter " + name + " " + must, Parameter: name})
		}
		q.path[name] = value
	}
	var wrong []fault
	q.query, wrong = t.readQuery(e.Query, r)
	faults = append(faults, wrong...)
	faults = append(faults, t.readHeader(e.Header, r.Header)...)
	var refused *problem
	q.body, wrong, refused = t.readBody(w, r, e.Body)
	faults = append(faults, wrong...)
	if len(faults) > 0 {
		return nil, invalid(faults[:min(len(faults), maxFaults)])
	}
	return q, refused
}

// parse reads a parameter, which is text; must says what it has to be if it is
// something else.
func (t types) parse(f spec.Field, text string) (value any, must string) {
	if values := t.enumOf(f); values != nil {
		return text, enumFault(values, text)
	}
	value = text
	switch f.Type.Kind {
	case spec.Integer, spec.Number:
		value = json.Number(text)
	case spec.Boolean:
		if text == "true" || text == "false" {
			value = text == "true"
		}
	}
	return value, scalarFault(f.Type.Kind, value)
}

func (t types) readQuery(params []spec.Field, r *http.Request) (map[string]any, []fault) {
	values := map[string]any{}
	var faults []fault
	wrong := func(name, must string) {
		faults = append(faults, fault{Detail: "the query parameter " + shorten(name) + " " + must, Parameter: shorten(name)})
	}
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, []fault{{Detail: "the query cannot be read: it is not names and values as a form has them"}}
	}
	for _, f := range params {
		name := f.Name.Value
		texts := sent[name]
		delete(sent, name)
		if f.Type.Kind == spec.List {
			list := make([]any, len(texts))
			for i, text := range texts {
				var must string
				if list[i], must = t.parse(spec.Field{Type: f.Type.Elem}, text); must != "" {
					wrong(name, must)
				}
			}
			if len(texts) > 0 {
				values[name] = list
			}
			continue
		}
		switch {
		case len(texts) == 0 && f.Optional:
		case len(texts) == 0:
			wrong(name, "is missing")
		case len(texts) > 1:
			wrong(name, "stands there more than once")
		default:
			value, must := t.parse(f, texts[0])
			if values[name] = value; must != "" {
				wrong(name, must)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		wrong(name, "is unknown; "+takes(params))
	}
	return values, faults
}

// takes lists the parameters that there are.
func takes(params []spec.Field) string {
	if len(params) == 0 {
		return "this endpoint takes none"
	}
	names := make([]string, len(params))
	for i, f := range params {
		names[i] = f.Name.Value
	}
	return "this endpoint takes " + strings.Join(names, ", ")
}

func (t types) readHeader(params []spec.Field, header http.Header) []fault {
	var faults []fault
	for _, f := range params {
		name := f.Name.Value
		texts := header.Values(name)
		must := ""
		switch {
		case len(texts) == 0 && !f.Optional:
			must = "is missing"
		case len(texts) > 1:
			must = "stands there more than once"
		case len(texts) == 1:
			_, must = t.parse(f, texts[0])
		}
		if must != "" {
			faults = append(faults, fault{Detail: "the header " + name + " " + must, Header: name})
		}
	}
	return faults
}

// readBody reads the JSON of a body. A refusal is of a body that is no JSON of
// a usable size.
func (t types) readBody(w http.ResponseWriter, r *http.Request, of *spec.TypeRef) (any, []fault, *problem) {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	if of == nil {
		if n, _ := io.ReadFull(body, make([]byte, 1)); n > 0 {
			return nil, []fault{{Detail: "this endpoint takes no body"}}, nil
		}
		return nil, nil, nil
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if charset := params["charset"]; err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		return nil, nil, &problem{Status: http.StatusUnsupportedMediaType, Detail: "the body must be JSON: send Content-Type: application/json"}
	}
	text, err := io.ReadAll(body)
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, nil, &problem{Status: http.StatusRequestEntityTooLarge, Detail: fmt.Sprintf("the body is larger than %d bytes", maxBody)}
	}
	if err != nil {
		return nil, []fault{{Detail: "the body was cut short"}}, nil
	}
	value, err := decode(text)
	if err != nil {
		return nil, []fault{{Detail: "the body " + err.Error()}}, nil
	}
	c := checker{types: t}
	c.value(of, value, place{})
	return value, c.faults, nil
}

// decode reads one JSON value and nothing after it. Its errors go on from "the
// body", and repeat nothing of it.
func decode(text []byte) (any, error) {
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	var value any
	err := d.Decode(&value)
	wrong, malformed := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, io.EOF):
		return nil, errors.New("is missing")
	case malformed:
		return nil, fmt.Errorf("is not JSON at byte %d", wrong.Offset)
	case err != nil:
		return nil, errors.New("is not whole: its JSON does not end")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("goes on after the end of its JSON")
	}
	return value, nil
}
