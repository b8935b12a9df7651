package config

import (
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
	"github.com/google/go-cmp/cmp"

	"github.com/vodworker/vodworker/worker/sink"
)

func parse(t *testing.T, text string, env map[string]string) (*Config, error) {
	t.Helper()
	return Parse([]byte(text), func(name string) (string, bool) {
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
	want.Handlers = []Handler{{Name: "print", Events: []EventPattern{"*"}, Place: Place{Stdout: &sink.StdoutOptions{Format: "text"}}}}
	if diff := cmp.Diff(want, got); diff != "" {
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
	env := map[string]string{"ID": "AKID", "KEY": "k", "HOOK_SECRET": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}
	config, err := parse(t, live.String(), env)
	if err != nil {
		t.Fatalf("with its examples: %v", err)
	}
	wantEqual(t, "handlers", len(config.Handlers), 4)
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
  - {name: "$${N} ${BRACES}", webhook: {url: "http://${HOST}/$x", secret: ""}}
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
}

func TestMistakesAreShownWhereTheyAre(t *testing.T) {
	env := map[string]string{"SECRET": "hunter2"}
	tests := map[string][]string{
		"vod:\n  widnow: 5s" + printAll:                           {"[2:3]", `unknown field "widnow"`},
		"vod: {rate: fast}" + printAll:                            {"[1:13]", "this must be a number"},
		"vod:\n  rate: ${SECRET}" + printAll:                      {"[2:9]", "this must be a number", "${SECRET}"},
		"vod:\n  window: ${SECRET}" + printAll:                    {"[2:11]", "not a duration", "${SECRET}"},
		"vod: {window: 5}" + printAll:                             {"[1:15]", "not a duration", "needs its unit"},
		"vod: {window: [5s]}" + printAll:                          {"not a duration"},
		"vod:\n  region: ${UNSET}" + printAll:                     {"[2:11]", "UNSET is not set"},
		"vod:\n  region: ${not a name}" + printAll:                {"[2:11]", "neither ${VAR} nor"},
		"vod: {region: a, region: b}" + printAll:                  {"already defined"},
		"vod: [" + printAll:                                       {"["},
		"---\nvod: {}\n---\nvod: {}" + printAll:                   {"more than one YAML document"},
		"":                                                        {"no handlers"},
		"# nothing":                                               {"no handlers"},
		"handlers: []":                                            {"no handlers"},
		"handlers: [{name: a, stdout: {format: xml}}]":            {`handler 1 ("a"): stdout: format is "xml"`},
		"handlers: [{name: a, webhook: {url: ftp://x}}]":          {`handler 1 ("a"): webhook: the URL does not begin with http`},
		"handlers: [{name: a, file: {}}]":                         {`handler 1 ("a"): file: no path`},
		"handlers: [{name: a, exec: {command: []}}]":              {`handler 1 ("a"): exec: no command`},
		"dead_letters: {file: {}}" + printAll:                     {"dead_letters: file: no path"},
		"handlers: [{name: a}]":                                   {`handler 1 ("a"): it needs exactly one of stdout, file, exec, webhook`},
		"handlers: [{name: a, stdout: {}, webhook: {url: u}}]":    {"exactly one"},
		"handlers: [{name: a, events: [FileDelete], stdout: {}}]": {"[1:31]", "nearest is FileDeleted", "FileDelete*"},
		"handlers: [{name: a, retry: {tries: x}, stdout: {}}]":    {"[1:37]"},
		"vod: {sub_app_ids: [1, 1]}" + printAll:                   {"names 1 twice"},
		"vod: {sub_app_ids: [-1]}" + printAll:                     {"[1:21]"},
		"worker: {unmatched: dead_letter}" + printAll:             {"set dead_letters.dir"},
		"vod: {rate: 0}" + printAll:                               {"vod.rate must be positive"},
		"vod: {window: 0s}" + printAll:                            {"vod.window must be positive"},
		"worker: {concurrency: 0}" + printAll:                     {"concurrency must be at least 1"},
		"worker: {stop_grace: -1s}" + printAll:                    {"worker.stop_grace must be positive; 1ms is next to none"},
		"worker: {stop_grace: 0s}" + printAll:                     {"worker.stop_grace must be positive; 1ms is next to none"},
		"confirm: {linger: 0s}" + printAll:                        {"confirm.linger must be positive; 1ms is next to none"},
		"confirm: {margin: -1s}" + printAll:                       {"confirm.margin must not be negative"},
		"log: {level: loud}" + printAll:                           {"log level"},
		"log: {format: xml}" + printAll:                           {"log format"},
		"vod: {credentials: {secret_id: a}}" + printAll:           {"needs both"},
		"vod: {credentials: {id: a}}" + printAll:                  {"[1:21]", `unknown field "id"`},

		"dead_letters: {after: -1s}" + printAll:  {"dead_letters.after must not be negative; 0s is the default, 72h0m0s"},
		"dead_letters: {after: 72}" + printAll:   {"[1:23]", "not a duration", "needs its unit"},
		"dead_letters: {after: 96h}" + printAll:  {"dead_letters.after must be less than 96h: VOD drops an event after 4 days"},
		"dead_letters: {after: 700h}" + printAll: {"dead_letters.after must be less than 96h"},

		"dead_letters: {webhook: {url: u, format: cloudevents}}" + printAll: {"letters have a form of their own; omit format"},
		"dead_letters: {webhook: {url: u}, dir: d}" + printAll:              {"to a dir or to one place such as a webhook, not to both"},
		"dead_letters: {file: {path: f}, webhook: {url: u}}" + printAll:     {"to a dir or to one place"},
		"dead_letters: {stdout: {format: json}}" + printAll:                 {"dead_letters.stdout: letters need a place that keeps them"},
	}
	for text, wants := range tests {
		_, err := parse(t, text, env)
		if err != nil && strings.Contains(err.Error(), "Go struct") {
			t.Errorf("%q: %v", text, err)
		}
		for _, want := range wants {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want %s", text, err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: the error holds the value of a variable: %v", text, err)
		}
	}
}

// Whatever is wrong, and wherever: what stands beside it may be a secret.
func TestNoErrorShowsASecret(t *testing.T) {
	texts := []string{
		"vod:\n  credentials: {secret_id: hunter2, secret_key: hunter2}\n  tokn: hunter2" + printAll,
		"vod:\n  credentials:\n    secret_id: AKID\n    secret_key: hunter2\n    tokn: hunter2\n    more: hunter2" + printAll,
		`handlers: [{name: a, webhook: {url: "https://u:hunter2@h/?t=hunter2", secret: hunter2}, retry: {tries: three}}]`,
		`handlers: [{name: a, webhook: {"url": 'https://u:hunter2@h/', "secret": "hunter2"}, timeout: soon}]`,
		"handlers:\n  - name: a\n    webhook: {url: https://u:hunter2@h/, secert: hunter2}",
		"vod: {rate: hunter2}" + printAll,
		"vod: {window: hunter2}" + printAll,
		"vod: {endpoint: https://u:hunter2@h/, rate: [}" + printAll,
		"vod: {secret: hunter2, secret: hunter2}" + printAll,
		"hunter2",
		"vod: hunter2" + printAll,
		"handlers: hunter2",
	}
	for _, text := range texts {
		_, err := parse(t, text, nil)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEventNamesAreKnownOrGlobs(t *testing.T) {
	for _, name := range []string{"NewFileUpload", "*", "Brand*", "[A-Z]?*", "SceneAigcImageComplete", "SceneAigcImageCompleteEvent"} {
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
		node := &ast.StringNode{Value: text, BaseNode: &ast.BaseNode{}, Token: token.New(text, text, &token.Position{Line: 1, Column: 1})}
		err := expand(node, func(name string) (string, bool) { return "hunter2hunter2", name == "N" })
		if !strings.Contains(text, "${") && (node.Value != text || err != nil) {
			t.Errorf("%q became %q, %v", text, node.Value, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2hunter2") && !strings.Contains(text, "hunter2") {
			t.Errorf("the error holds the value of a variable: %v", err)
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
		if _, err := parse(t, "worker: {memory: "+text+"}"+printAll, nil); err == nil || !strings.Contains(err.Error(), "not a size such as") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
