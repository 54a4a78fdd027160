package change

import (
	"go/ast"
	"go/parser"
	"slices"
	"strings"
)

// memberPair is a field or parameter in both specs; nil in the one that lacks it.
type memberPair struct{ old, now *member }

// pairMembers pairs what the API calls the same, and of the rest what Go does.
func pairMembers(old, now []member) []memberPair {
	pairs, taken := make([]memberPair, len(old)), make([]bool, len(now))
	pair := func(same func(a, b member) bool) {
		for i := range old {
			pairs[i].old = &old[i]
			for k := range now {
				if pairs[i].now == nil && !taken[k] && same(old[i], now[k]) {
					pairs[i].now, taken[k] = &now[k], true
				}
			}
		}
	}
	pair(func(a, b member) bool { return a.key() == b.key() })
	pair(func(a, b member) bool { return a.goName == b.goName })
	for k := range now {
		if !taken[k] {
			pairs = append(pairs, memberPair{now: &now[k]})
		}
	}
	return pairs
}

func (c *comparison) types() {
	for _, name := range c.old.types {
		wasStruct, isStruct := c.old.structs[name], c.new.structs[name]
		switch {
		case isStruct == nil && c.new.enums[name] == nil:
			change := c.note(TypeRemoved, name, "the type "+term(name)+" is gone")
			change.Code.add(Build, "remove its uses")
			c.fieldEnumsGone(change, wasStruct)
		case (wasStruct == nil) != (isStruct == nil):
			c.typeChanged(name)
		case wasStruct != nil:
			c.structs(wasStruct, isStruct)
		}
	}
	for _, name := range c.new.types {
		if c.old.structs[name] == nil && c.old.enums[name] == nil {
			c.note(TypeAdded, name, "the type "+term(name)+" is new")
		}
	}
	c.enums()
}

func (c *comparison) fieldEnumsGone(change *Change, gone *structure) {
	if gone == nil {
		return
	}
	for _, f := range gone.fields {
		c.enumGone(change, f)
	}
}

func (c *comparison) typeChanged(name string) {
	was, is := kindOf(c.old.structs[name]), kindOf(c.new.structs[name])
	change := c.note(TypeChanged, name, "the type "+term(name)+" is now "+is+", no longer "+was)
	change.Old, change.New = was, is
	change.Code.add(Build, "change its uses")
	c.fieldEnumsGone(change, c.old.structs[name])
}

func kindOf(s *structure) string {
	if s == nil {
		return "an enum"
	}
	return "a struct"
}

func (c *comparison) structs(old, now *structure) {
	for _, p := range pairMembers(old.fields, now.fields) {
		switch {
		case p.now == nil:
			change := c.note(FieldRemoved, old.name+"."+p.old.Name.Value, "the field "+term(p.old.Name.Value)+" of "+term(old.name)+" is gone")
			change.Old = p.old.text
			change.Code.add(Build, "remove the uses of "+term(old.name+"."+p.old.goName))
			c.enumGone(change, *p.old)
		case p.old == nil:
			c.fieldAdded(now, *p.now)
		default:
			c.fieldChanged(now, *p.old, *p.now)
		}
	}
	if old.marshals && !now.marshals {
		change := c.note(TypeMarshal, now.name, term(now.name)+" has no method "+term("MarshalJSON")+" any more")
		change.Code.add(Build, "do without it: it wrote a nil list or map as an empty one, for requests, and no request needs that now")
	}
	c.comparability(now.name, old.fields, now.fields)
	c.deprecation("the type "+term(now.name), now.name, old.deprecated, now.deprecated)
}

func (c *comparison) fieldAdded(now *structure, fresh member) {
	change := c.note(FieldAdded, now.name+"."+fresh.Name.Value,
		"the field "+term(fresh.Name.Value)+" of "+term(now.name)+" is new: "+term(fresh.text))
	change.New = fresh.text
	if c.new.sent[now.name] && c.old.sent[now.name] && !fresh.Optional {
		change.Code.add(Behavior, "set "+term(now.name+"."+fresh.goName)+" where it is sent: the API needs it, and until then gets its zero value")
	}
	change.Code.add(None, unkeyed(now.name))
}

func (c *comparison) fieldChanged(now *structure, was, is member) {
	subject := now.name + "." + is.Name.Value
	full := now.name + "." + is.goName
	sameKey := was.Name.Value == is.Name.Value
	if !sameKey || was.text != is.text || was.goName != is.goName {
		change := c.note(FieldChanged, subject, fieldSummary(now.name, was, is))
		change.Old, change.New = was.text, is.text
		if was.goName != is.goName {
			change.Code.add(Build, "write "+term(full)+" for "+term(now.name+"."+was.goName))
		}
		if !sameKey {
			change.Code.add(None, "what was stored as JSON before has it under the old name")
		}
		c.typeOf(change, full, was, is)
		if was.goType == is.goType && was.text != is.text {
			change.Code.add(None, absence(full, is, c.new.sent[now.name]))
		}
	}
	c.deprecation("the field "+term(is.Name.Value)+" of "+term(now.name), subject, was.Deprecated != nil, is.Deprecated != nil)
}

func fieldSummary(of string, was, is member) string {
	subject := "the field " + term(is.Name.Value) + " of " + term(of)
	switch {
	case was.text != is.text:
		return subject + " is now " + term(is.text) + ", no longer " + term(was.text)
	case was.Name.Value != is.Name.Value:
		return subject + " was called " + term(was.Name.Value)
	}
	return subject + " is " + term(is.goName) + " in Go, no longer " + term(was.goName)
}

// absence says what nil means now in a field whose Go type is as before.
func absence(full string, is member, sent bool) string {
	text := "its Go type is as before"
	switch {
	case is.Optional && sent:
		return text + "; a nil " + term(full) + " is left out of requests now"
	case is.Nullable && sent:
		return text + "; a nil " + term(full) + " is sent as null now"
	case sent:
		return text + "; a nil " + term(full) + " is sent now, too"
	case is.Optional || is.Nullable:
		return text + "; " + term(full) + " may be nil now"
	}
	return text
}

// comparability notes that a struct of these fields can no longer be compared.
func (c *comparison) comparability(name string, old, now []member) {
	if c.old.comparable(old) && !c.new.comparable(now) {
		change := c.note(TypeComparable, name, term(name)+" can no longer be compared: it holds a list or a map")
		change.Code.add(Build, "compare it otherwise than by "+term("==")+", as by "+term("reflect.DeepEqual")+", and key no map with it")
	}
}

// comparable reports whether Go compares structs of these fields.
func (s *surface) comparable(fields []member) bool {
	return !slices.ContainsFunc(fields, func(f member) bool {
		expr, err := parser.ParseExpr(f.goType)
		return err == nil && !s.comparableType(expr)
	})
}

func (s *surface) comparableType(expr ast.Expr) bool {
	switch t := expr.(type) {
	case *ast.ArrayType, *ast.MapType:
		return false
	case *ast.Ident:
		return s.structs[t.Name] == nil || s.comparable(s.structs[t.Name].fields)
	}
	return true // a pointer, a type of another package, or a Nullable, which holds a pointer
}

// parts notes parts of the engine that the package has no use for any more.
func (c *comparison) parts() {
	old, now := c.old.Package.Uses, c.new.Package.Uses
	gone := func(had, has bool, what string, names ...string) {
		if had && !has {
			change := c.note(PartRemoved, names[0], what+", so that the package has no "+terms(names, "and no")+" any more")
			change.Code.add(Build, "remove the uses of "+strings.Join(strings.Fields(terms(names, "and")), " "))
		}
	}
	gone(old.Endpoints, now.Endpoints, "the spec declares no endpoints",
		"Endpoint", "API", "Session.Can", "APIError", "MissingScopeError", "WithoutRetries")
	gone(old.Dates, now.Dates, "the spec uses no dates", "Date", "DateOf", "ParseDate")
	gone(old.Nullables, now.Nullables, "no field may be absent and null", "Nullable", "NullableValue", "NullableNull")
}
