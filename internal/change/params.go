package change

import (
	"go/ast"
	"go/parser"
	"slices"
	"strings"
)

// argument is one parameter of a method.
type argument struct{ name, goType string }

// pathArguments returns the parameters of a method that are of the path: what
// is between the context and the rest.
func (e *endpoint) pathArguments() []argument {
	var list []argument
	text := "func(" + e.built.Parameters + ")"
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return nil // the model writes Go
	}
	function, ok := expr.(*ast.FuncType)
	if !ok {
		return nil
	}
	for _, field := range function.Params.List {
		for _, name := range field.Names {
			list = append(list, argument{name.Name, text[field.Type.Pos()-1 : field.Type.End()-1]})
		}
	}
	return list[1:min(len(list), 1+len(e.PathParams))]
}

// pathParams compares the parameters of the path, which are arguments.
func (c *comparison) pathParams(old, now *endpoint) {
	was, is := old.pathArguments(), now.pathArguments()
	sameType := func(a, b argument) bool { return a.goType == b.goType }
	names := func(list []argument) []string {
		var all []string
		for _, a := range list {
			all = append(all, a.name)
		}
		return all
	}
	oldNames, newNames := names(was), names(is)
	text := func(list []argument) string {
		var all []string
		for _, a := range list {
			all = append(all, a.name+" "+a.goType)
		}
		return "(" + strings.Join(all, ", ") + ")"
	}
	switch {
	case !slices.EqualFunc(was, is, sameType):
		change := c.note(EndpointPath, now.goName, "the path of "+term(now.goName)+" takes "+term(text(is))+", no longer "+term(text(was)))
		change.Old, change.New = text(was), text(is)
		change.Code.add(Build, nowCalled(now))
		c.pathEnumsGone(change, old)
	case !slices.Equal(oldNames, newNames) && slices.Equal(slices.Sorted(slices.Values(oldNames)), slices.Sorted(slices.Values(newNames))):
		change := c.note(EndpointPath, now.goName, "the parameters in the path of "+term(now.goName)+" are in another order: "+term(text(is)))
		change.Old, change.New = text(was), text(is)
		change.Code.add(Behavior, "swap the arguments of each call: it compiles as it is, and calls for something else")
	}
}

// key is what the API knows a parameter by; the case of a header does not count.
func (m member) key() string {
	if m.in == "header" {
		return "header " + strings.ToLower(m.Name.Value)
	}
	return m.in + " " + m.Name.Value
}

// params compares the parameters of the query and the headers, which are fields
// of a struct.
func (c *comparison) params(old, now *endpoint) {
	pairs := pairMembers(old.params, now.params)
	for _, p := range pairs {
		switch {
		case p.now == nil:
			c.paramRemoved(now, *p.old)
		case p.old == nil:
			c.paramAdded(old, now, *p.now)
		default:
			c.paramChanged(now, *p.old, *p.now)
		}
	}
	if len(old.params) > 0 {
		c.comparability(now.goName+"Params", old.params, now.params)
	}
}

func (c *comparison) paramRemoved(now *endpoint, gone member) {
	change := c.note(EndpointParamGone, now.goName, "the "+called(gone)+" of "+term(now.goName)+" is gone")
	change.Old = gone.text
	change.Code.add(Build, "remove the uses of the field "+term(now.goName+"Params."+gone.goName))
	if len(now.params) == 0 {
		change.Code.add(Build, nowCalled(now))
	}
	c.enumGone(change, gone)
}

// enumGone adds the type that goes with a field or parameter.
func (c *comparison) enumGone(change *Change, gone member) {
	name := strings.TrimPrefix(gone.goType, "*")
	if gone.Enum != nil && c.new.enums[name] == nil {
		change.Code.add(Build, "the type "+term(name)+" and its constants are gone, too")
	}
}

func (c *comparison) paramAdded(old, now *endpoint, fresh member) {
	change := c.note(EndpointParamNew, now.goName, "the "+called(fresh)+" of "+term(now.goName)+" is new: "+term(fresh.text))
	change.New = fresh.text
	if len(old.params) == 0 {
		change.Code.add(Build, nowCalled(now))
	}
	if !fresh.Optional {
		change.Code.add(Behavior, "set "+term(now.goName+"Params."+fresh.goName)+" in each call: the API needs it, and until then gets an empty value or none")
	}
	if len(old.params) > 0 {
		change.Code.add(None, unkeyed(now.goName+"Params"))
	}
}

func unkeyed(name string) string {
	return "only a literal of " + term(name) + " that leaves out the names of its fields stops compiling"
}

func (c *comparison) paramChanged(now *endpoint, was, is member) {
	subject := "the " + called(is) + " of " + term(now.goName)
	full := now.goName + "Params." + is.goName
	if was.key() != is.key() || was.text != is.text || was.goName != is.goName {
		summary := subject + " is now " + term(is.text) + ", no longer " + term(was.text)
		if was.text == is.text {
			summary = subject + " was the " + called(was)
		}
		if was.key() == is.key() && was.text == is.text {
			summary = "the field of " + subject + " is now " + term(is.goName) + ", no longer " + term(was.goName)
		}
		change := c.note(EndpointParam, now.goName, summary)
		change.Old, change.New = was.text, is.text
		if was.goName != is.goName {
			change.Code.add(Build, "write "+term(full)+" for "+term(was.goName))
		}
		c.typeOf(change, full, was, is)
		if was.Optional && !is.Optional {
			change.Code.add(Behavior, "set "+term(full)+" in each call: the API needs it")
		}
	}
	c.deprecation(subject, now.goName, was.Deprecated != nil, is.Deprecated != nil)
}

func called(m member) string {
	if m.in == "header" {
		return "header " + term(m.Name.Value)
	}
	return m.in + " parameter " + term(m.Name.Value)
}

// typeOf adds what the new type of a field is to code that uses it.
func (c *comparison) typeOf(change *Change, full string, was, is member) {
	if was.goType != is.goType {
		change.Code.add(Build, "change the uses of "+term(full)+": its type is now "+term(is.goType)+", no longer "+term(was.goType))
	}
	c.enumGone(change, was)
}
