package change

import (
	"maps"
	"slices"
)

// enums compares the values of all enums that are in both specs, in the order
// of their names.
func (c *comparison) enums() {
	for _, name := range slices.Sorted(maps.Keys(c.old.enums)) {
		old, now := c.old.enums[name], c.new.enums[name]
		if now == nil {
			if c.new.structs[name] != nil && !slices.Contains(c.old.types, name) { // the enum of a field
				c.typeChanged(name)
			}
			continue
		}
		c.values(old, now)
		c.deprecation("the type "+term(name), name, old.deprecated, now.deprecated)
	}
}

func (c *comparison) values(old, now *enum) {
	for i, v := range old.values {
		k := now.index(v.Value.Value)
		same := slices.Index(now.constants, old.constants[i])
		switch {
		case k >= 0 && now.constants[k] == old.constants[i]:
		case k >= 0:
			change := c.note(EnumValueChanged, now.name, "the constant of the value "+term(v.Value.Value)+" of "+term(now.name)+" is now "+term(now.constants[k]))
			change.Old, change.New = old.constants[i], now.constants[k]
			change.Code.add(lossOf(same), "write "+term(now.constants[k])+" for "+term(old.constants[i]))
		case same >= 0 && old.index(now.values[same].Value.Value) < 0:
			is := now.values[same].Value.Value
			change := c.note(EnumValueChanged, now.name, "the value "+term(v.Value.Value)+" of "+term(now.name)+" is now "+term(is))
			change.Old, change.New = v.Value.Value, is
			change.Code.add(Behavior, term(old.constants[i])+" keeps its name and means "+term(is)+"; text of your own that holds "+term(v.Value.Value)+" is wrong now")
		default:
			change := c.note(EnumValueRemoved, now.name, "the value "+term(v.Value.Value)+" of "+term(now.name)+" is gone")
			change.Old = v.Value.Value
			change.Code.add(lossOf(same), "remove the uses of "+term(old.constants[i]))
		}
	}
	for i, v := range now.values {
		if old.index(v.Value.Value) < 0 && !slices.Contains(old.constants, now.constants[i]) {
			change := c.note(EnumValueAdded, now.name, "the value "+term(v.Value.Value)+" of "+term(now.name)+" is new")
			change.New = v.Value.Value
			change.Code.add(None, "see to "+term(now.constants[i])+" in each switch on a "+term(now.name))
		}
	}
}

// lossOf tells what breaks where code has a constant that another value may
// have taken.
func lossOf(taken int) Break {
	if taken >= 0 {
		return Behavior
	}
	return Build
}

// index returns the place of a value, or -1.
func (e *enum) index(value string) int {
	for i, v := range e.values {
		if v.Value.Value == value {
			return i
		}
	}
	return -1
}
