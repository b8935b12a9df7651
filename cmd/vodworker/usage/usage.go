// Package usage has the words for what people get wrong on a command line, and for what helps them before that. What cobra and
// pflag would say is turned into sentences that say what to write.
package usage

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vodworker/vodworker/cmd/vodworker/nearest"
)

// A Mistake is something that the caller mends on the command line.
type Mistake struct{ error }

// Unwrap returns what is wrong.
func (m Mistake) Unwrap() error { return m.error }

// Mistaken makes an error one.
func Mistaken(err error) error { return Mistake{err} }

// mistake ends with where to read on.
func mistake(cmd *cobra.Command, format string, args ...any) Mistake {
	return Mistake{fmt.Errorf(format+"; see '%s --help'", append(args, cmd.CommandPath())...)}
}

// None is for commands that take no arguments, and for those that only hold other commands.
func None(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return unknown(cmd, args[0])
	}
	return mistake(cmd, "%s takes no argument, and %q is one", name(cmd), args[0])
}

// One is for commands that need one argument: what says which, such as "a FILE, or - for stdin".
func One(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return mistake(cmd, "%s needs %s", name(cmd), what)
		case 1:
			return nil
		}
		return mistake(cmd, "%s takes one argument, %s, and here are %d: %s", name(cmd), what, len(args), quoted(args))
	}
}

// AtMostOne is for commands that may have one argument.
func AtMostOne(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) < 2 {
			return nil
		}
		return mistake(cmd, "%s takes one argument at most, %s, and here are %d: %s", name(cmd), what, len(args), quoted(args))
	}
}

// hyphens looks for a flag that begins with other dashes than two hyphens, as those of a text processor, before other arguments
// are looked at.
func hyphens(then cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		for _, arg := range args {
			rest := strings.TrimLeft(arg, "-–—−－")
			flag, _, _ := strings.Cut(rest, "=")
			if rest != arg && (cmd.Flags().Lookup(flag) != nil || cmd.InheritedFlags().Lookup(flag) != nil) {
				return mistake(cmd, "%q begins with a dash that is no hyphen: write two hyphens, --%s", arg, flag)
			}
		}
		if then == nil {
			return nil
		}
		return then(cmd, args)
	}
}

// unknown is a command that there is not.
func unknown(cmd *cobra.Command, given string) error {
	if ext := filepath.Ext(given); cmd == cmd.Root() && (ext == ".yaml" || ext == ".yml") {
		return mistake(cmd, "%q is a configuration: write the command before it, as in '%s run %[1]s'", given, cmd.Name())
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	if near := meant(given, names); near != "" {
		return mistake(cmd, "%s has no command %q; the nearest is %s", cmd.CommandPath(), given, near)
	}
	advice := ""
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if flag.NoOptDefVal != "" && flag.Value.Type() != "bool" && flag.Value.String() == flag.NoOptDefVal { // the value stands behind it
			advice = fmt.Sprintf("; write --%s=%s if that is its value", flag.Name, given)
		}
	})
	return mistake(cmd, "%s has no command %q%s", cmd.CommandPath(), given, advice)
}

// name is the command as people type it behind the program's name.
func name(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
}

func quoted(args []string) string {
	const most = 4
	var list []string
	for _, arg := range args[:min(len(args), most)] {
		list = append(list, fmt.Sprintf("%q", arg))
	}
	if len(args) > most {
		list = append(list, "…")
	}
	return strings.Join(list, " ")
}

// meant returns the one of names that may have been meant, or "".
func meant(given string, names []string) string {
	if given == "" || len(names) == 0 {
		return ""
	}
	near := nearest.Of(given, names)
	if most := max(1, len(near)/3); nearest.Distance(given, near) > most && !strings.HasPrefix(near, given) {
		return ""
	}
	return near
}
