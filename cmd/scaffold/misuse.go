package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/scaffold/spec"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// misuse says what is wrong with a command line, and where its manual is.
func misuse(cmd *cobra.Command, format string, args ...any) error {
	return fmt.Errorf("%s (see %s --help)", fmt.Sprintf(format, args...), cmd.CommandPath())
}

// within is a word on the command line of a command, with the commands before
// it: "templates eject".
func within(cmd *cobra.Command, word string) string {
	path := strings.Fields(cmd.CommandPath())[1:]
	if word != "" || len(path) == 0 {
		path = append(path, word)
	}
	return strings.Join(path, " ")
}

// maybe ends a message with what was most likely meant, if there is such.
func maybe(meant string) string {
	if meant == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", meant)
}

// arguments takes at least and at most so many arguments. What is missing is
// named as in the command's usage.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		names := strings.Fields(cmd.Use)[1:]
		switch n := len(args); {
		case n < least:
			return misuse(cmd, "%s needs %s", within(cmd, ""), strings.Join(names[n:least], " and "))
		case n > 0 && most == 0:
			return misuse(cmd, "%s takes no arguments, and was given %q", within(cmd, ""), args[0])
		case n > most:
			return misuse(cmd, "%s takes %s at most, and was given %d", within(cmd, ""), counted(most, "argument"), n)
		}
		return nil
	}
}

// onlyCommands refuses the argument of a command that has commands of its own:
// it is taken for one of these, misspelt.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if isSpecFile := strings.HasSuffix(args[0], ".yaml") || strings.HasSuffix(args[0], ".yml"); isSpecFile && !cmd.HasParent() {
		return misuse(cmd, "there is no command %q%s", args[0], maybe("scaffold generate "+args[0]))
	}
	var names []string
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	meant := spec.Closest(args[0], names)
	if meant != "" {
		meant = within(cmd, meant)
	}
	return misuse(cmd, "there is no command %q%s", within(cmd, args[0]), maybe(meant))
}

// wrongFlag says in plain words what the parser of the flags says.
func wrongFlag(cmd *cobra.Command, err error) error {
	if unknown, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return unknownFlag(cmd, unknown)
	}
	if empty, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		return misuse(cmd, "the flag --%s needs a value", empty.GetFlag().Name)
	}
	if wrong, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		kinds := map[string]string{"bool": "true or false", "int": "a whole number", "duration": "a time like 90s or 15m"}
		kind := kinds[wrong.GetFlag().Value.Type()]
		if kind == "" {
			return misuse(cmd, "--%s cannot be %q: %v", wrong.GetFlag().Name, wrong.GetValue(), wrong.Unwrap())
		}
		return misuse(cmd, "--%s is %s, and not %q", wrong.GetFlag().Name, kind, wrong.GetValue())
	}
	if bad, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return misuse(cmd, "%q is not a flag", bad.GetSpecifiedFlag())
	}
	return err
}

func unknownFlag(cmd *cobra.Command, unknown *pflag.NotExistError) error {
	dashes, name := "--", unknown.GetSpecifiedName()
	if letters := unknown.GetSpecifiedShortnames(); letters != "" {
		dashes = "-"
		name, _, _ = strings.Cut(letters, "=")
	}
	if below := haveFlag(cmd.Commands(), name); len(below) > 0 {
		return misuse(cmd, "the flag %q belongs behind its command, as in %s --%s", dashes+name, below[0].CommandPath(), name)
	}
	var flags []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, f.Name) })
	meant := ""
	switch {
	case dashes == "-" && slices.Contains(flags, name):
		meant = "--" + name
	case dashes == "--" || len(name) > 1:
		if word := spec.Closest(name, flags); word != "" {
			meant = "--" + word
		}
	}
	return misuse(cmd, "there is no flag %q%s", dashes+name, maybe(meant))
}

// haveFlag returns those of the commands that have a flag.
func haveFlag(commands []*cobra.Command, name string) (found []*cobra.Command) {
	for _, c := range commands {
		if c.Flags().Lookup(name) != nil {
			found = append(found, c)
		}
	}
	return found
}

// wellUsed refuses, before any command is run, flags that exclude each other
// and arguments that are empty.
func wellUsed(cmd *cobra.Command, args []string) error {
	if cmd.DisableFlagParsing { // the shell asks for completions, also of nothing
		return nil
	}
	if slices.Contains(args, "") {
		return misuse(cmd, "an argument is empty; is a variable not set?")
	}
	err := cmd.ValidateFlagGroups()
	if err == nil {
		return nil
	}
	var both []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		for _, group := range f.Annotations["cobra_annotation_mutually_exclusive"] {
			if set := setFlags(cmd, strings.Fields(group)); len(set) > 1 && both == nil {
				both = set
			}
		}
	})
	if both == nil {
		return err
	}
	return misuse(cmd, "%s exclude each other", strings.Join(both, " and "))
}

func setFlags(cmd *cobra.Command, names []string) (set []string) {
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			set = append(set, "--"+name)
		}
	}
	return set
}

// counted says how many there are of something: "1 spec", "2 specs".
func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
