package usage

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// tool is a small program: fly needs a PLACE, nest holds home.
func tool() *cobra.Command {
	var format, at string
	root := &cobra.Command{Use: "tool", Args: None, SilenceErrors: true, SilenceUsage: true, Run: func(*cobra.Command, []string) {}}
	root.PersistentFlags().Var(OneOf(&format, "a", "b", "c"), "format", "a, b or c")
	fly := &cobra.Command{Use: "fly PLACE", Short: "Fly", Args: One("a PLACE"), Run: func(*cobra.Command, []string) {}}
	fly.Flags().StringP("config", "c", "", "the `FILE` to read")
	fly.Flags().Int("most", 0, "how many")
	fly.Flags().Uint64("id", 0, "of what")
	fly.Flags().Duration("pause", 0, "how long")
	fly.Flags().Func("at", "`URL` of it", Endpoint(&at))
	fly.Flags().Bool("yes", false, "do not ask")
	nest := &cobra.Command{Use: "nest", Short: "Nests", Args: None, Run: func(*cobra.Command, []string) {}}
	nest.AddCommand(&cobra.Command{Use: "home", Short: "Home", Args: AtMostOne("a FILE"), Run: func(*cobra.Command, []string) {}})
	root.AddCommand(fly, nest)
	Prepare(root, []Group{{"Move", []string{"fly"}}, {"Rest", []string{"nest", "help"}}}, nil)
	return root
}

func TestMistakesSayWhatToWrite(t *testing.T) {
	for line, want := range map[string]string{
		"fyl":                     `tool has no command "fyl"; the nearest is fly; see 'tool --help'`,
		"elephant":                `tool has no command "elephant"; see 'tool --help'`,
		"tool.yaml":               `"tool.yaml" is a configuration: write the command before it, as in 'tool run tool.yaml'; see 'tool --help'`,
		"nest hmoe":               `tool nest has no command "hmoe"; the nearest is home; see 'tool nest --help'`,
		"help nset":               `tool has no command "nset"; the nearest is nest; see 'tool --help'`,
		"help nest hoem":          `tool nest has no command "hoem"; the nearest is home; see 'tool nest --help'`,
		"fly":                     `fly needs a PLACE; see 'tool fly --help'`,
		"fly a b":                 `fly takes one argument, a PLACE, and here are 2: "a" "b"; see 'tool fly --help'`,
		"nest home a b":           `nest home takes one argument at most, a FILE, and here are 2: "a" "b"; see 'tool nest home --help'`,
		"fly x --confg y":         `tool fly has no flag --confg; the nearest is --config; see 'tool fly --help'`,
		"fly x --elephant":        `tool fly has no flag --elephant; see 'tool fly --help'`,
		"fly x -z":                `tool fly has no flag -z; see 'tool fly --help'`,
		"fly x -most":             `-most has one dash too few: write --most; see 'tool fly --help'`,
		"nest home --yes":         `tool nest home has no flag --yes, but 'tool fly' has: write it behind that; see 'tool fly --help'`,
		"fly x -config y":         `--config "onfig": one dash is too few: write --config; see 'tool fly --help'`,
		"fly x --config":          `--config needs a value: write --config FILE; see 'tool fly --help'`,
		"fly x -c":                `--config needs a value: write --config FILE; see 'tool fly --help'`,
		"fly x --most abc":        `--most "abc": it must be a whole number such as 100; see 'tool fly --help'`,
		"fly x --most 1.5":        `--most "1.5": it must be a whole number such as 100; see 'tool fly --help'`,
		"fly x --id -5":           `--id "-5": it must be a whole number that is not negative; see 'tool fly --help'`,
		"fly x --id 1" + zeros:    `--id "1` + zeros + `": the number is too large; see 'tool fly --help'`,
		"fly x --pause 5":         `--pause "5": a number needs its unit; write 5s; see 'tool fly --help'`,
		"fly x --pause soon":      `--pause "soon": it is no duration; write one such as 100ms, 5s or 1m30s; see 'tool fly --help'`,
		"fly x --pause 1d":        `--pause "1d": there is no unit for days; write 24h; see 'tool fly --help'`,
		"fly x --pause 4min":      `--pause "4min": the units are ms, s, m and h; write 4m; see 'tool fly --help'`,
		"fly x --pause 4m30":      `--pause "4m30": the last number needs its unit too; write 4m30s; see 'tool fly --help'`,
		"fly x --pause -5s":       `--pause "-5s": it must not be negative; see 'tool fly --help'`,
		"fly x --id 010":          `--id "010": it must be a whole number without a 0 in front: write 10; see 'tool fly --help'`,
		"fly x --id 0x10":         `--id "0x10": it must be a whole number in decimal: write 16; see 'tool fly --help'`,
		"fly x --id 0b11":         `--id "0b11": it must be a whole number in decimal: write 3; see 'tool fly --help'`,
		"fly x --id 1_0":          `--id "1_0": it must be a whole number in digits alone: write 10; see 'tool fly --help'`,
		"fly x --most 1,000":      `--most "1,000": it must be a whole number in digits alone: write 1000; see 'tool fly --help'`,
		"fly x --most=":           `--most "": it must be a whole number such as 100; see 'tool fly --help'`,
		"fly x —-most 5":          `"—-most" begins with a dash that is no hyphen: write two hyphens, --most; see 'tool fly --help'`,
		"fly –most=5":             `"–most=5" begins with a dash that is no hyphen: write two hyphens, --most; see 'tool fly --help'`,
		"fly x --at=":             `--at "": it is empty: write a URL such as http://127.0.0.1:9266; see 'tool fly --help'`,
		"fly x --at foo":          `--at "foo": the scheme is missing: write https:// in front, or http:// for an emulator; see 'tool fly --help'`,
		"fly x --at h://a":        `--at "h://a": it is no http or https URL: write one such as http://127.0.0.1:9266; see 'tool fly --help'`,
		"fly x --at http://u:p@a": `--at "http://…@a": it has a user name in it: write only scheme and host; see 'tool fly --help'`,
		"fly x --yes=maybe":       `--yes "maybe": it must be true or false, or the flag alone; see 'tool fly --help'`,
		"fly x --format loud":     `--format "loud": it must be a, b or c; see 'tool fly --help'`,
		"fly x -c a -c b":         `--config "b": it is given twice, first as "a": give it once; see 'tool fly --help'`,
		"fly x --=a":              `"--=a" is not how a flag is written: write --NAME VALUE or --NAME=VALUE; see 'tool fly --help'`,
		"completion fihs":         `tool completion has no command "fihs"; the nearest is fish; see 'tool completion --help'`,
	} {
		root := tool()
		root.SetArgs(strings.Fields(line))
		err := root.Execute()
		if _, ok := errors.AsType[Mistake](err); !ok || err.Error() != want {
			t.Errorf("%s:\ngot  %v\nwant %s", line, err, want)
		}
	}
}

var zeros = strings.Repeat("0", 30)

func TestWhatIsRightIsTaken(t *testing.T) {
	for _, line := range []string{
		"", "fly x", "fly --most 3 --id 4 --pause 5s --yes --format b -c y x", "--config y fly x", "--config=y fly x",
		"fly x -c y -c y", "fly x --yes=false", "fly —x", "fly x --most 0 --id 1500000001 --at https://a", "fly x --format=", "nest", "nest home", "help", "help nest home", "completion", "fly -h",
	} {
		root := tool()
		root.SetOut(&strings.Builder{})
		root.SetArgs(strings.Fields(line))
		if err := root.Execute(); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestFlagsKeepWhatTheyAreSetTo(t *testing.T) {
	root := tool()
	fly, _, _ := root.Find([]string{"fly"})
	root.SetArgs(strings.Fields("fly x --pause 5s --yes"))
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	if got := fly.Flags().Lookup("pause").Value.String(); got != (5 * time.Second).String() {
		t.Errorf("the pause is %s", got)
	}
	if !fly.Flags().Changed("yes") {
		t.Error("--yes does not count as given")
	}
}

func TestHelpListsCommandsInTheirGroups(t *testing.T) {
	root := tool()
	var out strings.Builder
	root.SetOut(&out)
	root.SetArgs([]string{"--help"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	const want = "Move:\n  fly          Fly\n\nRest:\n  nest         Nests\n  help         Show the help of a command\n\nFlags:"
	if !strings.Contains(out.String(), want) {
		t.Errorf("got %s", out.String())
	}
	if strings.Contains(out.String(), "completion") {
		t.Error("a command without a group is listed")
	}
}

func TestWrapFillsParagraphsAndLeavesWhatIsIndented(t *testing.T) {
	long := strings.Repeat("word ", 30)
	got := wrap(long + "\n\n  as it   is\n" + "after")
	want := strings.TrimSpace(strings.Repeat("word ", 20)) + "\n" + strings.TrimSpace(strings.Repeat("word ", 10)) + "\n\n  as it   is\nafter"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
