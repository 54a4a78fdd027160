package docs

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/scaffold/internal/model"
	"example.com/scaffold/internal/render"
	"example.com/scaffold/spec"
)

// schema is as much of a JSON Schema as the page shows.
type schema struct {
	Ref                  string             `json:"$ref"`
	Defs                 map[string]*schema `json:"$defs"`
	Description          string
	Type                 any
	Const                any
	Enum                 []string
	Properties           map[string]*schema
	Required             []string
	AdditionalProperties json.RawMessage
	Items                *schema
	AnyOf                []*schema
	Then, Else           *schema
}

// keyed returns the one of the schema's forms that is a mapping with keys.
func (s *schema) keyed() *schema {
	for _, form := range append(s.AnyOf, s) {
		if len(form.Properties) > 0 {
			return form
		}
	}
	return nil
}

// linked are the parts of the schema that have a place on the page.
var linked = map[string]string{
	"tenant":      "[a tenant](#the-tenant)",
	"api":         "[an API](#the-api)",
	"scope":       "[scope](#scopes)",
	"type":        "[type](#declared-types)",
	"fields":      "[fields](#fields-and-parameters)",
	"field":       "[field](#fields-and-parameters)",
	"typeRef":     "[a type](#types)",
	"elemRef":     "[a type](#types) that is not optional",
	"enum":        "[values](#declared-types)",
	"endpoint":    "[endpoint](#endpoints)",
	"requirement": "[scopes](#the-scopes-of-an-endpoint)",
	"scopeSet":    "a list of scopes",
	"dev":         "[people](#people-for-development-and-tests)",
	"user":        "[user](#people-for-development-and-tests)",
	"generate":    "[packages](#packages-beside-the-client)",
}

// value says what a key takes.
func (s *schema) value() string {
	words := make([]string, len(s.Enum))
	for i, word := range s.Enum {
		words[i] = "`" + word + "`"
	}
	switch {
	case s.Ref != "":
		return linked[strings.TrimPrefix(s.Ref, "#/$defs/")]
	case s.Const != nil:
		return fmt.Sprintf("`%v`", s.Const)
	case len(words) > 0:
		return strings.Join(words, " or ")
	case s.Items != nil:
		return "a list: " + s.Items.value()
	case s.Type == "object":
		each := &schema{}
		if err := json.Unmarshal(s.AdditionalProperties, each); err == nil && (each.Ref != "" || each.Items != nil) {
			return "a mapping: name to " + each.value()
		}
		return "a mapping: name to text or number"
	case s.Type == "string":
		return "text"
	case s.Type == "boolean":
		return "`true` or `false`"
	}
	return "`true`, or text"
}

func (s *schema) table() string {
	var out strings.Builder
	out.WriteString("| key | value | |\n| --- | --- | --- |\n")
	names := slices.SortedFunc(maps.Keys(s.Properties), func(a, b string) int {
		if one, other := slices.Contains(s.Required, a), slices.Contains(s.Required, b); one != other {
			if one {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		property, needed := s.Properties[name], ""
		if slices.Contains(s.Required, name) {
			needed = " **Required.**"
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s%s |\n", name, property.value(), cell(property.Description), needed)
	}
	return out.String()
}

func TestKeysOfTheSpec(t *testing.T) {
	var root schema
	if err := json.Unmarshal(spec.Schema(), &root); err != nil {
		t.Fatal(err)
	}
	parts := map[string]*schema{
		"file": &root, "tenant": root.Defs["tenant"], "api": root.Defs["api"], "scope": root.Defs["scope"],
		"struct": root.Defs["type"].Then, "enum": root.Defs["type"].Else.Then, "field": root.Defs["field"],
		"dev": root.Defs["dev"], "user": root.Defs["user"], "generate": root.Defs["generate"],
		"endpoint": root.Defs["endpoint"], "requirement": root.Defs["requirement"],
	}
	for name, part := range parts {
		generated(t, "spec.md", name, part.keyed().table())
	}
	var types strings.Builder
	types.WriteString("| form | |\n| --- | --- |\n")
	for _, form := range root.Defs["typeRef"].AnyOf {
		words := "a name of your own"
		switch {
		case len(form.Enum) > 0:
			words = form.value()
		case form.Type == "array":
			words = "`[T]`"
		case form.Type == "object":
			words = "`{string: T}`"
		case strings.Contains(form.Description, "absent"):
			words = "`optional` and a name of your own"
		}
		fmt.Fprintf(&types, "| %s | %s |\n", strings.ReplaceAll(words, " or ", " "), cell(form.Description))
	}
	generated(t, "spec.md", "types", types.String())

	for name := range root.Defs {
		if linked[name] == "" {
			t.Errorf("the schema's %s has no place on the page", name)
		}
	}
}

// rest is what completes an example that is a part of a spec.
const rest = `version: 1
package: notes
tenant:
  domain: exampleco.eu.auth0.com
  client_id: q2hnj2iuPZ4XnV1sYhY0T6mK9wLrB3Dc
  callbacks: [http://127.0.0.1:8484/callback]
audience: https://api.exampleco.com/notes
scopes: {openid: , offline_access: , read:notes: , delete:notes: , admin:notes: }
api: {base_url: https://api.exampleco.com}
types: {Note: {id: integer, text: string}}
`

var topKey = regexp.MustCompile(`(?m)^(\w+):`)

// completed adds to an example the top-level keys that it lacks.
func completed(example string) string {
	has := map[string]bool{}
	for _, match := range topKey.FindAllStringSubmatch(example, -1) {
		has[match[1]] = true
	}
	keep := !strings.HasSuffix(example, "\n")
	whole := example
	for line := range strings.Lines(rest) {
		if match := topKey.FindStringSubmatch(line); match != nil {
			keep = !has[match[1]]
		}
		if keep {
			whole += line
		}
	}
	return whole
}

// problems are what scaffold says of a spec.
func problems(t *testing.T, name, text string) (messages string, wrong bool) {
	t.Helper()
	file, list := spec.Load(name, []byte(text))
	list = append(list, spec.Validate(file)...)
	_, more := model.Build(file, render.Reserved())
	list = append(list, more...)
	return spec.Format(name, []byte(text), list), slices.ContainsFunc(list, func(p spec.Problem) bool { return !p.Warning })
}

func TestExamplesOfSpecs(t *testing.T) {
	for _, page := range []string{"spec.md", "start.md"} {
		for _, example := range blocks(t, page, "yaml") {
			if strings.Contains(example.info, "wrong") || strings.Contains(example.info, "workflows") {
				continue
			}
			if messages, wrong := problems(t, "example.yaml", completed(example.text)); wrong {
				t.Errorf("%s:%d: the example is wrong:\n%s", page, example.line, messages)
			}
		}
	}
}

func TestExampleOfMistakes(t *testing.T) {
	wrong := blocks(t, "spec.md", "yaml wrong")[0]
	messages, found := problems(t, "scaffold.yaml", wrong.text)
	if !found {
		t.Error("nothing is wrong with it")
	}
	generated(t, "spec.md", "mistakes", "```text\n"+messages+"```")
}
