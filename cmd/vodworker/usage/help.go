package usage

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// width is how many columns a line of help has at most.
const width = 100

// A Group is a title and the commands that are listed below it, in this order.
type Group struct {
	Title    string
	Commands []string
}

// Prepare gives a command, and all below it, our help and our words for mistakes. It comes after all commands were added.
func Prepare(root *cobra.Command, groups []Group, args []string) {
	root.SetFlagErrorFunc(flagError)
	root.SetHelpCommand(helpCommand(root))
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(args...)
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) {
		_, _ = io.WriteString(cmd.OutOrStdout(), text(cmd, groups))
	})
	prepare(root)
}

func prepare(cmd *cobra.Command) {
	if words, ok := completions[name(cmd)]; ok {
		cmd.Short, cmd.Long = words[0], words[1]
		cmd.Args = None
		if cmd.HasSubCommands() { // cobra's own takes a misspelt shell for a call for help
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	cmd.Args = hyphens(cmd.Args)
	if cmd.Example == "" {
		cmd.Example = examples[name(cmd)]
	}
	cmd.InitDefaultHelpFlag()
	if help := cmd.Flags().Lookup("help"); help != nil {
		help.Usage = "show this help"
	}
	speak := func(flag *pflag.Flag) {
		if _, done := flag.Value.(*value); done {
			return
		}
		if _, many := flag.Value.(pflag.SliceValue); many {
			return // each of its values counts, and any text is one
		}
		if flag.DefValue == "0s" {
			flag.DefValue = "" // what a zero means is in the flag's own words
		}
		flag.Value = &value{Value: flag.Value, flag: flag}
	}
	cmd.PersistentFlags().VisitAll(speak)
	cmd.Flags().VisitAll(speak)
	for _, sub := range cmd.Commands() {
		prepare(sub)
	}
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show the help of a command",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, left, err := root.Find(args)
			if err != nil || len(left) > 0 && cmd.HasSubCommands() {
				return unknown(cmd, append(left, args...)[0])
			}
			return cmd.Help()
		},
	}
}

// text is the help of a command: what it does, how it is called, examples, the commands below it, its flags.
func text(cmd *cobra.Command, groups []Group) string {
	var out strings.Builder
	long := cmd.Long
	if long == "" {
		long = cmd.Short + "."
	}
	fmt.Fprintf(&out, "%s\n\nUsage:\n  %s\n", wrap(long), useLine(cmd))
	if cmd.Example != "" {
		fmt.Fprintf(&out, "\nExamples:\n%s\n", strings.TrimRight(cmd.Example, "\n"))
	}
	if cmd != cmd.Root() {
		groups = []Group{{"Commands", names(cmd)}}
	}
	for _, group := range groups {
		list(&out, cmd, group)
	}
	if flags := cmd.LocalFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(&out, "\nFlags:\n%s", flags.FlagUsagesWrapped(width))
	}
	if flags := cmd.InheritedFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(&out, "\nFlags of all commands:\n%s", flags.FlagUsagesWrapped(width))
	}
	if more := afterwards[name(cmd)]; more != "" {
		fmt.Fprintf(&out, "\n%s\n", wrap(more))
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&out, "\n'%s COMMAND --help' says more about a command.\n", cmd.CommandPath())
	}
	return out.String()
}

func useLine(cmd *cobra.Command) string {
	line := cmd.CommandPath()
	if _, args, has := strings.Cut(cmd.Use, " "); has {
		line += " " + args
	}
	if cmd.HasAvailableSubCommands() {
		line += " [COMMAND]"
	}
	if cmd.HasAvailableLocalFlags() {
		line += " [FLAGS]"
	}
	return line
}

func names(cmd *cobra.Command) (names []string) {
	for _, sub := range cmd.Commands() {
		names = append(names, sub.Name())
	}
	return names
}

func list(out *strings.Builder, cmd *cobra.Command, group Group) {
	first := true
	for _, name := range group.Commands {
		i := slices.IndexFunc(cmd.Commands(), func(sub *cobra.Command) bool { return sub.Name() == name })
		if i < 0 || cmd.Commands()[i].Hidden {
			continue
		}
		if first {
			fmt.Fprintf(out, "\n%s:\n", group.Title)
		}
		first = false
		fmt.Fprintf(out, "  %-12s %s\n", name, cmd.Commands()[i].Short)
	}
}

// wrap fills paragraphs to the width. Lines that are indented, and what follows them, stay as they are.
func wrap(text string) string {
	var out []string
	line := ""
	flush := func() {
		if line != "" {
			out = append(out, line)
		}
		line = ""
	}
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		if paragraph == "" || paragraph[0] == ' ' {
			flush()
			out = append(out, paragraph)
			continue
		}
		for word := range strings.FieldsSeq(paragraph) {
			if line != "" && len([]rune(line))+1+len([]rune(word)) > width {
				flush()
			}
			if line != "" {
				line += " "
			}
			line += word
		}
	}
	flush()
	return strings.Join(out, "\n")
}
