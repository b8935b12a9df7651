package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// A person sees the line of the file, but for what may be a secret.
func TestAnExcerptShowsTheMistakeAndNothingBesides(t *testing.T) {
	for text, want := range map[string]string{
		"vod:\n  window: 5\n" + printAll:                                  "    2 |   window: 5\n                  ^",
		"vod: {region: hunter2, window: ${W}}" + printAll:                 "    1 | … ${W}\n          ^",
		"vod:\n  sercet_key: hunter2\n" + printAll:                        "    2 |   sercet_key: …\n          ^",
		"vod: {x: hunter2, secret: hunter2}" + printAll:                   "    1 | … x: …\n          ^",
		"handlers:\n  - name: a\n    webhook: {url: 'ftp://a:hunter2@b'}": "    3 | … ftp://…@b\n          ^",
		"callback: {sign_keys: 'hunter-2'}" + printAll:                    "    1 | … …\n          ^",
	} {
		_, err := parse(t, strings.Replace(text, "${W}", `"${W}"`, 1), map[string]string{"W": "hunter2"})
		found, is := errors.AsType[*Error](err)
		if !is {
			t.Errorf("%q: %v", text, err)
			continue
		}
		wantEqual(t, text, found.Excerpt(), want)
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
		"vod:\n  rate: 5 secret_key: hunter2" + printAll,
		"vod:\n  region: a\n   secret_key: hunter2" + printAll,
		"vod: {rate: 5，secret_key: hunter2}" + printAll,
		"vod: {region: [*hunter2, hunter2]}" + printAll,
		"vod: {endpoint: https://u:hunter2@h/, rate: [}" + printAll,
		"vod: {secret: hunter2, secret: hunter2}" + printAll,
		"handlers: [{name: a, kafka: {brokers: 'u:hunter2@h:1', topic: t, tls: maybe}}]",
		"handlers: [{name: a, kafka: {brokers: [[u:hunter2@h:1]], topic: t}}]",
		"handlers: [{name: a, nats: {servers: ['nats://u:hunter2@h:1'], stream: s, subject: 't, pasword: hunter2', x: 1}}]",
		"handlers: [{name: a, redis: 'redis://u:hunter2@h'}]",
		"handlers: [{name: a, redis: {url: 'redis://u:hunter2@h', password: hunter2, max_len: many}}]",
		"hunter2",
		"vod: hunter2" + printAll,
		"handlers: hunter2",
		"handlers: [https://user:hunter2@h]",
		"handlers:\n  - name: a\n    webhook: https://user:hunter2@h/x",
		"handlers:\n  - name: a\n    exec: ./prog hunter2",
		"vod:\n  credentials: AKID hunter2" + printAll,
		"vod:\n  credentials: hunter2:hunter2" + printAll,
		"handlers: [{name: a, webhook: {url: 'http://h', secret hunter2}}]",
		"handlers: [{name: a, webhook: {url: 'http://h', secret: *hunter2}}]",
		"handlers: [{name: a, webhook: {url: 'http://h', secret: !hunter2 x}}]",
		"vod: {credentials: {secret_id: &hunter2 a, secret_key: &hunter2 b}}" + printAll,
		"vod: &hunter2 {<<: *hunter2}" + printAll,
	}
	for _, text := range texts {
		_, err := parse(t, text, nil)
		if shown := allThatIsShown(err); err == nil || strings.Contains(shown, "hunter2") {
			t.Errorf("%q: %s", text, shown)
		}
	}
}

// allThatIsShown returns what a person sees of an error: its text, and the lines of the file.
func allThatIsShown(err error) string {
	all := []error{err}
	if joined, is := err.(interface{ Unwrap() []error }); is {
		all = joined.Unwrap()
	}
	shown := fmt.Sprint(err)
	for _, one := range all {
		if found, is := errors.AsType[*Error](one); is {
			shown += "\n" + found.Excerpt()
		}
	}
	return shown
}
