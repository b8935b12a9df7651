package config

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rs/zerolog"
)

// everything has each key that there is, none of them twice, and no secret but in files.
const everything = `
vod:
  endpoint: http://127.0.0.1:9266
  region: ap-guangzhou
  sub_app_ids: "${APPS}"
  window: 1m
  rate: 0.5
  ca_file: ${DIR}/ca.pem
  credentials: {secret_id_file: FILE, secret_key_file: FILE, token_file: FILE}
worker: {concurrency: 5, memory: 1536MiB, unmatched: leave, stop_grace: 3s}
confirm: {linger: 20ms, margin: 2s}
x-retry: &retry {tries: 2, initial: 1s, max: 1m30s}
handlers:
  - name: "null"
    events: ["${TYPES}", "*Complete"]
    sub_app_ids: 7
    where:
      - {json: EventType, in: ["${WORDS}", "x: #1"]}
      - {json: EventType, not_in: [1.0, "a\"\u0007 \u202e"]}
      - {json: 'FileUploadEvent.MediaBasicInfo.TagSet.#(=="a: b")', exists: false}
      - {json: EventType, prefix: "a '#b: c"}
    timeout: 5s
    retry: *retry
    webhook:
      url: https://example.com/vod
      secret_file: FILE
      format: cloudevents
      success: {json: code, in: 0}
      headers_file: {X.Y-Z: FILE}
      ca_file: a.pem
      cert_file: b.pem
      key_file: c.pem
  - {name: b, retry: {initial: 5s}, exec: {command: [./x.sh]}}
  - {<<: {events: []}, name: c, sub_app_ids: [], stdout: {}}
  - {name: d, file: {path: "$${HOME}/a b"}}
  - name: e
    kafka:
      brokers: [a.example.com:9092, b.example.com:9092]
      topic: "vod.{type}"
      tls: true
      mechanism: SCRAM-SHA-512
      max_message_bytes: 2000000
      format: cloudevents-binary
      unknown_types: as_is
      username: vod
      password_file: FILE
      ca_file: a.pem
  - {name: f, nats: {servers: "tls://a.example.com", stream: VOD, subject: "vod.{file_id}", token_file: FILE}}
  - {name: g, nats: {servers: "tls://a.example.com", stream: VOD, subject: vod, credentials_file: vod.creds}}
  - {name: h, redis: {url: "redis://localhost", stream: vod, max_len: 100000, replicas: 1}}
  - {name: i, rabbitmq: {url: "amqps://a.example.com", exchange: vod, routing_key: "{type}", unroutable: dead_letter}}
inbox: {url: "", keep: 1h, window: 2h}
dead_letters: {attempts: 0, after: 0s, webhook: {url: "http://example.com"}}
callback:
  listen: ":8080"
  path: /vod
  sign_keys_file: [FILE]
  sub_app_id: 7
  tls: {cert_file: a, key_file: b}
admin: {listen: "[::1]:0", token_file: FILE, pprof: true}
log: {level: debug, format: json}
`

var theEnvironment = map[string]string{
	"APPS": "7, 8", "DIR": "hunter2", "TYPES": "NewFileUpload,FileDeleted", "WORDS": "hunter2,hunter3", "VODWORKER_STOP_GRACE": "4s",
}

const theSecret = "aHVudGVyMmh1bnRlcjJodW50ZXIyaHVu" // base64, and letters and digits

// withSecrets returns a configuration whose secrets are in a file.
func withSecrets(t *testing.T, text string) string {
	t.Helper()
	return strings.ReplaceAll(text, "FILE", secretFile(t, theSecret+"\n"))
}

// putBack undoes what is hidden of the path of a URL.
var putBack = strings.NewReplacer("https://example.com/…", "https://example.com/vod", `path: "/…"`, "path: /vod")

func TestTheSettingsAreTheSameConfiguration(t *testing.T) {
	manual, err := os.ReadFile("../../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"everything": everything, "the manual": string(manual), "the least": printAll} {
		before, err := parse(t, withSecrets(t, text), theEnvironment)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		shown := YAML(before.Settings())
		after, err := parse(t, putBack.Replace(shown), theEnvironment)
		if err != nil {
			t.Fatalf("%s: %v in\n%s", name, err, shown)
		}
		options := cmp.Options{cmpopts.IgnoreUnexported(Config{}, zerolog.Logger{}), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Config{}, "Variables", "Warnings")}
		if diff := cmp.Diff(before.withDefaults(), after.withDefaults(), options); diff != "" {
			t.Errorf("%s: -before +after:\n%s", name, diff)
		}
		if again := YAML(after.Settings()); strings.Count(again, "\n") != strings.Count(shown, "\n") {
			t.Errorf("%s: shown\n%s\nand then\n%s", name, shown, again)
		}
		if strings.Contains(shown, "hunter") {
			t.Errorf("%s: it shows the value of a variable:\n%s", name, shown)
		}
	}
}

func TestTheSettingsHaveEachKey(t *testing.T) {
	config, err := parse(t, withSecrets(t, everything), theEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	shown := YAML(config.Settings())
	for _, key := range keys(reflect.TypeFor[Config]()) {
		isSecret := slices.Contains([]string{"secret_id", "secret_key", "secret", "token", "password", "sign_key", "sign_keys", "headers", "sign_key_file"}, key)
		if !isSecret && !strings.Contains(shown, key+":") {
			t.Errorf("%s is missing", key)
		}
	}
}

// Each text that may be a secret is one here, and each is another.
func TestTheSettingsShowNoSecret(t *testing.T) {
	text := `
vod: {endpoint: "http://h", credentials: {secret_id: hunter-1, secret_key: hunter-2, token: hunter-3}}
handlers:
  - name: a
    webhook:
      url: "https://hunter:hunter@h/?hunter"
      secret: SECRET
      headers: {X-Token: hunter, "token": "${T}"}
      headers_file: {File: FILE}
  - {name: b, exec: {command: [./x.sh, --token, hunter]}}
  - {name: c, file: {path: "a/${T}"}, where: [{json: EventType, in: ["${T}", "password: hunter"]}]}
  - {name: d, kafka: {brokers: "k:1", topic: t, tls: true, mechanism: PLAIN, username: u, password: hunter-4}}
  - {name: e, nats: {servers: "tls://n:1", stream: s, subject: t, token: "${T}"}}
  - {name: f, redis: {url: "rediss://r:1", stream: s, username: u, password: hunter-5}}
dead_letters: {webhook: {url: "${U}", secret_file: FILE}}
callback: {sign_keys: [hunter1, "${T}"]}
admin: {token: hunter-hunter-hunter}
`
	config, err := parse(t, withSecrets(t, strings.ReplaceAll(text, "SECRET", theSecret)), map[string]string{"T": "hunter0", "U": "http://hunter:hunter@h"})
	if err != nil {
		t.Fatal(err)
	}
	shown := YAML(config.Settings())
	for _, part := range []string{"hunter", theSecret[:8]} {
		if strings.Contains(shown+fmt.Sprint(config.Settings()), part) {
			t.Errorf("it shows a secret:\n%s", shown)
		}
	}
	wantEqual(t, "hidden", strings.Count(shown, Hidden), 14)
}

func TestASettingSaysWhereItIsFrom(t *testing.T) {
	config, err := parse(t, `
vod: {rate: 5, region: "a${DIR}", sub_app_ids: ["${APPS:-1}", 9]}
callback: {sign_key: "${KEY}"}
x-shared: &shared {timeout: 5s}
handlers:
  - {<<: *shared, name: a, webhook: {url: "https://u:hunter2@h/?hunter2", secret: &s aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMmg=, headers: {A: hunter2}}}
  - {name: b, exec: {command: [./x.sh, hunter2]}}
  - {name: c, webhook: {url: "http://h/${DIR}", secret: *s}}
dead_letters: {dir: "token=hunter2"}
log: {level: "${LEVEL:-warn}"}
`, map[string]string{"DIR": "hunter2", "APPS": "7,8", "KEY": "hunter2", "VODWORKER_STOP_GRACE": "7s", "VODWORKER_ADMIN_LISTEN": ":1"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range config.Settings() {
		got[s.Key] = fmt.Sprintf("%v # %s", s.Value, s.From)
	}
	for key, want := range map[string]string{
		"vod.rate":                      "5 # c.yaml:2",
		"vod.window":                    "30s # default",
		"vod.region":                    "a${DIR} # c.yaml:2, ${DIR}",
		"vod.sub_app_ids":               "[7 8 9] # c.yaml:2, ${APPS}",
		"worker.stop_grace":             "7s # VODWORKER_STOP_GRACE",
		"admin.listen":                  ":1 # VODWORKER_ADMIN_LISTEN",
		"confirm.margin":                "5s # default",
		"log.level":                     "warn # c.yaml:10, ${LEVEL}",
		"callback.sign_key":             "*** # c.yaml:3, ${KEY}",
		"handlers[0].timeout":           "5s # c.yaml:4",
		"handlers[0].events":            "[*] # default",
		"handlers[0].retry.tries":       "3 # default",
		"handlers[0].webhook.url":       "https://…@h/… # c.yaml:6",
		"handlers[0].webhook.secret":    "*** # c.yaml:6",
		"handlers[0].webhook.format":    "callback # default",
		"handlers[0].webhook.headers.A": "*** # c.yaml:6",
		"handlers[1].exec.command":      "[./x.sh ***] # c.yaml:7",
		"handlers[1].timeout":           "25s # default",
		"handlers[2].webhook.url":       "http://h/… # c.yaml:8, ${DIR}",
		"handlers[2].webhook.secret":    "*** # c.yaml:8",
	} {
		wantEqual(t, key, got[key], want)
	}
	if shown := YAML(config.Settings()); strings.Contains(shown, "hunter2") || strings.Contains(shown, "aHVudGVy") {
		t.Errorf("it shows a secret:\n%s", shown)
	}
	wantEqual(t, "of no file", YAML(Default().Settings())[:len("vod:\n  endpoint: https://vod.tencentcloudapi.com  # default")],
		"vod:\n  endpoint: https://vod.tencentcloudapi.com  # default")
}
