package spec

import (
	"fmt"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// Validate checks what a spec means and returns everything that is wrong with
// it or unwise in it, in the order of the text. It takes what Load returned,
// and does not repeat what Load has reported: values that are missing where
// they are always needed, or of the wrong kind.
func Validate(f *File) []Problem {
	if f.unread {
		return nil
	}
	c := &checker{
		file:      f,
		declared:  make(map[string]*Type, len(f.Types)),
		suggested: map[string]string{},
		scopeSet:  make(map[string]bool, len(f.Scopes)),
	}
	c.typeWords = builtinWords()
	for i := range f.Types {
		c.declared[f.Types[i].Name.Value] = &f.Types[i]
		c.typeWords = append(c.typeWords, f.Types[i].Name.Value)
	}
	c.packageName()
	c.output()
	c.tenant()
	c.audience()
	c.baseURL()
	c.scopes()
	c.types()
	c.endpoints()
	c.unused()
	return sorted(c.problems)
}

// checker collects the problems found in a file.
type checker struct {
	file      *File
	problems  []Problem
	declared  map[string]*Type
	suggested map[string]string // by the word that is not known, which may stand in thousands of places
	scopeSet  map[string]bool   // declared
	typeWords []string          // every type that there is
}

func (c *checker) errorf(at Pos, format string, args ...any) {
	c.problems = append(c.problems, Problem{Pos: at, Message: fmt.Sprintf(format, args...)})
}

func (c *checker) warnf(at Pos, format string, args ...any) {
	c.problems = append(c.problems, Problem{Pos: at, Message: fmt.Sprintf(format, args...), Warning: true})
}

// maxSuggested is how many words are compared with all that they could have
// been; a file with more that are unknown has not been mistyped.
const maxSuggested = 200

// suggest ends a message: with the candidate that word was most likely meant
// to be, or else with the fallback.
func (c *checker) suggest(kind, word, fallback string, candidates []string) string {
	meant, ok := c.suggested[kind+word]
	if !ok && len(c.suggested) < maxSuggested {
		meant = closest(word, candidates)
		c.suggested[kind+word] = meant
	}
	if meant == "" {
		return fallback
	}
	return "; did you mean " + quote(meant) + "?"
}

var packageForm = regexp.MustCompile(packagePattern)

func (c *checker) packageName() {
	name := c.file.Package.Value
	switch {
	case name == "": // Load has said so
	case !packageForm.MatchString(name):
		hint := "; write a lower-case word, like timesheets"
		if plainer := packageOf(name); plainer != "" {
			hint = "; did you mean " + quote(plainer) + "?"
		}
		c.errorf(c.file.Package.Pos, "%s is not a package name%s", quote(name), hint)
	case token.IsKeyword(name):
		c.errorf(c.file.Package.Pos, "%s is a keyword of Go and cannot name a package", quote(name))
	case name == "main":
		c.errorf(c.file.Package.Pos, `a package called "main" cannot be imported; choose another name`)
	case name == "documentation" || strings.HasSuffix(name, "_test"):
		c.errorf(c.file.Package.Pos, "the go command treats a package called %s specially; choose another name", quote(name))
	}
}

// packageOf makes a package name of s, or "".
func packageOf(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, strings.ToLower(s))
	if !packageForm.MatchString(name) || token.IsKeyword(name) {
		return ""
	}
	return name
}

func (c *checker) output() {
	out := c.file.Output
	if strings.HasPrefix(out.Value, "/") || strings.Contains(out.Value, `\`) || len(out.Value) > 1 && out.Value[1] == ':' {
		c.errorf(out.Pos, "output %s must be relative to this file, with slashes, like ../timesheets; "+
			"the flag --output takes any folder", quote(out.Value))
	}
}

// standardScopes ask for what a sign-in gives (OIDC Core 5.4 and 11), so that
// no endpoint has to use them.
var standardScopes = []string{"openid", "profile", "email", "address", "phone", "offline_access"}

// RFC 6749 section 3.3.
var scopeToken = regexp.MustCompile(scopePattern)

func (c *checker) scopes() {
	for _, s := range c.file.Scopes {
		switch {
		case strings.ContainsAny(s.Name.Value, " \t"):
			c.errorf(s.Name.Pos, "scope %s holds a space; a scope is one word, so declare each on a line of its own", quote(s.Name.Value))
		case !scopeToken.MatchString(s.Name.Value):
			c.errorf(s.Name.Pos, `scope %s must be of printable ASCII characters without spaces, " and \ (RFC 6749, 3.3)`, quote(s.Name.Value))
		}
		c.goName(s.GoName)
		c.scopeSet[s.Name.Value] = true
	}
	at := c.file.Tenant.Pos
	if len(c.file.Scopes) > 0 {
		at = c.file.Scopes[0].Name.Pos
	}
	if at == (Pos{}) {
		return
	}
	if !c.scopeSet["openid"] {
		c.warnf(at, "the scope openid is missing and is added: it is what a sign-in needs")
	}
	if !c.scopeSet["offline_access"] {
		c.warnf(at, "the scope offline_access is missing: without it people sign in again whenever the access token expires")
	}
}

// unused warns of scopes that no endpoint asks for.
func (c *checker) unused() {
	if len(c.file.Endpoints) == 0 {
		return
	}
	used := map[string]bool{}
	for _, e := range c.file.Endpoints {
		for _, set := range e.Scopes {
			for _, s := range set {
				used[s.Value] = true
			}
		}
	}
	for _, s := range c.file.Scopes {
		if !used[s.Name.Value] && !slices.Contains(standardScopes, s.Name.Value) {
			c.warnf(s.Name.Pos, "no endpoint uses the scope %s", quote(s.Name.Value))
		}
	}
}

// goName checks a name that was chosen for the generated code, if there is one.
func (c *checker) goName(name Text) {
	if name.Value == "" || isExported(name.Value) {
		return
	}
	c.errorf(name.Pos, "%s is not an exported Go name%s", quote(name.Value), orExported(name.Value))
}

func isExported(s string) bool { return token.IsIdentifier(s) && token.IsExported(s) }

// orExported suggests the exported name that is like s.
func orExported(s string) string {
	if name := exportedName(s); name != "" {
		return "; did you mean " + quote(name) + "?"
	}
	return "; write a letter in upper case, then letters and digits, like Timesheet"
}
