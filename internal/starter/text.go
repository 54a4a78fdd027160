package starter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.com/scaffold/internal/lazyregexp"
)

// header begins a spec whose editor knows the language already, or tells how to
// make it know.
const (
	withSchema    = "# yaml-language-server: $schema=%s\n"
	withoutSchema = `# For completion and checks in your editor, run
#   scaffold schema > scaffold.schema.json
# and make this the first line of this file:
#   # yaml-language-server: $schema=scaffold.schema.json
`
)

// Text returns the spec, with comments for whoever goes on with it. With
// schema, the path of a file that holds scaffold's JSON Schema, it begins with
// the line that names it to editors.
func (a Answers) Text(schema string) string {
	var b strings.Builder
	if schema != "" {
		fmt.Fprintf(&b, withSchema, schema)
	} else {
		b.WriteString(withoutSchema)
	}
	b.WriteString("version: 1\n")
	fmt.Fprintf(&b, "package: %-24s # of the generated code, and its folder unless output: names another\n", scalar(a.Package))
	a.writeTenant(&b)
	a.writeAudience(&b)
	a.writeScopes(&b)
	a.writeAPI(&b)
	return b.String()
}

func (a Answers) writeTenant(b *strings.Builder) {
	b.WriteString("\ntenant:\n")
	for _, note := range a.notes {
		b.WriteString(comment("  # ", "Note: "+note))
	}
	fmt.Fprintf(b, "  provider: %s\n", scalar(a.Provider))
	if a.Domain != "" {
		fmt.Fprintf(b, "  domain: %s\n", scalar(a.Domain))
	}
	if a.Issuer != "" {
		fmt.Fprintf(b, "  issuer: %s   # to the letter, a slash at its end too\n", scalar(a.Issuer))
	}
	fmt.Fprintf(b, "  client_id: %s   # of a native (public) application, which has no secret\n", scalar(a.ClientID))
	b.WriteString("  # Register these at the tenant, to the letter. The first one with a free port is used.\n  callbacks:\n")
	for _, callback := range a.Callbacks {
		fmt.Fprintf(b, "    - %s\n", scalar(callback))
	}
}

func (a Answers) writeAudience(b *strings.Builder) {
	if a.Audience == "" {
		b.WriteString("\n# The identifier of your API, if access tokens must be for it (sent as resource, RFC 8707).\n" +
			"# audience: https://api.example.com\n")
		return
	}
	fmt.Fprintf(b, "\naudience: %s   # the identifier of your API, which access tokens are for\n", scalar(a.Audience))
}

func (a Answers) writeScopes(b *strings.Builder) {
	b.WriteString("\nscopes:\n")
	standard := a.standard
	if standard == nil {
		standard = usualScopes
	}
	reasons := map[string]string{
		"openid": "signs people in", "profile": "their name and picture", "email": "their e-mail address",
		"offline_access": "they stay signed in: tokens are renewed",
	}
	for _, scope := range standard {
		fmt.Fprintf(b, "  %-27s # %s\n", scope+":", reasons[scope])
	}
	own := a.ownScopes()
	if len(own) == 0 {
		b.WriteString("  # Those of your API, with what they allow:\n  # read:notes: Read your notes\n" +
			"  # delete:notes: {description: Delete a note, request: on-demand}   # asked for when it is needed\n")
		return
	}
	b.WriteString("  # Say behind the colon what each allows. {description: ..., request: on-demand} is asked for when it is needed.\n")
	for _, scope := range own {
		fmt.Fprintf(b, "  %s:\n", scalar(scope))
	}
}

// ownScopes returns the scopes of the API, each once.
func (a Answers) ownScopes() []string {
	var own []string
	for _, scope := range a.Scopes {
		if !slices.Contains(usualScopes, scope) && !slices.Contains(own, scope) {
			own = append(own, scope)
		}
	}
	return own
}

// example is commented out: it would make calls that the API does not have.
const example = `
# The types and endpoints of your API. Each endpoint becomes a method, and a gate for what a user may do.
# types:
#   Note: {id: integer, text: string, tags: [string], due: optional date}
# endpoints:
#   ListNotes:
#     get: /notes
#     scopes: [%s]
#     returns: [Note]
#   DeleteNote:
#     delete: /notes/{id}
#     path: {id: integer}
#     scopes: [%s]
`

func (a Answers) writeAPI(b *strings.Builder) {
	if a.BaseURL == "" {
		b.WriteString("\n# api:\n#   base_url: https://api.example.com\n")
	} else {
		fmt.Fprintf(b, "\napi:\n  base_url: %s\n", scalar(a.BaseURL))
	}
	first, last := "read:notes", "delete:notes"
	if own := a.ownScopes(); len(own) > 0 {
		first, last = scalar(own[0]), scalar(own[len(own)-1])
	}
	fmt.Fprintf(b, example, first, last)
}

var (
	plainScalar = lazyregexp.New(`^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._/-]+)*$`)
	otherKinds  = lazyregexp.New(`(?i)^(true|false|yes|no|on|off|null|y|n)$`)
)

// scalar writes text as YAML reads it back: in double quotes, unless nobody
// could take it for anything but text.
func scalar(s string) string {
	if plainScalar().MatchString(s) && !otherKinds().MatchString(s) {
		return s
	}
	return strconv.Quote(s)
}

// comment breaks text into lines of at most 100 characters.
func comment(prefix, text string) string {
	var b strings.Builder
	line := prefix
	for word := range strings.FieldsSeq(text) {
		if len(line)+len(word) > 100 && line != prefix {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line = prefix
		}
		line += word + " "
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	return b.String()
}

// NextSteps says what to do with the spec that was written to path.
func (a Answers) NextSteps(path string) string {
	argument := ""
	if path != "scaffold.yaml" {
		argument = " " + path
	}
	application := "a public client (a native application, no secret) with PKCE and refresh tokens, and as its redirect URIs:"
	if a.isAuth0() {
		application = "an application of the type Native with the Refresh Token grant and its rotation,\n" +
			"     an API whose identifier is " + a.Audience + " with offline access allowed\n" +
			"     and your scopes as its permissions, and as Allowed Callback URLs of the application:"
	}
	return fmt.Sprintf(`Wrote %s. What comes next:
  1. At the tenant, register %s
       %s
  2. Edit %s: what your scopes allow, your types and endpoints.
  3. scaffold doctor%s     # does the tenant fit?
  4. scaffold generate%s
  5. go mod tidy
`, path, application, strings.Join(a.Callbacks, "\n       "), path, argument, argument)
}
