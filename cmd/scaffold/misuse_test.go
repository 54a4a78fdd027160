package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestMisuseIsToldInPlainWords(t *testing.T) {
	for _, test := range []struct {
		args string // with spaces between them; '' is an empty one
		says string
	}{
		{"generat", `there is no command "generat"; did you mean "generate"? (see scaffold --help)`},
		{"__complet", `there is no command "__complet" (see scaffold --help)`},
		{"nope", `there is no command "nope" (see scaffold --help)`},
		{"''", `there is no command "" (see scaffold --help)`},
		{"notes.yaml", `there is no command "notes.yaml"; did you mean "scaffold generate notes.yaml"? (see scaffold --help)`},
		{"notes.yml --check", `the flag "--check" belongs behind its command, as in scaffold generate --check (see scaffold --help)`},
		{"--chekc", `there is no flag "--chekc" (see scaffold --help)`},
		{"help generat", `there is no command "generat"; did you mean "generate"? (see scaffold --help)`},
		{"help templates ejct", `there is no command "templates ejct"; did you mean "templates eject"? (see scaffold templates --help)`},
		{"help schema x", `there is no command "schema x" (see scaffold schema --help)`},
		{"help --al", `there is no flag "--al" (see scaffold help --help)`},
		{"templates eejct", `there is no command "templates eejct"; did you mean "templates eject"? (see scaffold templates --help)`},
		{"templates notes.yaml", `there is no command "templates notes.yaml" (see scaffold templates --help)`},
		{"completion foo", `there is no completion for "foo", but for bash, zsh, fish, powershell (see scaffold completion --help)`},
		{"completion", `completion needs SHELL (see scaffold completion --help)`},
		{"completion bash zsh", `completion takes 1 argument at most, and was given 2 (see scaffold completion --help)`},
		{"schema x", `schema takes no arguments, and was given "x" (see scaffold schema --help)`},
		{"version x y", `version takes no arguments, and was given "x" (see scaffold version --help)`},
		{"templates eject", `templates eject needs NAME (see scaffold templates eject --help)`},
		{"diff", `diff needs OLD (see scaffold diff --help)`},
		{"diff a b c", `diff takes 2 arguments at most, and was given 3 (see scaffold diff --help)`},
		{"init a b", `init takes 1 argument at most, and was given 2 (see scaffold init --help)`},
		{"doctor a b", `doctor takes 1 argument at most, and was given 2 (see scaffold doctor --help)`},
		{"validate ''", `an argument is empty; is a variable not set? (see scaffold validate --help)`},
		{"generate a.yaml ''", `an argument is empty; is a variable not set? (see scaffold generate --help)`},
		{"generate --chek", `there is no flag "--chek"; did you mean "--check"? (see scaffold generate --help)`},
		{"generate -check", `there is no flag "-check"; did you mean "--check"? (see scaffold generate --help)`},
		{"doctor -format=json", `there is no flag "-format"; did you mean "--format"? (see scaffold doctor --help)`},
		{"generate -wacth", `there is no flag "-wacth"; did you mean "--watch"? (see scaffold generate --help)`},
		{"generate -x", `there is no flag "-x" (see scaffold generate --help)`},
		{"generate -ü", `there is no flag "-ü" (see scaffold generate --help)`},
		{"generate --\x1b[2J", `there is no flag "--\x1b[2J" (see scaffold generate --help)`},
		{"generate ---check", `"---check" is not a flag (see scaffold generate --help)`},
		{"generate --check=maybe", `--check is true or false, and not "maybe" (see scaffold generate --help)`},
		{"init --offline=", `--offline is true or false, and not "" (see scaffold init --help)`},
		{"generate --output", `the flag --output needs a value (see scaffold generate --help)`},
		{"generate -o", `the flag --output needs a value (see scaffold generate --help)`},
		{"generate --stdout --force --check", `--stdout and --check exclude each other (see scaffold generate --help)`},
		{"generate --watch --diff", `--watch and --diff exclude each other (see scaffold generate --help)`},
		{"init --domain a --issuer b", `--domain and --issuer exclude each other (see scaffold init --help)`},
	} {
		t.Run(test.args, func(t *testing.T) {
			args := strings.Fields(test.args)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "''", "")
			}
			if got, want := scaffold(nil, args...), (result{exitTrouble, "", "scaffold: " + test.says + "\n"}); got != want {
				t.Errorf("%+v, want %q", got, want.stderr)
			}
		})
	}
}

// Commands that are to come have other kinds of flags.
func TestWrongValuesOfOtherKinds(t *testing.T) {
	for value, says := range map[string]string{
		"--port=x":     `--port is a whole number, and not "x" (see dev --help)`,
		"--for=soon":   `--for is a time like 90s or 15m, and not "soon" (see dev --help)`,
		"--ip=1.2.3.x": `--ip cannot be "1.2.3.x": `,
	} {
		t.Run(value, func(t *testing.T) {
			cmd := &cobra.Command{Use: "dev", SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return nil }}
			cmd.Flags().Int("port", 0, "")
			cmd.Flags().Duration("for", 0, "")
			cmd.Flags().IP("ip", nil, "")
			cmd.SetFlagErrorFunc(wrongFlag)
			cmd.SetArgs([]string{value})
			if err := cmd.Execute(); err == nil || !strings.HasPrefix(err.Error(), says) {
				t.Errorf("%v, want %q", err, says)
			}
		})
	}
}

// allCommands returns a command and all below it.
func allCommands(cmd *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{cmd}
	for _, c := range cmd.Commands() {
		all = append(all, allCommands(c)...)
	}
	return all
}

func TestEveryCommandHasAnExampleThatItTakes(t *testing.T) {
	root := newRootCommand()
	root.InitDefaultHelpCmd()
	for _, cmd := range allCommands(root) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			words := strings.Fields(cmd.CommandPath())[1:]
			help := scaffold(nil, append(words, "--help")...)
			if help.code != exitFine || help.stderr != "" || !strings.HasPrefix(help.stdout, cmd.Long) || !strings.Contains(help.stdout, "\nExamples:\n"+cmd.Example) {
				t.Errorf("%+v", help)
			}
			if got := scaffold(nil, append([]string{"help"}, words...)...); got != help {
				t.Errorf("help prints something else: %+v", got)
			}
			for line := range strings.Lines(cmd.Long) {
				if len(line) > 90 {
					t.Errorf("a long line: %s", line)
				}
			}
			tried := 0
			for line := range strings.Lines(strings.ReplaceAll(cmd.Example, "\\\n", "")) {
				line, _, _ = strings.Cut(line, "#")
				_, line, found := strings.Cut(line, "scaffold ")
				if !found {
					continue
				}
				tried++
				checkExample(t, strings.Fields(strings.TrimRight(strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune("|<>)", r) })[0], " ")))
			}
			if tried == 0 {
				t.Errorf("no example in %q", cmd.Example)
			}
		})
	}
}

// checkExample parses a command line without running it.
func checkExample(t *testing.T, args []string) {
	t.Helper()
	root := newRootCommand()
	root.InitDefaultHelpCmd()
	cmd, rest, err := root.Find(args)
	if err == nil {
		err = cmd.ParseFlags(rest)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil {
		t.Errorf("scaffold %q: %v", args, err)
	}
}

func TestManualThatCannotBePrintedIsTrouble(t *testing.T) {
	for _, args := range [][]string{{}, {"--help"}, {"help"}, {"help", "schema"}, {"templates", "eject", "-h"}} {
		var stderr bytes.Buffer
		if code := run(args, nil, brokenWriter{}, &stderr); code != exitTrouble || stderr.String() != "scaffold: print the manual: io: read/write on closed pipe\n" {
			t.Errorf("%q: exit code %d, %s", args, code, stderr.String())
		}
	}
}

func TestNothingInAMessageActsOnATerminal(t *testing.T) {
	got := scaffold(nil, "validate", "\x1b[2J\u202e.yaml")
	if got != (result{exitTrouble, "", "scaffold: read the spec: open ?[2J?.yaml: no such file or directory\n"}) {
		t.Errorf("%+v", got)
	}
}

func TestVersion(t *testing.T) {
	for _, arg := range []string{"version", "--version", "-v"} {
		if got := scaffold(nil, arg); got != (result{stdout: "scaffold devel\n"}) {
			t.Errorf("%s: %+v", arg, got)
		}
	}
	for _, arg := range []string{"version", "--version"} {
		if code := run([]string{arg}, nil, brokenWriter{}, io.Discard); code != exitTrouble {
			t.Errorf("%s, where nothing can be printed: exit code %d", arg, code)
		}
	}
}

func TestCompletion(t *testing.T) {
	for shell, first := range map[string]string{
		"bash": "# bash completion", "zsh": "#compdef scaffold", "fish": "# fish completion", "powershell": "# powershell completion",
	} {
		if got := scaffold(nil, "completion", shell); got.code != exitFine || got.stderr != "" || !strings.HasPrefix(got.stdout, first) {
			t.Errorf("%s: %d %q %.100q", shell, got.code, got.stderr, got.stdout)
		}
		var stderr bytes.Buffer
		if code := run([]string{"completion", shell}, nil, brokenWriter{}, &stderr); code != exitTrouble || !strings.HasPrefix(stderr.String(), "scaffold: print the script: ") {
			t.Errorf("%s, where nothing can be printed: exit code %d, %s", shell, code, stderr.String())
		}
	}
	for args, want := range map[string]string{
		"completion": "bash\nzsh\nfish\npowershell\n:4\n", "help templates": "eject\tWrite a template to a folder, to be edited\n:4\n", "help nope": ":4\n",
		"validate": "yaml\nyml\n:8\n",
	} {
		if got := scaffold(nil, append(append([]string{"__complete"}, strings.Fields(args)...), "")...); got.stdout != want {
			t.Errorf("%s: %+v", args, got)
		}
	}
}
