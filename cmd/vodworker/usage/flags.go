package usage

import (
	"errors"
	"fmt"
	"slices"
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
		return mistake(cmd, "--%s %q: %v", bad.GetFlag().Name, password.ReplaceAllString(bad.GetValue(), "//…@"), bad.Unwrap())
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
		if strings.HasSuffix(cmd.Use, " TIME") && strings.ContainsAny(letters[:1], ".0123456789") {
			return mistake(cmd, "TIME must be more than 0, not -%s", letters)
		}
		if cmd.Flags().Lookup(letters) != nil || cmd.InheritedFlags().Lookup(letters) != nil {
			return mistake(cmd, "-%s has one dash too few: write --%[1]s", letters)
		}
	}
	if key := keys[cmd.Name()+" --"+given]; key != "" {
		return mistake(cmd, "%s has no flag --%s: set %s in the configuration", cmd.CommandPath(), given, key)
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

// keys are those of the configuration that say what a flag of another command says.
var keys = map[string]string{
	"run --sub-app-id": "vod.sub_app_ids", "run --endpoint": "vod.endpoint", "run --concurrency": "worker.concurrency",
	"drain --sub-app-id": "vod.sub_app_ids", "drain --endpoint": "vod.endpoint", "drain --concurrency": "worker.concurrency",
	"receive --sub-app-id": "callback.sub_app_id", "receive --listen": "callback.listen", "run --listen": "callback.listen",
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
