package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vodworker/vodworker/cmd/vodworker/config"
	"github.com/vodworker/vodworker/worker/vodtest"
)

// harmless are the keys whose texts are no secrets. Each other key that takes a text is one of a secret, and is in the configuration
// of [secretive]: a new key must be put here or there.
var harmless = strings.Fields(`vod.endpoint vod.region vod.ca_file handlers[].name handlers[].events handlers[].where[].json
	handlers[].where[].in handlers[].where[].not_in handlers[].where[].prefix handlers[].stdout.format handlers[].file.path
	handlers[].webhook.format handlers[].webhook.success.json handlers[].webhook.success.in handlers[].webhook.success.not_in
	handlers[].webhook.success.prefix handlers[].webhook.ca_file handlers[].webhook.cert_file handlers[].webhook.key_file
	handlers[].kafka.brokers handlers[].kafka.topic handlers[].kafka.mechanism handlers[].nats.servers handlers[].nats.stream
	handlers[].nats.subject handlers[].nats.credentials_file handlers[].redis.url handlers[].redis.stream handlers[].rabbitmq.url
	handlers[].rabbitmq.exchange handlers[].rabbitmq.routing_key handlers[].rabbitmq.unroutable
	handlers[].BROKER.format handlers[].BROKER.unknown_types handlers[].BROKER.username handlers[].BROKER.ca_file
	handlers[].BROKER.cert_file handlers[].BROKER.key_file
	dead_letters.dir dead_letters.file.path callback.listen callback.tls.cert_file callback.tls.key_file admin.listen log.level log.format`)

func TestEachKeyIsKnownToBeOfASecretOrNot(t *testing.T) {
	var all []string
	var collect func(of reflect.Type, key string)
	collect = func(of reflect.Type, key string) {
		switch of.Kind() {
		case reflect.Pointer:
			collect(of.Elem(), key)
		case reflect.Slice:
			if of.Elem().Kind() == reflect.Struct {
				key += "[]"
			}
			collect(of.Elem(), key)
		case reflect.String, reflect.Map:
			if !strings.HasSuffix(key, "_file") || slices.Contains(harmless, key) {
				all = append(all, brokerKey.ReplaceAllString(key, ".BROKER.$2"))
			}
		case reflect.Struct:
			for _, field := range reflect.VisibleFields(of) {
				if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" && name != "-" {
					collect(field.Type, strings.TrimPrefix(key+"."+name, "."))
				}
			}
		}
	}
	collect(reflect.TypeFor[config.Config](), "")
	all = slices.Compact(slices.Sorted(slices.Values(all)))
	known := map[string]bool{"inbox.url": true} // see TestNoPasswordOfAnInboxIsEverShown
	for _, way := range ways {
		s := newSecretive(t, way)
		s.text("http://127.0.0.1:1", "http://127.0.0.1:1", "https://127.0.0.1:1")
		maps.Copy(known, s.keys)
	}
	for key := range known {
		if !slices.Contains(all, key) {
			t.Errorf("there is no key %s", key)
		}
	}
	for _, key := range all {
		inLetters := strings.Replace(key, "dead_letters.", "handlers[].", 1)
		if !known[key] && !known[inLetters] && !slices.Contains(harmless, key) && !slices.Contains(harmless, inLetters) {
			t.Errorf("is %s a secret? Tell the test", key)
		}
	}
}

// brokerKey matches the keys that all brokers have.
var brokerKey = regexp.MustCompile(`\.(kafka|nats|redis|rabbitmq)\.(format|unknown_types|username|password|ca_file|cert_file|key_file)$`)

// ways are those in which a secret is given.
var ways = []string{"written", "variable", "file"}

// secretive makes a configuration with all kinds of secrets, in one of the ways.
type secretive struct {
	t       *testing.T
	way     string
	dir     string
	env     []string
	secrets []string
	keys    map[string]bool // of the secrets
	issued  vodtest.Key     // of the API
	token   string          // of the status page
	arg     string          // of a program, which may print it
	broker  string          // an address
}

func newSecretive(t *testing.T, way string) *secretive {
	return &secretive{t: t, way: way, dir: t.TempDir(), keys: map[string]bool{}, broker: "127.0.0.1:1", issued: vodtest.New(vodtest.Config{}).Issue(time.Hour)}
}

// new makes a secret, of letters and digits alone or not.
func (s *secretive) new(key string, plain bool) string {
	s.keys[key] = true
	secret := fmt.Sprintf("hunter%dNr%d", 100+len(s.secrets), len(s.secrets))
	if !plain {
		secret += `+/"&<=%5cZ`
	}
	s.secrets = append(s.secrets, secret)
	return secret
}

// give writes a key with a secret, in the way.
func (s *secretive) give(key, secret string) string {
	name := key[strings.LastIndexAny(key, ".")+1:]
	if s.way != "file" {
		return name + ": " + s.value(secret)
	}
	file := filepath.Join(s.dir, fmt.Sprint("secret", len(s.env), len(s.keys), name))
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return name + "_file: " + file
}

// value writes a text that no file can hold, as it is or as a variable.
func (s *secretive) value(text string) string {
	if s.way == "written" {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	name := fmt.Sprint("OURS_", len(s.env))
	s.env = append(s.env, name+"="+text)
	return "'${" + name + "}'"
}

// webhook writes one, with secrets of its own.
func (s *secretive) webhook(base string) string {
	const key = "handlers[].webhook."
	u, err := url.Parse(base)
	if err != nil {
		s.t.Fatal(err)
	}
	user, password := s.new(key+"url", true), s.new(key+"url", false)
	u.User = url.UserPassword(user, password)
	s.secrets = append(s.secrets, base64.StdEncoding.EncodeToString([]byte(user+":"+password)))
	u = u.JoinPath("services", s.new(key+"url", true))
	u.RawQuery = url.Values{"sign": {s.new(key+"url", false)}}.Encode()
	signing := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "signs what is posted, %d", len(s.secrets)))
	s.keys[key+"secret"], s.secrets = true, append(s.secrets, signing)
	header, api := s.new(key+"headers", false), s.new(key+"headers", true)
	headers := "headers: {X-Odd: " + s.value(header) + ", X-Api: " + s.value("token="+api) + "}"
	if s.way == "file" {
		headers = "headers_file: {" + strings.Replace(s.give("X-Odd", header), "_file", "", 1) + ", " +
			strings.Replace(s.give("X-Api", "token="+api), "_file", "", 1) + "}"
	}
	return fmt.Sprintf("webhook: {url: %s, %s, %s}", s.value(u.String()), s.give("secret", "whsec_"+signing), headers)
}

// text is the configuration. Everything in it fails.
func (s *secretive) text(endpoint, echo, tls string) string {
	s.arg = s.new("handlers[].exec.command", false)
	arg := s.value("--pass=" + s.arg)
	letters := "dir: dead"
	if s.way == "variable" {
		letters = s.webhook(echo + "/500")
	}
	var signKeys string
	if s.way != "written" {
		signKeys = s.give("callback.sign_key", s.new("callback.sign_key", true))
	} else {
		signKeys = fmt.Sprintf("sign_keys: [%s, %s]", s.value(s.new("callback.sign_keys", true)), s.value(s.new("callback.sign_keys", true)))
	}
	var credentials []string
	for i, text := range []string{s.issued.SecretID, s.issued.SecretKey, s.issued.Token} {
		key := "vod.credentials." + []string{"secret_id", "secret_key", "token"}[i]
		s.keys[key], s.secrets, credentials = true, append(s.secrets, text), append(credentials, s.give(key, text))
	}
	s.token = s.new("admin.token", false)
	return fmt.Sprintf(`
vod: {endpoint: '%s', credentials: {%s}}
worker: {stop_grace: 1s}
x-fast: &fast {events: NewFileUpload, retry: {tries: 1}, timeout: 15s}
handlers:
  - {name: refused, <<: *fast, %s}
  - {name: fails, <<: *fast, %s}
  - {name: redirects, <<: *fast, %s}
  - {name: hangs, events: NewFileUpload, retry: {tries: 1}, timeout: 300ms, %s}
  - {name: lies, events: NewFileUpload, retry: {tries: 2, initial: 1ms}, timeout: 15s, %s, success: {json: code, in: [0]}}}
  - {name: untrusted, <<: *fast, %s}
  - {name: by-proxy, <<: *fast, %s}
  - {name: by-tls-proxy, <<: *fast, %s}
  - {name: program, <<: *fast, exec: {command: [sh, -c, 'echo "$PRINTED" >&2; exit 3', %s]}}
  - {name: rejects, <<: *fast, events: FileDeleted, %s}
%sdead_letters: {attempts: 1, %s}
callback: {listen: '127.0.0.1:0', path: %s, %s}
admin: {pprof: true, %s}
log: {level: debug}
`, endpoint, strings.Join(credentials, ", "), s.webhook("http://127.0.0.1:1"), s.webhook(echo+"/500"), s.webhook(echo+"/302"), s.webhook(echo+"/hang"),
		strings.TrimSuffix(s.webhook(echo+"/200"), "}"), s.webhook(tls), s.webhook("http://hook.invalid/"), s.webhook("https://hook.invalid/"), arg,
		s.webhook(echo+"/422"), s.brokers(), letters, s.value("/"+s.new("callback.path", true)), signKeys, s.give("admin.token", s.token))
}

// forms are those in which a secret may turn up.
func forms(secret string) []string {
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err)
	}
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret), strings.Trim(string(quoted), `"`),
		strings.ReplaceAll(secret, `"`, `\"`), base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))}
	slices.Sort(all)
	return slices.Compact(all)
}
