package config

import (
	"strings"
	"testing"
)

// A number that can't be meant is an error that names its key or shows its line: no panic, no allocation of its size, no
// sum that overflows.
func TestANumberThatCanNotBeMeantIsAnError(t *testing.T) {
	tests := map[string]string{
		"worker: {concurrency: 9000000000000000000}":     "worker.concurrency must be at least 1 and at most 100000",
		"worker: {concurrency: 100001}":                  "worker.concurrency must be at least 1 and at most 100000",
		"worker: {concurrency: -9000000000000000000}":    "worker.concurrency must be at least 1 and at most 100000",
		"worker: {concurrency: 99999999999999999999999}": "[1:23]",
		"worker: {stop_grace: 2562047h}":                 "[1:22] a duration must be at most 8784h0m0s",
		"worker: {stop_grace: 9000000000000000000ns}":    "[1:22] a duration must be at most 8784h0m0s",
		"worker: {stop_grace: 9000000000000000000s}":     "[1:22] not a duration",
		"vod: {rate: .nan}":                              "vod.rate must be positive: from 0.1 to 10000",
		"vod: {rate: .inf}":                              "vod.rate must be positive: from 0.1 to 10000",
		"vod: {rate: -.inf}":                             "vod.rate must be positive: from 0.1 to 10000",
		"vod: {rate: 1e300}":                             "vod.rate must be positive: from 0.1 to 10000",
		"vod: {rate: 1e-300}":                            "vod.rate must be positive: from 0.1 to 10000",
		"vod: {window: 97h}":                             "vod.window must be positive, and at most 96h0m0s",
		"vod: {window: 2562047h}":                        "[1:15] a duration must be at most 8784h0m0s",
		"confirm: {margin: 9000000000s}":                 "[1:19] a duration must be at most 8784h0m0s",
		"confirm: {margin: -9223372036854775808ns}":      "[1:19] a duration must be at most",
		"confirm: {linger: 2562047h}":                    "[1:19] a duration must be at most 8784h0m0s",
		"dead_letters: {attempts: -9000000000000000000}": "dead_letters.attempts must not be negative",
		"dead_letters: {attempts: 9e99}":                 "[1:26]",

		"handlers: [{name: a, timeout: 2562047h, stdout: {}}]":                         "[1:31] a duration must be at most",
		"handlers: [{name: a, retry: {initial: 2562047h, max: 2562047h}, stdout: {}}]": "[1:39] a duration must be at most",
		"handlers: [{name: a, retry: {tries: 1e99}, stdout: {}}]":                      "[1:37]",
	}
	for text, want := range tests {
		if !strings.HasPrefix(text, "handlers") {
			text += printAll
		}
		if _, err := parse(t, text, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	for _, text := range []string{"worker: {concurrency: 100000}", "vod: {rate: 0.1}", "vod: {rate: 10000}", "vod: {window: 96h}"} {
		if _, err := parse(t, text+printAll, nil); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
}
