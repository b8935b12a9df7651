package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vodworker/vodworker/worker/vodtest"
)

// mistakes are command lines and inputs that are wrong, with what is said of them. All of them end with exit code 2.
var mistakes = []struct{ line, stdin, want string }{
	{"rnu", "", `vodworker has no command "rnu"; the nearest is run`},
	{"darin", "", `the nearest is drain`},
	{"deadletter list", "", `vodworker has no command "deadletter"; the nearest is deadletters`},
	{"frobnicate", "", `vodworker has no command "frobnicate"; see 'vodworker --help'`},
	{"good.yaml", "", `"good.yaml" is a configuration: write the command before it, as in 'vodworker run good.yaml'`},
	{"settings shwo", "", `vodworker settings has no command "shwo"; the nearest is show; see 'vodworker settings --help'`},
	{"deadletters lst", "", `the nearest is list`},
	{"emulate uplod", "", `vodworker emulate has no command "uplod"; the nearest is upload`},
	{"completion bsh", "", `vodworker completion has no command "bsh"; the nearest is bash`},
	{"help nosuch", "", `vodworker has no command "nosuch"`},
	{"help settings shwo", "", `the nearest is show`},

	{"run --confg good.yaml", "", `vodworker run has no flag --confg; the nearest is --config`},
	{"run --frobnicate", "", `vodworker run has no flag --frobnicate; see 'vodworker run --help'`},
	{"run -x", "", `vodworker run has no flag -x`},
	{"emulate advance -1s", "", `TIME must be more than 0, not -1s; see 'vodworker emulate advance --help'`},
	{"emulate issue -1.5h", "", `TIME must be more than 0, not -1.5h`},
	{"run -config good.yaml", "", `one dash is too few: write --config`},
	{"run --settle", "", `vodworker run has no flag --settle, but 'vodworker drain' has`},
	{"--settle drain", "", `vodworker has no flag --settle, but 'vodworker drain' has: write it behind that`},
	{"run --version", "", `vodworker run has no flag --version, but 'vodworker' has`},
	{"run --config", "", `--config needs a value: write --config FILE`},
	{"drain --max-events", "", `--max-events needs a value: write --max-events N`},
	{"drain --max-events abc", "", `--max-events "abc": it must be a whole number such as 100`},
	{"drain --max-events 1.5", "", `--max-events "1.5": it must be a whole number such as 100`},
	{"drain --max-events 99999999999999999999", "", `--max-events "99999999999999999999": the number is too large`},
	{"drain --max-events -1", "", `--max-events "-1": it must be a whole number that is not negative`},
	{"drain --max-events 1_000", "", `--max-events "1_000": it must be a whole number in digits alone: write 1000`},
	{"drain --max-duration -5s", "", `--max-duration "-5s": it must not be negative`},
	{"drain —-max-events 5", "", `"—-max-events" begins with a dash that is no hyphen: write two hyphens, --max-events`},
	{"deadletters purge --all --older-than -1h", "", `--older-than "-1h": it must not be negative`},
	{"settings show --sub-app-id 010", "", `--sub-app-id "010": it must be a whole number without a 0 in front: write 10`},
	{"settings set -c two.yaml --upload on", "", `several applications are configured, 7 and 8: choose one with --sub-app-id`},
	{"run --sub-app-id 7", "", `vodworker run has no flag --sub-app-id: set vod.sub_app_ids in the configuration`},
	{"drain --endpoint http://a", "", `vodworker drain has no flag --endpoint: set vod.endpoint in the configuration`},
	{"receive --listen :80", "", `vodworker receive has no flag --listen: set callback.listen in the configuration`},
	{"check --endpoint 127.0.0.1:1", "", `--endpoint "127.0.0.1:1": the scheme is missing: write https:// in front`},
	{"pull --endpoint=", "", `--endpoint "": it is empty: write a URL such as http://127.0.0.1:9266`},
	{"init - --endpoint http://h/#x", "", `--endpoint "http://h/#x": it has more than a scheme and a host: omit the rest`},
	{"init - --endpoint http://h:", "", `--endpoint "http://h:": it is no http or https URL: write one such as http://127.0.0.1:9266`},
	{"drain --max-duration 5", "", `--max-duration "5": a number needs its unit; write 5s`},
	{"drain --max-duration soon", "", `--max-duration "soon": it is no duration; write one such as 100ms, 5s or 1m30s`},
	{"pull --sub-app-id -7", "", `--sub-app-id "-7": it must be a whole number that is not negative`},
	{"pull --sub-app-id video", "", `--sub-app-id "video": it must be a whole number such as 100`},
	{"settings set --yes=maybe", "", `--yes "maybe": it must be true or false, or the flag alone`},
	{"run -c good.yaml -c other.yaml", "", `--config "other.yaml": it is given twice, first as "good.yaml": give it once`},
	{"run --log-level loud", "", `--log-level "loud": it must be debug, info, warn or error`},
	{"--log-format xml check", "", `--log-format "xml": it must be auto, console or json`},

	{"version now", "", `version takes no argument, and "now" is one`},
	{"run good.yaml other.yaml", "", `run takes one argument at most, the configuration's FILE, and here are 2: "good.yaml" "other.yaml"`},
	{"send", "", `send needs a FILE, or - for stdin`},
	{"send a b", "", `send takes one argument, a FILE, or - for stdin, and here are 2: "a" "b"`},
	{"emulate upload", "", `emulate upload needs a NAME`},
	{"emulate send", "", `emulate send needs a TYPE or FILE or -`},
	{"emulate reset now", "", `emulate reset takes no argument, and "now" is one`},
	{"emulate state now", "", `emulate state takes no argument, and "now" is one`},
	{"deadletters show -c good.yaml", "", `name the letters`},
	{"confirm -c good.yaml", "", `name the handles, or - to read them from stdin`},

	{"run nowhere.yaml", "", `there is no configuration file nowhere.yaml, which the command line names: ` +
		`make one with 'vodworker init nowhere.yaml', or name another with --config FILE or VODWORKER_CONFIG`},
	{"drain -c nowhere.yaml", "", `there is no configuration file nowhere.yaml, which --config names`},
	{"receive", "", `there is no configuration file config.yaml: make one`},
	{"check nowhere.yaml", "", `there is no configuration file nowhere.yaml, which the command line names`},
	{"deadletters list nowhere.yaml", "", `there is no configuration file nowhere.yaml, which the command line names`},
	{"run good.yaml -c other.yaml", "", `the configuration is named twice, as good.yaml and with --config other.yaml: name it once`},
	{"run --config=", "", `the configuration's name is empty: write --config FILE`},

	{"settings set -c good.yaml", "", `say what to change: --mode, --url, --upload, --delete, --persistence or --sign-key-file`},
	{"settings set -c good.yaml --mode POLL", "", `--mode "POLL": it must be PULL or PUSH`},
	{"settings set -c good.yaml --upload yes", "", `--upload "yes": it must be on or off`},
	{"emulate --listen 9266", "", `--listen "9266": write :PORT or HOST:PORT, such as :8080`},
	{"emulate --listen :99999", "", `--listen ":99999": the port must be a number from 0 to 65535`},
	{"emulate --listen http://127.0.0.1:9266", "", `--listen "http://127.0.0.1:9266": it is a URL: write :PORT or HOST:PORT alone`},
	{"emulate --events -1", "", `--events "-1": it must be a whole number that is not negative`},
	{"emulate --events 1000001", "", `--events 1000001: it must be at most 1000000, since all are in memory`},
	{"emulate --quota=hourly", "", `--quota "hourly": it must be one of bucket, sliding, window`},
	{"emulate --quota sliding", "", `vodworker emulate has no command "sliding"; write --quota=sliding if that is its value`},
	{"emulate --empty nothing", "", `--empty "nothing": it must be one of absent, error, list, null`},
	{"emulate --faults sometimes", "", `--faults: `},
	{"emulate --fail-results Transcode", "", `--fail-results: failure "Transcode": write TYPE=CODE`},
	{"emulate --procedure daily", "", `--procedure "daily": want NAME=TASKS, as in daily=Transcode:100010+CoverBySnapshot:10`},
	{"emulate --procedure =Transcode:10", "", `--procedure "=Transcode:10": want NAME=TASKS`},
	{"emulate --procedure a=Transcode:10 --procedure b=Transcode", "", `--procedure: procedure "Transcode": write TYPE:DEFINITION`},
	{"emulate --forward localhost:9000", "", `--forward: it must be an http or https URL with a host`},
	{"emulate --forward https://VOD.tencentcloudapi.com./", "", `--forward: its host, vod.tencentcloudapi.com, is the vendor's`},
	{"emulate --task-time -1s", "", `--task-time "-1s": it must not be negative`},
	{"emulate --task-time 5", "", `--task-time "5": a number needs its unit; write 5s`},
	{"emulate --procedure", "", `--procedure needs a value: write --procedure NAME=TASKS`},
	{"emulate fail-results", "", `emulate fail-results needs a TEXT`},
	{"emulate fidelity now", "", `emulate fidelity takes no argument, and "now" is one`},
	{"emulate --window 0s", "", `--window, --hold and --retention must be positive`},

	{"send -c good.yaml nowhere.json", "", `nowhere.json: there is no such file; make it, or name another`},
	{"send -c good.yaml .", "", `.: this is a folder; name the file in it`},
	{"send -c two.yaml --sub-app-id 9 -", "{}", `--sub-app-id 9: it is not configured: add it to vod.sub_app_ids, or name one of 7 and 8`},
	{"send -c good.yaml -", "{\"level\":\"error\",\"event\":\"{}\",\"message\":\"event lost\"}", `jq -r 'select(.event).event'`},
	{"send -c good.yaml -", "{\"EventType\":None}", `stdin:1:14: JSON has no None: write null`},
	{"send -c good.yaml --concurrency 0 -", "", `--concurrency 0: it must be from 1 to 1000`},
	{"send -c good.yaml -", "", `stdin: there are no events in it`},
	{"send -c good.yaml -", "{\"EventType\":\"NewFileUpload\",\n}", `stdin:1:29: a comma before the }: take it out`},
	{"send -c good.yaml -", "[{\"EventType\":\"NewFileUpload\"},\n 7]", `stdin:2:2: no EventType: `},
	{"send -c good.yaml -", "{\"EventSet\":[\n{}]}", `stdin:2:1: no EventType: `},
	{"send -c good.yaml -", "{\"EventType\":\"A\",\"B\":{\n{\"EventType\":\"A\"}\n",
		`stdin:1:23: the value that begins at 1:1 does not end on its line, and the next line begins another: this line may be cut`},
	{"send -c good.yaml -", "\xff\xfe{\x00", `stdin:1:1: this is UTF-16: save it as UTF-8`},
	{"send -c good.yaml -", "version=4.0&eventType=A", `stdin:1:1: this is no JSON: events stand in the file as VOD sends them`},
	{"emulate send nosuchtype", "", `is no file and no event type of which there is a sample; the nearest is `},
	{"emulate send -", "{'a': 1}", `stdin:1:2: texts and names of JSON stand between double quotes`},
	{"confirm -c good.yaml -", "{\"EventSet\":[]}", `stdin:1:1: this is JSON, and not one handle on a line: jq -r`},
	{"confirm -c good.yaml -", "h\n\"h", `stdin:2:1: no JSON string: a handle stands alone on its line`},
}

func TestMistakesOnTheCommandLineSayWhatToWrite(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TENCENTCLOUD_SECRET_ID", vodtest.DefaultSecretID)
	t.Setenv("TENCENTCLOUD_SECRET_KEY", vodtest.DefaultSecretKey)
	config := "vod: {endpoint: \"http://127.0.0.1:1\"}\nhandlers: [{name: print, stdout: {}}]\ndead_letters: {dir: dead}\n"
	two := strings.Replace(config, "vod: {", "vod: {sub_app_ids: [7, 8], ", 1)
	for _, err := range []error{os.WriteFile("good.yaml", []byte(config), 0o600), os.WriteFile("two.yaml", []byte(two), 0o600), os.Mkdir(filepath.Join("dead"), 0o700)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	jargon := regexp.MustCompile(`strconv|\[7 8\]|parsing "|invalid syntax|unknown (flag|command|shorthand)|accepts \d|arg\(s\)|\["`)
	for _, test := range mistakes {
		var out, log bytes.Buffer
		code := run(t.Context(), strings.Fields(test.line), &out, &log, func(a *app) {
			a.stdin, a.logFormat = strings.NewReader(test.stdin), "console"
		})
		said := out.String() + log.String()
		if code != exitUsage || !strings.Contains(said, test.want) || jargon.MatchString(said) {
			t.Errorf("vodworker %s: exit code %d\n%s\nwant 2 and %s", test.line, code, said, test.want)
		}
	}
	if len(mistakes) < 40 {
		t.Errorf("only %d mistakes", len(mistakes))
	}
}
