package main

import (
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

// commands returns the program's commands as help shows them, the program itself first.
func commands() []*cobra.Command {
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	root := a.root()
	usage.Prepare(root, groups, nil)
	return below(root)
}

func below(cmd *cobra.Command) (all []*cobra.Command) {
	all = append(all, cmd)
	for _, sub := range cmd.Commands() {
		all = append(all, below(sub)...)
	}
	return all
}

func TestHelpFitsATerminalAndSpeaksPlainly(t *testing.T) {
	jargon := regexp.MustCompile(`autocompletion script|uint64|\bint\b|\bstring\b|help for |cobra| duration `)
	for _, cmd := range commands() {
		var out strings.Builder
		cmd.SetOut(&out)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if len([]rune(strings.TrimRight(line, "\n"))) > 100 {
				t.Errorf("%s: more than 100 columns: %s", cmd.CommandPath(), line)
			}
		}
		if found := jargon.FindString(out.String()); found != "" {
			t.Errorf("%s: %q in its help", cmd.CommandPath(), found)
		}
		if cmd.Example == "" {
			t.Errorf("%s has no example", cmd.CommandPath())
		}
	}
}

func TestEveryCommandStandsInOneGroup(t *testing.T) {
	var listed []string
	for _, group := range groups {
		listed = append(listed, group.Commands...)
	}
	var there []string
	for _, cmd := range commands()[0].Commands() {
		there = append(there, cmd.Name())
	}
	slices.Sort(listed)
	slices.Sort(there)
	if !slices.Equal(listed, there) {
		t.Errorf("groups list %q, and there are %q", listed, there)
	}
}

func TestExamplesAreWhatCommandsTake(t *testing.T) {
	word := regexp.MustCompile(`'[^']*'|[^\s']+`)
	for _, cmd := range commands() {
		for line := range strings.Lines(cmd.Example) {
			for part := range strings.SplitSeq(line, "|") {
				part, _, _ = strings.Cut(part, ">")
				part, _, _ = strings.Cut(part, "<")
				args := word.FindAllString(part, -1)
				if len(args) == 0 || args[0] != "vodworker" {
					continue
				}
				for i := range args {
					args[i] = strings.Trim(args[i], "'")
				}
				target, left, err := commands()[0].Find(args[1:])
				if err == nil {
					err = target.ParseFlags(left)
				}
				if err == nil {
					err = target.ValidateArgs(target.Flags().Args())
				}
				if err != nil {
					t.Errorf("%s: %s: %v", cmd.CommandPath(), part, err)
				}
			}
		}
	}
}

// What a fault is is said once, where there is room for it.
func TestFaultsAreExplainedWhereTheyAreMade(t *testing.T) {
	for _, cmd := range commands() {
		var out strings.Builder
		cmd.SetOut(&out)
		if err := cmd.Help(); err != nil {
			t.Fatal(err)
		}
		switch cmd.CommandPath() {
		case "vodworker emulate":
			if n := strings.Count(out.String(), "\n"); n > 105 || strings.Index(out.String(), "Flags:") > 2500 {
				t.Errorf("%d lines, and the flags come late:\n%s", n, out.String())
			}
		case "vodworker emulate faults":
			if !strings.Contains(out.String(), "ACTION:CALLS=[after:]WHAT") {
				t.Errorf("it does not say how: %s", out.String())
			}
		case "vodworker emulate fail-results":
			if !strings.Contains(out.String(), "TYPE[:DEFINITION]=CODE") {
				t.Errorf("it does not say how: %s", out.String())
			}
		}
	}
}
