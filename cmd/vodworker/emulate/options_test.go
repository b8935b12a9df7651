package emulate

import (
	"errors"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/vodworker/vodworker/cmd/vodworker/usage"
)

func parsed(t *testing.T, args ...string) *Options {
	t.Helper()
	var o Options
	flags := pflag.NewFlagSet("emulate", pflag.ContinueOnError)
	o.AddFlags(flags)
	if err := flags.Parse(args); err != nil {
		t.Fatal(err)
	}
	if err := o.Given(flags); err != nil {
		t.Fatal(err)
	}
	return &o
}

func TestASeedIsAnotherOneAtEachStartUnlessItIsGiven(t *testing.T) {
	seen := map[uint64]bool{}
	for range 100 {
		seed := parsed(t).config.Seed
		if seed >= 1<<53 || seen[seed] {
			t.Errorf("the seed %d came before, or is no integer of JavaScript", seed)
		}
		seen[seed] = true
	}
	if got := parsed(t, "--seed", "0").config.Seed; got != 0 {
		t.Errorf("with --seed 0 it is %d", got)
	}
	if got := parsed(t, "--seed", "18446744073709551615").config.Seed; got != 1<<64-1 {
		t.Errorf("with the largest seed it is %d", got)
	}
}

func TestAFlagThatSaysNothingIsRefused(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--tls-dir", ""}, "--tls-dir '': it must have a name"},
		{[]string{"--tls", "--tls-dir="}, "--tls-dir '': it must have a name"},
		{[]string{"--record", ""}, "--record '': it must have a name"},
		{[]string{"--replay", ""}, "--replay '': it must have a name"},
		{[]string{"--speed", "2"}, "--speed is that of --replay"},
	} {
		var o Options
		flags := pflag.NewFlagSet("emulate", pflag.ContinueOnError)
		o.AddFlags(flags)
		if err := flags.Parse(test.args); err != nil {
			t.Fatal(err)
		}
		err := o.Given(flags)
		if _, mistaken := errors.AsType[usage.Mistake](err); !mistaken || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q is answered %v, want %s", test.args, err, test.want)
		}
	}
}
