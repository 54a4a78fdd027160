package render

import (
	"bytes"
	"maps"
	"slices"
	"testing"
	"text/template"
)

// Others would have to be thought about: a template that reads the clock, the
// environment or a map's order makes another package each time.
func TestTemplatesReachNoOtherFunction(t *testing.T) {
	if names := slices.Sorted(maps.Keys(functions())); !slices.Equal(names, []string{"join", "quote"}) {
		t.Errorf("templates can call %q", names)
	}
}

func TestFunctions(t *testing.T) {
	for text, want := range map[string]string{
		`{{join ", " .List}}`: "a, b", `{{quote .Text}}`: `"say \"hi\"\n"`, `{{join "; " .None}}`: "",
	} {
		set, err := template.New("").Funcs(functions()).Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		data := map[string]any{"List": []string{"a", "b"}, "Text": "say \"hi\"\n", "None": []string(nil)}
		if err := set.Execute(&got, data); err != nil || got.String() != want {
			t.Errorf("%s: %q, %v", text, got.String(), err)
		}
	}
}
