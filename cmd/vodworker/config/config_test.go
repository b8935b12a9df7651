package config

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vodworker/vodworker/worker/sink"
)

func parse(t *testing.T, text string, env map[string]string) (*Config, error) {
	t.Helper()
	return Parse("c.yaml", []byte(text), func(name string) (string, bool) {
		value, ok := env[name]
		return value, ok
	}, os.ReadFile)
}

func wantEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// A configuration can be read wherever its text comes from, and a schema be made of it.
func TestNothingIsOpenedOrConnectedTo(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for imported := range strings.Lines(string(out)) {
		switch imported = strings.TrimSpace(imported); {
		case imported == "net/url", imported == "net/netip": // of these nothing leaves the process
		case imported == "os", imported == "net", strings.HasPrefix(imported, "os/"), strings.HasPrefix(imported, "net/"):
			t.Errorf("it imports %s", imported)
		}
	}
}

const printAll = "\nhandlers: [{name: print, stdout: {}}]\n"

// The file that users copy says what the program does.
func TestTheShippedConfigurationIsTheDefault(t *testing.T) {
	text, err := os.ReadFile("../../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(t, string(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	inText := Place{Stdout: &sink.StdoutOptions{Format: "text"}}
	want.Handlers = []Handler{{Name: "print", Events: []EventPattern{"*"}, Place: inText}}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("config.yaml differs from the defaults (-defaults +config.yaml):\n%s", diff)
	}
}

func TestTheShippedConfigurationShowsEveryKey(t *testing.T) {
	text, err := os.ReadFile("../../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys(reflect.TypeFor[Config]()) {
		if !strings.Contains(string(text), key+":") {
			t.Errorf("config.yaml does not show the key %s", key)
		}
	}
	// With the comments taken off, the examples are valid too.
	var live strings.Builder
	for line := range strings.Lines(string(text)) {
		if example, ok := strings.CutPrefix(line, "#:"); ok {
			line = example
		}
		live.WriteString(line)
	}
	env := map[string]string{"ID": "AKID", "KEY": "k", "HOOK_SECRET": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0",
		"KAFKA_PASSWORD": "p", "RABBITMQ_PASSWORD": "p"}
	config, err := parse(t, live.String(), env)
	if err != nil {
		t.Fatalf("with its examples: %v", err)
	}
	wantEqual(t, "handlers", len(config.Handlers), 8)
	wantEqual(t, "secret", config.Handlers[1].Webhook.Secret, env["HOOK_SECRET"])
}

func keys(t reflect.Type) (all []string) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return keys(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			switch tag := t.Field(i).Tag.Get("yaml"); tag {
			case "-":
				continue
			case "", ",inline":
			default:
				all = append(all, tag)
			}
			all = append(all, keys(t.Field(i).Type)...)
		}
	}
	return all
}

func TestVariablesAreReplacedInScalarsAndThenTyped(t *testing.T) {
	env := map[string]string{
		"N": "12", "D": "3s", "ID": "1500000001", "HOST": "example.com", "EMPTY": "",
		"INJECTED": "a\nworker: {concurrency: 1}", "BRACES": "${N}",
	}
	config, err := parse(t, `
vod:
  endpoint: "https://${HOST}"
  region: ${INJECTED}
  sub_app_ids: ["${ID}"]
  window: ${D}
  ca_file: ${EMPTY:-/etc/ca.pem}
worker: {concurrency: "${N}"}
confirm: {linger: "${UNSET:-250ms}"}
handlers:
  - {name: "$${N} ${BRACES}", webhook: {url: "http://${HOST}/$x"}}
`, env)
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "endpoint", config.VOD.Endpoint, "https://example.com")
	wantEqual(t, "region", config.VOD.Region, env["INJECTED"])
	wantEqual(t, "sub_app_ids", config.VOD.SubAppIDs[0], 1500000001)
	wantEqual(t, "window", config.VOD.Window, Duration(3*time.Second))
	wantEqual(t, "ca_file", config.VOD.CAFile, "/etc/ca.pem")
	wantEqual(t, "concurrency", config.Worker.Concurrency, 12)
	wantEqual(t, "linger", config.Confirm.Linger, Duration(250*time.Millisecond))
	wantEqual(t, "name", config.Handlers[0].Name, "${N} ${N}")
	wantEqual(t, "url", config.Handlers[0].Webhook.URL, "http://example.com/$x")
}

func TestTheAgeAtWhichAnEventIsGivenUp(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 72 * time.Hour, "after: 0s": 0, "after: 90m": 90 * time.Minute, "after: 95h59m": 96*time.Hour - time.Minute,
	} {
		config, err := parse(t, "dead_letters: {"+text+"}"+printAll, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, text, config.DeadLetters.After, Duration(want))
	}
	config, err := parse(t, "inbox: {url: 'sqlite:///i.db'}\ndead_letters: {after: 720h}"+printAll, nil) // VOD has forgotten it long ago
	if err != nil {
		t.Fatal(err)
	}
	wantEqual(t, "with an inbox", config.DeadLetters.After, Duration(30*24*time.Hour))
}

// What is wrong here and there does not come of each other, so all of it is said at once.
func TestAllMistakesAreSaidAtOnce(t *testing.T) {
	text := "vod:\n  widnow: 5s\n  rate: 0\nworker:\n  concurrency: 0\n  stop_grace: 0s\n" +
		"handlers:\n  - {name: a, timeot: 5s}\n  - {name: b, stdout: {format: xml}, retry: {tries: x}}\n  - {name: c}\n"
	_, err := parse(t, text, nil)
	wantEqual(t, "the error", fmt.Sprint(err), strings.TrimSpace(`
c.yaml:2:3: unknown key "widnow"; the nearest is "window"
c.yaml:5:16: worker.concurrency is "0": it must be from 1 to 100000; no account has more events in flight
c.yaml:6:15: worker.stop_grace is "0s": it must be positive; 1ms is next to none
c.yaml:8:15: unknown key "timeot"; the nearest is "timeout"
c.yaml:9:53: handlers[1].retry.tries is "x": it must be a whole number; write digits alone, such as 10
c.yaml:10:5: the handler has no place for events; write one of stdout, file, exec, webhook, kafka, nats, redis, rabbitmq, such as stdout: {}`))
}

// Handlers share settings by anchors. A mistake in what they share is one.
func TestAnchorsAreSeenThrough(t *testing.T) {
	text := "x-defaults: &defaults {timeout: 5s, retry: &once {tries: 1}}\n" +
		"handlers:\n  - {<<: *defaults, name: a, stdout: {}}\n" +
		"  - {<<: [*defaults], name: !!str b, timeout: 6s, stdout: &text {format: text}}\n  - {name: c, retry: *once, stdout: *text}\n"
	config, err := parse(t, text, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Duration{5e9, 6e9, 0} {
		wantEqual(t, "timeout", config.Handlers[i].Timeout, want)
		wantEqual(t, "tries", config.Handlers[i].Retry.Tries, 1)
	}
	_, err = parse(t, strings.Replace(text, "timeout: 5s", "timeot: 5s", 1), nil)
	wantEqual(t, "the error", fmt.Sprint(err), `c.yaml:1:24: unknown key "timeot"; the nearest is "timeout"`)
	_, err = parse(t, strings.Replace(text, "tries: 1", "tries: 1000", 1), nil)
	wantEqual(t, "the first error", strings.Split(fmt.Sprint(err), ";")[0],
		`c.yaml:1:58: handlers[0].retry.tries is "1000": it must be from 1 to 100`)
}

func TestWhatIsFoundLaterHasItsPlaceToo(t *testing.T) {
	config, err := parse(t, "handlers:\n  - name: a\n    file: {path: nowhere/a}\n", nil)
	if err != nil {
		t.Fatal(err)
	}
	later := config.Errorf("handlers[0].file.path", "look: %w", os.ErrNotExist)
	wantEqual(t, "the error", later.Error(), `c.yaml:3:18: handlers[0].file.path is "nowhere/a": look: file does not exist`)
	wantEqual(t, "it is what it wraps", errors.Is(later, os.ErrNotExist), true)
	wantEqual(t, "of a missing key", config.Errorf("handlers[0].retry.tries", "x").Error(), "c.yaml:2:5: handlers[0].retry.tries: x")
	wantEqual(t, "of a missing section", config.Errorf("log.level", "x").Error(), "c.yaml:1:1: log.level: x")
	wantEqual(t, "without a file", Default().Errorf("log.level", "x").Error(), "log.level: x")
}

func TestEventNamesAreKnownOrGlobs(t *testing.T) {
	for _, name := range []string{"NewFileUpload", "*", "Brand*", "[A-Z]?*", "SceneAigcImageComplete",
		"SceneAigcImageCompleteEvent"} {
		text := "handlers: [{name: a, events: ['" + name + "'], stdout: {}}]"
		if _, err := parse(t, text, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzExpand(f *testing.F) {
	for _, text := range []string{"", "${N}", "$${N}", "${N:-x}", "${U:-}", "a${N}b${U}", "${${N}}", "${N", "$", "${}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, problems := expand(text, func(name string) (string, bool) { return "hunter2hunter2", name == "N" })
		if !strings.Contains(text, "${") && (got != text || problems != nil) {
			t.Errorf("%q became %q, %q", text, got, problems)
		}
		if strings.Contains(strings.Join(problems, ""), "hunter2hunter2") && !strings.Contains(text, "hunter2") {
			t.Errorf("a problem holds the value of a variable: %q", problems)
		}
	})
}

func TestASizeIsAWholeNumberWithItsUnit(t *testing.T) {
	for text, want := range map[string]Size{"0B": 0, "17B": 17, "512KiB": 512 << 10, "256MiB": 256 << 20, "2GiB": 2 << 30} {
		config, err := parse(t, "worker: {memory: "+text+"}"+printAll, nil)
		if err != nil {
			t.Fatal(err)
		}
		wantEqual(t, text, config.Worker.Memory, want)
	}
	for _, text := range []string{"256", "MiB", "-1MiB", "1.5GiB", "256 MiB", "256MB", "9999999999999GiB", "[]", `""`} {
		if _, err := parse(t, "worker: {memory: "+text+"}"+printAll, nil); err == nil || !strings.Contains(err.Error(), "; write ") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
