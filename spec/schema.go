package spec

import (
	"bytes"
	"encoding/json"
)

// schema is one JSON Schema.
type schema = map[string]any

// The patterns help editors; Validate says more, in words.
const (
	packagePattern  = `^[a-z][a-z0-9_]*$`
	exportedPattern = `^[^a-z0-9_\s][^\s]*$`
	outputPattern   = `^[^/~\\][^\\]*$`
	clientPattern   = `^[!-~]+$` // RFC 6749 appendix A.1, without the space
	groupPattern    = `^[a-z][a-z0-9_]*$`
	hostPattern     = `^[a-z0-9.-]+$`
	urlPattern      = `^https?://[^\s?#]+$`
	callbackPattern = `^(http://(127\.0\.0\.1|\[::1\]):[0-9]+/|https://[^\s?#/@]+/|[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/)[^\s?#]*$`
	pathPattern     = `^/([^\s?#/]+/)*[^\s?#/]*$`
	scopePattern    = `^[!#-\[\]-~]+$` // RFC 6749 section 3.3
	userPattern     = `^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`
	namedPattern    = `^[^a-z0-9_\s\[\]{}][^\s\[\]{}]*$`
	optionalPattern = `^optional +[^a-z0-9_\s\[\]{}][^\s\[\]{}]*$`
)

// Schema returns the JSON Schema (draft 2020-12) of the language, for editors.
// It is made of the tables that Load reads by.
func Schema() []byte {
	root := fileKeys.object("A scaffold spec: where people sign in, what they may ask for, and the API that they call.")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "scaffold spec"
	root["$defs"] = schema{
		"tenant":      tenantSchema(),
		"api":         apiKeys.object("The API that the endpoints belong to."),
		"scope":       scopeSchema(),
		"type":        typeSchema(),
		"fields":      fieldsSchema(),
		"field":       fieldSchema(),
		"typeRef":     typeRefSchema(true),
		"elemRef":     typeRefSchema(false),
		"enum":        enumSchema(),
		"endpoint":    endpointSchema(),
		"requirement": requirementSchema(),
		"scopeSet":    listOf(pattern(scopePattern)),
		"dev":         devKeys.object("Who can sign in at the tenant that is served for development and tests."),
		"user":        userSchema(),
		"generate":    generateKeys.object("What is generated beside the package."),
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return nil // not reached: a schema is made of maps, lists, strings and numbers
	}
	return out.Bytes()
}

// object returns the schema of the mapping that a table of keys describes.
func (t keys[T]) object(doc string) schema {
	properties, required := schema{}, []any{}
	for _, k := range t {
		if k.stray != "" {
			continue
		}
		property := schema{"description": k.doc, "title": k.name}
		for name, value := range k.schema {
			property[name] = value
		}
		properties[k.name] = property
		if k.required {
			required = append(required, k.name)
		}
	}
	s := schema{"type": "object", "description": doc, "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func tenantSchema() schema {
	s := tenantKeys.object("Where people sign in.")
	s["oneOf"] = []any{schema{"required": []any{"domain"}}, schema{"required": []any{"issuer"}}}
	return s
}

func scopeSchema() schema {
	return anyOf(
		schema{"type": "null", "description": "A scope without a description."},
		schema{"type": "string", "minLength": 1, "description": "What the scope allows, for people."},
		scopeKeys.object("A scope with more than a description."),
	)
}

// typeSchema follows readType: the keys enum and fields tell the forms apart.
func typeSchema() schema {
	holds := func(key, kind string) schema {
		return schema{"required": []any{key}, "properties": schema{key: schema{"type": kind}}}
	}
	return schema{
		"type": "object",
		"description": "A declared type: its fields, {enum: [...]} or {fields: {...}, description: ...}. " +
			"A field of its own called enum that is a list, or fields that is a mapping, needs the form with fields.",
		"if":   holds("fields", "object"),
		"then": structKeys.object("A type in the long form."),
		"else": schema{
			"if":   holds("enum", "array"),
			"then": enumKeys.object("An enum."),
			"else": schema{
				"allOf": []any{ref("fields")},
				// Not an alias: the one field called type needs the form with fields.
				"not": schema{"required": []any{"type"}, "maxProperties": 1},
			},
		},
	}
}

func fieldsSchema() schema { return mapOf(ref("field"), `^[^"'\\,`+"`"+`]*[^"'\\,?`+"`"+`]$`) }

func fieldSchema() schema {
	mapping := fieldKeys.object("A field or parameter with more than a type.")
	mapping["anyOf"] = []any{schema{"required": []any{"type"}}, schema{"required": []any{"enum"}}}
	return anyOf(ref("typeRef"), mapping)
}

func typeRefSchema(optional bool) schema {
	var words []any
	for _, word := range builtinWords() {
		words = append(words, word)
	}
	forms := []any{
		schema{"description": "A built-in type.", "enum": words},
		schema{"description": "A declared type.", "type": "string", "pattern": namedPattern},
		schema{
			"description": "A list: [T].", "type": "array",
			"items": ref("elemRef"), "minItems": 1, "maxItems": 1,
		},
		schema{
			"description": "A map from string to T: {string: T}.", "type": "object",
			"properties": schema{"string": ref("elemRef")}, "required": []any{"string"}, "additionalProperties": false,
		},
	}
	if optional {
		words = nil
		for _, word := range builtinWords() {
			words = append(words, "optional "+word)
		}
		forms = append(forms,
			schema{"description": "A built-in type that may be absent.", "enum": words},
			schema{"description": "A declared type that may be absent.", "type": "string", "pattern": optionalPattern})
	}
	return schema{"description": "A type: a word, [T] or {string: T}.", "anyOf": forms}
}

func enumSchema() schema {
	s := listOf(anyOf(
		schema{"type": "string", "minLength": 1},
		schema{
			"description": "value: GoName", "type": "object", "minProperties": 1, "maxProperties": 1,
			"additionalProperties": pattern(exportedPattern),
		},
	))
	s["description"] = "The values of an enum: text, or value: GoName."
	return s
}

func endpointSchema() schema {
	s := endpointKeys.object("An operation of the API: one method with its path, and what it takes and returns.")
	one := make([]any, len(methods))
	for i, method := range methods {
		one[i] = schema{"required": []any{method}}
	}
	s["oneOf"] = one
	return s
}

func userSchema() schema {
	return anyOf(
		schema{"type": "null", "description": "A user without a role."},
		userKeys.object("Somebody who can sign in."),
	)
}

func requirementSchema() schema {
	return anyOf(ref("scopeSet"), requirementKeys.object("Alternatives, of which one is enough."))
}

func ref(name string) schema { return schema{"$ref": "#/$defs/" + name} }

func textSchema() schema { return schema{"type": "string", "minLength": 1} }

func pattern(p string) schema { return schema{"type": "string", "pattern": p} }

func anyOf(forms ...any) schema { return schema{"anyOf": forms} }

func oneOf(words ...string) schema {
	list := make([]any, len(words))
	for i, word := range words {
		list[i] = word
	}
	return schema{"enum": list, "type": "string"}
}

func listOf(each schema) schema { return schema{"type": "array", "items": each, "minItems": 1} }

func someOf(each schema, names string) schema {
	s := mapOf(each, names)
	s["minProperties"] = 1
	return s
}

func mapOf(each schema, names string) schema {
	s := schema{"type": "object", "additionalProperties": each}
	if names != "" {
		s["propertyNames"] = schema{"pattern": names}
	}
	return s
}
