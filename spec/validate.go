package spec

import (
	"fmt"
	"go/token"
	"slices"
	"strings"

	"example.com/scaffold/internal/lazyregexp"
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
	c.dev()
	c.generate()
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

	meantScopes []string // what scopes that are not known were said to mean
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
	meant := c.meant(kind, word, candidates)
	if meant == "" {
		return fallback
	}
	return "; did you mean " + quote(meant) + "?"
}

func (c *checker) meant(kind, word string, candidates []string) string {
	meant, ok := c.suggested[kind+word]
	if !ok && len(c.suggested) < maxSuggested {
		meant = Closest(word, candidates)
		c.suggested[kind+word] = meant
	}
	return meant
}

// specialPackages are names of packages or of their folders that the go
// command skips, or does not let everybody import.
var specialPackages = []string{"documentation", "vendor", "testdata", "internal"}

var packageForm = lazyregexp.New(packagePattern)

func (c *checker) packageName() {
	name := c.file.Package.Value
	switch {
	case name == "": // Load has said so
	case !packageForm().MatchString(name):
		hint := "; write a lower-case word, like timesheets"
		if plainer := packageOf(name); plainer != "" {
			hint = "; did you mean " + quote(plainer) + "?"
		}
		c.errorf(c.file.Package.Pos, "%s is not a package name%s", quote(name), hint)
	case token.IsKeyword(name):
		c.errorf(c.file.Package.Pos, "%s is a keyword of Go and cannot name a package", quote(name))
	case name == "main":
		c.errorf(c.file.Package.Pos, `a package called "main" cannot be imported; choose another name`)
	case slices.Contains(specialPackages, name) || strings.HasSuffix(name, "_test"):
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
	if !packageForm().MatchString(name) || token.IsKeyword(name) {
		return ""
	}
	return name
}

func (c *checker) output() {
	out := c.file.Output
	if strings.HasPrefix(out.Value, "~") {
		c.errorf(out.Pos, "output %s must be relative to this file, like ../timesheets: ~ is a shell's word for the home folder; "+
			"the flag --output takes any folder", quote(out.Value))
		return
	}
	if strings.HasPrefix(out.Value, "/") || strings.Contains(out.Value, `\`) || len(out.Value) > 1 && out.Value[1] == ':' {
		c.errorf(out.Pos, "output %s must be relative to this file, with slashes, like ../timesheets; "+
			"the flag --output takes any folder", quote(out.Value))
	}
}

// standardScopes ask for what a sign-in gives (OIDC Core 3.1.2.1, 5.4 and 11),
// so that no endpoint has to use them.
var standardScopes = []string{"openid", "profile", "email", "address", "phone", "offline_access"}

// IsStandardScope reports whether OpenID Connect Core 1.0 gives the scope its
// meaning (sections 3.1.2.1, 5.4 and 11).
func IsStandardScope(name string) bool { return slices.Contains(standardScopes, name) }

// RFC 6749 section 3.3.
var scopeToken = lazyregexp.New(scopePattern)

func (c *checker) scopes() {
	used, meant := c.usedScopes(), map[string]bool{}
	for _, s := range c.file.Scopes {
		c.scopeSet[s.Name.Value] = true
	}
	for _, s := range c.file.Scopes {
		if standard := c.standardScope(s.Name.Value); standard != "" && !used[s.Name.Value] {
			meant[standard] = true
			c.misspelt(s.Name, standard)
		} else {
			c.scopeName(s.Name)
		}
		c.goName(s.GoName)
		if s.Name.Value == "openid" && s.OnDemand {
			c.errorf(s.Name.Pos, "the scope openid is asked for at every sign-in; remove request: on-demand")
		}
	}
	at := c.file.Tenant.Pos
	if len(c.file.Scopes) > 0 {
		at = c.file.Scopes[0].Name.Pos
	}
	if at == (Pos{}) {
		return
	}
	if !c.scopeSet["openid"] && !meant["openid"] {
		c.warnf(at, "the scope openid is missing and is added: it is what a sign-in needs")
	}
	if !c.scopeSet["offline_access"] && !meant["offline_access"] {
		c.warnf(at, "the scope offline_access is missing: without it people sign in again whenever the access token expires")
	}
}

func (c *checker) scopeName(name Text) {
	switch {
	case strings.ContainsAny(name.Value, " \t"):
		c.errorf(name.Pos, "scope %s holds a space; a scope is one word, so declare each on a line of its own", quote(name.Value))
	case !scopeToken().MatchString(name.Value):
		c.errorf(name.Pos, `scope %s must be of printable ASCII characters without spaces, " and \ (RFC 6749, 3.3)`, quote(name.Value))
	}
}

// standardScope returns the standard scope that name is a slip for, or "". It
// is none if the standard one is declared too.
func (c *checker) standardScope(name string) string {
	if IsStandardScope(name) {
		return ""
	}
	meant := Closest(name, standardScopes)
	if c.scopeSet[meant] {
		return ""
	}
	return meant
}

// misspelt says that a scope is a slip for a standard one: an error if it is no
// scope at all.
func (c *checker) misspelt(name Text, standard string) {
	if !scopeToken().MatchString(name.Value) {
		c.errorf(name.Pos, "%s is not a scope; did you mean %s?", quote(name.Value), quote(standard))
		return
	}
	c.warnf(name.Pos, "the scope %s is not a standard one; did you mean %s?", quote(name.Value), quote(standard))
}

// usedScopes returns the scopes that endpoints ask for.
func (c *checker) usedScopes() map[string]bool {
	used := map[string]bool{}
	for _, e := range c.file.Endpoints {
		for _, set := range e.Scopes {
			for _, s := range set {
				used[s.Value] = true
			}
		}
	}
	return used
}

// unused warns of scopes that no endpoint asks for. It runs when the endpoints
// have been checked: what a misspelt scope was said to mean counts as used.
func (c *checker) unused() {
	if len(c.file.Endpoints) == 0 {
		return
	}
	used := c.usedScopes()
	for _, meant := range c.meantScopes {
		used[meant] = true
	}
	for _, s := range c.file.Scopes {
		name := s.Name.Value
		if !used[name] && !IsStandardScope(name) && c.standardScope(name) == "" {
			c.warnf(s.Name.Pos, "no endpoint uses the scope %s", quote(name))
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
