package initial_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/cmd/vodworker/initial"
	"github.com/vodworker/vodworker/cmd/vodworker/watch"
	"github.com/vodworker/vodworker/worker"
)

// hostile is what VOD, a path or a host may hold to leave its comment.
const hostile = "a\nhandlers: []\r#: x\u2028y\u0085\x1b[31m ${UNSET} \"'\t: - "

// all are the combinations of what can be found.
func all() (found []initial.Found) {
	settings := []initial.Found{
		{Unknown: "there was no key to ask VOD with"},
		{Unknown: hostile},
		{Settings: []watch.Finding{{Setting: "mode", Found: "PULL: events are queued"}}},
		{Settings: []watch.Finding{
			{Setting: "mode", Found: "PUSH, and there is no callback URL: events are lost", Mend: "vodworker settings set --mode PULL"},
			{Setting: "upload", Found: "OFF: NewFileUpload is not sent", Mend: "vodworker settings set --upload on"},
			{Setting: "delete", Found: "OFF: FileDeleted is not sent", Mend: "vodworker settings set --delete on"},
			{Setting: "persistence", Found: "OFF: PersistenceComplete is not sent", Mend: "vodworker settings set --persistence on"},
		}},
		{Settings: []watch.Finding{{Setting: "mode", Found: "PUSH"}}, PostsTo: "https://example.com"},
		{Settings: []watch.Finding{{Setting: hostile, Found: hostile, Mend: hostile}}, PostsTo: hostile},
	}
	for _, f := range settings {
		for _, f.Endpoint = range []string{config.DefaultEndpoint, "http://127.0.0.1:9266", "http://[::1]:9266/"} {
			for _, f.SubAppID = range []uint64{0, 7, math.MaxUint64} {
				for _, f.KeyFrom = range []string{"", "TENCENTCLOUD_SECRET_ID", hostile} {
					found = append(found, f)
				}
			}
		}
	}
	return found
}

func parse(text, known string) (*config.Config, error) {
	env := func(name string) (string, bool) { return "YWJj", strings.Contains(known, name) }
	return config.Parse("config.yaml", []byte(text), env, func(string) ([]byte, error) { return []byte("AKIDx"), nil })
}

func TestWhatIsWrittenRunsWhateverWasFound(t *testing.T) {
	for i, f := range all() {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			text := string(f.Text())
			c, err := parse(text, "")
			if err != nil || len(c.Warnings) > 0 {
				t.Fatalf("%v, %v\n%s", err, c.Warnings, text)
			}
			var ids []uint64
			if f.SubAppID != 0 {
				ids = []uint64{f.SubAppID}
			}
			if c.VOD.Endpoint != f.Endpoint || !slices.Equal(c.VOD.SubAppIDs, ids) || c.VOD.Credentials != nil {
				t.Errorf("%+v", c.VOD)
			}
			if len(c.Handlers) != 1 || c.Handlers[0].Stdout == nil || fmt.Sprint(c.Handlers[0].Events) != "[*]" {
				t.Errorf("%+v", c.Handlers)
			}
			if worker.Unmatched(c.Worker.Unmatched) != worker.UnmatchedDeadLetter || c.DeadLetters.Dir == "" {
				t.Errorf("events can be lost: %+v, %+v", c.Worker, c.DeadLetters)
			}
			if c.Callback.Listen != "" { // nobody has asked for it, and nothing is signed
				t.Errorf("%+v", c.Callback)
			}
			if n := strings.Count(text, "\n"); n > 80 {
				t.Errorf("%d lines", n)
			}
			if again := string(f.Text()); again != text {
				t.Errorf("first\n%s\nthen\n%s", text, again)
			}
		})
	}
}

// Whoever removes the #: has a configuration that holds, too.
func TestTheExamplesHold(t *testing.T) {
	for i, f := range all() {
		text := "\n" + string(f.Text())
		c, err := parse(strings.ReplaceAll(text, "\n#:", "\n"), "HOOK_SECRET VOD_SIGN_KEY")
		if err != nil || len(c.Warnings) > 0 {
			t.Errorf("%d: %v, %v\n%s", i, err, c.Warnings, text)
			continue
		}
		if len(c.Handlers) != 5 || c.VOD.Credentials == nil {
			t.Errorf("%d: %+v, %+v", i, c.Handlers, c.VOD)
		}
		listens := c.Callback.Listen != ""
		if signed := len(c.Callback.Keys()) > 0; signed != listens || listens && c.Callback.SubAppID != f.SubAppID {
			t.Errorf("%d: %+v", i, c.Callback)
		}
	}
}
