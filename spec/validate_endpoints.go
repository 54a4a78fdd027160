package spec

import (
	"fmt"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"example.com/scaffold/internal/lazyregexp"
)

func (c *checker) endpoints() {
	seen := map[string]Text{}
	scopes := make([]string, len(c.file.Scopes))
	for i, s := range c.file.Scopes {
		scopes[i] = s.Name.Value
	}
	for i := range c.file.Endpoints {
		e := &c.file.Endpoints[i]
		if !isExported(e.Name.Value) {
			c.errorf(e.Name.Pos, "%s cannot name an endpoint%s", quote(e.Name.Value), orExported(e.Name.Value))
		}
		c.group(e.Group)
		if e.Path.Value != "" {
			c.path(e)
			c.sameRoute(e, seen)
		}
		c.queryParams(e.Query)
		c.headerParams(e.Header)
		c.bodies(e)
		c.requirement(e, scopes)
	}
}

// sameRoute reports a second endpoint of the same method and path, whatever
// the parameters in it are called.
func (c *checker) sameRoute(e *Endpoint, seen map[string]Text) {
	route := e.Route()
	if first, ok := seen[route]; ok {
		c.errorf(e.Path.Pos, "%s %s is already the endpoint %s in line %d",
			strings.ToLower(e.Method), plain(e.Path.Value), quote(first.Value), first.Pos.Line)
		return
	}
	seen[route] = e.Name
}

// fileSuffixes end the names of files that the go command builds only for some
// systems: the GOOS and GOARCH words (go/build, internal/syslist), and test.
var fileSuffixes = strings.Fields(`test
	aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos
	386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le
	ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm`)

var groupForm = lazyregexp.New(groupPattern)

func (c *checker) group(group Text) {
	if group.Value == "" {
		return
	}
	if !groupForm().MatchString(group.Value) {
		hint := ""
		if name := packageOf(group.Value); name != "" {
			hint = "; did you mean " + quote(name) + "?"
		}
		c.errorf(group.Pos, "group %s must be a lower-case word: it names a file%s", quote(group.Value), hint)
		return
	}
	i := strings.LastIndexByte(group.Value, '_')
	if suffix := group.Value[i+1:]; i >= 0 && slices.Contains(fileSuffixes, suffix) {
		c.errorf(group.Pos, "group %s cannot end in _%s: the go command would not always build %s.go", quote(group.Value), suffix, plain(group.Value))
	}
}

// What a path, query and header parameter can be written as.
var scalars = []Kind{String, Integer, Number, Boolean, Date, DateTime, UUID}

// isScalar tells whether a type is one value as text. Types that are not
// declared have been reported.
func (c *checker) isScalar(t *TypeRef) bool {
	if t.Kind == Named {
		declared := c.declared[t.Name]
		return declared == nil || declared.Enum != nil
	}
	return slices.Contains(scalars, t.Kind)
}

const scalarWords = "string, integer, number, boolean, date, datetime, uuid or an enum"

func (c *checker) queryParams(params []Field) {
	for _, f := range params {
		c.field(f)
		c.paramName("query parameter", f)
		if f.Type == nil {
			continue
		}
		t := f.Type
		if t.Kind == List {
			t = t.Elem
		}
		if !c.isScalar(t) {
			c.errorf(f.Type.Pos, "query parameter %s must be %s, or a list of these", quote(f.Name.Value), scalarWords)
		}
	}
}

func (c *checker) paramName(kind string, f Field) {
	if f.Name.Value == "" {
		c.errorf(f.Name.Pos, "a %s needs a name", kind)
	}
	if f.Nullable {
		c.errorf(f.Name.Pos, "%s %s cannot be null; make it optional", kind, quote(f.Name.Value))
	}
}

// ownHeaders are set by the client or by net/http.
var ownHeaders = []string{
	"Authorization", "Host", "Content-Type", "Content-Length", "Cookie", "Accept", "Transfer-Encoding", "Connection",
}

// unheardHeaders belong to the connection, or ask for what the client does not
// do; net/http sends most of them, and the answer is then not understood.
var unheardHeaders = []string{
	"Trailer", "Te", "Upgrade", "Expect", "Proxy-Authorization", "Content-Encoding", "Accept-Encoding", "Keep-Alive",
	"Proxy-Connection",
}

var headerToken = lazyregexp.New("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") // RFC 9110 section 5.1

func (c *checker) headerParams(params []Field) {
	seen := map[string]int{}
	for _, f := range params {
		c.field(f)
		c.paramName("header", f)
		name := textproto.CanonicalMIMEHeaderKey(f.Name.Value)
		switch {
		case f.Name.Value == "":
		case !headerToken().MatchString(f.Name.Value):
			c.errorf(f.Name.Pos, "%s cannot name a header; a name is letters, digits and hyphens, like X-Request-Id", quote(f.Name.Value))
		case slices.Contains(ownHeaders, name):
			c.errorf(f.Name.Pos, "header %s is set by the client itself; remove it", quote(f.Name.Value))
		case slices.Contains(unheardHeaders, name):
			c.errorf(f.Name.Pos, "the client cannot do what header %s asks for; remove it", quote(f.Name.Value))
		case seen[name] != 0:
			c.errorf(f.Name.Pos, "header %s is the same as the one in line %d", quote(f.Name.Value), seen[name])
		}
		seen[name] = f.Name.Pos.Line
		if f.Type != nil && !c.isScalar(f.Type) {
			c.errorf(f.Type.Pos, "header %s must be %s", quote(f.Name.Value), scalarWords)
		}
	}
}

func (c *checker) bodies(e *Endpoint) {
	c.typeRef(e.Body)
	c.typeRef(e.Returns)
	if e.Body != nil && (e.Method == "GET" || e.Method == "HEAD") {
		c.errorf(e.Body.Pos, "a %s request has no body; send it in the query, or use post", strings.ToLower(e.Method))
	}
	if e.Returns != nil && e.Method == "HEAD" {
		c.errorf(e.Returns.Pos, "the answer to a head request has no body; remove returns")
	}
}

func (c *checker) requirement(e *Endpoint, declared []string) {
	if e.Public && len(e.Scopes) > 0 {
		c.errorf(e.Scopes[0][0].Pos, "an endpoint with auth: none sends no token, so it cannot need scopes; remove one of the two")
	}
	c.alternatives(e.Scopes)
	for _, set := range e.Scopes {
		seen := map[string]bool{}
		for _, scope := range set {
			switch {
			case seen[scope.Value]:
				c.errorf(scope.Pos, "scope %s stands twice in this list", quote(scope.Value))
			case !c.scopeSet[scope.Value]:
				c.errorf(scope.Pos, "unknown scope %s%s", quote(scope.Value),
					c.suggest("scope ", scope.Value, "; declare it under scopes", declared))
				c.meantScopes = append(c.meantScopes, c.meant("scope ", scope.Value, declared))
			}
			seen[scope.Value] = true
		}
	}
}

// maxCompared is how many alternatives, and scopes in each, are compared with
// each other; people write a few.
const maxCompared = 20

// alternatives warns of a set of scopes that holds all of another: whoever has
// it has the other, so that it changes nothing. Of two equal sets, it is the
// second.
func (c *checker) alternatives(sets AnyOf) {
	if len(sets) > maxCompared || slices.ContainsFunc(sets, func(set []Text) bool { return len(set) > maxCompared }) {
		return
	}
	for i, set := range sets {
		for j, other := range sets {
			if i == j || !holdsAll(set, other) || i < j && holdsAll(other, set) {
				continue
			}
			words := make([]string, len(other))
			for k, scope := range other {
				words[k] = scope.Value
			}
			c.warnf(set[0].Pos, "this alternative changes nothing, since [%s] is enough; remove it", plain(strings.Join(words, ", ")))
			break
		}
	}
}

// holdsAll tells whether set holds every scope of other.
func holdsAll(set, other []Text) bool {
	return !slices.ContainsFunc(other, func(o Text) bool {
		return !slices.ContainsFunc(set, func(s Text) bool { return s.Value == o.Value })
	})
}

var paramForm = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

func (c *checker) path(e *Endpoint) {
	for _, f := range e.PathParams {
		c.pathParam(f)
	}
	if scheme, rest, ok := strings.Cut(e.Path.Value, "://"); ok && (scheme == "https" || scheme == "http") {
		c.errorf(e.Path.Pos, "path %s is a whole URL; base_url holds what is before the path, so write %s",
			quote(e.Path.Value), quote(c.pathOf(e.Path.Value, rest)))
		return
	}
	if problem := pathProblem(e.Path.Value); problem != "" {
		c.errorf(e.Path.Pos, "path %s %s", quote(e.Path.Value), problem)
		return
	}
	c.matchParams(e, e.Placeholders())
}

// pathOf returns what follows the base URL in a whole URL, or else what follows
// the host in what is behind its scheme.
func (c *checker) pathOf(whole, rest string) string {
	if path, ok := strings.CutPrefix(whole, strings.TrimSuffix(c.file.BaseURL.Value, "/")); ok && strings.HasPrefix(path, "/") {
		return path
	}
	_, path, _ := strings.Cut(rest, "/")
	return "/" + path
}

// maxPath is far more than a path has, in bytes.
const maxPath = 1000

func pathProblem(path string) string {
	rest, params := cutPath(path, "x")
	_, err := url.PathUnescape(rest)
	segments := strings.Split(path, "/")
	switch {
	case len(path) > maxPath:
		return fmt.Sprintf("is longer than %d bytes", maxPath)
	case !strings.HasPrefix(path, "/"):
		return "must begin with /; write " + quote("/"+path)
	case strings.ContainsAny(rest, "{}"):
		return "has a brace without its partner; a parameter is written {id}"
	case strings.Contains(rest, "?"):
		return "must not have a query; declare its parameters with query: {name: type}"
	case strings.Contains(rest, "#"):
		return "must not have a fragment (the part from # on)"
	case strings.ContainsFunc(rest, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '\\' }):
		return "holds a space or a character that no URL has"
	case strings.Contains(path, "//"):
		return "has an empty part between two slashes; write one slash"
	case err != nil:
		return "has a % that is not followed by two hexadecimal digits"
	case slices.Contains(segments, ".") || slices.Contains(segments, ".."):
		return "must not have . or .. between slashes"
	}
	seen := map[string]bool{}
	for _, name := range params {
		switch {
		case !paramForm().MatchString(name):
			return "has a parameter without a proper name; write {id}"
		case seen[name]:
			return "has the parameter {" + plain(name) + "} twice"
		}
		seen[name] = true
	}
	return ""
}

func (c *checker) pathParam(f Field) {
	c.field(f)
	if f.Optional || f.Nullable {
		c.errorf(f.Name.Pos, "path parameter %s must always have a value; it cannot be optional or null", quote(f.Name.Value))
	}
	if f.Type != nil && !c.isScalar(f.Type) {
		c.errorf(f.Type.Pos, "path parameter %s must be %s", quote(f.Name.Value), scalarWords)
	}
}

// matchParams compares the parameters that are declared with those in the
// path. A slip in one of them is reported once.
func (c *checker) matchParams(e *Endpoint, inPath []string) {
	missing := slices.DeleteFunc(slices.Clone(inPath), func(name string) bool {
		return slices.ContainsFunc(e.PathParams, func(f Field) bool { return f.Name.Value == name })
	})
	for _, f := range e.PathParams {
		if slices.Contains(inPath, f.Name.Value) {
			continue
		}
		hint := "; remove it, or write {" + plain(f.Name.Value) + "} in the path"
		if meant := Closest(f.Name.Value, missing); meant != "" {
			hint = "; did you mean " + quote(meant) + "?"
			missing = slices.DeleteFunc(missing, func(name string) bool { return name == meant })
		}
		c.errorf(f.Name.Pos, "path parameter %s is not in the path %s%s", quote(f.Name.Value), quote(e.Path.Value), hint)
	}
	for _, name := range missing {
		c.errorf(e.Path.Pos, "path parameter {%s} has no type; add path: {%s: string}", plain(name), plain(name))
	}
}
