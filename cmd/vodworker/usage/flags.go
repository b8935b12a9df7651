package usage

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagError turns what pflag says into a Mistake.
func flagError(cmd *cobra.Command, err error) error {
	if absent, ok := errors.AsType[*pflag.NotExistError](err); ok {
		return noFlag(cmd, absent)
	}
	if lacks, ok := errors.AsType[*pflag.ValueRequiredError](err); ok {
		flag := lacks.GetFlag()
		kind, _ := pflag.UnquoteUsage(flag)
		return mistake(cmd, "--%s needs a value: write --%[1]s %s", flag.Name, kind)
	}
	if bad, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		return mistake(cmd, "--%s %q: %v", bad.GetFlag().Name, bad.GetValue(), bad.Unwrap())
	}
	if odd, ok := errors.AsType[*pflag.InvalidSyntaxError](err); ok {
		return mistake(cmd, "%q is not how a flag is written: write --NAME VALUE or --NAME=VALUE", odd.GetSpecifiedFlag())
	}
	return mistake(cmd, "%v", err)
}

// noFlag names the flag that may have been meant, or the command that has this one.
func noFlag(cmd *cobra.Command, absent *pflag.NotExistError) error {
	given, dashes := absent.GetSpecifiedName(), "--"
	if letters := absent.GetSpecifiedShortnames(); letters != "" {
		dashes = "-"
		if cmd.Flags().Lookup(letters) != nil || cmd.InheritedFlags().Lookup(letters) != nil {
			return mistake(cmd, "-%s has one dash too few: write --%[1]s", letters)
		}
	}
	if owner := owner(cmd.Root(), given); dashes == "--" && owner != nil {
		return mistake(owner, "%s has no flag --%s, but '%s' has: write it behind that", cmd.CommandPath(), given, owner.CommandPath())
	}
	var names []string
	all := func(flag *pflag.Flag) { names = append(names, flag.Name) }
	cmd.LocalFlags().VisitAll(all)
	cmd.InheritedFlags().VisitAll(all)
	if near := meant(given, names); near != "" {
		return mistake(cmd, "%s has no flag %s%s; the nearest is --%s", cmd.CommandPath(), dashes, given, near)
	}
	return mistake(cmd, "%s has no flag %s%s", cmd.CommandPath(), dashes, given)
}

// owner returns a command that has the flag, and shows it, the one that is nearest to the root.
func owner(cmd *cobra.Command, flag string) *cobra.Command {
	if found := cmd.LocalFlags().Lookup(flag); found != nil && !found.Hidden {
		return cmd
	}
	for _, sub := range cmd.Commands() {
		if found := owner(sub, flag); found != nil && sub.Name() != "completion" {
			return found
		}
	}
	return nil
}

// A value is a flag's, with our words for what it refuses.
type value struct {
	pflag.Value
	flag  *pflag.Flag
	given *string // what it was set to
}

// kinds are the names of values in help and messages; a bool has none.
var kinds = map[string]string{"string": "TEXT", "int": "N", "uint64": "N", "duration": "TIME"}

func (v *value) Type() string {
	if kind, ok := kinds[v.Value.Type()]; ok {
		return kind
	}
	return v.Value.Type()
}

// Set refuses a second value that differs: one of the two would be lost.
func (v *value) Set(text string) error {
	if v.given != nil && *v.given != text {
		return fmt.Errorf("it is given twice, first as %q: give it once", *v.given)
	}
	if name, _, _ := strings.Cut(text, "="); name != "" && v.flag.Shorthand+name == v.flag.Name { // as of -config
		return errors.New("one dash is too few: write --" + v.flag.Name)
	}
	if err := v.Value.Set(text); err != nil {
		return errors.New(v.advice(text, err))
	}
	v.given = &text
	return nil
}

func (v *value) advice(text string, err error) string {
	_, notNumber := strconv.ParseFloat(text, 64)
	switch v.Value.Type() {
	case "bool":
		return "it must be true or false, or the flag alone"
	case "duration":
		if notNumber == nil {
			return "write the unit, such as 5s or 4m"
		}
		return "it must be a time such as 500ms, 5s, 4m or 1h30m"
	case "int", "uint64":
		switch {
		case errors.Is(err, strconv.ErrRange):
			return "the number is too large"
		case v.Value.Type() == "uint64" && strings.HasPrefix(text, "-"):
			return "it must be a whole number that is not negative"
		}
		return "it must be a whole number such as 100"
	}
	return err.Error()
}

// A choice is a text that must be one of several.
type choice struct {
	into    *string
	choices []string
}

// OneOf is the value of a flag that must be one of the choices, or empty, which stands for no choice.
func OneOf(into *string, choices ...string) pflag.Value { return &choice{into, choices} }

func (c *choice) String() string {
	if c.into == nil { // pflag asks a zero one
		return ""
	}
	return *c.into
}

func (c *choice) Type() string { return "string" }

func (c *choice) Set(text string) error {
	if text != "" && !slices.Contains(c.choices, text) {
		last := len(c.choices) - 1
		return fmt.Errorf("it must be %s or %s", strings.Join(c.choices[:last], ", "), c.choices[last])
	}
	*c.into = text
	return nil
}
